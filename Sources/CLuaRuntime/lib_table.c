/* table.*: stock results for tables, and the same for the host's lists. Positions that a script chooses can make every
 * loop here long. */

#include "internal.h"

#include <limits.h>
#include <math.h>

/* ---- lists: tables, which are accessed raw, proxies and views ---- */

void plr_check_list(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA) luaL_checktype(L, index, LUA_TTABLE);
}

void plr_check_values(lua_State *L, int index) {
    if (PLR_LIKELY(lua_type(L, index) == LUA_TTABLE)) return;
    if (lua_type(L, index) != LUA_TUSERDATA) luaL_checktype(L, index, LUA_TTABLE);
    if (is_view(L, index)) return;
    plr_vm *vm = vm_of(L);
    plr_proxy *proxy = to_proxy(L, index);
    const class_info *info = class_of(&vm->classes, proxy);
    if (info && info->flags & PLR_CLASS_PACKS) return;
    if (info && is_removed(&vm->store, info, proxy)) plr_fail_removed(L, vm, proxy, false);
    const char *kind = info && info->flags & PLR_CLASS_ENTITY ? "entity " : "";
    plr_push_proxy_name(L, vm, index);
    luaL_argerror(L, index, lua_pushfstring(L, "table or components expected, got %s%s", kind, lua_tostring(L, -1)));
}

double plr_list_length(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA) return (double)lua_objlen(L, index);
    if (!luaL_callmeta(L, index, "__len")) luaL_typerror(L, index, "table");
    double length = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return length;
}

void plr_list_get(lua_State *L, int index, double at) {
    if (PLR_LIKELY(lua_type(L, index) == LUA_TTABLE)) {
        if (PLR_LIKELY(at >= INT_MIN && at <= INT_MAX)) {
            lua_rawgeti(L, index, (int)at);
        } else {
            lua_pushnumber(L, at);
            lua_rawget(L, index);
        }
    } else {
        lua_pushnumber(L, at);
        lua_gettable(L, index);
    }
}

void plr_list_set(lua_State *L, int index, double at) {
    if (PLR_LIKELY(lua_type(L, index) == LUA_TTABLE && at >= INT_MIN && at <= INT_MAX)) {
        lua_rawseti(L, index, (int)at);
        return;
    }
    lua_pushnumber(L, at);
    lua_insert(L, -2);
    if (lua_type(L, index) == LUA_TTABLE) lua_rawset(L, index);
    else lua_settable(L, index);
}

/* A position, converted to a C int as stock Lua does. */
static double position(lua_State *L, int index) {
    return (double)(int)luaL_checkinteger(L, index);
}

/* ---- functions ---- */

static int table_insert(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_values(L, 1);
    double end = plr_list_length(L, 1) + 1, at;
    switch (lua_gettop(L)) {
    case 2: at = end; break;
    case 3:
        at = position(L, 2);
        if (at > end) end = at;
        for (double i = end; i > at; i--) {
            CHECK_INTERRUPT(L, vm);
            plr_list_get(L, 1, i - 1);
            plr_list_set(L, 1, i);
        }
        break;
    default: return luaL_error(L, "wrong number of arguments to " LUA_QL("insert"));
    }
    plr_list_set(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_values(L, 1);
    double end = plr_list_length(L, 1);
    double at = lua_isnoneornil(L, 2) ? end : position(L, 2);
    if (!(1 <= at && at <= end)) return 0;
    plr_list_get(L, 1, at);
    for (; at < end; at++) {
        CHECK_INTERRUPT(L, vm);
        plr_list_get(L, 1, at + 1);
        plr_list_set(L, 1, at);
    }
    lua_pushnil(L);
    plr_list_set(L, 1, end);
    return 1;
}

/* The text of element `at` of the list at `index`, which stays at the top of the stack. */
static const char *piece(lua_State *L, int index, double at, size_t *length) {
    plr_list_get(L, index, at);
    if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid value (%s) at index %d in table for " LUA_QL("concat"), luaL_typename(L, -1), (int)at);
    }
    return lua_tolstring(L, -1, length);
}

/* Replaces the list at 1, a proxy or a view, by a table of its elements from `first` to `last`. Reading such a list may
 * run Lua, so it is read once, before there is a buffer. */
