/* Time limits. Each thread that runs scripts has a timer of its own. The timer's signal goes to that thread, and its
 * handler reads the thread's CPU clock. So no other thread needs a core before a script is stopped, however busy the
 * machine is and whatever rights the process has. A timer on the CPU clock itself would be late: Linux checks those
 * once per scheduler tick, which is 4 ms or more. The timer runs only while scripts run, and no hook is armed in Lua
 * before the time limit is reached, so scripts run at full speed.
 *
 * One run of the handler, a look, costs some microseconds, up to twenty in a virtual machine; reading the CPU clock
 * costs half a microsecond. So a call stores only the processor's counter when it begins, and there is about one look
 * per time limit. The look computes when the call that it finds running began. */

#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    WALL_FACTOR = 10, /* wall time limit / CPU time limit: a script may sleep in the host's functions */
    MIN_WAIT_NS = 20000,
    MAX_WAIT_NS = 20000000,
    AGAIN_NS = 250000 /* until the next look at a script that must stop */
};
#define NOT_TICKING UINT64_MAX

/* One moment on a thread: its CPU clock and the monotonic clock in nanoseconds, and the processor's counter. */
typedef struct {
    uint64_t cpu, wall, count;
} moment;

/* What the signal handler of a thread needs. The handler interrupts its own thread at any instruction; no other thread
 * reads this. */
typedef struct {
    plr_vm *_Atomic innermost;       /* the VMs that run on this thread, see watchdog_state.outer */
    _Atomic uint64_t timer_limit_ns; /* the shortest limit, in ns, that the timer serves; else NOT_TICKING */
    _Atomic uint64_t due;            /* when the timer fires next, on the monotonic clock */
    volatile moment last;            /* the last look, or when the timer began to tick */
    volatile uint32_t looks;
    timer_t timer;
    clockid_t clock;
    pid_t id;
    bool ready;
} thread_state;

static _Thread_local thread_state here;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;
static int signal_number; /* 0: no real-time signal is free */
static moment origin;     /* a reference for the rate of the processor's counter */

uint64_t plr_clock_ns(int clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reading this clock costs 10 ns on x86; reading the cheapest clock of the kernel costs 25 ns. */
static inline uint64_t processor_count(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return count;
#else
    return plr_clock_ns(CLOCK_MONOTONIC);
#endif
}

static moment moment_now(void) {
    uint64_t cpu = plr_clock_ns(CLOCK_THREAD_CPUTIME_ID), wall = plr_clock_ns(CLOCK_MONOTONIC);
    return (moment){cpu, wall, processor_count()};
}

/* The Lua hook: once armed, Lua calls it between two instructions. The signal handler may arm it at any moment, as the
 * handler of lua.c does. */
static void hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    plr_vm *vm = vm_of(L);
    CHECK_INTERRUPT(L, vm);
    if (collection_is_due(&vm->collector)) plr_collect_in_steps(L, vm);
    if (PLR_UNLIKELY(sample_is_due(&vm->sampling))) plr_take_sample(L, vm);
    lua_sethook(L, NULL, 0, 0);
    /* Checked only after the hook was removed: the handler may have armed it just before that. */
    atomic_signal_fence(memory_order_seq_cst);
    bool again = is_interrupted(&vm->watchdog) || collection_is_due(&vm->collector) || sample_is_due(&vm->sampling);
    if (again) plr_arm_hook(vm);
}

void plr_arm_hook(plr_vm *vm) {
    lua_sethook(running_coroutine(&vm->coroutines), hook, LUA_MASKCOUNT | LUA_MASKCALL, 1);
}

/* A lower bound of the CPU time of a call that no look has seen yet: the CPU time of the thread since the last look,
 * minus the wall time from that look to the begin of the call. It is exact unless the thread had to wait for a core in
 * that time. */
static uint64_t spent_by_new(const watchdog_state *watchdog, moment now) {
    uint64_t begun = atomic_load_explicit(&watchdog->begin_count, memory_order_relaxed) - here.last.count;
    uint64_t counted = now.count - here.last.count, passed = now.wall - here.last.wall, taken = now.cpu - here.last.cpu;
    double rate = (double)(now.wall - origin.wall) / (double)(now.count - origin.count);
    /* The rate does not hold when the counters of two cores differ, or when the thread lost its core between reading
     * one clock and the other. */
    if (!(fabs((double)counted * rate - (double)passed) < (double)passed / 64 + 20000) || begun > counted) return 0;
    uint64_t before = (uint64_t)((double)begun * rate);
    return taken > before ? taken - before : 0;
}

