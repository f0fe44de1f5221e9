/* Classes of host objects and their proxies: full userdata, one per reference, so that two proxies of one object are
 * one value. */

#include "internal.h"


plr_proxy *plr_to_proxy(lua_State *L, int index) {
    /* Proxies are the only userdata that scripts can get hold of. */
    return lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
}

class_info *plr_class_of(plr_vm *vm, const plr_proxy *proxy) {
    return proxy->ref.cls < 256 ? vm->classes[proxy->ref.cls] : NULL;
}

static uint32_t hash_address(const char *key) {
    uintptr_t bits = (uintptr_t)key >> 4;
    return (uint32_t)(bits ^ (bits >> 9) ^ (bits >> 18));
}

const member *plr_find_member(const class_info *info, const char *key) {
    if (info->bucket_mask == 0) return NULL;
    for (uint32_t at = hash_address(key) & info->bucket_mask;; at = (at + 1) & info->bucket_mask) {
        uint32_t position = info->buckets[at];
        if (position == 0) return NULL;
        if (info->members[position - 1].key == key) return &info->members[position - 1];
    }
}

bool plr_is_alive(const plr_vm *vm, const plr_ref *ref) {
    const plr_store *store = vm->store;
    return store && ref->slot < store->capacity && store->generation[ref->slot] == ref->generation;
}

int plr_fail_removed(lua_State *L, plr_vm *vm, const plr_proxy *proxy, bool writing) {
    if (proxy->key_length > 0) plr_throw(L, "entity %.*s was removed", (int)proxy->key_length, proxy->key);
    plr_ref ref = proxy->ref;
    plr_call_host(L, vm, PLR_OP_REMOVED, 0, &ref, 1, 0, writing);
    plr_throw(L, "it was removed");
}

/* Whoever is gone can't be an argument either. */
void plr_require_alive(lua_State *L, plr_vm *vm, int index) {
    if (PLR_LIKELY(lua_type(L, index) != LUA_TUSERDATA) || plr_is_view(L, index)) return;
    plr_proxy *proxy = lua_touserdata(L, index);
    class_info *info = plr_class_of(vm, proxy);
    if (info && info->flags & PLR_CLASS_LIVE && !plr_is_alive(vm, &proxy->ref)) plr_fail_removed(L, vm, proxy, false);
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

/* Gives a proxy that belongs to an entity that entity's key, to be named by when it is gone. */
static void borrow_key(lua_State *L, plr_vm *vm, const class_info *info, plr_proxy *proxy) {
    const class_info *owner = info->related < 256 ? vm->classes[info->related] : NULL;
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

/* Asks the host for an entity's key and notes it with the proxy at the top and by slot and key. */
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
    if (plr_is_alive(vm, &ref)) {
        /* Cached last: an error on the way must not leave a proxy in the cache whose key is not noted. */
        if (info->flags & PLR_CLASS_ENTITY) name_entity(L, vm, info, proxy);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (int)ref.slot + 1);
    }
    lua_replace(L, -2);
}

