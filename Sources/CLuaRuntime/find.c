/* Plain search for one text in another, in linear time, with checks of the time limit. */

#define _GNU_SOURCE
#include "internal.h"

enum { WINDOW = 1 << 17, STEPS_PER_CHECK = 1 << 16 };

/* ---- long needles ----
 *
 * The C library's search first reads the whole needle, and nothing can interrupt it. This is the same two-way search
 * (Crochemore and Perrin, 1991): the needle is cut where its local period equals its period; the right part is compared
 * first, forwards, then the left part, backwards. */

typedef struct {
    lua_State *L;
    plr_vm *vm;
    size_t steps;
} search;

static inline void step(search *s) {
    if (PLR_UNLIKELY(++s->steps % STEPS_PER_CHECK == 0)) CHECK_INTERRUPT(s->L, s->vm);
}

/* Returns where the largest suffix begins, in the order of bytes or (`reverse`) the reverse order, and sets the period
 * of that suffix. */
static size_t largest_suffix(search *s, const unsigned char *needle, size_t needed, bool reverse, size_t *period) {
    size_t begin = 0, candidate = 1, matched = 0, p = 1;
    while (candidate + matched < needed) {
        step(s);
        unsigned char a = needle[candidate + matched], b = needle[begin + matched];
        if (a == b) {
            if (++matched == p) {
                candidate += p;
                matched = 0;
            }
        } else if ((a < b) != reverse) {
            candidate += matched + 1;
            matched = 0;
            p = candidate - begin;
        } else {
            begin = candidate++;
            matched = 0;
            p = 1;
        }
    }
    *period = p;
    return begin;
}

static bool has_period(search *s, const unsigned char *needle, size_t length, size_t period) {
    for (size_t i = 0; i < length; i++) {
        step(s);
        if (needle[i] != needle[i + period]) return false;
    }
    return true;
}

static const char *find_long(lua_State *L, const char *text, size_t length, const char *wanted, size_t needed) {
    search s = {L, vm_of(L), 0};
    const unsigned char *hay = (const unsigned char *)text, *needle = (const unsigned char *)wanted;
    size_t period, other_period;
    size_t cut = largest_suffix(&s, needle, needed, false, &period);
    size_t other = largest_suffix(&s, needle, needed, true, &other_period);
    if (other > cut) {
        cut = other;
        period = other_period;
    }
    bool periodic = cut + period <= needed && has_period(&s, needle, cut, period);
    if (!periodic) period = (cut > needed - cut ? cut : needed - cut) + 1;
    size_t known = 0; /* bytes of the needle that are known to match, when it is periodic */
    for (size_t at = 0; at <= length - needed;) {
        step(&s);
        size_t i = cut > known ? cut : known;
        while (i < needed && needle[i] == hay[at + i]) {
            step(&s);
            i++;
        }
        if (i < needed) {
            at += i - cut + 1;
            known = 0;
            continue;
        }
        i = cut;
        while (i > known && needle[i - 1] == hay[at + i - 1]) {
            step(&s);
            i--;
        }
        if (i <= known) return text + at;
        at += period;
        known = periodic ? needed - period : 0;
    }
    return NULL;
}

const char *plr_find_plain(lua_State *L, const char *text, size_t length, const char *needle, size_t needed) {
    plr_vm *vm = vm_of(L);
    if (needed == 0) return text;
    if (needed > length) return NULL;
    if (needed > WINDOW) return find_long(L, text, length, needle, needed);
    while (length >= needed) {
        CHECK_INTERRUPT(L, vm);
        size_t window = length - needed < WINDOW ? length : WINDOW + needed;
        const char *found = memmem(text, window, needle, needed);
        if (found) return found;
        size_t done = window - needed + 1;
        text += done;
        length -= done;
    }
    return NULL;
}