static void read_list(lua_State *L, plr_vm *vm, double first, double last) {
    size_t length;
    int count = 0;
    lua_newtable(L);
    for (double at = first; at <= last; at++) {
        CHECK_LOOP(L, vm);
        piece(L, 1, at, &length);
        lua_rawseti(L, -2, ++count);
    }
    lua_replace(L, 1);
}

/* Measures the text first, so that memory is allocated once. */
static int table_concat(lua_State *L) {
    plr_vm *vm = vm_of(L);
    size_t separator_length, length;
    const char *separator = luaL_optlstring(L, 2, "", &separator_length);
    plr_check_values(L, 1);
    double first = lua_isnoneornil(L, 3) ? 1 : position(L, 3);
    double last = lua_isnoneornil(L, 4) ? plr_list_length(L, 1) : position(L, 4);
    lua_settop(L, 2);
    if (first > last) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (lua_type(L, 1) != LUA_TTABLE) {
        read_list(L, vm, first, last);
        last = last - first + 1;
        first = 1;
    }
    uint64_t total = 0;
    for (double at = first; at <= last; at++) {
        CHECK_LOOP(L, vm);
        piece(L, 1, at, &length);
        lua_pop(L, 1);
        total += length + (at < last ? separator_length : 0);
        if (total > memory_limit(&vm->memory)) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    }
    char *text = plr_text_begin(L, vm, (size_t)total + 1);
    size_t used = 0;
    for (double at = first; at <= last; at++) {
        if (((int64_t)at & 255) == 0) CHECK_LOOP(L, vm);
        const char *bytes = piece(L, 1, at, &length);
        size_t more = length + (at < last ? separator_length : 0);
        /* No script runs between the two loops, but the copy below must not depend on that. */
        if (more > total - used) luaL_error(L, "the list changed while it was concatenated");
        plr_text_copy(L, vm, text + used, bytes, length);
        if (at < last) plr_text_copy(L, vm, text + used + length, separator, separator_length);
        used += more;
        lua_pop(L, 1);
    }
    plr_text_end(L, vm, used);
    return 1;
}

static int table_getn(lua_State *L) {
    plr_check_values(L, 1);
    lua_pushnumber(L, plr_list_length(L, 1));
    return 1;
}

static int table_maxn(lua_State *L) {
    plr_vm *vm = vm_of(L);
    double most = 0;
    plr_check_values(L, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        lua_pushnumber(L, plr_list_length(L, 1));
        return 1;
    }
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        CHECK_INTERRUPT(L, vm);
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) > most) most = lua_tonumber(L, -1);
    }
    lua_pushnumber(L, most);
    return 1;
}

static int table_setn(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    return luaL_error(L, LUA_QL("setn") " is obsolete");
}

/* table.foreach of a proxy or a view: goes through what pairs gives. */
static int foreach_of_userdata(lua_State *L, plr_vm *vm) {
    plr_push_loop(L, 1); /* 3 iterator, 4 state, 5 control */
    for (;;) {
        CHECK_LOOP(L, vm);
        lua_settop(L, 5);
        lua_pushvalue(L, 3);
        lua_insert(L, 5);
        lua_pushvalue(L, 4);
        lua_insert(L, 6);
        lua_call(L, 2, 2); /* 5 key, 6 value */
        if (lua_isnil(L, 5)) return 0;
        lua_pushvalue(L, 2);
        lua_pushvalue(L, 5);
        lua_pushvalue(L, 6);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1)) return 1;
    }
}

static int table_foreach(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_list(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (lua_type(L, 1) == LUA_TUSERDATA) return foreach_of_userdata(L, vm);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        CHECK_INTERRUPT(L, vm);
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1)) return 1;
        lua_pop(L, 2);
    }
    return 0;
}

static int table_foreachi(lua_State *L) {
    plr_vm *vm = vm_of(L);
    plr_check_values(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    double end = plr_list_length(L, 1);
    for (double at = 1; at <= end; at++) {
        CHECK_INTERRUPT(L, vm);
        lua_pushvalue(L, 2);
        lua_pushnumber(L, at);
        plr_list_get(L, 1, at);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1)) return 1;
        lua_pop(L, 1);
    }
    return 0;
}

const luaL_Reg plr_table_functions[] = {
    {"concat", table_concat},     {"foreach", table_foreach},
    {"foreachi", table_foreachi}, {"getn", table_getn},
    {"insert", table_insert},     {"maxn", table_maxn},
    {"remove", table_remove},     {"setn", table_setn},
    {"sort", plr_table_sort},     {NULL, NULL},
};
