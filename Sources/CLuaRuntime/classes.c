/* Classes of the host's objects: their definition, and finding a member by its key. */

#include "internal.h"

static uint32_t hash_address(const char *key) {
    uintptr_t bits = (uintptr_t)key >> 4;
    return (uint32_t)(bits ^ (bits >> 9) ^ (bits >> 18));
}

const class_member *plr_find_member(const class_info *info, const char *key) {
    if (info->bucket_mask == 0) return NULL;
    for (uint32_t at = hash_address(key) & info->bucket_mask;; at = (at + 1) & info->bucket_mask) {
        uint32_t position = info->buckets[at];
        if (position == 0) return NULL;
        if (info->members[position - 1].key == key) return &info->members[position - 1];
    }
}

typedef struct {
    plr_vm *vm;
    class_info *info;
    const plr_member *members;
    class_member *fresh;
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

static void set_metamethod(lua_State *L, const char *name, lua_CFunction function) {
    lua_pushcfunction(L, function);
    lua_setfield(L, -2, name);
}

static int define_class(lua_State *L, void *parameters) {
    definition *d = parameters;
    class_info *info = d->info;
    if (d->is_new) {
        lua_createtable(L, 0, 6);
        set_metamethod(L, "__index", plr_proxy_index);
        set_metamethod(L, "__newindex", plr_proxy_newindex);
        set_metamethod(L, "__len", plr_proxy_length);
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

static void index_members(const class_member *members, size_t count, uint32_t *buckets, uint32_t mask) {
    for (size_t i = 0; i < count; i++) {
        uint32_t at = hash_address(members[i].key) & mask;
        while (buckets[at] != 0) at = (at + 1) & mask;
        buckets[at] = (uint32_t)i + 1;
    }
}

int32_t plr_class_define(plr_vm *vm, uint16_t id, const char *name, uint32_t flags, uint16_t related,
                         const plr_member *members, size_t count) {
    if (id == 0 || id > 255 || count > 65535) return PLR_ERROR_RUNTIME;
    class_info *info = vm->classes.by_id[id];
    bool is_new = info == NULL;
    if (is_new) info = calloc(1, sizeof *info);
    class_member *fresh = calloc(count + 1, sizeof *fresh);
    uint32_t size = buckets_for(count), *buckets = calloc(size, sizeof *buckets);
    if (info == NULL || fresh == NULL || buckets == NULL) {
        if (is_new) free(info);
        free(fresh);
        free(buckets);
        return PLR_ERROR_MEMORY;
    }
    if (is_new) {
        info->id = id;
        info->flags = flags; /* a later definition does not change how proxies are cached */
        if (flags & PLR_CLASS_ENTITY) info->flags |= PLR_CLASS_BY_SLOT;
        if (info->flags & PLR_CLASS_BY_SLOT) info->flags |= PLR_CLASS_LIVE;
    }
    info->related = related;
    for (size_t i = 0; i < count; i++) {
        /* Only LIVE classes may have columns: a column is read at the ref's slot, which is checked for these classes
         * only. */
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
    int status = plr_run_protected(vm, define_class, &d);
    if (status != PLR_OK) {
        if (is_new) free(info);
        free(fresh);
        free(buckets);
        return status;
    }
    /* Nothing may fail from here on, because the keys of the old members are no longer anchored. */
    index_members(fresh, count, buckets, size - 1);
    free(info->members);
    free(info->buckets);
    info->members = fresh;
    info->member_count = (uint32_t)count;
    info->buckets = buckets;
    info->bucket_mask = size - 1;
    vm->classes.by_id[id] = info;
    return PLR_OK;
}

void plr_free_classes(class_table *classes) {
    for (int i = 0; i < CLASS_COUNT; i++) {
        class_info *info = classes->by_id[i];
        if (info == NULL) continue;
        free(info->members);
        free(info->buckets);
        free(info);
    }
}
