#ifndef PERIGEE_LUA_RUNTIME_PATTERN_H
#define PERIGEE_LUA_RUNTIME_PATTERN_H

/* Matching a pattern at one place of a subject. */

#include "internal.h"

enum { MAX_CAPTURES = 32, STEPS_PER_CHECK = 2048 };

typedef struct {
    lua_State *L;
    plr_vm *vm;
    const char *begin, *end; /* the subject */
    int depth;               /* C frames of plr_match */
    int steps;               /* until the next check of the time limit */
    int level;               /* captures that were begun */
    struct {
        const char *begin;
        ptrdiff_t length;
    } captures[MAX_CAPTURES];
} matcher;

#pragma GCC visibility push(hidden)
/* Matches from p to the pattern's end; gives the end of the match, or NULL. */
const char *plr_match(matcher *m, const char *s, const char *p);
/* Push one capture, or all captures, of a match from `s` to `end`. Without captures they push the whole match, or
 * nothing if `s` is NULL. */
void plr_push_capture(matcher *m, int at, const char *s, const char *end);
int plr_push_captures(matcher *m, const char *s, const char *end);
#pragma GCC visibility pop

static inline void prepare(matcher *m, lua_State *L, const char *subject, size_t length) {
    m->L = L;
    m->vm = vm_of(L);
    m->begin = subject;
    m->end = subject + length;
    m->steps = STEPS_PER_CHECK;
    m->depth = 0;
}

static inline const char *try_at(matcher *m, const char *s, const char *p) {
    m->level = 0;
    m->depth = 0;
    return plr_match(m, s, p);
}

#endif