static void note_seen(watchdog_state *watchdog, uint64_t sequence, uint64_t begin_cpu, uint64_t wall) {
    atomic_store_explicit(&watchdog->seen_cpu, begin_cpu, memory_order_relaxed);
    atomic_store_explicit(&watchdog->seen_wall, wall, memory_order_relaxed);
    atomic_store_explicit(&watchdog->seen_sequence, sequence, memory_order_release);
}

/* Checks the call of a VM that runs on this thread, and returns the nanoseconds until the next look. `late_ns` is the
 * time since the timer was due. The signal interrupts even a thread that sleeps, so a late signal means that the thread
 * waited for a core, or that the process was stopped: no script is charged for that. */
static uint64_t check_call(watchdog_state *watchdog, uint64_t limit, moment now, uint64_t late_ns) {
    uint64_t sequence = atomic_load_explicit(&watchdog->sequence, memory_order_relaxed);
    if (atomic_load_explicit(&watchdog->seen_sequence, memory_order_relaxed) != sequence) {
        note_seen(watchdog, sequence, now.cpu - spent_by_new(watchdog, now), now.wall);
    } else if (late_ns != 0) {
        uint64_t wall = atomic_load_explicit(&watchdog->seen_wall, memory_order_relaxed) + late_ns;
        atomic_store_explicit(&watchdog->seen_wall, wall < now.wall ? wall : now.wall, memory_order_relaxed);
    }
    uint64_t spent = now.cpu - atomic_load_explicit(&watchdog->seen_cpu, memory_order_relaxed);
    uint64_t passed = now.wall - atomic_load_explicit(&watchdog->seen_wall, memory_order_relaxed);
    if (spent >= limit || passed / WALL_FACTOR >= limit) {
        atomic_store_explicit(&watchdog->expired, sequence, memory_order_relaxed);
        return AGAIN_NS;
    }
    return limit - spent;
}

static void tick_in(uint64_t nanoseconds, uint64_t wall) {
    if (nanoseconds < MIN_WAIT_NS) nanoseconds = MIN_WAIT_NS;
    if (nanoseconds > MAX_WAIT_NS) nanoseconds = MAX_WAIT_NS;
    struct itimerspec time = {.it_value = {.tv_nsec = (long)nanoseconds}};
    atomic_store_explicit(&here.due, wall + nanoseconds, memory_order_relaxed);
    timer_settime(here.timer, 0, &time, NULL);
}

static void check_all(void) {
    moment now = moment_now();
    uint64_t shortest = NOT_TICKING, next = UINT64_MAX, due = atomic_load_explicit(&here.due, memory_order_relaxed);
    uint64_t late = now.wall > due ? now.wall - due : 0;
    plr_vm *vm = atomic_load_explicit(&here.innermost, memory_order_relaxed);
    for (; vm; vm = vm->watchdog.outer) {
        watchdog_state *watchdog = &vm->watchdog;
        uint64_t sequence = atomic_load_explicit(&watchdog->sequence, memory_order_relaxed);
        if ((sequence & 1) == 0) continue; /* the call is just ending */
        uint64_t limit = time_limit_ns(watchdog), left = UINT64_MAX;
        if (limit != 0) {
            left = check_call(watchdog, limit, now, late);
            if (limit < shortest) shortest = limit;
        }
        if (is_stopping(vm->control)) atomic_store_explicit(&watchdog->expired, sequence, memory_order_relaxed);
        bool sample = plr_accept_wanted_samples(vm);
        if (is_interrupted(watchdog)) {
            check_next_allocation(&vm->memory);
            left = AGAIN_NS; /* in case the hook was lost in a switch of coroutines */
        }
        if (is_interrupted(watchdog) || sample) plr_arm_hook(vm);
        if (left < next) next = left;
    }
    here.last = now;
    here.looks++;
    atomic_store_explicit(&here.timer_limit_ns, shortest, memory_order_relaxed);
    if (next != UINT64_MAX) tick_in(next, now.wall);
}

static void handle(int number, siginfo_t *information, void *context) {
    (void)number, (void)information, (void)context;
    int kept = errno;
    if (here.ready) check_all();
    errno = kept;
}

uint64_t plr_watchdog_spent(plr_vm *vm) {
    const watchdog_state *watchdog = &vm->watchdog;
    for (;;) {
        uint32_t looks = here.looks;
        moment now = moment_now();
        bool seen = atomic_load_explicit(&watchdog->seen_sequence, memory_order_relaxed)
            == atomic_load_explicit(&watchdog->sequence, memory_order_relaxed);
        uint64_t begin = atomic_load_explicit(&watchdog->seen_cpu, memory_order_relaxed);
        uint64_t spent = seen ? now.cpu - begin : spent_by_new(watchdog, now);
        if (looks == here.looks) return spent; /* else the signal handler ran meanwhile: read again */
    }
}

