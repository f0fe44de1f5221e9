/* Proxies of the host's objects: how they are made, cached and named. */

#include "internal.h"

int plr_fail_removed(lua_State *L, plr_vm *vm, const plr_proxy *proxy, bool writing) {
    if (proxy->key_length > 0) plr_throw(L, "entity %.*s was removed", (int)proxy->key_length, proxy->key);
    plr_ref ref = proxy->ref;
    plr_call_host(L, vm, PLR_OP_REMOVED, 0, &ref, 1, 0, writing);
    plr_throw(L, "it was removed");
}

void plr_require_alive(lua_State *L, plr_vm *vm, int index) {
    if (PLR_LIKELY(lua_type(L, index) != LUA_TUSERDATA) || is_view(L, index)) return;
    plr_proxy *proxy = lua_touserdata(L, index);
    const class_info *info = class_of(&vm->classes, proxy);
    if (info && is_removed(&vm->store, info, proxy)) plr_fail_removed(L, vm, proxy, false);
}

/* ---- making proxies ---- */

static plr_proxy *new_proxy(lua_State *L, class_info *info, plr_ref ref) {
    size_t size = info->flags & PLR_CLASS_LIVE ? sizeof(plr_proxy) : offsetof(plr_proxy, key) + 1;
    plr_proxy *proxy = lua_newuserdata(L, size);
    proxy->ref = ref;
    proxy->key_length = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->metatable);
    lua_setmetatable(L, -2);
    return proxy;
}

/* Copies the key of the entity to which the proxy belongs, to name the proxy after the entity was removed. */
static void copy_key_of_entity(lua_State *L, plr_vm *vm, const class_info *info, plr_proxy *proxy) {
    const class_info *owner = class_with_id(&vm->classes, info->related);
    if (!(info->flags & PLR_CLASS_LIVE) || owner == NULL || !(owner->flags & PLR_CLASS_ENTITY)) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, owner->cache);
    lua_rawgeti(L, -1, (int)proxy->ref.slot + 1);
    const plr_proxy *entity = lua_touserdata(L, -1);
    if (entity && entity->ref.generation == proxy->ref.generation) {
        proxy->key_length = entity->key_length;
        memcpy(proxy->key, entity->key, entity->key_length);
    }
    lua_pop(L, 2);
}

/* Asks the host for an entity's key, and stores it in the proxy at the top and in the class's tables `by_key` and
 * `keys`. */
static void name_entity(lua_State *L, plr_vm *vm, class_info *info, plr_proxy *proxy) {
    int top = lua_gettop(L);
    plr_ref ref = proxy->ref;
    if (plr_call_host(L, vm, PLR_OP_TOSTRING, 0, &ref, 1, 0, false) > 0 && lua_type(L, top + 1) == LUA_TSTRING) {
        size_t length;
        const char *key = lua_tolstring(L, top + 1, &length);
        if (length > 0 && length <= sizeof proxy->key) {
            memcpy(proxy->key, key, length);
            proxy->key_length = (uint8_t)length;
        }
        lua_settop(L, top + 1);
        lua_rawgeti(L, LUA_REGISTRYINDEX, info->by_key);
        lua_pushvalue(L, top + 1);
        lua_pushvalue(L, top);
        lua_rawset(L, -3);
        lua_rawgeti(L, LUA_REGISTRYINDEX, info->keys);
        lua_pushvalue(L, top + 1);
        lua_rawseti(L, -2, (int)ref.slot + 1);
    }
    lua_settop(L, top);
}

static void push_by_slot(lua_State *L, plr_vm *vm, class_info *info, plr_ref ref) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->cache);
    lua_rawgeti(L, -1, (int)ref.slot + 1);
    plr_proxy *cached = lua_touserdata(L, -1);
    if (PLR_LIKELY(cached && cached->ref.generation == ref.generation)) {
        lua_replace(L, -2);
        return;
    }
    lua_pop(L, 1);
    luaL_checkstack(L, 12, "proxies");
    plr_proxy *proxy = new_proxy(L, info, ref);
    if (is_alive(&vm->store, &ref)) {
        /* The proxy is cached last: an error before that must not leave a proxy without its key in the cache. */
        if (info->flags & PLR_CLASS_ENTITY) name_entity(L, vm, info, proxy);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (int)ref.slot + 1);
    }
    lua_replace(L, -2);
}

void plr_push_proxy(lua_State *L, plr_vm *vm, plr_ref ref) {
    class_info *info = class_with_id(&vm->classes, ref.cls);
    if (info == NULL) {
        lua_pushnil(L);
        return;
    }
    if (PLR_LIKELY(info->flags & PLR_CLASS_BY_SLOT)) {
        push_by_slot(L, vm, info, ref);
        return;
    }
    luaL_checkstack(L, 12, "proxies");
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->cache);
    lua_pushlstring(L, (const char *)&ref, sizeof ref);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_type(L, -1) == LUA_TUSERDATA) {
        lua_replace(L, -3);
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1); /* cache, bytes */
    copy_key_of_entity(L, vm, info, new_proxy(L, info, ref));
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5); /* cache, bytes, proxy */
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void plr_push_proxy_name(lua_State *L, plr_vm *vm, int index) {
    plr_proxy *proxy = to_proxy(L, index);
    class_info *info = class_of(&vm->classes, proxy);
    if (proxy->key_length > 0 && (info->flags & PLR_CLASS_ENTITY || !is_alive(&vm->store, &proxy->ref))) {
        lua_pushlstring(L, proxy->key, proxy->key_length);
        return;
    }
    int top = lua_gettop(L);
    plr_ref ref = proxy->ref;
    if (plr_call_host(L, vm, PLR_OP_TOSTRING, 0, &ref, 1, 0, false) > 0 && lua_type(L, top + 1) == LUA_TSTRING) {
        lua_settop(L, top + 1);
        return;
    }
    lua_settop(L, top);
    lua_pushstring(L, info ? info->name : "object");
}
