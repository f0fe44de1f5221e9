#ifndef PERIGEE_LUA_RUNTIME_BASE_H
#define PERIGEE_LUA_RUNTIME_BASE_H

/* What every file and every concern's header needs. */

#include "CLuaRuntime.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PLR_LIKELY(x) __builtin_expect(!!(x), 1)
#define PLR_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Registry slots. luaL_ref returns integers from R_LAST on. */
enum {
    R_HANDLER = 1, /* message handler of entries */
    R_RUN,         /* the protected entries, see entry.c */
    R_ADMIN,
    R_KEEP,
    R_RESULT,      /* keeps the last result alive */
    R_NAMES,       /* interned name -> its registry reference */
    R_ENV_META,    /* metatable of scripts' environments */
    R_ARRAY_MARKS, /* weak set of tables marked by array() */
    R_ERROR_VALUE, /* value last raised by error(), to recognize it */
    R_VIEWS,       /* lib's table -> its view, weak keys and values */
    R_VIEW_META,
    R_LIB_TABLES, /* weak set of tables that libs use as metatables */
    R_OF_LIBS,    /* weak table: a library function of libs -> that of scripts; a table of their globals -> true */
    R_SENTINEL,   /* weak table whose entry dies when a collection has marked everything, see collector.c */
    R_SHARED,
    R_BASE,
    R_LAST
};

/* The bottom of the main stack. */
enum { BOTTOM_HANDLER = 1, BOTTOM_RUN, BOTTOM_ADMIN, BOTTOM_TOP = BOTTOM_ADMIN };

static inline plr_vm *vm_of(lua_State *L) {
    void *ud;
    lua_getallocf(L, &ud);
    return ud;
}

/* The type as scripts know it: a proxy is a table. */
static inline const char *type_name(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TUSERDATA ? "table" : luaL_typename(L, index);
}

#endif
