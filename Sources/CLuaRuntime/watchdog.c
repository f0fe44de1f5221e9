/* Time limits. One thread for the process looks at the CPU clocks of the threads that run scripts, and only while some
 * run. It arms nothing before a budget is spent, so that scripts run at full speed. */

#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WALL_FACTOR = 10, MIN_PERIOD_NS = 200000, MAX_PERIOD_NS = 2000000 };

static struct {
    pthread_mutex_t lock; /* guards everything but asleep */
    pthread_cond_t wake;
    plr_vm *watched;
    bool started;
    _Atomic bool asleep;
} dog = {.lock = PTHREAD_MUTEX_INITIALIZER};

uint64_t plr_clock_ns(int clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void plr_lock_spin(plr_vm *vm) {
    while (atomic_flag_test_and_set_explicit(&vm->spin, memory_order_acquire)) sched_yield();
}

void plr_unlock_spin(plr_vm *vm) {
    atomic_flag_clear_explicit(&vm->spin, memory_order_release);
}

/* Runs between two instructions, once armed. Setting a hook from another thread is what lua.c does from a signal. */
static void hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    plr_vm *vm = vm_of(L);
    CHECK_INTERRUPT(L, vm);
    if (vm->collect_wanted) plr_collect_in_steps(L, vm);
    if (PLR_UNLIKELY(atomic_load_explicit(&vm->sampling.due, memory_order_relaxed) != 0)) plr_take_sample(L, vm);
    plr_lock_spin(vm);
    if (!interrupted(vm) && !vm->collect_wanted) lua_sethook(L, NULL, 0, 0);
    plr_unlock_spin(vm);
}

void plr_arm_hook(plr_vm *vm) {
    lua_sethook(vm->current, hook, LUA_MASKCOUNT | LUA_MASKCALL, 1);
}

static void expire(plr_vm *vm, uint64_t sequence) {
    plr_lock_spin(vm);
    if (atomic_load_explicit(&vm->sequence, memory_order_relaxed) == sequence) {
        atomic_store_explicit(&vm->expired, sequence, memory_order_relaxed);
        plr_arm_hook(vm);
    }
    plr_unlock_spin(vm);
}

/* Looks at one VM and gives the nanoseconds until it must be looked at again, 0 if it runs nothing. */
static uint64_t inspect(plr_vm *vm, uint64_t wall) {
    uint64_t sequence = atomic_load(&vm->sequence);
    if ((sequence & 1) == 0) return 0;
    uint64_t limit = atomic_load_explicit(&vm->limit_ns, memory_order_relaxed);
    uint64_t cpu = plr_clock_ns(atomic_load_explicit(&vm->clock, memory_order_relaxed));
    if (limit == 0 || cpu == 0) return MAX_PERIOD_NS;
    uint64_t period = limit / 16;
    if (period < MIN_PERIOD_NS) period = MIN_PERIOD_NS;
    if (period > MAX_PERIOD_NS) period = MAX_PERIOD_NS;
    uint64_t seen_cpu = atomic_load_explicit(&vm->seen_cpu, memory_order_relaxed);
    if (atomic_load_explicit(&vm->seen, memory_order_relaxed) != sequence || cpu < seen_cpu) {
        atomic_store_explicit(&vm->seen_cpu, cpu, memory_order_relaxed);
        atomic_store_explicit(&vm->seen, sequence, memory_order_release);
        vm->seen_wall = wall;
        return limit < period ? limit : period;
    }
    uint64_t spent = cpu - seen_cpu;
    if (spent >= limit || (wall - vm->seen_wall) / WALL_FACTOR >= limit) {
        expire(vm, sequence);
        return period; /* again, in case the hook was lost in a switch of coroutines */
    }
    uint64_t left = limit - spent;
    return left < period ? left : period;
}

/* Arms the hook of a VM of which a sample is due, and gives the nanoseconds until the next look; 0 when it is not
 * sampled. The looks are evenly spaced and don't begin with calls, so a short call is met as often as it is long. */
static uint64_t inspect_sampling(plr_vm *vm) {
    uint64_t interval = atomic_load_explicit(&vm->sampling.interval_ns, memory_order_relaxed);
    if (interval == 0) return 0;
    uint64_t sequence = atomic_load(&vm->sequence);
    uint64_t cpu = plr_clock_ns(atomic_load_explicit(&vm->clock, memory_order_relaxed));
    uint64_t spent = cpu > vm->sampling.seen_cpu ? cpu - vm->sampling.seen_cpu : 0;
    bool first = vm->sampling.seen_cpu == 0;
    vm->sampling.seen_cpu = cpu;
    if (first || (sequence & 1) == 0) return interval;
    vm->sampling.unsampled_ns += spent;
    uint64_t count = vm->sampling.unsampled_ns / interval;
    if (count == 0) return interval;
    plr_lock_spin(vm);
    if (atomic_load_explicit(&vm->sequence, memory_order_relaxed) == sequence) {
        vm->sampling.unsampled_ns -= count * interval;
        if (vm->sampling.due_sequence != sequence) atomic_store_explicit(&vm->sampling.due, 0, memory_order_relaxed);
        vm->sampling.due_sequence = sequence;
        atomic_fetch_add_explicit(&vm->sampling.due, count, memory_order_relaxed);
        plr_arm_hook(vm);
    }
    plr_unlock_spin(vm);
    return interval;
}

