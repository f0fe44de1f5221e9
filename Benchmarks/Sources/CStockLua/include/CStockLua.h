#ifndef STOCK_LUA_H
#define STOCK_LUA_H

#include <stddef.h>
#include <stdint.h>

/* Debian's Lua with all its libraries and without limits; the sandbox is compared with it. */
typedef struct stock stock;

/* Makes a Lua state with a global C function `nothing` that does nothing. NULL: no memory. */
stock *stock_new(void);
void stock_free(stock *lua);
/* Compiles a script and returns its number for stock_call; 0 when it does not compile. */
int stock_compile(stock *lua, const char *source, size_t length);
/* Calls a script through lua_pcall `count` times, or until it fails. Returns 0, or lua_pcall's status. */
int stock_call(stock *lua, int script, uint64_t count);

#endif
