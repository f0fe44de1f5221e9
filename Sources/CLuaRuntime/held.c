/* The objects of the host to which scripts still refer.
 *
 * No finalizer reports that a proxy is freed, because it would run in the middle of an allocation. Instead the weak
 * cache of the class is read: proxies that a collection freed are no longer in it, and garbage that is not freed yet
 * counts as referred to. */

#include "internal.h"

typedef struct {
    plr_vm *vm;
    const class_info *info;
    plr_ref *refs;
    uint32_t capacity, count;
} held_call;

/* Allocates nothing, so no collection changes the table in the middle. */
static int list_held(lua_State *L, void *parameters) {
    held_call *call = parameters;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->info->cache);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        const plr_proxy *proxy = to_proxy(L, -1);
        if (proxy) {
            if (call->count < call->capacity) call->refs[call->count] = proxy->ref;
            call->count++;
        }
        lua_pop(L, 1);
    }
    return 0;
}

int32_t plr_held(plr_vm *vm, uint16_t cls, plr_ref *refs, uint32_t capacity, uint32_t *count) {
    *count = 0;
    const class_info *info = class_with_id(&vm->classes, cls);
    if (info == NULL) return PLR_OK;
    held_call call = {vm, info, refs, capacity, 0};
    int status = plr_run_protected(vm, list_held, &call);
    *count = call.count;
    return status;
}