void plr_watchdog_sampling(plr_vm *vm, uint64_t interval_ns) {
    pthread_mutex_lock(&dog.lock);
    vm->sampling.seen_cpu = vm->sampling.unsampled_ns = 0;
    atomic_store(&vm->sampling.interval_ns, interval_ns);
    pthread_cond_signal(&dog.wake);
    pthread_mutex_unlock(&dog.lock);
}

static void *watch(void *unused) {
    (void)unused;
    /* Where it is allowed: a watchdog that waits for its turn on a busy machine stops scripts late. It runs for a
     * microsecond at a time, so it takes no core from anybody even when it goes before everybody. */
    struct sched_param first = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) != 0) {
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
    }
    pthread_mutex_lock(&dog.lock);
    for (;;) {
        /* First say that we sleep, then look: a call that begins after the look sees the flag and wakes us. */
        atomic_store(&dog.asleep, true);
        uint64_t wait = 0, wall = plr_clock_ns(CLOCK_MONOTONIC);
        for (plr_vm *vm = dog.watched; vm; vm = vm->next_watched) {
            uint64_t next = inspect(vm, wall);
            if (next != 0 && (wait == 0 || next < wait)) wait = next;
            next = inspect_sampling(vm);
            if (next != 0 && (wait == 0 || next < wait)) wait = next;
        }
        if (wait == 0) {
            pthread_cond_wait(&dog.wake, &dog.lock);
            continue;
        }
        atomic_store(&dog.asleep, false);
        uint64_t until = wall + (wait < 50000 ? 50000 : wait);
        struct timespec time = {(time_t)(until / 1000000000u), (long)(until % 1000000000u)};
        pthread_mutex_unlock(&dog.lock);
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
        pthread_mutex_lock(&dog.lock);
    }
    return NULL;
}

int plr_watchdog_add(plr_vm *vm) {
    pthread_mutex_lock(&dog.lock);
    if (!dog.started) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_cond_init(&dog.wake, NULL);
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        if (pthread_create(&thread, &attributes, watch, NULL) != 0) {
            pthread_attr_destroy(&attributes);
            pthread_mutex_unlock(&dog.lock);
            return 0;
        }
        pthread_attr_destroy(&attributes);
        pthread_setname_np(thread, "lua-watchdog");
        dog.started = true;
    }
    vm->next_watched = dog.watched;
    dog.watched = vm;
    pthread_mutex_unlock(&dog.lock);
    return 1;
}

void plr_watchdog_remove(plr_vm *vm) {
    pthread_mutex_lock(&dog.lock);
    for (plr_vm **link = &dog.watched; *link; link = &(*link)->next_watched) {
        if (*link == vm) {
            *link = vm->next_watched;
            break;
        }
    }
    pthread_mutex_unlock(&dog.lock);
}

/* The CPU clock of the calling thread, found once per thread. */
static int thread_clock(void) {
    static _Thread_local clockid_t clock;
    static _Thread_local bool known;
    if (!known) {
        if (pthread_getcpuclockid(pthread_self(), &clock) != 0) clock = CLOCK_MONOTONIC;
        known = true;
    }
    return (int)clock;
}

void plr_watchdog_begin(plr_vm *vm, uint64_t limit_ns) {
    atomic_store_explicit(&vm->limit_ns, limit_ns, memory_order_relaxed);
    atomic_store_explicit(&vm->clock, thread_clock(), memory_order_relaxed);
    /* Sequentially consistent, against the flag read next. */
    atomic_fetch_add(&vm->sequence, 1);
    if (atomic_load(&dog.asleep)) {
        pthread_mutex_lock(&dog.lock);
        pthread_cond_signal(&dog.wake);
        pthread_mutex_unlock(&dog.lock);
    }
}

void plr_watchdog_end(plr_vm *vm) {
    uint64_t sequence = atomic_load_explicit(&vm->sequence, memory_order_relaxed);
    atomic_store_explicit(&vm->sequence, sequence + 1, memory_order_release);
}

/* ---- stopping ---- */

plr_control *plr_vm_control(plr_vm *vm) {
    return vm->control;
}

void plr_control_retain(plr_control *control) {
    atomic_fetch_add(&control->holders, 1);
}

void plr_control_release(plr_control *control) {
    if (atomic_fetch_sub(&control->holders, 1) == 1) {
        pthread_mutex_destroy(&control->lock);
        free(control);
    }
}

void plr_control_stop(plr_control *control) {
    pthread_mutex_lock(&control->lock);
    atomic_store(&control->stopping, true);
    if (control->vm) {
        plr_lock_spin(control->vm);
        uint64_t sequence = atomic_load(&control->vm->sequence);
        if (sequence & 1) atomic_store_explicit(&control->vm->expired, sequence, memory_order_relaxed);
        plr_arm_hook(control->vm);
        plr_unlock_spin(control->vm);
    }
    pthread_mutex_unlock(&control->lock);
}
