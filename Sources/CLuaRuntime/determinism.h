#ifndef PERIGEE_LUA_RUNTIME_DETERMINISM_H
#define PERIGEE_LUA_RUNTIME_DETERMINISM_H

/* The random numbers and the time that scripts get. The host sets both, so that the same calls have the same
 * results. */

#include "base.h"

typedef struct {
    uint64_t words[2]; /* of xorshift128+ */
} random_state;

typedef struct {
    bool is_fixed;       /* os.time and os.date show `now`, else the machine's clock */
    bool host_has_clock; /* os.clock asks the host */
    double now;          /* Unix time in seconds */
} time_state;

#pragma GCC visibility push(hidden)
void plr_seed_random(random_state *random, uint64_t seed);
void plr_open_math(lua_State *L); /* lib_math.c */
void plr_open_os(lua_State *L);   /* lib_os.c */
#pragma GCC visibility pop

#endif
