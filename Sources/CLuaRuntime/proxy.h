#ifndef PERIGEE_LUA_RUNTIME_PROXY_H
#define PERIGEE_LUA_RUNTIME_PROXY_H

/* Proxies: full userdata, one per reference, so that an object is always the same value in Lua. */

#include "classes.h"
#include "store.h"

typedef struct {
    plr_ref ref;
    uint8_t key_length;
    char key[39]; /* of the entity, if key_length > 0; names the entity after its row was removed */
} plr_proxy;

/* NULL: the value is neither a proxy nor a view. These are the only userdata that scripts can reach. */
static inline plr_proxy *to_proxy(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
}

static inline class_info *class_of(const class_table *classes, const plr_proxy *proxy) {
    return class_with_id(classes, proxy->ref.cls);
}

/* For the metamethods of proxies: only proxies of a defined class have metamethods, so the class exists. */
static inline class_info *defined_class_of(const class_table *classes, const plr_proxy *proxy) {
    return classes->by_id[proxy->ref.cls];
}

/* Whether the object was in the store and is no longer there. */
static inline bool is_removed(const store_state *store, const class_info *info, const plr_proxy *proxy) {
    return info->flags & PLR_CLASS_LIVE && PLR_UNLIKELY(!is_alive(store, &proxy->ref));
}

#pragma GCC visibility push(hidden)

int plr_fail_removed(lua_State *L, plr_vm *vm, const plr_proxy *proxy, bool writing) __attribute__((noreturn));
/* Rejects arguments that are proxies of removed entities. */
void plr_require_alive(lua_State *L, plr_vm *vm, int index);
void plr_push_proxy(lua_State *L, plr_vm *vm, plr_ref ref);
/* Pushes the name of a proxy for tostring: as the host gives it, or the key of its entity if that was removed. */
void plr_push_proxy_name(lua_State *L, plr_vm *vm, int index);

/* ---- fields, see access.c */
int plr_proxy_index(lua_State *L);
int plr_proxy_newindex(lua_State *L);
int plr_proxy_length(lua_State *L);
/* Pushes the value of a member of the proxy at stack index 1. */
void plr_push_member_value(lua_State *L, plr_vm *vm, class_info *info, plr_proxy *proxy, const class_member *m);

/* ---- loops, see iterate.c */
/* next(proxy, key): pushes key and value and returns 2, or pushes nil and returns 1. */
int plr_proxy_next(lua_State *L, int proxy, int key);
int plr_push_entities_iterator(lua_State *L, plr_vm *vm, class_info *entities);
int plr_entities_index(lua_State *L, plr_vm *vm, class_info *entities, plr_proxy *self); /* objects[key] */

#pragma GCC visibility pop

#endif
