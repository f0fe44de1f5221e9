#ifndef PERIGEE_LUA_RUNTIME_VIEWS_H
#define PERIGEE_LUA_RUNTIME_VIEWS_H

/* Views of libs' tables, see view.c. */

#include "proxy.h"

static inline bool is_view(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TUSERDATA && ((plr_proxy *)lua_touserdata(L, index))->ref.cls == 0;
}

/* Pushes the table of the view. */
static inline void push_table_of_view(lua_State *L, int index) {
    lua_getfenv(L, index);
}

#pragma GCC visibility push(hidden)

void plr_to_view(lua_State *L); /* replaces the table at the top by its view */
int plr_view_next(lua_State *L);
bool plr_is_called_by_lib(lua_State *L, int first_level);
void plr_restrict_for_script(lua_State *L); /* replaces a lib's value at the top by what scripts may have */
void plr_lib_globals_to_view(lua_State *L); /* replaces the value at the top by its view if it is the libs' globals */
void plr_push_lib_globals(lua_State *L);    /* pushes a new table of globals for libs, which no script sees yet */
/* Makes the table at the top, which is popped, the libs' globals that all scripts see. Allocates nothing. */
void plr_adopt_lib_globals(lua_State *L);
void plr_make_view_metatables(lua_State *L);
/* Does plr_restrict_for_script to the value at the top, which was read through a view, unless a lib reads it. */
void plr_give_through_view(lua_State *L, int first_level);

/* Weak sets in the registry. The first function: whether the value at `index` is in the set. The second: stores the
 * value at the top under the key at `index`, and pops the value. */
bool plr_is_in_set(lua_State *L, int set, int index);
void plr_add_to_set(lua_State *L, int set, int index);

void plr_open_views(lua_State *L, bool for_libs);

#pragma GCC visibility pop

#endif
