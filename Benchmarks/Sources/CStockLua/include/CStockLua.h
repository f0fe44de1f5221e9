#ifndef STOCK_LUA_H
#define STOCK_LUA_H

#include <stddef.h>
#include <stdint.h>

/* Debian's Lua with all its libraries and no limit: what the sandbox is compared with. */
typedef struct stock stock;

/* `nothing` is a global C function that does nothing. NULL: no memory. */
stock *stock_new(void);
void stock_free(stock *lua);
/* Compiles a script; 0 when it does not compile. */
int stock_compile(stock *lua, const char *source, size_t length);
/* Calls a script through lua_pcall `count` times. 0: fine. */
int stock_call(stock *lua, int script, uint64_t count);

#endif