static void end_thread(void *state) {
    thread_state *thread = state;
    thread->ready = false;
    timer_delete(thread->timer);
}

/* A child of fork has no timers: its thread must make one before it runs a script. */
static void begin_child(void) {
    here.ready = false;
}

static void choose_signal(void) {
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
    sigemptyset(&action.sa_mask);
    origin = moment_now();
    if (pthread_key_create(&at_thread_end, end_thread) != 0 || pthread_atfork(NULL, NULL, begin_child) != 0) return;
    for (int number = SIGRTMAX - 1; number > SIGRTMIN && signal_number == 0; number--) {
        bool is_free = sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL;
        if (is_free && sigaction(number, &action, NULL) == 0) signal_number = number;
    }
}

/* Runs once for each thread: creates its timer and unblocks the timer's signal. */
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
    atomic_store_explicit(&here.timer_limit_ns, NOT_TICKING, memory_order_relaxed);
    here.ready = true;
    sigset_t set; /* threads of libdispatch block all signals */
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return true;
}

/* Arms the timer for this call: it is not armed, or fires too late for the call's limit. */
static __attribute__((noinline)) void arm_timer(watchdog_state *watchdog, uint64_t limit) {
    moment now = moment_now();
    note_seen(watchdog, atomic_load_explicit(&watchdog->sequence, memory_order_relaxed), now.cpu, now.wall);
    bool ticks = atomic_load_explicit(&here.timer_limit_ns, memory_order_relaxed) != NOT_TICKING;
    if (!ticks) here.last = now;
    atomic_store_explicit(&here.timer_limit_ns, limit, memory_order_relaxed);
    uint64_t due = atomic_load_explicit(&here.due, memory_order_relaxed);
    if (!ticks || due < now.wall || due - now.wall > limit) tick_in(limit, now.wall);
}

/* plr_control_stop sets `stopping`, then reads `thread`; this writes `thread`, and the call's begin then reads
 * `stopping`. With the fence at least one of the two sees the other. */
static __attribute__((noinline)) void note_thread(watchdog_state *watchdog) {
    atomic_store(&watchdog->clock, here.clock);
    atomic_store(&watchdog->thread, here.id);
    atomic_thread_fence(memory_order_seq_cst);
}

void plr_open_watchdog(watchdog_state *watchdog) {
    atomic_store(&watchdog->expired, UINT64_MAX); /* the sequence of no call */
}

bool plr_watchdog_begin(plr_vm *vm, uint64_t limit_ns) {
    watchdog_state *watchdog = &vm->watchdog;
    if (PLR_UNLIKELY(!here.ready) && !make_ready()) return false;
    if (PLR_UNLIKELY(atomic_load_explicit(&watchdog->thread, memory_order_relaxed) != here.id)) note_thread(watchdog);
    uint64_t sequence = atomic_load_explicit(&watchdog->sequence, memory_order_relaxed);
    atomic_store_explicit(&watchdog->limit_ns, limit_ns, memory_order_relaxed);
    atomic_store_explicit(&watchdog->begin_count, processor_count(), memory_order_relaxed);
    watchdog->outer = atomic_load_explicit(&here.innermost, memory_order_relaxed);
    atomic_store_explicit(&watchdog->sequence, sequence + 1, memory_order_release);
    atomic_store_explicit(&here.innermost, vm, memory_order_release);
    /* A signal before this fence may have found no call and set NOT_TICKING; a signal after it finds this call. So
     * `timer_limit_ns` is read only now. */
    atomic_signal_fence(memory_order_seq_cst);
    uint64_t timer_limit_ns = atomic_load_explicit(&here.timer_limit_ns, memory_order_relaxed);
    /* `limit_ns == 0` means no limit. Subtracting 1 wraps it to UINT64_MAX, so it sorts above every limit. */
    if (PLR_UNLIKELY(limit_ns - 1 < timer_limit_ns - 1)) arm_timer(watchdog, limit_ns);
    return true;
}

void plr_watchdog_end(plr_vm *vm) {
    watchdog_state *watchdog = &vm->watchdog;
    uint64_t sequence = atomic_load_explicit(&watchdog->sequence, memory_order_relaxed);
    atomic_store_explicit(&watchdog->sequence, sequence + 1, memory_order_release);
    atomic_store_explicit(&here.innermost, watchdog->outer, memory_order_relaxed);
}

void plr_watchdog_wake(plr_vm *vm) {
    tgkill(getpid(), atomic_load(&vm->watchdog.thread), signal_number);
}
