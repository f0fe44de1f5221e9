#ifndef PERIGEE_LUA_RUNTIME_ENTRY_H
#define PERIGEE_LUA_RUNTIME_ENTRY_H

/* The ways into Lua, and which of them are under way. */

#include "base.h"

typedef struct {
    uint32_t depth;        /* entries that run, each nested in the previous entry */
    bool outermost_runs;   /* the protected call of the outermost one runs */
    bool measured;         /* last_call_ns is wanted */
    uint64_t last_call_ns; /* wall time that the last outermost call took */
    plr_vm *outer;         /* whose host entered this VM; NULL when the thread ran no VM before */
} call_state;

#pragma GCC visibility push(hidden)

/* Runs the function in a protected call, without and with a limit of CPU time. */
int plr_admin(plr_vm *vm, int (*function)(lua_State *, void *), void *parameters);
int plr_admin_within(plr_vm *vm, uint64_t limit_ns, int (*function)(lua_State *, void *), void *parameters);
/* What the entries call, see the registry's slots. */
int plr_run_admin(lua_State *L);
int plr_run(lua_State *L);

#pragma GCC visibility pop

#endif
