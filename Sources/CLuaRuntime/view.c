/* Scripts see the tables of libs as views, through which a script can read but not write. A lib can write through a
 * view, so that `tools:count()` may change `tools`: the running function decides whether a write is allowed. A view is
 * a userdata whose environment is the table; the functions of the library treat it as the table. Libs see their own
 * tables without views, but the table of all their globals as a view, so that a lib that returns this table gives no
 * script the right to change it. */

#include "internal.h"

void plr_to_view(lua_State *L) {
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

bool plr_is_in_set(lua_State *L, int set, int index) {
    lua_pushvalue(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, set);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    bool found = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return found;
}

void plr_add_to_set(lua_State *L, int set, int index) {
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, set);
    lua_insert(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Replaces a lib's value at the top by what a script may have: a view of a table, or the version of a library function
 * that has a script's rights. */
void plr_restrict_for_script(lua_State *L) {
    if (lua_type(L, -1) == LUA_TTABLE) {
        plr_to_view(L);
    } else if (lua_iscfunction(L, -1)) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_OF_LIBS);
        lua_pushvalue(L, -2);
        lua_rawget(L, -2);
        if (lua_isnil(L, -1)) lua_pop(L, 2);
        else lua_replace(L, -3), lua_pop(L, 1);
    }
}

/* Whether the innermost Lua function belongs to a lib, and all functions of the library above it on the stack are the
 * libs' own versions. A script may pass its own table.insert to a lib: that function has a script's rights even when
 * the lib calls it. After a tail call the caller is unknown, so the answer is false. `first_level` is 0 in functions of
 * the library and 1 in metamethods. */
bool plr_is_called_by_lib(lua_State *L, int first_level) {
    lua_Debug ar;
    for (int level = first_level; level < 64 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "f", &ar);
        if (lua_isnil(L, -1)) return lua_pop(L, 1), false; /* a tail call */
        if (lua_iscfunction(L, -1)) {
            bool is_libs = plr_is_in_set(L, R_OF_LIBS, -1);
            lua_pop(L, 1);
            if (!is_libs) return false;
            continue;
        }
        lua_getfenv(L, -1);
        bool is_libs = plr_is_in_set(L, R_OF_LIBS, -1);
        lua_pop(L, 2);
        return is_libs;
    }
    return false;
}

void plr_lib_globals_to_view(lua_State *L) {
    if (plr_is_in_set(L, R_OF_LIBS, -1)) plr_to_view(L);
}

/* ---- metamethods of views ---- */

void plr_give_through_view(lua_State *L, int first_level) {
    if (lua_type(L, -1) != LUA_TTABLE && !lua_iscfunction(L, -1)) return;
    if (!plr_is_called_by_lib(L, first_level)) plr_restrict_for_script(L);
}

static int view_index(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    lua_gettable(L, 3);
    if (lua_isnil(L, -1) && is_view(L, 2)) { /* a table as the key */
        lua_getfenv(L, 2);
        lua_gettable(L, 3);
    }
    plr_give_through_view(L, 1);
    return 1;
}

static int view_newindex(lua_State *L) {
    if (!plr_is_called_by_lib(L, 1)) {
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

/* Pushes a metamethod of the value at `index`, or of the table behind it if it is a view. Returns false if there is
 * none, and pushes nothing. */
static bool push_metamethod(lua_State *L, int index, const char *event) {
    if (!is_view(L, index)) return luaL_getmetafield(L, index, event);
    lua_getfenv(L, index);
    bool found = luaL_getmetafield(L, -1, event);
    lua_remove(L, found ? -2 : -1);
    return found;
}

static int view_call(lua_State *L) {
    if (!push_metamethod(L, 1, "__call")) luaL_error(L, "attempt to call a table value");
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Upvalue 1: the operator's event. */
static int view_operator(lua_State *L) {
    const char *event = lua_tostring(L, lua_upvalueindex(1));
    lua_settop(L, 2);
    if (!push_metamethod(L, 1, event) && !push_metamethod(L, 2, event)) {
        luaL_error(L, "attempt to use a table of a lib as an operand");
    }
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

/* ---- environments of scripts ---- */

/* Upvalue 1: the table of globals in R_SHARED. */
static int environment_index(lua_State *L) {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    plr_restrict_for_script(L);
    return 1;
}

/* next(view, key) */
int plr_view_next(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    if (is_view(L, 2)) {
        /* A key that is a table was given to the script as its view, but the table itself may also contain a view as a
         * key. */
        lua_rawget(L, 3);
        bool is_key = !lua_isnil(L, -1);
        lua_pop(L, 1);
        if (is_key) lua_pushvalue(L, 2);
        else lua_getfenv(L, 2);
    }
    if (!lua_next(L, 3)) {
        lua_pushnil(L);
        return 1;
    }
    plr_give_through_view(L, 0);
    lua_insert(L, -2);
    plr_give_through_view(L, 0);
    lua_insert(L, -2);
    return 2;
}

void plr_push_lib_globals(lua_State *L) {
    lua_createtable(L, 0, 48);
    plr_fill_environment(L);
    plr_open_views(L, true);
    lua_pushboolean(L, 1);
    plr_add_to_set(L, R_OF_LIBS, -2);
}

void plr_adopt_lib_globals(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ENV_META);
    lua_getfield(L, -1, "__index");
    lua_pushvalue(L, -3);
    lua_setupvalue(L, -2, 1);
    lua_pop(L, 2);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_SHARED);
}

/* Makes the metatables of views and of scripts' environments; those see no libs before plr_adopt_lib_globals. */
void plr_make_view_metatables(lua_State *L) {
    static const char *const operators[] = {"__add", "__sub",    "__mul", "__div", "__mod", "__pow",
                                            "__unm", "__concat", "__lt",  "__le",  NULL};
    static const luaL_Reg methods[] = {{"__index", view_index},
                                       {"__newindex", view_newindex},
                                       {"__len", view_length},
                                       {"__call", view_call},
                                       {NULL, NULL}};
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
    lua_pushnil(L);
    lua_pushcclosure(L, environment_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawseti(L, LUA_REGISTRYINDEX, R_ENV_META);
}
