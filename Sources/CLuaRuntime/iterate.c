/* Loops over proxies: the entities as they were when the loop began, the members of an object, the host's keys. */

#include "internal.h"

typedef struct {
    uint32_t count, at, cls; /* of the entities */
    struct {
        uint32_t slot, generation;
    } rows[];
} snapshot;

/* Pushes a snapshot of the rows that are alive now. */
static snapshot *push_snapshot(lua_State *L, plr_vm *vm, const class_info *entities) {
    const plr_store *store = store_of(&vm->store);
    uint32_t count = 0;
    if (store) {
        for (uint32_t slot = 0; slot < store->capacity; slot++) count += row_is_used(store, slot);
    }
    snapshot *rows = lua_newuserdata(L, sizeof *rows + count * sizeof rows->rows[0]);
    rows->count = count;
    rows->at = 0;
    rows->cls = entities->related;
    if (count == 0) return rows;
    for (uint32_t slot = 0, i = 0; i < count; slot++) {
        if (!row_is_used(store, slot)) continue;
        rows->rows[i].slot = slot;
        rows->rows[i++].generation = store->generation[slot];
    }
    return rows;
}

/* Pushes key and proxy of the next living row, or nil. */
static int push_next(lua_State *L, plr_vm *vm, snapshot *rows, int keys, int proxies) {
    const plr_store *store = store_of(&vm->store);
    while (rows->at < rows->count) {
        uint32_t slot = rows->rows[rows->at].slot, generation = rows->rows[rows->at].generation;
        rows->at++;
        if (PLR_UNLIKELY(!row_is_alive(store, slot, generation))) continue;
        lua_rawgeti(L, keys, (int)slot + 1);
        lua_rawgeti(L, proxies, (int)slot + 1);
        plr_proxy *proxy = lua_touserdata(L, -1);
        if (PLR_UNLIKELY(proxy == NULL || proxy->ref.generation != generation)) {
            lua_pop(L, 2);
            plr_push_proxy(L, vm, (plr_ref){.cls = (uint16_t)rows->cls, .slot = slot, .generation = generation});
            lua_rawgeti(L, keys, (int)slot + 1); /* only now: making the proxy stored the key */
            lua_insert(L, -2);
        }
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

/* Upvalues: snapshot, keys by slot, proxies by slot. */
static int iterate_entities(lua_State *L) {
    snapshot *rows = lua_touserdata(L, lua_upvalueindex(1));
    return push_next(L, plr_running, rows, lua_upvalueindex(2), lua_upvalueindex(3));
}

static class_info *entity_class(lua_State *L, plr_vm *vm, class_info *entities) {
    class_info *info = class_with_id(&vm->classes, entities->related);
    if (info == NULL || !(info->flags & PLR_CLASS_ENTITY)) plr_throw(L, "%s has no entities", entities->name);
    return info;
}

int plr_push_entities_iterator(lua_State *L, plr_vm *vm, class_info *entities) {
    class_info *info = entity_class(L, vm, entities);
    push_snapshot(L, vm, entities);
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->keys);
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->cache);
    lua_pushcclosure(L, iterate_entities, 3);
    return 1;
}

/* objects[key] */
int plr_entities_index(lua_State *L, plr_vm *vm, class_info *entities, plr_proxy *self) {
    class_info *info = entity_class(L, vm, entities);
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, info->by_key);
        lua_pushvalue(L, 2);
        lua_rawget(L, -2);
        plr_proxy *proxy = to_proxy(L, -1);
        if (proxy && is_alive(&vm->store, &proxy->ref)) return 1;
        lua_settop(L, 2);
    }
    plr_ref ref = self->ref;
    if (plr_call_host(L, vm, PLR_OP_INDEX, 0, &ref, 2, 1, false) == 0) lua_pushnil(L);
    lua_settop(L, 3);
    return 1;
}

/* next(objects, key) gets nothing but the key. So the snapshots of the last MAX_LOOPS loops are kept, each with the key
 * that it gave last, in the `anchors` table of the collection's class at negative indices. */

static int place_of_snapshot(int loop) {
    return -1 - 2 * loop;
}

static int place_of_key(int loop) {
    return -2 - 2 * loop;
}

/* The loop whose last key is this one; if there are several, the one that made a step last, such as an inner loop. -1
 * if no loop has this last key. */
static int find_loop(lua_State *L, const class_info *entities, int anchors, int key) {
    int found = -1;
    for (int i = 0; i < MAX_LOOPS; i++) {
        if (entities->loops[i] == 0) continue;
        lua_rawgeti(L, anchors, place_of_key(i));
        if (lua_rawequal(L, -1, key) && (found < 0 || entities->loops[i] > entities->loops[found])) found = i;
        lua_pop(L, 1);
    }
    return found;
}

/* The place for a new loop: that of the loop whose last step is the oldest, which has ended or was probably left by
 * `break`. */
