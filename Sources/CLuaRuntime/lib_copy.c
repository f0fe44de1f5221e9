/* array(t), copy(t). */

#include "internal.h"

bool plr_is_marked_array(lua_State *L, int index) {
    return plr_is_in_set(L, R_ARRAY_MARKS, index);
}

void plr_mark_array(lua_State *L, int index) {
    lua_pushboolean(L, 1);
    plr_add_to_set(L, R_ARRAY_MARKS, index);
}

int plr_base_array(lua_State *L) {
    plr_check_extra(L, "array", 1, "t");
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA && !is_view(L, 1)) {
        plr_base_copy(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    plr_mark_array(L, 1);
    return 1;
}

static void push_copy_of_proxy(lua_State *L, plr_vm *vm, const plr_ref *self) {
    byte_buffer *scratch = begin_scratch(&vm->packing);
    plr_pack_proxy(L, vm, self, scratch);
    plr_push_packed(L, vm, scratch->data, scratch->size);
}

/* Replaces the table at the top by a copy. The table at stack index 2 maps each original to its copy. */
static void copy_table(lua_State *L, plr_vm *vm, int depth) {
    int source = lua_gettop(L);
    if (depth > 150) plr_throw(L, "copy: the table nests deeper than 150 tables");
    luaL_checkstack(L, 10, "copy");
    lua_newtable(L);
    lua_pushvalue(L, source);
    lua_pushvalue(L, source + 1);
    lua_rawset(L, 2);
    if (plr_is_marked_array(L, source)) plr_mark_array(L, source + 1);
    lua_pushnil(L);
    while (lua_next(L, source)) {
        CHECK_LOOP(L, vm);
        lua_pushvalue(L, -2); /* key, value, key */
        lua_insert(L, -2);    /* key, key, value */
        if (is_view(L, -1)) {
            push_table_of_view(L, -1);
            lua_replace(L, -2);
        }
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, -1);
            lua_rawget(L, 2);
            if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                copy_table(L, vm, depth + 1);
            } else {
                lua_replace(L, -2);
            }
        } else if (lua_iscfunction(L, -1)) {
            if (!plr_is_called_by_lib(L, 0)) plr_restrict_for_script(L);
        } else if (lua_type(L, -1) == LUA_TUSERDATA) {
            plr_proxy *proxy = lua_touserdata(L, -1);
            class_info *info = class_of(&vm->classes, proxy);
            if (info && info->flags & PLR_CLASS_PACKS) {
                if (is_removed(&vm->store, info, proxy)) plr_fail_removed(L, vm, proxy, false);
                plr_ref self = proxy->ref;
                lua_pop(L, 1);
                push_copy_of_proxy(L, vm, &self);
            }
        }
        lua_rawset(L, source + 1);
    }
    lua_replace(L, source);
}

int plr_base_copy(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_extra(L, "copy", 1, "t");
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA) plr_check_values(L, 1);
    if (is_view(L, 1)) {
        push_table_of_view(L, 1);
        lua_replace(L, 1);
    }
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        plr_proxy *proxy = to_proxy(L, 1);
        class_info *info = class_of(&vm->classes, proxy);
        if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, false);
        push_copy_of_proxy(L, vm, &proxy->ref);
        return 1;
    }
    if (lua_type(L, 1) != LUA_TTABLE) return 1;
    lua_newtable(L);
    lua_pushvalue(L, 1);
    copy_table(L, vm, 0);
    return 1;
}
