/* Three functions of the C library that Lua's operators call on a text of any length: `a < b` calls strcoll for each
 * stretch between NULs, and `text + 1` calls strtod, and strtoul when it is hexadecimal. No hook interrupts an
 * operator, so these versions check the time limit. They have the names of the C library, so that the shared library of
 * Lua finds them before the C library's; while no script runs on the calling thread, they only pass the call on. */

#define _GNU_SOURCE
#include "internal.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

_Thread_local plr_vm *plr_running;

/* Calls of strcoll by scripts on this thread. */
static _Thread_local uint32_t compared;

#pragma GCC visibility push(default)
int strcoll(const char *a, const char *b);
double strtod(const char *restrict text, char **restrict end);
unsigned long strtoul(const char *restrict text, char **restrict end, int base);
#pragma GCC visibility pop

enum { CALLS_PER_CHECK = 1024, LONG_TEXT = 4096, BYTES_PER_CHECK = 65536, DIGITS = 1200 };

/* Raising is allowed here: the operators that call these functions may raise anyway, for example when a table is
 * compared with a number. */
static void look_at_time(plr_vm *vm) {
    if (!is_interrupted(&vm->watchdog)) return;
    lua_State *L = running_coroutine(&vm->coroutines);
    lua_checkstack(L, 2); /* an operator leaves no stack slots beyond those of its function */
    plr_raise_interrupt(L);
}

int strcoll(const char *a, const char *b) {
    static int (*_Atomic next)(const char *, const char *);
    plr_vm *vm = plr_running;
    if (vm && PLR_UNLIKELY(++compared % CALLS_PER_CHECK == 0)) look_at_time(vm);
    int (*function)(const char *, const char *) = atomic_load_explicit(&next, memory_order_relaxed);
    if (PLR_UNLIKELY(function == NULL)) {
        *(void **)&function = dlsym(RTLD_NEXT, "strcoll");
        if (function == NULL) function = strcmp;
        atomic_store_explicit(&next, function, memory_order_relaxed);
    }
    return function(a, b);
}

static double next_strtod(const char *text, char **end) {
    static double (*_Atomic next)(const char *, char **);
    double (*function)(const char *, char **) = atomic_load_explicit(&next, memory_order_relaxed);
    if (PLR_UNLIKELY(function == NULL)) {
        *(void **)&function = dlsym(RTLD_NEXT, "strtod");
        if (function == NULL) abort(); /* Lua's library needs it, so the process would not have started */
        atomic_store_explicit(&next, function, memory_order_relaxed);
    }
    return function(text, end);
}

typedef struct {
    plr_vm *vm;
    size_t bytes;
} reader;

static inline void advance(reader *r, const char **at) {
    ++*at;
    if (PLR_UNLIKELY(++r->bytes % BYTES_PER_CHECK == 0)) look_at_time(r->vm);
}

static const char *skip_spaces(reader *r, const char *at) {
    while (isspace((unsigned char)*at)) advance(r, &at);
    return at;
}

/* Reads a long numeral. Its first DIGITS digits and one digit that stands for all others decide what it is rounded to,
 * because no double and no midpoint of two doubles has more than 770 digits. Returns NULL if the text is not a numeral
 * of digits. */
