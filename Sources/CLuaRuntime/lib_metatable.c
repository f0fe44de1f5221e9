/* setmetatable, getmetatable, rawget, rawset and rawequal, which handle views and libs' metatables; and the functions
 * of the library of which libs have their own versions. */

#include "internal.h"

/* Replaces a view at `index` by its table. For the libs' own functions. */
static void open_view(lua_State *L, int index) {
    if (!is_view(L, index)) return;
    lua_getfenv(L, index);
    lua_replace(L, index);
}

static bool is_for_libs(lua_State *L) {
    return lua_toboolean(L, lua_upvalueindex(1));
}

/* Records that the table at 2 is a lib's metatable. Scripts can reach its __index table through any object of the
 * class, so a view takes its place: scripts can't write through the view, but reading takes longer than from the
 * table. */
static void mark_as_libs(lua_State *L) {
    if (!plr_is_in_set(L, R_LIB_TABLES, 2)) {
        lua_pushboolean(L, 1);
        plr_add_to_set(L, R_LIB_TABLES, 2);
    }
    lua_pushliteral(L, "__index");
    lua_rawget(L, 2);
    if (lua_type(L, -1) == LUA_TTABLE) {
        plr_to_view(L);
        lua_pushliteral(L, "__index");
        lua_insert(L, -2);
        lua_rawset(L, 2);
        return;
    }
    lua_pop(L, 1);
}

/* A script may give its tables a lib's metatable, but not change that metatable. Upvalue 1: whether this is the libs'
 * own version. */
static int base_setmetatable(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 1); /* 3: what is returned */
    if (is_for_libs(L)) open_view(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    bool is_libs = is_for_libs(L) || is_view(L, 2);
    open_view(L, 2);
    int type = lua_type(L, 2);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
    if (luaL_getmetafield(L, 1, "__metatable")) luaL_error(L, "cannot change a protected metatable");
    if (type == LUA_TTABLE && is_libs) mark_as_libs(L);
    lua_pushvalue(L, 2);
    lua_setmetatable(L, 1);
    lua_settop(L, 3);
    return 1;
}

static int base_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (is_for_libs(L)) open_view(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    if (luaL_getmetafield(L, 1, "__metatable")) return 1;
    if (!is_for_libs(L) && plr_is_in_set(L, R_LIB_TABLES, -1)) plr_to_view(L);
    return 1;
}

/* The libs' own rawset and rawequal: if a script called `tools:set(…)`, `self` is a view, and `rawset(self, key,
 * value)` and `rawequal(self, tools)` must use its table. */
static int lib_rawset(lua_State *L) {
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    open_view(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_rawset(L, 1);
    return 1;
}

static int lib_rawequal(lua_State *L) {
    luaL_checkany(L, 2);
    open_view(L, 1);
    open_view(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

static int base_rawget(lua_State *L) {
    bool view = is_view(L, 1);
    if (view) {
        lua_getfenv(L, 1);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    if (view) plr_give_through_view(L, 0);
    return 1;
}

static void set_guarded(lua_State *L, const char *name, lua_CFunction function, bool is_libs) {
    lua_pushboolean(L, is_libs);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

/* Replaces the function at the top, which must have no upvalues, by a twin with a lib's rights. */
static void make_twin(lua_State *L) {
    lua_pushcfunction(L, lua_tocfunction(L, -1));
    lua_insert(L, -2);
    plr_add_to_set(L, R_OF_LIBS, -2);
}

/* Replaces the functions that differ for libs, in the libs' table of globals at the top. */
static void open_libs(lua_State *L) {
    static const char *const twins[] = {"next", "pcall", "rawget", "setfenv", "unpack", "xpcall", NULL};
    static const char *const others[] = {"getmetatable", "setmetatable", "rawset", "rawequal",
                                         "ipairs",       "keys",         "pairs",  NULL};
    int globals = lua_gettop(L);
    for (const char *const *name = twins; *name; name++) {
        lua_getfield(L, globals, *name);
        make_twin(L);
        lua_setfield(L, globals, *name);
    }
    lua_getfield(L, globals, "table");
    lua_pushnil(L);
    while (lua_next(L, globals + 1)) {
        make_twin(L);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, globals + 1); /* an existing key, so lua_next can continue */
    }
    lua_settop(L, globals);
    plr_open_loops(L);
    lua_pushcfunction(L, lib_rawset);
    lua_setfield(L, globals, "rawset");
    lua_pushcfunction(L, lib_rawequal);
    lua_setfield(L, globals, "rawequal");
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_BASE);
    int base = lua_gettop(L);
    for (const char *const *name = others; *name; name++) {
        lua_getfield(L, globals, *name);
        lua_getfield(L, base, *name);
        plr_add_to_set(L, R_OF_LIBS, -2);
        lua_settop(L, base);
    }
    lua_getfield(L, globals, "ipairs"); /* its iterator too */
    lua_getupvalue(L, -1, 1);
    lua_getfield(L, base, "ipairs");
    lua_getupvalue(L, -1, 1);
    lua_remove(L, -2);
    plr_add_to_set(L, R_OF_LIBS, -2);
    lua_pushvalue(L, globals);
    plr_to_view(L);
    lua_setfield(L, globals, "_G");
    lua_settop(L, globals);
}

/* Sets the functions above in the table of globals at the top, which is for scripts or for libs. */
void plr_open_views(lua_State *L, bool for_libs) {
    set_guarded(L, "getmetatable", base_getmetatable, for_libs);
    set_guarded(L, "setmetatable", base_setmetatable, for_libs);
    lua_pushcfunction(L, base_rawget);
    lua_setfield(L, -2, "rawget");
    if (for_libs) open_libs(L);
}