static int place_for_loop(const class_info *entities) {
    int oldest = 0;
    for (int i = 1; i < MAX_LOOPS; i++) {
        if (entities->loops[i] < entities->loops[oldest]) oldest = i;
    }
    return oldest;
}

/* Pushes a snapshot of the rows that are alive now, with the row of `key` as the last one given. */
static snapshot *push_snapshot_behind(lua_State *L, plr_vm *vm, const class_info *entities, int collection, int key) {
    lua_pushvalue(L, key);
    lua_gettable(L, collection);
    plr_proxy *last = to_proxy(L, -1);
    if (last == NULL || !is_alive(&vm->store, &last->ref)) plr_throw(L, "invalid key to 'next'");
    uint32_t slot = last->ref.slot;
    lua_pop(L, 1);
    snapshot *rows = push_snapshot(L, vm, entities);
    while (rows->at < rows->count && rows->rows[rows->at++].slot != slot) {}
    return rows;
}

static int next_entity(lua_State *L, plr_vm *vm, class_info *entities, int collection, int key) {
    class_info *info = entity_class(L, vm, entities);
    lua_rawgeti(L, LUA_REGISTRYINDEX, entities->anchors);
    int anchors = lua_gettop(L);
    bool begins = lua_isnoneornil(L, key);
    int loop = begins ? -1 : find_loop(L, entities, anchors, key);
    snapshot *rows;
    if (loop >= 0) {
        lua_rawgeti(L, anchors, place_of_snapshot(loop));
        rows = lua_touserdata(L, -1);
    } else {
        rows = begins ? push_snapshot(L, vm, entities) : push_snapshot_behind(L, vm, entities, collection, key);
        loop = place_for_loop(entities);
        lua_pushvalue(L, -1);
        lua_rawseti(L, anchors, place_of_snapshot(loop));
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->keys);
    lua_rawgeti(L, LUA_REGISTRYINDEX, info->cache);
    int proxies = lua_gettop(L);
    int count = push_next(L, vm, rows, proxies - 1, proxies);
    bool ended = count == 1;
    entities->loops[loop] = ended ? 0 : ++entities->loop_clock;
    lua_pushvalue(L, ended ? -1 : -2); /* nil, or the key */
    lua_rawseti(L, anchors, place_of_key(loop));
    if (ended) {
        lua_pushnil(L);
        lua_rawseti(L, anchors, place_of_snapshot(loop));
    }
    return count;
}

/* Gives the members in the order of their definition, without methods, hidden members and members that are nil. */
static int next_member(lua_State *L, plr_vm *vm, class_info *info, plr_proxy *proxy, int key) {
    uint32_t at = 0;
    if (!lua_isnoneornil(L, key)) {
        const class_member *last = lua_type(L, key) == LUA_TSTRING ? plr_find_member(info, lua_tostring(L, key)) : NULL;
        if (last == NULL) plr_throw(L, "invalid key to 'next'");
        at = (uint32_t)(last - info->members) + 1;
    }
    for (; at < info->member_count; at++) {
        const class_member *m = &info->members[at];
        if (m->kind == PLR_MEMBER_METHOD || m->flags & PLR_MEMBER_HIDDEN) continue;
        if (m->kind == PLR_MEMBER_COLUMN) {
            const plr_store *store = store_of(&vm->store);
            const plr_column *column = find_column(store, m->index);
            if (column == NULL || !row_has_column(store, proxy->ref.slot, column)) continue;
        }
        lua_rawgeti(L, LUA_REGISTRYINDEX, info->anchors);
        lua_rawgeti(L, -1, (int)at + 1);
        lua_replace(L, -2);
        plr_push_member_value(L, vm, info, proxy, m);
        if (!lua_isnil(L, -1)) return 2;
        lua_pop(L, 2);
    }
    lua_pushnil(L);
    return 1;
}

int plr_proxy_next(lua_State *L, int index, int key) {
    plr_vm *vm = vm_of(L);
    plr_proxy *proxy = to_proxy(L, index);
    class_info *info = class_of(&vm->classes, proxy);
    if (info == NULL) return luaL_typerror(L, index, "table");
    luaL_checkstack(L, 16, "next");
    if (info->flags & PLR_CLASS_ENTITIES) return next_entity(L, vm, info, index, key);
    if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, false);
    if (!(info->flags & PLR_CLASS_DYNAMIC)) return next_member(L, vm, info, proxy, key);
    plr_ref self = proxy->ref;
    int top = lua_gettop(L);
    int count = plr_call_host(L, vm, PLR_OP_NEXT, 0, &self, key, 1, false);
    if (count == 0 || lua_isnil(L, top + 1)) {
        lua_settop(L, top);
        lua_pushnil(L);
        return 1;
    }
    lua_settop(L, top + 2);
    return 2;
}