static const char *read_numeral(reader *r, const char *at, double *value) {
    char text[DIGITS + 64];
    size_t used = 0, digits = 0;
    int64_t exponent = 0, step = 1;
    bool any = false, point = false, more = false, hex = false;
    if (*at == '+' || *at == '-') text[used++] = *at++;
    bool has_x = at[0] == '0' && (at[1] | 32) == 'x';
    if (has_x && (isxdigit((unsigned char)at[2]) || (at[2] == '.' && isxdigit((unsigned char)at[3])))) {
        hex = true;
        step = 4;
        at += 2;
        text[used++] = '0';
        text[used++] = 'x';
    }
    for (;; advance(r, &at)) {
        unsigned char c = (unsigned char)*at;
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!(hex ? isxdigit(c) : isdigit(c))) break;
        any = true;
        if (point) exponent -= step;
        if (c == '0' && digits == 0) continue; /* leading zeros */
        if (digits < DIGITS) {
            text[used++] = (char)c;
            digits++;
        } else {
            exponent += step;
            more |= c != '0';
        }
    }
    if (!any) return NULL;
    if (digits == 0) text[used++] = '0';
    if (more) {
        text[used++] = '1';
        exponent -= step;
    }
    if ((*at | 32) == (hex ? 'p' : 'e')) {
        const char *behind = at + 1;
        bool negative = *behind == '-';
        if (*behind == '+' || *behind == '-') behind++;
        if (isdigit((unsigned char)*behind)) {
            int64_t written = 0;
            for (; isdigit((unsigned char)*behind); advance(r, &behind)) {
                if (written < INT64_C(1) << 40) written = written * 10 + (*behind - '0');
            }
            exponent += negative ? -written : written;
            at = behind;
        }
    }
    snprintf(text + used, sizeof text - used, "%c%lld", hex ? 'p' : 'e', (long long)exponent);
    *value = next_strtod(text, NULL);
    return at;
}

double strtod(const char *restrict text, char **restrict end) {
    plr_vm *vm = plr_running;
    if (vm == NULL || strnlen(text, LONG_TEXT) < LONG_TEXT) return next_strtod(text, end);
    reader r = {vm, 0};
    double value = 0;
    const char *begin = skip_spaces(&r, text);
    const char *behind = strnlen(begin, LONG_TEXT) < LONG_TEXT ? NULL : read_numeral(&r, begin, &value);
    if (behind == NULL) { /* short, or the name of an infinity */
        char *last;
        value = next_strtod(begin, &last);
        if (last == begin) {
            if (end) *end = (char *)text;
            return value;
        }
        behind = last;
    }
    /* Lua would skip the spaces after the numeral; skip_spaces checks the time limit meanwhile. */
    if (end) *end = (char *)skip_spaces(&r, behind);
    return value;
}

static unsigned long next_strtoul(const char *text, char **end, int base) {
    static unsigned long (*_Atomic next)(const char *, char **, int);
    unsigned long (*function)(const char *, char **, int) = atomic_load_explicit(&next, memory_order_relaxed);
    if (PLR_UNLIKELY(function == NULL)) {
        *(void **)&function = dlsym(RTLD_NEXT, "strtoul");
        if (function == NULL) abort(); /* Lua's library needs it, so the process would not have started */
        atomic_store_explicit(&next, function, memory_order_relaxed);
    }
    return function(text, end, base);
}

/* Lua calls this with base 16 only, after strtod has stopped at an x; tonumber with a base does not call it
 * (lib_base.c). */
unsigned long strtoul(const char *restrict text, char **restrict end, int base) {
    plr_vm *vm = plr_running;
    if (vm == NULL || base != 16 || strnlen(text, LONG_TEXT) < LONG_TEXT) return next_strtoul(text, end, base);
    reader r = {vm, 0};
    const char *at = skip_spaces(&r, text);
    bool negative = *at == '-', over = false;
    if (*at == '-' || *at == '+') at++;
    if (at[0] == '0' && (at[1] | 32) == 'x' && isxdigit((unsigned char)at[2])) at += 2;
    const char *first = at;
    unsigned long value = 0;
    for (; isxdigit((unsigned char)*at); advance(&r, &at)) {
        unsigned digit = isdigit((unsigned char)*at) ? (unsigned)(*at - '0') : (unsigned)((*at | 32) - 'a') + 10;
        over |= value > ULONG_MAX >> 4;
        value = value << 4 | digit;
    }
    if (end) *end = (char *)(at == first ? text : at);
    if (over) errno = ERANGE;
    return over ? ULONG_MAX : negative ? -value : value;
}
