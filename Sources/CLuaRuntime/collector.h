#ifndef PERIGEE_LUA_RUNTIME_COLLECTOR_H
#define PERIGEE_LUA_RUNTIME_COLLECTOR_H

/* When Lua's collector runs, and whole collections in steps between which the time is looked at. */

#include "base.h"

typedef struct {
    bool is_due;       /* the hook, CHECK_LOOP or the compiler makes a whole collection as soon as it can */
    bool has_sentinel; /* a sentinel was made in the collection under way, see plr_open_collector */
    int marks_left;    /* cycles that must still mark what lives before the collection ends; 0 between collections */
    uint32_t pause;    /* how far memory grows before Lua begins a cycle, in percent of what was alive */
    uint64_t longest_pause_up_to; /* up to this much in use the pause is the longest */
} collector_state;

static inline bool collection_is_due(const collector_state *collector) {
    return collector->is_due;
}

/* Lua's own pause is 200 percent; with 300 marking what is alive takes half of the time, and a VM that has room to
 * spare may as well use it. In a small one all that marking finds is the library, so it waits for more garbage. */
enum { LONGEST_PAUSE = 600, PAUSE_OF_LARGE = 300, LARGE_VM = 4 << 20 };

/* Whether plr_adjust_pause may change anything. */
static inline bool pause_may_change(const collector_state *collector, uint64_t used) {
    return used > collector->longest_pause_up_to || collector->pause != LONGEST_PAUSE;
}

#pragma GCC visibility push(hidden)

void plr_set_up_collector(plr_vm *vm); /* when Lua has made its state */
void plr_open_collector(lua_State *L); /* makes what stands in the registry */
void plr_adjust_pause(plr_vm *vm);
/* Makes a collection due and arms the hook that runs it. */
void plr_request_collection(plr_vm *vm);
/* A full collection at once. */
void plr_collect_now(lua_State *L, plr_vm *vm);
/* Full collections, until another one would free nothing more. */
void plr_collect_until_stable(plr_vm *vm);
/* A full collection in steps of some hundredths of a millisecond, between which the time is looked at. One that is
 * interrupted goes on in the next call. */
void plr_collect_in_steps(lua_State *L, plr_vm *vm);
/* The same, and frees all that is garbage when it begins. */
void plr_collect_all(lua_State *L, plr_vm *vm);

#pragma GCC visibility pop

/* To be called in loops that a script can make long, that make garbage, and in which everything alive is on the stack:
 * no hook runs between. */
#define CHECK_LOOP(L, vm)                                                                   \
    do {                                                                                    \
        CHECK_INTERRUPT(L, vm);                                                             \
        if (PLR_UNLIKELY(collection_is_due(&(vm)->collector))) plr_collect_in_steps(L, vm); \
    } while (0)

#endif
