#ifndef PERIGEE_LUA_RUNTIME_ENTRY_H
#define PERIGEE_LUA_RUNTIME_ENTRY_H

/* The functions that enter Lua, and the state of the entries that run. */

#include "base.h"

typedef struct {
    uint32_t depth;        /* entries that run, each nested in the previous entry */
    bool outermost_runs;   /* the lua_pcall of the outermost entry runs */
    bool measured;         /* last_call_ns must be measured */
    uint64_t last_call_ns; /* wall time that the last outermost call took */
} call_state;

#pragma GCC visibility push(hidden)

/* Runs the function in a protected call, without and with a limit of CPU time. */
int plr_run_protected(plr_vm *vm, int (*function)(lua_State *, void *), void *parameters);
int plr_run_protected_within(plr_vm *vm, uint64_t limit_ns, int (*function)(lua_State *, void *), void *parameters);
/* The C functions that the entries call, from the registry slots R_ADMIN and R_RUN. */
int plr_run_admin(lua_State *L);
int plr_run(lua_State *L);

#pragma GCC visibility pop

#endif
