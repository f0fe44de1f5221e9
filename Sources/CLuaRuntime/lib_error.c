/* error() and debug.traceback(). */

#include "internal.h"

/* error(value [, level]): reports the error to the host, then raises it as in stock Lua. */
int plr_library_error(lua_State *L) {
    plr_vm *vm = vm_of(L);
    int level = luaL_optint(L, 2, 1);
    lua_settop(L, 1);
    if (lua_isstring(L, 1) && level > 0) {
        luaL_where(L, level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    } else {
        lua_pushvalue(L, 1);
    }
    plr_keep_error_value(L, vm); /* stack: value, raised */
    lua_pushvalue(L, 2);
    /* A table's __tostring is not run: it could fail, and error() would raise another value than it was given. */
    if (lua_type(L, 3) == LUA_TNUMBER) {
        lua_tostring(L, 3);
    } else if (lua_type(L, 3) != LUA_TSTRING) {
        lua_pushfstring(L, "error object of type %s", type_name(L, 3));
        lua_replace(L, 3);
    }
    char trace[2048];
    lua_pushlstring(L, trace, plr_write_traceback(L, trace, sizeof trace, 1));
    plr_ref none = no_ref();
    lua_pop(L, plr_call_host(L, vm, PLR_OP_ERROR_LOG, 0, &none, 3, 2, false));
    lua_settop(L, 2);
    return lua_error(L);
}

/* debug.traceback([thread,] [message [, level]]) */
int plr_library_traceback(lua_State *L) {
    lua_State *from = L;
    int argument = 0;
    if (lua_isthread(L, 1)) {
        from = lua_tothread(L, 1);
        argument = 1;
    }
    if (!lua_isnoneornil(L, argument + 1) && !lua_isstring(L, argument + 1)) {
        lua_settop(L, argument + 1);
        return 1; /* as in stock Lua: a message that is no text is returned as it is */
    }
    double given = luaL_optnumber(L, argument + 2, from == L ? 1 : 0);
    int level = given >= 0 && given < 1e6 ? (int)given : given < 0 ? 0 : 1000000;
    lua_settop(L, argument + 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushliteral(L, "");
    } else {
        lua_pushliteral(L, "\n");
    }
    char trace[MAX_TRACEBACK];
    size_t length = plr_write_traceback(from, trace, sizeof trace, level);
    lua_pushlstring(L, trace, length);
    lua_concat(L, lua_gettop(L) - argument);
    return 1;
}
