/* Time limits. Each thread that runs scripts has a timer of its own, whose signal comes to that thread and looks at its
 * CPU clock. So no other thread has to get a core before a script is stopped, whatever else the machine does and whatever
 * rights the process has. A timer on the CPU clock itself would be late: Linux looks at those once in a scheduler tick, of
 * 4 ms and more. The timer ticks only while scripts run, and nothing is armed in Lua before a budget is spent, so that
 * they run at full speed. */

#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    WALL_FACTOR = 10,
    LOOKS_PER_LIMIT = 16,
    MIN_PERIOD_NS = 125000,
    MAX_PERIOD_NS = 2000000,
    MIN_WAIT_NS = 10000,
    AGAIN_NS = 250000 /* after a script was told to stop */
};
#define NOT_TICKING UINT64_MAX

/* What the signal handler of a thread needs. It interrupts its own thread anywhere, so every field is atomic for the
 * compiler; no other thread reads them. */
typedef struct {
    plr_vm *_Atomic innermost;  /* the VMs that run on this thread, see plr_vm.outer_watched */
    _Atomic uint64_t ticks_for; /* the shortest time limit, in ns, that the timer ticks for; NOT_TICKING */
    timer_t timer;
    clockid_t clock;
    pid_t id;
    bool ready;
} thread_state;

static _Thread_local thread_state here;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;
static int signal_number; /* 0: there is none */

uint64_t plr_clock_ns(int clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Runs between two instructions, once armed. The signal handler arms it in the middle of anything, as lua.c does. */
static void hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    plr_vm *vm = vm_of(L);
    CHECK_INTERRUPT(L, vm);
    if (vm->collect_wanted) plr_collect_in_steps(L, vm);
    if (PLR_UNLIKELY(atomic_load_explicit(&vm->sampling.due, memory_order_relaxed) != 0)) plr_take_sample(L, vm);
    lua_sethook(L, NULL, 0, 0);
    /* Only now: the handler may have armed it just before. */
    atomic_signal_fence(memory_order_seq_cst);
    bool sample = atomic_load_explicit(&vm->sampling.due, memory_order_relaxed) != 0;
    if (interrupted(vm) || vm->collect_wanted || sample) plr_arm_hook(vm);
}

void plr_arm_hook(plr_vm *vm) {
    lua_sethook(vm->current, hook, LUA_MASKCOUNT | LUA_MASKCALL, 1);
}

static uint64_t period_for(uint64_t limit) {
    uint64_t period = limit / LOOKS_PER_LIMIT;
    if (period < MIN_PERIOD_NS) return MIN_PERIOD_NS;
    return period > MAX_PERIOD_NS ? MAX_PERIOD_NS : period;
}

static void note_seen(plr_vm *vm, uint64_t sequence, uint64_t cpu, uint64_t wall) {
    atomic_store_explicit(&vm->seen_cpu, cpu, memory_order_relaxed);
    atomic_store_explicit(&vm->seen_wall, wall, memory_order_relaxed);
    atomic_store_explicit(&vm->seen, sequence, memory_order_release);
}

/* Looks at a VM that runs on this thread, and gives the nanoseconds until the next look. */
static uint64_t inspect(plr_vm *vm, uint64_t limit, uint64_t cpu, uint64_t wall) {
    uint64_t sequence = atomic_load_explicit(&vm->sequence, memory_order_relaxed), period = period_for(limit);
    if (atomic_load_explicit(&vm->seen, memory_order_relaxed) != sequence) {
        note_seen(vm, sequence, cpu, wall);
        return period;
    }
    uint64_t spent = cpu - atomic_load_explicit(&vm->seen_cpu, memory_order_relaxed);
    uint64_t passed = wall - atomic_load_explicit(&vm->seen_wall, memory_order_relaxed);
    if (spent >= limit || passed / WALL_FACTOR >= limit) {
        atomic_store_explicit(&vm->expired, sequence, memory_order_relaxed);
        return AGAIN_NS;
    }
    return limit - spent < period ? limit - spent : period;
}

static void tick_in(uint64_t nanoseconds) {
    if (nanoseconds < MIN_WAIT_NS) nanoseconds = MIN_WAIT_NS;
    struct itimerspec time = {.it_value = {.tv_nsec = (long)nanoseconds}}; /* a period is far below a second */
    timer_settime(here.timer, 0, &time, NULL);
}

