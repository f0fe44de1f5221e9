#ifndef PERIGEE_LUA_RUNTIME_COROUTINES_H
#define PERIGEE_LUA_RUNTIME_COROUTINES_H

/* Which coroutine runs, because a hook belongs to one coroutine, and which ones wait for it. */

#include "base.h"

/* A coroutine that has resumed another one; lives on the C frame of that resume. */
typedef struct resumer {
    lua_State *L;
    struct resumer *outer;
} resumer;

typedef struct {
    lua_State *volatile running; /* the watchdog's signal arms its hook; NULL until the VM is made */
    resumer *resumers;           /* innermost first */
} coroutine_state;

static inline lua_State *running_coroutine(const coroutine_state *coroutines) {
    return coroutines->running;
}

/* For the time before scripts run, and for a call that can't begin. */
static inline void set_running_coroutine(coroutine_state *coroutines, lua_State *L) {
    coroutines->running = L;
}

static inline resumer *innermost_resumer(const coroutine_state *coroutines) {
    return coroutines->resumers;
}

/* After a nested entry: an error may have skipped the ends of its resumes. */
static inline void unwind_resumers(coroutine_state *coroutines, resumer *innermost) {
    coroutines->resumers = innermost;
}

#pragma GCC visibility push(hidden)
extern const luaL_Reg plr_coroutine_functions[];
#pragma GCC visibility pop

#endif