void plr_push_proxy(lua_State *L, plr_vm *vm, plr_ref ref) {
    class_info *info = ref.cls < 256 ? vm->classes[ref.cls] : NULL;
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
    borrow_key(L, vm, info, new_proxy(L, info, ref));
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5);   /* cache, bytes, proxy */
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* tostring of a proxy: its name as the host gives it, its entity's key where that is gone. */
void plr_push_proxy_name(lua_State *L, plr_vm *vm, int index) {
    plr_proxy *proxy = plr_to_proxy(L, index);
    class_info *info = plr_class_of(vm, proxy);
    if (proxy->key_length > 0 && (info->flags & PLR_CLASS_ENTITY || !plr_is_alive(vm, &proxy->ref))) {
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

/* ---- defining classes ---- */

typedef struct {
    plr_vm *vm;
    class_info *info;
    const plr_member *members;
    member *fresh;
    size_t count;
    bool is_new;
} definition;

static int weak_table(lua_State *L, const char *mode) {
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static void metamethod(lua_State *L, const char *name, lua_CFunction function) {
    lua_pushcfunction(L, function);
    lua_setfield(L, -2, name);
}

static int define(lua_State *L, void *parameters) {
    definition *d = parameters;
    class_info *info = d->info;
    if (d->is_new) {
        lua_createtable(L, 0, 6);
        metamethod(L, "__index", plr_proxy_index);
        metamethod(L, "__newindex", plr_proxy_newindex);
        metamethod(L, "__len", plr_proxy_length);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        info->metatable = luaL_ref(L, LUA_REGISTRYINDEX);
        if (info->flags & PLR_CLASS_BY_SLOT) {
            lua_newtable(L);
            info->cache = luaL_ref(L, LUA_REGISTRYINDEX);
        } else {
            info->cache = weak_table(L, "v");
        }
        if (info->flags & PLR_CLASS_ENTITY) {
            lua_newtable(L);
            info->keys = luaL_ref(L, LUA_REGISTRYINDEX);
            info->by_key = weak_table(L, "v");
        }
    }
    lua_createtable(L, (int)d->count, 0);
    for (size_t i = 0; i < d->count; i++) {
        lua_pushstring(L, d->members[i].name);
        d->fresh[i].key = lua_tostring(L, -1);
        d->fresh[i].kind = d->members[i].kind;
        d->fresh[i].index = d->members[i].index;
        d->fresh[i].minimum = d->members[i].minimum;
        d->fresh[i].flags = d->members[i].flags;
        lua_rawseti(L, -2, (int)i + 1);
    }
    int anchors = luaL_ref(L, LUA_REGISTRYINDEX);
    if (!d->is_new) luaL_unref(L, LUA_REGISTRYINDEX, info->anchors);
    info->anchors = anchors;
    return 0;
}

/* At most half of the buckets are used. */
static uint32_t buckets_for(size_t members) {
    uint32_t size = 8;
    while (size < members * 2 + 2) size *= 2;
    return size;
}

static void index_members(const member *members, size_t count, uint32_t *buckets, uint32_t mask) {
    for (size_t i = 0; i < count; i++) {
        uint32_t at = hash_address(members[i].key) & mask;
        while (buckets[at] != 0) at = (at + 1) & mask;
        buckets[at] = (uint32_t)i + 1;
    }
}

int32_t plr_class_define(plr_vm *vm, uint16_t id, const char *name, uint32_t flags, uint16_t related,
                         const plr_member *members, size_t count) {
    if (id == 0 || id > 255 || count > 65535) return PLR_ERROR_RUNTIME;
    class_info *info = vm->classes[id];
    bool is_new = info == NULL;
    if (is_new) info = calloc(1, sizeof *info);
    member *fresh = calloc(count + 1, sizeof *fresh);
    uint32_t size = buckets_for(count), *buckets = calloc(size, sizeof *buckets);
    if (info == NULL || fresh == NULL || buckets == NULL) {
        if (is_new) free(info);
        free(fresh);
        free(buckets);
        return PLR_ERROR_MEMORY;
    }
    if (is_new) {
        info->id = id;
        info->flags = flags; /* how proxies are cached stays as it was first said */
        if (flags & PLR_CLASS_ENTITY) info->flags |= PLR_CLASS_BY_SLOT;
        if (info->flags & PLR_CLASS_BY_SLOT) info->flags |= PLR_CLASS_LIVE;
    }
    info->related = related;
    for (size_t i = 0; i < count; i++) {
        /* A column is read at the ref's slot, which must have been checked. */
        if (members[i].kind != PLR_MEMBER_COLUMN || info->flags & PLR_CLASS_LIVE) continue;
        if (is_new) free(info);
        free(fresh);
        free(buckets);
        return PLR_ERROR_RUNTIME;
    }
    size_t length = strlen(name);
    if (length > sizeof info->name - 1) length = sizeof info->name - 1;
    memcpy(info->name, name, length);
    info->name[length] = '\0';

    definition d = {vm, info, members, fresh, count, is_new};
    int status = plr_admin(vm, define, &d);
    if (status != PLR_OK) {
        if (is_new) free(info);
        free(fresh);
        free(buckets);
        return status;
    }
    /* Nothing fails from here on: the keys of the old members are no longer anchored. */
    index_members(fresh, count, buckets, size - 1);
    free(info->members);
    free(info->buckets);
    info->members = fresh;
    info->member_count = (uint32_t)count;
    info->buckets = buckets;
    info->bucket_mask = size - 1;
    vm->classes[id] = info;
    return PLR_OK;
}
