#ifndef PERIGEE_LUA_RUNTIME_SAMPLING_H
#define PERIGEE_LUA_RUNTIME_SAMPLING_H

/* Where scripts spend their time: the sampler's thread (sampler.c) asks for samples, the VM's thread takes them
 * (sampling.c). */

#include "base.h"

typedef struct {
    char *stack;
    uint64_t count;
} sample_entry;

typedef struct {
    _Atomic uint64_t wanted, wanted_sequence; /* how many samples the sampler asks for, and in which call */
    _Atomic uint64_t due, due_sequence;       /* how many samples the hook must take, and in which call */
    plr_vm *next;         /* the sampler's list of VMs; this and the next two lines are the sampler's own */
    uint64_t interval_ns; /* of CPU time; 0: off */
    uint64_t seen_cpu, unsampled_ns;
    sample_entry *entries; /* open addressing by the stack's text */
    uint32_t used, capacity;
    uint64_t lost; /* samples of stacks for which there was no more room */
} sampling_state;

static inline bool sample_is_due(const sampling_state *sampling) {
    return atomic_load_explicit(&sampling->due, memory_order_relaxed) != 0;
}

#pragma GCC visibility push(hidden)
void plr_sampler_set(plr_vm *vm, uint64_t interval_ns);
bool plr_accept_wanted_samples(plr_vm *vm); /* in the signal handler: whether the hook has samples to take now */
void plr_take_sample(lua_State *L, plr_vm *vm);
void plr_free_samples(sampling_state *sampling);
#pragma GCC visibility pop

#endif
