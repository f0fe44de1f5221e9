#ifndef PERIGEE_LUA_RUNTIME_WATCHDOG_H
#define PERIGEE_LUA_RUNTIME_WATCHDOG_H

/* Time limits of calls, see watchdog.c. A signal handler also reads and writes this struct, between any two
 * instructions. */

#include "base.h"

typedef struct {
    /* Counts begins and ends of calls, so it is odd while a call runs. Only the thread that runs the VM writes it. */
    _Atomic uint64_t sequence;
    _Atomic uint64_t expired;  /* the sequence of the call that must end: its time is over, or the host stops the VM */
    _Atomic uint64_t limit_ns; /* CPU time that the running call may take; 0 means no limit */
    _Atomic int thread, clock; /* where the call runs: the thread's id and its CPU clock */

    _Atomic uint64_t begin_count;   /* the processor's counter when the call began */
    _Atomic uint64_t seen_sequence; /* `sequence` of the call that the signal handler saw last */
    _Atomic uint64_t seen_cpu;      /* when that call began, on the thread's CPU clock */
    _Atomic uint64_t seen_wall;     /* when the handler first saw that call, on the monotonic clock */
    plr_vm *outer;                  /* the VM whose host entered this VM on the same thread; NULL: none */
} watchdog_state;

/* Whether the call must end, because its time is over or the host stops it: `plr_stop_kind` says which. */
static inline bool is_interrupted(const watchdog_state *watchdog) {
    return PLR_UNLIKELY(atomic_load_explicit(&watchdog->expired, memory_order_relaxed)
                        == atomic_load_explicit(&watchdog->sequence, memory_order_relaxed));
}

/* Must be used in every C loop that a script can make long. */
#define CHECK_INTERRUPT(L, vm)                                       \
    do {                                                             \
        if (is_interrupted(&(vm)->watchdog)) plr_raise_interrupt(L); \
    } while (0)

static inline uint64_t time_limit_ns(const watchdog_state *watchdog) {
    return atomic_load_explicit(&watchdog->limit_ns, memory_order_relaxed);
}

/* Differs for each call; odd while a call runs. May be called from any thread. */
static inline uint64_t call_sequence(const watchdog_state *watchdog) {
    return atomic_load_explicit(&watchdog->sequence, memory_order_acquire);
}

/* The CPU clock of the thread on which the last call ran. May be called from any thread. */
static inline int call_clock(const watchdog_state *watchdog) {
    return atomic_load_explicit(&watchdog->clock, memory_order_relaxed);
}

#pragma GCC visibility push(hidden)

void plr_open_watchdog(watchdog_state *watchdog);
/* False if there is no way to stop scripts of the calling thread: then no script may run on it. */
bool plr_watchdog_begin(plr_vm *vm, uint64_t limit_ns);
void plr_watchdog_end(plr_vm *vm);
uint64_t plr_watchdog_spent(plr_vm *vm); /* CPU time of the running call */
void plr_watchdog_wake(plr_vm *vm);      /* from any thread: makes the thread that runs the VM check it */
void plr_arm_hook(plr_vm *vm);           /* on the thread that runs the VM */
uint64_t plr_clock_ns(int clock);

#pragma GCC visibility pop

#endif
