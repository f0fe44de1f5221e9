/* The notes of what runs on each thread. Only the thread itself writes its note, and only a signal handler on that
 * thread reads it. */

#define _GNU_SOURCE
#include "note.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Thread_local process_note process_here = {.map = -1};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;
static bool has_key;

/* Room for the kernel's frame, which holds all registers, and for the handler. */
static size_t signal_stack_size(void) {
    long least = sysconf(_SC_MINSIGSTKSZ);
    return (least > 0 ? (size_t)least : 0) + (64 << 10);
}

static void end_thread(void *stack) {
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(stack, signal_stack_size());
}

static void make_key(void) {
    has_key = pthread_key_create(&at_thread_end, end_thread) == 0;
}

/* A thread whose stack is full can't run a handler on that stack, so it gets a second stack. Without memory for the
 * second stack, all other crashes are still reported. */
static __attribute__((noinline)) void make_signal_stack(void) {
    process_here.is_ready = true;
    pthread_once(&once, make_key);
    stack_t old;
    if (!has_key || sigaltstack(NULL, &old) != 0 || (old.ss_flags & SS_DISABLE) == 0) return;
    void *memory = mmap(NULL, signal_stack_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack = {.ss_sp = memory, .ss_size = signal_stack_size()};
    if (sigaltstack(&stack, NULL) != 0 || pthread_setspecific(at_thread_end, memory) != 0) end_thread(memory);
}

process_script *process_script_new(const char *path, const char *version) {
    process_script *script = malloc(sizeof *script);
    if (!script) return NULL;
    script->path = strdup(path);
    script->version = strdup(version);
    if (script->path && script->version) return script;
    process_script_free(script);
    return NULL;
}

void process_script_free(process_script *script) {
    if (!script) return;
    free(script->path);
    free(script->version);
    free(script);
}

void process_begin_tick(int64_t map, uint64_t tick) {
    process_here.map = map;
    process_here.tick = tick;
}

const process_script *process_begin_script(const process_script *script) {
    if (__builtin_expect(!process_here.is_ready, 0)) make_signal_stack();
    const process_script *before = process_here.script;
    process_here.script = script;
    return before;
}

void process_end_script(const process_script *before) {
    process_here.script = before;
}
