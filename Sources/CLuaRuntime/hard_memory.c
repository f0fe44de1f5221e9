/* Memory tests as hard as possible: what Lua's own HARDMEMTESTS does, but with an unmodified Lua. Only builds for tests
 * contain this. */

#include "internal.h"

#ifdef PLR_HARD_MEMORY

enum { STOCK_STEP = 200 };

static _Thread_local struct {
    uint32_t collect_every, fail_every;
    uint64_t random;
} hard;

void plr_hard_memory(uint32_t collect_every, uint32_t fail_every, uint64_t seed) {
    hard.collect_every = collect_every;
    hard.fail_every = fail_every;
    hard.random = seed | 1;
}

static uint32_t draw(void) {
    hard.random ^= hard.random << 13;
    hard.random ^= hard.random >> 7;
    hard.random ^= hard.random << 17;
    return (uint32_t)(hard.random >> 32);
}

bool plr_hard_memory_refuses(plr_vm *vm) {
    if (hard.collect_every != 0 && vm->L && draw() % hard.collect_every == 0) {
        /* lua_Alloc must not collect, but it may make a collection due: Lua checks for that wherever a collection is
         * legal. A step multiplier of 0 means a whole cycle; STOCK_STEP leaves the collector between two of its states.
         * Both calls only store a number. */
        lua_gc(vm->L, LUA_GCSETSTEPMUL, draw() % 4 == 0 ? STOCK_STEP : 0);
        lua_gc(vm->L, LUA_GCRESTART, 0);
    }
    return hard.fail_every != 0 && !limits_are_lifted(&vm->memory) && draw() % hard.fail_every == 0;
}

#endif
