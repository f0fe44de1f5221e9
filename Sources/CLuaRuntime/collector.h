#ifndef PERIGEE_LUA_RUNTIME_COLLECTOR_H
#define PERIGEE_LUA_RUNTIME_COLLECTOR_H

/* When Lua's collector runs, and full collections in steps, with a check of the time limit before each step. */

#include "base.h"

typedef struct {
    bool is_due;       /* the hook, CHECK_LOOP or the compiler makes a whole collection as soon as it can */
    bool has_sentinel; /* a sentinel was made in the collection under way, see plr_open_collector */
    int marks_left;    /* mark phases that must still end before the collection ends; 0 between collections */
    uint32_t pause;    /* how far memory grows before Lua begins a cycle, in percent of what was alive */
    uint64_t longest_pause_up_to; /* with at most this many bytes in use the pause is LONGEST_PAUSE */
} collector_state;

static inline bool collection_is_due(const collector_state *collector) {
    return collector->is_due;
}

/* Lua's default pause is 200 percent. With 300, marking what is alive takes half as much time, and a VM far below its
 * limit has the memory for that. In a small VM, marking finds little but the library, so it waits for more garbage. */
enum { LONGEST_PAUSE = 600, PAUSE_OF_LARGE = 300, LARGE_VM = 4 << 20 };

/* Whether plr_adjust_pause may change anything. */
static inline bool pause_may_change(const collector_state *collector, uint64_t used) {
    return used > collector->longest_pause_up_to || collector->pause != LONGEST_PAUSE;
}

#pragma GCC visibility push(hidden)

void plr_set_up_collector(plr_vm *vm); /* after lua_newstate */
void plr_open_collector(lua_State *L); /* makes the registry's R_SENTINEL */
void plr_adjust_pause(plr_vm *vm);
/* Makes a collection due and arms the hook that runs it. */
void plr_request_collection(plr_vm *vm);
/* A full collection at once. */
void plr_collect_now(lua_State *L, plr_vm *vm);
/* Full collections, until another one would free nothing more. */
void plr_collect_until_stable(plr_vm *vm);
/* A full collection in steps of some hundredths of a millisecond, with a check of the time limit before each. A
 * collection that is interrupted continues in the next call. */
void plr_collect_in_steps(lua_State *L, plr_vm *vm);
/* The same, and frees all that is garbage when it begins. */
void plr_collect_all(lua_State *L, plr_vm *vm);

#pragma GCC visibility pop

/* Must be used in C loops that a script can make long and that make garbage, because no hook runs in them. Everything
 * that must stay alive must be on the stack. */
#define CHECK_LOOP(L, vm)                                                                   \
    do {                                                                                    \
        CHECK_INTERRUPT(L, vm);                                                             \
        if (PLR_UNLIKELY(collection_is_due(&(vm)->collector))) plr_collect_in_steps(L, vm); \
    } while (0)

#endif
