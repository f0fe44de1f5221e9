#ifndef PERIGEE_LUA_RUNTIME_LIBRARY_H
#define PERIGEE_LUA_RUNTIME_LIBRARY_H

/* The library that scripts see. */

#include "base.h"

#pragma GCC visibility push(hidden)

void plr_open_library(lua_State *L);
void plr_fill_environment(lua_State *L); /* stores the base's contents in the table at the top */

extern const luaL_Reg plr_pattern_functions[], plr_table_functions[], plr_base_functions[];
void plr_open_loops(lua_State *L);
/* Pushes iterator, state and control of a loop over a proxy or a view. */
void plr_push_loop(lua_State *L, int index);
int plr_base_next(lua_State *L);
int plr_base_getfenv(lua_State *L);
int plr_base_setfenv(lua_State *L);
int plr_base_pcall(lua_State *L);
int plr_base_xpcall(lua_State *L);
const char *plr_to_text(lua_State *L, int index, size_t *length); /* tostring: pushes the string */
/* The first place of `needle` in `text`; NULL if `text` does not contain it. */
const char *plr_find_plain(lua_State *L, const char *text, size_t length, const char *needle, size_t needed);
int plr_table_sort(lua_State *L);

/* Raises an error if the function was called with more than `known` arguments; `parameters` names these. */
void plr_check_extra(lua_State *L, const char *function, int known, const char *parameters);

/* Lists: tables, which are accessed raw, proxies and views. */
void plr_check_list(lua_State *L, int index);
/* Raises unless the value is a table, a view of one, or an object of the host that counts as a table. */
void plr_check_values(lua_State *L, int index);
double plr_list_length(lua_State *L, int index);
void plr_list_get(lua_State *L, int index, double at);
void plr_list_set(lua_State *L, int index, double at);

#pragma GCC visibility pop

#endif
