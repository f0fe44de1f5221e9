/* getfenv and setfenv, which accept only functions of the calling script. */

#include "internal.h"

/* The source name of the calling script, which is that of the innermost Lua function. NULL when no Lua function
 * runs. */
static const char *calling_script(lua_State *L) {
    lua_Debug ar;
    for (int level = 1; lua_getstack(L, level, &ar) && level < 64; level++) {
        lua_getinfo(L, "S", &ar);
        if (*ar.what != 'C' && *ar.what != 't') return ar.source;
    }
    return NULL;
}

/* Pushes the function that argument 1 means, a Lua function of the calling script. */
static void push_own_function(lua_State *L, bool optional) {
    lua_Debug ar;
    if (lua_isfunction(L, 1)) {
        lua_pushvalue(L, 1);
    } else {
        int level = optional ? luaL_optint(L, 1, 1) : luaL_checkint(L, 1);
        if (level == 0) luaL_argerror(L, 1, "level 0 is the host's");
        luaL_argcheck(L, level > 0, 1, "level must be non-negative");
        if (lua_getstack(L, level, &ar) == 0) luaL_argerror(L, 1, "invalid level");
        lua_getinfo(L, "f", &ar);
        if (lua_isnil(L, -1)) luaL_error(L, "no function environment for tail call at level %d", level);
    }
    if (lua_iscfunction(L, -1)) luaL_argerror(L, 1, "the environment of a host function is not accessible");
    const char *own = calling_script(L);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    if (own == NULL || strcmp(own, ar.source) != 0) {
        luaL_argerror(L, 1, "the function belongs to another script");
    }
}

int plr_base_getfenv(lua_State *L) {
    push_own_function(L, true);
    lua_getfenv(L, -1);
    plr_lib_globals_to_view(L);
    return 1;
}

int plr_base_setfenv(lua_State *L) {
    if (is_view(L, 2) && plr_is_called_by_lib(L, 0)) {
        push_table_of_view(L, 2);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    push_own_function(L, false);
    lua_pushvalue(L, 2);
    note_setfenv(&vm_of(L)->scripts);
    if (lua_setfenv(L, -2) == 0) luaL_error(L, LUA_QL("setfenv") " cannot change environment of given object");
    return 1;
}
