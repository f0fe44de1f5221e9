/* System functions that Swift can't reach, or whose Swift module differs between debug and release builds (`timespec`):
 * clocks, the size of threads' stacks, the cores of a process, a report of a crash. */

#ifndef PERIGEE_PROCESS_H
#define PERIGEE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A clock: Unix time, the time since some moment, or the CPU time of the calling thread. */
typedef enum { PROCESS_CLOCK_WALL, PROCESS_CLOCK_MONOTONIC, PROCESS_CLOCK_THREAD_CPU } process_clock_id;

/* Reads a clock, in nanoseconds. */
uint64_t process_clock(process_clock_id id);

/* Gives every thread that is made from now on a stack of this many bytes, whatever the process's limit is (ulimit -s).
 * Returns 0 or an errno. Call it before there is a second thread. */
int process_set_stack_size(size_t bytes);

/* Writes the numbers of the cores that the calling thread may use, and returns how many there are; 0 where the system
 * does not tell. */
int process_cores(int *cores, int capacity);

/* Keeps all threads of a process, and those that they make later, on these cores. Returns 0 or an errno; ENOSYS where
 * the system has no such function. */
int process_pin(int pid, const int *cores, int count);

/* ---- Notes of what runs, for the report of a crash.
 *
 * Each thread has a note of its own; writing it costs one or two stores. A script passed to process_begin_script must
 * live until process_end_script has removed it from the note. */

typedef struct process_script process_script;

/* The texts are copied; a version is one word. NULL when there is no memory. */
process_script *process_script_new(const char *path, const char *version);
void process_script_free(process_script *script);

/* The calling thread begins a tick of a map. */
void process_begin_tick(int64_t map, uint64_t tick);

/* The calling thread begins a script, perhaps inside another. Returns the script that ran before, to be passed to
 * process_end_script; the first call on a thread gives the thread a second stack for signal handlers. */
const process_script *process_begin_script(const process_script *script);
void process_end_script(const process_script *before);

/* From now on a SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT or SIGTRAP writes what ran on its thread and then ends the
 * process with that signal at once, or gives it to the handler that was there before.
 *
 *   journal        an open file, for one line: Unix time, name of the signal, map, tick, version and path of the
 *                  script. Map and tick are -1 and 0 on a thread that never ran a map, else those of its last tick;
 *                  version and path are "-" outside scripts.
 *   log_directory  where map-N-errors.log gets a line for people; the standard error gets it too.
 *   calls_earlier_handler        whether the handler that was there before runs afterwards.
 *
 * Returns 0 or an errno. Call it once. */
int process_report_crashes(int journal, const char *log_directory, bool calls_earlier_handler);

/* For tests of the above: overflows the stack of the calling thread. Release builds have no such function. */
void process_overflow_stack(void);

#endif
