/* Reports a crash before the process ends. After a crash anything may be broken, above all the heap and its locks. So
 * this code calls only what signal-safety(7) lists and system calls, allocates nothing, and formats its texts
 * itself. */

#define _GNU_SOURCE
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096 };

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGILL, "SIGILL"},
    {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"},
};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static struct sigaction earlier[SIGNALS];
static int journal = -1;
static char log_directory[LONGEST_PATH];
static _Atomic int reporter; /* the thread that reports; the first to crash */

/* ---- texts ---- */

typedef struct {
    size_t length;
    char bytes[2 * LONGEST_PATH + 512];
} text;

static void put(text *into, const char *what) {
    while (*what && into->length < sizeof into->bytes - 1) into->bytes[into->length++] = *what++;
    into->bytes[into->length] = 0;
}

static void put_number(text *into, int64_t value, int width) {
    char digits[24];
    int count = 0;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do digits[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0 || count < width);
    if (value < 0) put(into, "-");
    while (count > 0) {
        char digit[2] = {digits[--count], 0};
        put(into, digit);
    }
}

/* Writes the time as the map's other log lines begin: `2022-11-10 18:53:53.000`, in UTC. Signal handlers may not call
 * gmtime. */
static void put_time(text *into, int64_t seconds) {
    int64_t days = seconds / 86400, rest = seconds % 86400;
    /* Eras of 400 years that begin in March, so that the leap day is the last of its year. */
    int64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    const int64_t parts[] = {
        year_of_era + era * 400 + (month <= 2), month, day, rest / 3600, rest / 60 % 60, rest % 60};
    const char *const before[] = {"", "-", "-", " ", ":", ":"};
    for (int part = 0; part < 6; part++) {
        put(into, before[part]);
        put_number(into, parts[part], part == 0 ? 4 : 2);
    }
    put(into, ".000");
}

/* ---- the report ---- */

static void write_all(int file, const text *what) {
    for (size_t done = 0; done < what->length;) {
        ssize_t count = write(file, what->bytes + done, what->length - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        done += (size_t)count;
    }
}

static const char *name_of(int number) {
    for (int i = 0; i < SIGNALS; i++) {
        if (signals[i].number == number) return signals[i].name;
    }
    return "SIGNAL";
}

static void report(int number) {
    static text line; /* large, and only one thread reports */
    const process_script *script = process_here.script;
    int64_t map = process_here.map;
    uint64_t tick = process_here.tick;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);

    put_number(&line, now.tv_sec, 1);
    put(&line, " ");
    put(&line, name_of(number));
    put(&line, " ");
    put_number(&line, map, 1);
    put(&line, " ");
    put_number(&line, (int64_t)tick, 1);
    put(&line, " ");
    put(&line, script ? script->version : "-");
    put(&line, " ");
    put(&line, script ? script->path : "-");
    put(&line, "\n");
    if (journal >= 0) write_all(journal, &line);

    line.length = 0;
    put_time(&line, now.tv_sec);
    put(&line, " tick=");
    put_number(&line, (int64_t)tick, 1);
    put(&line, " crash the server died by ");
    put(&line, name_of(number));
    if (script) {
        put(&line, " while ");
        put(&line, script->path);
        put(&line, " ran");
        if (map >= 0) {
            put(&line, " on map ");
            put_number(&line, map, 1);
        }
        put(&line, "; the next start suspends that script");
    } else {
        put(&line, ", and no script ran on its thread");
    }
    put(&line, "\n");
    if (map >= 0 && log_directory[0]) {
        static text path;
        put(&path, log_directory);
        put(&path, "/map-");
        put_number(&path, map, 1);
        put(&path, "-errors.log");
        struct stat information;
        int file = open(path.bytes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
        if (file >= 0 && fstat(file, &information) == 0 && S_ISREG(information.st_mode)) write_all(file, &line);
    }
    /* Writes only if the terminal accepts it, and does not wait for a reader that is gone: the server's port becomes
     * free only when the process ends. */
    struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&terminal, 1, 0) == 1 && (terminal.revents & POLLOUT) != 0) write_all(STDERR_FILENO, &line);
}

static void handle(int number, siginfo_t *information, void *context) {
    (void)context;
    int thread = (int)syscall(SYS_gettid), first = 0;
    if (atomic_compare_exchange_strong(&reporter, &first, thread)) {
        report(number);
    } else if (first != thread) {
        /* Another thread reports, and ends the process when it is done. */
        for (int i = 0; i < 100; i++) nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    struct sigaction next = {.sa_handler = SIG_DFL};
    for (int i = 0; i < SIGNALS; i++) {
        if (signals[i].number == number && first == 0) next = earlier[i];
    }
    sigaction(number, &next, NULL);
    /* After the return, the instruction runs again and faults again, with all the information that a debugger or an
     * earlier handler needs. */
    bool is_fault = number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE;
    if (is_fault && information->si_code > 0) return;
    syscall(SYS_tgkill, getpid(), thread, number);
}

int process_report_crashes(int file, const char *directory, bool calls_earlier_handler) {
    if (strlen(directory) >= sizeof log_directory) return ENAMETOOLONG;
    strcpy(log_directory, directory);
    journal = file;
    /* SA_NODEFER: a crash in the handler ends the process too, instead of waiting behind the first one. */
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++) {
        if (sigaction(signals[i].number, &action, &earlier[i]) != 0) return errno;
        if (!calls_earlier_handler) earlier[i] = (struct sigaction){.sa_handler = SIG_DFL};
    }
    return 0;
}

#ifdef DEBUG
#pragma clang diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return deeper(here) + here[0];
}

void process_overflow_stack(void) {
    volatile char start[1] = {0};
    deeper(start);
}
#endif
