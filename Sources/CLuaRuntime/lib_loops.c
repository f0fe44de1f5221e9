/* next, pairs, ipairs, keys. */

#include "internal.h"

int plr_base_next(lua_State *L) {
    plr_check_list(L, 1);
    lua_settop(L, 2);
    if (lua_type(L, 1) == LUA_TUSERDATA) return is_view(L, 1) ? plr_view_next(L) : plr_proxy_next(L, 1, 2);
    if (luaL_getmetafield(L, 1, "__next")) {
        lua_insert(L, 1);
        lua_call(L, 2, 2);
        return 2;
    }
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

void plr_push_loop(lua_State *L, int index) {
    plr_vm *vm = vm_of(L);
    class_info *info = class_of(&vm->classes, to_proxy(L, index));
    if (info && info->flags & PLR_CLASS_ENTITIES) plr_push_entities_iterator(L, vm, info);
    else lua_pushcfunction(L, plr_base_next);
    lua_pushvalue(L, index);
    lua_pushnil(L);
}

/* Upvalue 1: next. */
static int base_pairs(lua_State *L) {
    plr_check_list(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        plr_vm *vm = vm_of(L);
        class_info *info = class_of(&vm->classes, to_proxy(L, 1));
        if (info && info->flags & PLR_CLASS_ENTITIES) plr_push_entities_iterator(L, vm, info);
        else lua_pushvalue(L, lua_upvalueindex(1));
    } else if (luaL_getmetafield(L, 1, "__pairs")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    } else if (!luaL_getmetafield(L, 1, "__next")) {
        lua_pushvalue(L, lua_upvalueindex(1));
    }
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int next_index(lua_State *L) {
    int at = (int)((unsigned)luaL_checkint(L, 2) + 1u); /* as stock, which wraps */
    lua_pushinteger(L, at);
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        lua_pushvalue(L, -1);
        lua_gettable(L, 1);
    } else {
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_rawgeti(L, 1, at);
    }
    return lua_isnil(L, -1) ? 0 : 2;
}

/* Refuses an object whose keys are names only: a loop over 1, 2, 3 would visit nothing, or fail at the first step. */
static void check_is_counted(lua_State *L) {
    plr_vm *vm = vm_of(L);
    class_info *info = class_of(&vm->classes, to_proxy(L, 1));
    if (info == NULL || info->flags & PLR_CLASS_DYNAMIC) return;
    /* The columns of a row are a table of values too, and have names. */
    if (info->flags & PLR_CLASS_PACKS && !(info->flags & PLR_CLASS_BY_SLOT)) return;
    if (info->flags & PLR_CLASS_ENTITIES) {
        plr_throw(L,
                  "ipairs counts 1, 2, 3, and the keys of %s are texts such as players_1; write "
                  "for key, entity in pairs(%s)",
                  info->name, info->name);
    }
    plr_throw(L, "ipairs counts 1, 2, 3, and this %s has names; write for name, value in pairs(…)", info->name);
}

/* Upvalue 1: next_index. */
static int base_ipairs(lua_State *L) {
    plr_check_list(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA && !is_view(L, 1)) check_is_counted(L);
    if (lua_type(L, 1) != LUA_TUSERDATA && luaL_getmetafield(L, 1, "__ipairs")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* keys(t): the keys that pairs(t) would give, as an array. */
static int base_keys(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_extra(L, "keys", 1, "t");
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    int count = 0;
    lua_newtable(L); /* 2 */
    if (lua_type(L, 1) == LUA_TTABLE && !luaL_getmetafield(L, 1, "__pairs") && !luaL_getmetafield(L, 1, "__next")) {
        lua_pushnil(L);
        while (lua_next(L, 1)) {
            if ((count & 1023) == 0) CHECK_LOOP(L, vm);
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            lua_rawseti(L, 2, ++count);
        }
        return lua_settop(L, 2), 1;
    }
    if (lua_type(L, 1) != LUA_TUSERDATA) luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1)); /* pairs */
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3); /* 3 iterator, 4 state, 5 control */
    for (;;) {
        CHECK_LOOP(L, vm);
        lua_pushvalue(L, 3);
        lua_pushvalue(L, 4);
        lua_pushvalue(L, 5);
        lua_call(L, 2, 1);
        if (lua_isnil(L, -1)) break;
        lua_pushvalue(L, -1);
        lua_replace(L, 5);
        lua_rawseti(L, 2, ++count);
    }
    lua_settop(L, 2);
    return 1;
}

/* Adds pairs, keys and ipairs, which share functions, to the table of globals at the top. */
void plr_open_loops(lua_State *L) {
    lua_getfield(L, -1, "next");
    lua_pushcclosure(L, base_pairs, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "pairs");
    lua_pushcclosure(L, base_keys, 1);
    lua_setfield(L, -2, "keys");
    lua_pushcfunction(L, next_index);
    lua_pushcclosure(L, base_ipairs, 1);
    lua_setfield(L, -2, "ipairs");
}
