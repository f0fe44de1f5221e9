/* The library that scripts see: what is taken from stock Lua and what is ours. */

#include "internal.h"

static void open_stock(lua_State *L, lua_CFunction open, const char *name) {
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 0);
}

static void set_functions(lua_State *L, const luaL_Reg *functions) {
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

/* Copies the named fields of the table below the top to the table at the top. */
static void copy_named(lua_State *L, const char *const *names) {
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
}

/* Shallow copy of the table at the top, replacing it. */
static void copy_fields(lua_State *L) {
    int count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        count++;
        lua_pop(L, 1);
    }
    lua_createtable(L, 0, count);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_replace(L, -2);
}

/* Copies the base's tables, so that no environment shares one with another. */
void plr_fill_environment(lua_State *L) {
    int env = lua_gettop(L);
    luaL_checkstack(L, 10, "environment");
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_BASE);
    lua_pushnil(L);
    while (lua_next(L, env + 1)) {
        if (lua_type(L, -1) == LUA_TTABLE) copy_fields(L);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, env);
    }
    lua_settop(L, env);
    lua_pushliteral(L, "_G");
    lua_pushvalue(L, env);
    lua_rawset(L, env);
}

/* Fills the base from an allow list, so that functions that a later Lua adds stay out. */
void plr_open_library(lua_State *L) {
    static const char *const base[] = {"assert", "rawequal", "rawset", "select", "_VERSION", NULL};
    static const char *const string[] = {"byte", "char", "format", "len", "lower", "reverse", "sub", "upper", NULL};
    static const char *const math[] = {"abs",   "acos", "asin",  "atan", "atan2", "ceil", "cos",   "cosh",
                                       "deg",   "exp",  "floor", "fmod", "frexp", "huge", "ldexp", "log",
                                       "log10", "max",  "min",   "mod",  "modf",  "pi",   "pow",   "rad",
                                       "sin",   "sinh", "sqrt",  "tan",  "tanh",  NULL};
    open_stock(L, luaopen_base, "");
    open_stock(L, luaopen_string, LUA_STRLIBNAME);
    open_stock(L, luaopen_math, LUA_MATHLIBNAME);
    open_stock(L, luaopen_os, LUA_OSLIBNAME);

    lua_newtable(L);
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    lua_pushvalue(L, -2);
    copy_named(L, base);
    set_functions(L, plr_base_functions);
    plr_open_loops(L);
    plr_open_views(L, false);
    lua_pop(L, 2);

    lua_newtable(L);
    lua_getglobal(L, "string");
    lua_pushvalue(L, -2);
    copy_named(L, string);
    set_functions(L, plr_pattern_functions);
    set_functions(L, plr_string_functions);
    lua_pop(L, 2);
    /* Methods of strings come from a copy that no script can reach. */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    copy_fields(L);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_setfield(L, -2, "string");

    lua_newtable(L);
    lua_getglobal(L, "math");
    lua_pushvalue(L, -2);
    copy_named(L, math);
    plr_open_math(L);
    lua_pop(L, 2);
    lua_setfield(L, -2, "math");

    lua_getglobal(L, "os");
    plr_open_os(L);
    lua_setfield(L, -3, "os");
    lua_pop(L, 1);

    lua_newtable(L);
    set_functions(L, plr_table_functions);
    lua_setfield(L, -2, "table");
    lua_newtable(L);
    set_functions(L, plr_coroutine_functions);
    lua_setfield(L, -2, "coroutine");
    lua_newtable(L);
    lua_pushcfunction(L, plr_library_traceback);
    lua_setfield(L, -2, "traceback");
    lua_setfield(L, -2, "debug");
    lua_rawseti(L, LUA_REGISTRYINDEX, R_BASE);

    /* Empties the stock globals, because they are the environment of the stock functions. */
    lua_pushnil(L);
    while (lua_next(L, LUA_GLOBALSINDEX)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, LUA_GLOBALSINDEX);
    }
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
}
