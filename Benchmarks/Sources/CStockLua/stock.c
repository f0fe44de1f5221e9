#include "CStockLua.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>

struct stock {
    lua_State *L;
};

static int nothing(lua_State *L) {
    (void)L;
    return 0;
}

stock *stock_new(void) {
    stock *lua = malloc(sizeof *lua);
    if (lua == NULL) return NULL;
    lua->L = luaL_newstate();
    if (lua->L == NULL) {
        free(lua);
        return NULL;
    }
    luaL_openlibs(lua->L);
    lua_register(lua->L, "nothing", nothing);
    return lua;
}

void stock_free(stock *lua) {
    if (lua == NULL) return;
    lua_close(lua->L);
    free(lua);
}

int stock_compile(stock *lua, const char *source, size_t length) {
    if (luaL_loadbuffer(lua->L, source, length, "@stock.lua") != 0) {
        lua_pop(lua->L, 1);
        return 0;
    }
    return luaL_ref(lua->L, LUA_REGISTRYINDEX);
}

int stock_call(stock *lua, int script, uint64_t count) {
    lua_rawgeti(lua->L, LUA_REGISTRYINDEX, script);
    int status = 0;
    for (uint64_t i = 0; i < count && status == 0; i++) {
        lua_pushvalue(lua->L, -1);
        status = lua_pcall(lua->L, 0, 0, 0);
        if (status != 0) lua_pop(lua->L, 1);
    }
    lua_pop(lua->L, 1);
    return status;
}
