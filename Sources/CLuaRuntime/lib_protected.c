/* pcall and xpcall, which don't catch fatal errors. */

#include "internal.h"

/* Ends a protected call. Its first result, `true`, was pushed before the call, because many results may leave no room
 * for one more. */
static void finish_protected(lua_State *L, plr_vm *vm, int status, uint32_t depth) {
    unwind_host_calls(&vm->host, depth);
    if (PLR_UNLIKELY(plr_is_fatal(vm, status) || is_interrupted(&vm->watchdog))) {
        lua_settop(L, 1);
        if (fatal_kind(&vm->errors)) plr_rethrow(L, vm);
        plr_raise_interrupt(L);
    }
    forget_coroutine_trace(&vm->errors); /* an error ends here */
    if (status == 0) return;
    lua_pushboolean(L, 0);
    lua_replace(L, 1);
}

int plr_base_pcall(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 1);
    uint32_t depth = host_depth(&vm->host);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    finish_protected(L, vm, status, depth);
    return lua_gettop(L);
}

/* Upvalue 1: the script's handler, which never sees a fatal error. */
static int guarded_handler(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (fatal_kind(&vm->errors)) return 1;
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

int plr_base_xpcall(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    uint32_t depth = host_depth(&vm->host);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_insert(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1); /* true, handler, function */
    int status = lua_pcall(L, 0, LUA_MULTRET, 2);
    lua_remove(L, 2);
    finish_protected(L, vm, status, depth);
    return lua_gettop(L);
}
