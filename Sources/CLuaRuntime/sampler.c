/* The thread that says when samples of running scripts are due, see sampling.c. It starts with the first VM that is
 * sampled, and sleeps while no VM is. It looks at the VMs at regular intervals that don't depend on when calls begin,
 * so the chance that it meets a call is proportional to the length of the call. */

#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

static struct {
    pthread_mutex_t lock; /* guards everything */
    pthread_cond_t wake;
    plr_vm *sampled;
    bool started;
} sampler = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static void check_call(plr_vm *vm) {
    sampling_state *state = &vm->sampling;
    uint64_t sequence = call_sequence(&vm->watchdog);
    uint64_t cpu = plr_clock_ns(call_clock(&vm->watchdog));
    uint64_t spent = cpu > state->seen_cpu ? cpu - state->seen_cpu : 0;
    bool first = state->seen_cpu == 0;
    state->seen_cpu = cpu;
    if (first || (sequence & 1) == 0) return;
    state->unsampled_ns += spent;
    uint64_t count = state->unsampled_ns / state->interval_ns;
    if (count == 0) return;
    state->unsampled_ns -= count * state->interval_ns;
    atomic_store_explicit(&state->wanted_sequence, sequence, memory_order_relaxed);
    atomic_store_explicit(&state->wanted, count, memory_order_release);
    plr_watchdog_wake(vm);
}

static void *check_all(void *unused) {
    (void)unused;
    /* Real-time priority, where it is allowed: a sampler that must wait for a core finds scripts at the places where
     * they were preempted. */
    struct sched_param first = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
    pthread_mutex_lock(&sampler.lock);
    for (;;) {
        if (sampler.sampled == NULL) {
            pthread_cond_wait(&sampler.wake, &sampler.lock);
            continue;
        }
        uint64_t wait = UINT64_MAX, now = plr_clock_ns(CLOCK_MONOTONIC);
        for (plr_vm *vm = sampler.sampled; vm; vm = vm->sampling.next) {
            check_call(vm);
            if (vm->sampling.interval_ns < wait) wait = vm->sampling.interval_ns;
        }
        struct timespec time = {(time_t)((now + wait) / 1000000000u), (long)((now + wait) % 1000000000u)};
        pthread_mutex_unlock(&sampler.lock);
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
        pthread_mutex_lock(&sampler.lock);
    }
    return NULL;
}

static bool start(void) {
    pthread_t thread;
    if (sampler.started) return true;
    if (pthread_create(&thread, NULL, check_all, NULL) != 0) return false;
    pthread_detach(thread);
    pthread_setname_np(thread, "lua-sampler");
    return sampler.started = true;
}

void plr_sampler_set(plr_vm *vm, uint64_t interval_ns) {
    pthread_mutex_lock(&sampler.lock);
    plr_vm **link = &sampler.sampled;
    while (*link && *link != vm) link = &(*link)->sampling.next;
    if (*link) *link = vm->sampling.next;
    vm->sampling.seen_cpu = vm->sampling.unsampled_ns = 0;
    vm->sampling.interval_ns = interval_ns;
    if (interval_ns != 0 && start()) {
        vm->sampling.next = sampler.sampled;
        sampler.sampled = vm;
        pthread_cond_signal(&sampler.wake);
    }
    pthread_mutex_unlock(&sampler.lock);
}
