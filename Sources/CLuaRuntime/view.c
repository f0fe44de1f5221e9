/* What scripts see of the libs' tables: views, through which they read and can't write. A lib itself writes through
 * them, so that `tools:count()` may change `tools`: what decides is whose function does it. A view is a userdata whose
 * environment is the table; to the functions of the library it is a table. */

#include "internal.h"

bool plr_is_view(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TUSERDATA && ((plr_proxy *)lua_touserdata(L, index))->ref.cls == 0;
}

void plr_view_table(lua_State *L, int index) {
    lua_getfenv(L, index);
}

/* Replaces the table at the top by its view. */
static void to_view(lua_State *L) {
    luaL_checkstack(L, 8, "views");
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_VIEWS);
    lua_pushvalue(L, -2);
    lua_rawget(L, -2); /* table, views, view? */
    if (lua_type(L, -1) != LUA_TUSERDATA) {
        lua_pop(L, 1);
        plr_proxy *view = lua_newuserdata(L, offsetof(plr_proxy, key) + 1);
        memset(view, 0, offsetof(plr_proxy, key) + 1);
        lua_pushvalue(L, -3);
        lua_setfenv(L, -2);
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_VIEW_META);
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Whether the innermost Lua function is a lib's. A tail call hides who it was: then it is none. */
static bool is_called_by_lib(lua_State *L) {
    lua_Debug ar;
    for (int level = 1; level < 64 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "S", &ar);
        if (*ar.what == 'C') continue;
        if (*ar.what == 't') return false;
        lua_getinfo(L, "f", &ar);
        lua_getfenv(L, -1);
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_SHARED);
        bool same = lua_rawequal(L, -1, -2);
        lua_pop(L, 3);
        return same;
    }
    return false;
}

/* ---- metamethods of views ---- */

static int view_index(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    lua_gettable(L, -2);
    if (lua_type(L, -1) == LUA_TTABLE && !is_called_by_lib(L)) to_view(L);
    return 1;
}

static int view_newindex(lua_State *L) {
    if (!is_called_by_lib(L)) {
        if (lua_type(L, 2) == LUA_TSTRING) {
            plr_throw(L, "field '%.60s' belongs to a lib: a script can't change it", lua_tostring(L, 2));
        }
        plr_throw(L, "this table belongs to a lib: a script can't change it");
    }
    lua_getfenv(L, 1);
    lua_insert(L, 2);
    lua_settable(L, 2);
    return 0;
}

static int view_length(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushnumber(L, (lua_Number)lua_objlen(L, -1));
    return 1;
}

static int view_call(lua_State *L) {
    lua_getfenv(L, 1);
    lua_replace(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Upvalue 1: the operator's event. The table's own metamethod is called, with tables for views. */
static int view_operator(lua_State *L) {
    const char *event = lua_tostring(L, lua_upvalueindex(1));
    lua_settop(L, 2);
    for (int i = 1; i <= 2; i++) {
        if (!plr_is_view(L, i)) continue;
        lua_getfenv(L, i);
        lua_replace(L, i);
    }
    if (!luaL_getmetafield(L, 1, event) && !luaL_getmetafield(L, 2, event)) {
        luaL_error(L, "attempt to use a table of a lib as an operand");
    }
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

/* ---- environments of scripts ---- */

/* Upvalue 1: the shared environment. */
static int environment_index(lua_State *L) {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    if (PLR_UNLIKELY(lua_type(L, -1) == LUA_TTABLE)) to_view(L);
    return 1;
}

/* ---- functions that meet a lib's metatables ---- */

static void mark_as_libs(lua_State *L, int index) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_LIB_TABLES);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    if (!lua_toboolean(L, -1)) {
        lua_pushvalue(L, index);
        lua_pushboolean(L, 1);
        lua_rawset(L, -4);
    }
    lua_pop(L, 2);
}

static bool is_marked(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_LIB_TABLES);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    bool marked = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return marked;
}

/* A script may give its tables a lib's metatable, but not change it. Upvalue 1: whether this is the libs' own. */
static int base_setmetatable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    if (plr_is_view(L, 2)) {
        lua_getfenv(L, 2);
        lua_replace(L, 2);
        mark_as_libs(L, 2);
    }
    int type = lua_type(L, 2);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
    if (luaL_getmetafield(L, 1, "__metatable")) luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (type == LUA_TTABLE && lua_toboolean(L, lua_upvalueindex(1))) mark_as_libs(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int base_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    if (luaL_getmetafield(L, 1, "__metatable")) return 1;
    if (!lua_toboolean(L, lua_upvalueindex(1)) && is_marked(L, lua_gettop(L))) to_view(L);
    return 1;
}

static int base_rawget(lua_State *L) {
    bool view = plr_is_view(L, 1);
    if (view) {
        lua_getfenv(L, 1);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    if (view && lua_type(L, -1) == LUA_TTABLE && !is_called_by_lib(L)) to_view(L);
    return 1;
}

/* next(view, key) */
int plr_view_next(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    if (!lua_next(L, 3)) {
        lua_pushnil(L);
        return 1;
    }
    if (lua_type(L, -1) == LUA_TTABLE && !is_called_by_lib(L)) to_view(L);
    if (lua_type(L, -2) == LUA_TTABLE && !is_called_by_lib(L)) {
        lua_insert(L, -2);
        to_view(L);
        lua_insert(L, -2);
    }
    return 2;
}

static void set_guarded(lua_State *L, const char *name, lua_CFunction function, bool is_libs) {
    lua_pushboolean(L, is_libs);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

/* With a table of globals at the top: a script's, or those that libs see. */
void plr_open_views(lua_State *L, bool for_libs) {
    set_guarded(L, "getmetatable", base_getmetatable, for_libs);
    set_guarded(L, "setmetatable", base_setmetatable, for_libs);
    lua_pushcfunction(L, base_rawget);
    lua_setfield(L, -2, "rawget");
}

/* Makes the metatables of views and, over the table of the shared environment at the top, that of scripts'
 * environments. */
void plr_make_view_metatables(lua_State *L) {
    static const char *const operators[] = {"__add", "__sub", "__mul", "__div", "__mod", "__pow",
                                            "__unm", "__concat", "__lt", "__le", NULL};
    static const luaL_Reg methods[] = {{"__index", view_index}, {"__newindex", view_newindex},
                                       {"__len", view_length}, {"__call", view_call}, {NULL, NULL}};
    int shared = lua_gettop(L);
    lua_createtable(L, 0, 16);
    for (const luaL_Reg *method = methods; method->name; method++) {
        lua_pushcfunction(L, method->func);
        lua_setfield(L, -2, method->name);
    }
    for (const char *const *name = operators; *name; name++) {
        lua_pushstring(L, *name);
        lua_pushcclosure(L, view_operator, 1);
        lua_setfield(L, -2, *name);
    }
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawseti(L, LUA_REGISTRYINDEX, R_VIEW_META);

    lua_createtable(L, 0, 2);
    lua_pushvalue(L, shared);
    lua_pushcclosure(L, environment_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawseti(L, LUA_REGISTRYINDEX, R_ENV_META);
    lua_settop(L, shared);
}
