#ifndef PERIGEE_LUA_RUNTIME_MEMORY_H
#define PERIGEE_LUA_RUNTIME_MEMORY_H

/* The VM's memory: counted to the byte and capped. Only memory.c changes the counts. */

#include "base.h"

typedef struct {
    uint64_t used; /* bytes of all blocks */
    /* An allocation that leaves at most this much in use needs no check: it makes no new peak and stays below the soft
     * limit. 0 while a call must end: the watchdog's signal handler sets it to 0, so that the next allocation checks
     * the time limit. */
    _Atomic uint64_t unchecked_up_to;
    uint64_t allocated; /* all bytes allocated so far */

    uint64_t soft_limit; /* above it a collection is due */
    uint64_t limit, peak;
    uint64_t largest_block;         /* the largest size that was asked for; halved at each collection */
    uint64_t used_after_collection; /* in use when the last collection ended */
    uint32_t limits_lifted;         /* while it is not 0, neither the memory nor the time limit refuses a block */
    bool nearly_full;               /* the last collection left more than nine tenths of the limit in use */
} memory_state;

static inline uint64_t bytes_in_use(const memory_state *memory) {
    return memory->used;
}

static inline uint64_t memory_limit(const memory_state *memory) {
    return memory->limit;
}

/* Whether less than three quarters of what the soft limit allows is in use. */
static inline bool is_well_below_soft_limit(const memory_state *memory) {
    return memory->used < memory->soft_limit / 4 * 3;
}

/* Between lift_limits and restore_limits no block is refused because of a limit. The pairs nest. */
static inline void lift_limits(memory_state *memory) {
    memory->limits_lifted++;
}
static inline void restore_limits(memory_state *memory) {
    memory->limits_lifted--;
}
static inline bool limits_are_lifted(const memory_state *memory) {
    return memory->limits_lifted != 0;
}
/* At the begin of a call: an error in the middle of a collection may have left the limits lifted. */
static inline void enforce_limits(memory_state *memory) {
    memory->limits_lifted = 0;
}

/* In the signal handler: makes the next allocation check the time limit. */
static inline void check_next_allocation(memory_state *memory) {
    atomic_store_explicit(&memory->unchecked_up_to, 0, memory_order_relaxed);
}

#pragma GCC visibility push(hidden)

void plr_open_memory(memory_state *memory, uint64_t limit);
/* The lua_Alloc of every VM. */
void *plr_allocate(void *ud, void *block, size_t old_size, size_t new_size);
/* Raises the memory error if there is no room for a block of this size, before any work is done for the block. */
void plr_check_room(lua_State *L, plr_vm *vm, uint64_t bytes);
/* When a full collection has ended: sets the soft limit by what is still in use. */
void plr_note_use_after_collection(memory_state *memory);

#ifdef PLR_HARD_MEMORY
/* Called for every block that is new or grows: may make a collection due, and returns whether the block must be
 * refused. */
bool plr_hard_memory_refuses(plr_vm *vm);
#endif

#pragma GCC visibility pop

#ifdef PLR_HARD_MEMORY
/* For tests; holds for all VMs that this thread runs. On average one of `collect_every` allocations makes a collection
 * due at once, and one of `fail_every` fails as if the VM were full. 0 turns either off. */
void plr_hard_memory(uint32_t collect_every, uint32_t fail_every, uint64_t seed);
#endif

#endif
