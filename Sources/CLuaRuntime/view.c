/* What scripts see of the libs' tables: views, through which they read and can't write. A lib itself writes through
 * them, so that `tools:count()` may change `tools`: what decides is whose function does it. A view is a userdata whose
 * environment is the table; to the functions of the library it is a table. Libs see their own tables as they are, but
 * the table of all their globals as a view, lest one gives it away. */

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

static bool is_in_set(lua_State *L, int set, int index) {
    lua_pushvalue(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, set);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    bool found = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return found;
}

/* Sets the key at `index` to the value at the top, which is popped. */
static void add_to_set(lua_State *L, int set, int index) {
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, set);
    lua_insert(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* What a script may have in the place of the value at the top: a view of a table, a function of the library with a
 * script's rights. */
void plr_to_script(lua_State *L) {
    if (lua_type(L, -1) == LUA_TTABLE) {
        to_view(L);
    } else if (lua_iscfunction(L, -1)) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_LIB_FUNCTIONS);
        lua_pushvalue(L, -2);
        lua_rawget(L, -2);
        if (lua_isnil(L, -1)) lua_pop(L, 2);
        else lua_replace(L, -3), lua_pop(L, 1);
    }
}

/* Whether a lib does it: its function runs, and every function of the library between is the libs' own. A script's
 * table.insert has a script's rights even when a lib calls it, as what a script gave it to call. A tail call hides who
 * it was: then it is none. The first level is 0 in functions of the library and 1 in metamethods. */
bool plr_is_called_by_lib(lua_State *L, int first_level) {
    lua_Debug ar;
    for (int level = first_level; level < 64 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "f", &ar);
        if (lua_isnil(L, -1)) return lua_pop(L, 1), false; /* a tail call */
        if (lua_iscfunction(L, -1)) {
            bool is_libs = is_in_set(L, R_LIB_FUNCTIONS, -1);
            lua_pop(L, 1);
            if (!is_libs) return false;
            continue;
        }
        lua_getfenv(L, -1);
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_SHARED);
        bool same = lua_rawequal(L, -1, -2);
        lua_pop(L, 3);
        return same;
    }
    return false;
}

void plr_shared_to_view(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_SHARED);
    bool shared = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (shared) to_view(L);
}

/* ---- metamethods of views ---- */

/* The value at the top was read through a view: a lib gets it as it is. */
static void give(lua_State *L, int first_level) {
    if (lua_type(L, -1) != LUA_TTABLE && !lua_iscfunction(L, -1)) return;
    if (!plr_is_called_by_lib(L, first_level)) plr_to_script(L);
}

static int view_index(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    lua_gettable(L, 3);
    if (lua_isnil(L, -1) && plr_is_view(L, 2)) { /* a table as the key */
        lua_getfenv(L, 2);
        lua_gettable(L, 3);
    }
    give(L, 1);
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

/* Whether the value at `index`, or the table that it is a view of, has a metamethod, which is pushed then. */
static bool push_metamethod(lua_State *L, int index, const char *event) {
    if (!plr_is_view(L, index)) return luaL_getmetafield(L, index, event);
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

/* Upvalue 1: the shared environment. */
static int environment_index(lua_State *L) {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    plr_to_script(L);
    return 1;
}

/* ---- functions that meet a lib's metatables ---- */

/* For the libs' own functions: the table itself in the place of a view. */
static void open_view(lua_State *L, int index) {
    if (!plr_is_view(L, index)) return;
    lua_getfenv(L, index);
    lua_replace(L, index);
}

static bool is_for_libs(lua_State *L) {
    return lua_toboolean(L, lua_upvalueindex(1));
}

/* Notes that the table at 2 is a lib's metatable. Its __index is what any object of the class shows, so it becomes a
 * view: reading through it takes longer than through the table, writing is refused. */
static void mark_as_libs(lua_State *L) {
    if (!is_in_set(L, R_LIB_TABLES, 2)) {
        lua_pushboolean(L, 1);
        add_to_set(L, R_LIB_TABLES, 2);
    }
    lua_pushliteral(L, "__index");
    lua_rawget(L, 2);
    if (lua_type(L, -1) == LUA_TTABLE) {
        to_view(L);
        lua_pushliteral(L, "__index");
        lua_insert(L, -2);
        lua_rawset(L, 2);
        return;
    }
    lua_pop(L, 1);
}

/* A script may give its tables a lib's metatable, but not change it. Upvalue 1: whether this is the libs' own. */
static int base_setmetatable(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 1); /* 3: what is returned */
    if (is_for_libs(L)) open_view(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    bool is_libs = is_for_libs(L) || plr_is_view(L, 2);
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
    if (!is_for_libs(L) && is_in_set(L, R_LIB_TABLES, -1)) to_view(L);
    return 1;
}

/* The libs' own: `rawset(self, key, value)` and `rawequal(self, tools)` where a script called `tools:set(…)`. */
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
    bool view = plr_is_view(L, 1);
    if (view) {
        lua_getfenv(L, 1);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    if (view) give(L, 0);
    return 1;
}

/* next(view, key) */
int plr_view_next(lua_State *L) {
    lua_getfenv(L, 1);
    lua_pushvalue(L, 2);
    if (plr_is_view(L, 2)) {
        /* A key that is a table was given as its view, unless it is a view in the table itself. */
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
    give(L, 0);
    lua_insert(L, -2);
    give(L, 0);
    lua_insert(L, -2);
    return 2;
}

static void set_guarded(lua_State *L, const char *name, lua_CFunction function, bool is_libs) {
    lua_pushboolean(L, is_libs);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

/* The function at the top, one without upvalues, replaces itself by a twin with a lib's rights. */
static void make_twin(lua_State *L) {
    lua_pushcfunction(L, lua_tocfunction(L, -1));
    lua_insert(L, -2);
    add_to_set(L, R_LIB_FUNCTIONS, -2);
}

/* What differs in the table of globals at the top, because libs see it. */
static void open_libs(lua_State *L) {
    static const char *const twins[] = {"next", "pcall", "rawget", "setfenv", "unpack", "xpcall", NULL};
    static const char *const others[] = {"getmetatable", "setmetatable", "rawset", "rawequal", "ipairs", "keys",
                                         "pairs", NULL};
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
        lua_rawset(L, globals + 1); /* an existing key: the loop goes on */
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
        add_to_set(L, R_LIB_FUNCTIONS, -2);
        lua_settop(L, base);
    }
    lua_getfield(L, globals, "ipairs"); /* its iterator too */
    lua_getupvalue(L, -1, 1);
    lua_getfield(L, base, "ipairs");
    lua_getupvalue(L, -1, 1);
    lua_remove(L, -2);
    add_to_set(L, R_LIB_FUNCTIONS, -2);
    lua_pushvalue(L, globals);
    to_view(L);
    lua_setfield(L, globals, "_G");
    lua_settop(L, globals);
}

/* With a table of globals at the top: a script's, or those that libs see. */
void plr_open_views(lua_State *L, bool for_libs) {
    set_guarded(L, "getmetatable", base_getmetatable, for_libs);
    set_guarded(L, "setmetatable", base_setmetatable, for_libs);
    lua_pushcfunction(L, base_rawget);
    lua_setfield(L, -2, "rawget");
    if (for_libs) open_libs(L);
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