static void handle(int number, siginfo_t *information, void *context) {
    (void)number, (void)information, (void)context;
    if (!here.ready) return;
    int kept = errno;
    uint64_t cpu = plr_clock_ns(CLOCK_THREAD_CPUTIME_ID), wall = plr_clock_ns(CLOCK_MONOTONIC);
    uint64_t shortest = NOT_TICKING, next = UINT64_MAX;
    plr_vm *vm = atomic_load_explicit(&here.innermost, memory_order_relaxed);
    for (; vm; vm = vm->outer_watched) {
        /* Between a call's two ends and the list's there may be an instruction or two. */
        if ((atomic_load_explicit(&vm->sequence, memory_order_relaxed) & 1) == 0) continue;
        uint64_t limit = atomic_load_explicit(&vm->limit_ns, memory_order_relaxed), left = UINT64_MAX;
        if (limit != 0) {
            left = inspect(vm, limit, cpu, wall);
            if (limit < shortest) shortest = limit;
        }
        bool sample = plr_sample_is_due(vm);
        if (interrupted(vm)) {
            atomic_store_explicit(&vm->unnoticed, 0, memory_order_relaxed);
            left = AGAIN_NS; /* in case the hook was lost in a switch of coroutines */
        }
        if (interrupted(vm) || sample) plr_arm_hook(vm);
        if (left < next) next = left;
    }
    atomic_store_explicit(&here.ticks_for, shortest, memory_order_relaxed);
    if (next != UINT64_MAX) tick_in(next);
    errno = kept;
}

static void end_thread(void *state) {
    thread_state *thread = state;
    thread->ready = false;
    timer_delete(thread->timer);
}

static void choose_signal(void) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
    sigemptyset(&action.sa_mask);
    if (pthread_key_create(&at_thread_end, end_thread) != 0) return;
    for (int number = SIGRTMAX - 1; number > SIGRTMIN && signal_number == 0; number--) {
        if (sigaction(number, NULL, &old) != 0 || old.sa_handler != SIG_DFL) continue; /* somebody else's */
        if (sigaction(number, &action, NULL) == 0) signal_number = number;
    }
}

/* Once for each thread: its timer, and its ear for the timer's signal. */
static __attribute__((noinline)) bool make_ready(void) {
    pthread_once(&once, choose_signal);
    if (signal_number == 0 || pthread_getcpuclockid(pthread_self(), &here.clock) != 0) return false;
    here.id = (pid_t)syscall(SYS_gettid);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = signal_number};
    event._sigev_un._tid = here.id; /* sigev_notify_thread_id, for which glibc has no name before 2.38 */
    if (timer_create(CLOCK_MONOTONIC, &event, &here.timer) != 0) return false;
    if (pthread_setspecific(at_thread_end, &here) != 0) {
        timer_delete(here.timer);
        return false;
    }
    atomic_store_explicit(&here.ticks_for, NOT_TICKING, memory_order_relaxed);
    here.ready = true;
    sigset_t set; /* threads of libdispatch block all signals */
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return true;
}

/* The timer does not tick, or too seldom for this call. */
static __attribute__((noinline)) void tick_for(plr_vm *vm, uint64_t limit) {
    note_seen(vm, atomic_load_explicit(&vm->sequence, memory_order_relaxed), plr_clock_ns(CLOCK_THREAD_CPUTIME_ID),
              plr_clock_ns(CLOCK_MONOTONIC));
    atomic_store_explicit(&here.ticks_for, limit, memory_order_relaxed);
    tick_in(period_for(limit));
}

bool plr_watchdog_begin(plr_vm *vm, uint64_t limit_ns) {
    if (PLR_UNLIKELY(!here.ready) && !make_ready()) return false;
    atomic_store_explicit(&vm->limit_ns, limit_ns, memory_order_relaxed);
    atomic_store_explicit(&vm->thread, here.id, memory_order_relaxed);
    atomic_store_explicit(&vm->clock, here.clock, memory_order_relaxed);
    vm->outer_watched = atomic_load_explicit(&here.innermost, memory_order_relaxed);
    atomic_store_explicit(&here.innermost, vm, memory_order_release);
    /* Sequentially consistent, against who stops the VM. */
    atomic_fetch_add(&vm->sequence, 1);
    /* Only now: a signal before it may have found nothing to tick for. */
    uint64_t ticks_for = atomic_load_explicit(&here.ticks_for, memory_order_relaxed);
    /* No limit is 0, and less one more than all others. */
    if (PLR_UNLIKELY(limit_ns - 1 < ticks_for - 1)) tick_for(vm, limit_ns);
    return true;
}

void plr_watchdog_end(plr_vm *vm) {
    uint64_t sequence = atomic_load_explicit(&vm->sequence, memory_order_relaxed);
    atomic_store_explicit(&vm->sequence, sequence + 1, memory_order_release);
    atomic_store_explicit(&here.innermost, vm->outer_watched, memory_order_relaxed);
}

void plr_watchdog_wake(plr_vm *vm) {
    tgkill(getpid(), atomic_load_explicit(&vm->thread, memory_order_relaxed), signal_number);
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
        uint64_t sequence = atomic_load(&control->vm->sequence);
        if (sequence & 1) {
            atomic_store_explicit(&control->vm->expired, sequence, memory_order_relaxed);
            plr_watchdog_wake(control->vm);
        }
    }
    pthread_mutex_unlock(&control->lock);
}
