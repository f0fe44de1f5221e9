/* Matching of patterns: the results of Lua 5.1, with bounded recursion and a check of the time limit every
 * STEPS_PER_CHECK steps. */

#include "pattern.h"

#include <ctype.h>

enum {
    UNFINISHED = -1, /* lengths of captures without a text */
    POSITION = -2,
    MAX_DEPTH = 2000 /* C frames; a pattern needs one per item that can be tried again */
};

static const char *match(matcher *m, const char *s, const char *p);

static inline void step(matcher *m, ptrdiff_t count) {
    m->steps -= (int)(count < STEPS_PER_CHECK ? count : STEPS_PER_CHECK);
    if (PLR_UNLIKELY(m->steps < 0)) {
        m->steps = STEPS_PER_CHECK;
        CHECK_LOOP(m->L, m->vm);
    }
}

/* ---- single characters ---- */

/* The end of the item that begins at p: a character, %x, or a set. A NUL ends a pattern in 5.1. */
static const char *item_end(matcher *m, const char *p) {
    char first = *p++;
    if (first == '%') {
        if (*p == '\0') luaL_error(m->L, "malformed pattern (ends with " LUA_QL("%%") ")");
        return p + 1;
    }
    if (first != '[') return p;
    if (*p == '^') p++;
    const char *from = p;
    do { /* a ']' right after '[' or '[^' is one of the set */
        if (*p == '\0') luaL_error(m->L, "malformed pattern (missing " LUA_QL("]") ")");
        if (*p++ == '%' && *p != '\0') p++;
    } while (*p != ']');
    step(m, p - from);
    return p + 1;
}

static bool in_class(int c, int class) {
    bool in;
    switch (tolower(class)) {
    case 'a': in = isalpha(c) != 0; break;
    case 'c': in = iscntrl(c) != 0; break;
    case 'd': in = isdigit(c) != 0; break;
    case 'l': in = islower(c) != 0; break;
    case 'p': in = ispunct(c) != 0; break;
    case 's': in = isspace(c) != 0; break;
    case 'u': in = isupper(c) != 0; break;
    case 'w': in = isalnum(c) != 0; break;
    case 'x': in = isxdigit(c) != 0; break;
    case 'z': in = c == 0; break;
    default: return class == c;
    }
    return isupper(class) ? !in : in;
}

/* p at '[', last at the closing ']'. */
static bool in_set(matcher *m, int c, const char *p, const char *last) {
    step(m, (last - p) >> 3);
    bool found = true;
    if (p[1] == '^') {
        found = false;
        p++;
    }
    while (++p < last) {
        if (*p == '%') {
            p++;
            if (in_class(c, (unsigned char)*p)) return found;
        } else if (p[1] == '-' && p + 2 < last) {
            if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return found;
            p += 2;
        } else if ((unsigned char)*p == c) {
            return found;
        }
    }
    return !found;
}

static inline bool matches_one(matcher *m, const char *s, const char *p, const char *end) {
    int c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(m, c, p, end - 1);
    default: return (unsigned char)*p == c;
    }
}

/* ---- items that can be tried again ---- */

static const char *longest(matcher *m, const char *s, const char *p, const char *end) {
    ptrdiff_t count = 0;
    while (s + count < m->end && matches_one(m, s + count, p, end)) {
        count++;
        step(m, 1);
    }
    for (; count >= 0; count--) {
        const char *result = match(m, s + count, end + 1);
        if (result) return result;
    }
    return NULL;
}

static const char *shortest(matcher *m, const char *s, const char *p, const char *end) {
    for (;;) {
        const char *result = match(m, s, end + 1);
        if (result) return result;
        if (s >= m->end || !matches_one(m, s, p, end)) return NULL;
        s++;
    }
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t what) {
    if (m->level >= MAX_CAPTURES) luaL_error(m->L, "too many captures");
    m->captures[m->level].begin = s;
    m->captures[m->level].length = what;
    m->level++;
    const char *result = match(m, s, p);
    if (result == NULL) m->level--;
    return result;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
    int at = m->level - 1;
    while (at >= 0 && m->captures[at].length != UNFINISHED) at--;
    if (at < 0) luaL_error(m->L, "invalid pattern capture");
    m->captures[at].length = s - m->captures[at].begin;
    const char *result = match(m, s, p);
    if (result == NULL) m->captures[at].length = UNFINISHED;
    return result;
}

static const char *balanced(matcher *m, const char *s, const char *p) {
    if (p[0] == '\0' || p[1] == '\0') luaL_error(m->L, "unbalanced pattern");
    if (s >= m->end || *s != p[0]) {
        /* At the end of the subject, 5.1 compares p[0] with the NUL there, which never equals it. */
        return NULL;
    }
    ptrdiff_t open = 1;
    while (++s < m->end) {
        step(m, 1);
        if (*s == p[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == p[0]) {
            open++;
        }
    }
    return NULL;
}

static const char *back_reference(matcher *m, const char *s, int digit) {
    int at = digit - '1';
    if (at < 0 || at >= m->level || m->captures[at].length == UNFINISHED) luaL_error(m->L, "invalid capture index");
    size_t length = (size_t)m->captures[at].length;
    if ((size_t)(m->end - s) < length || memcmp(m->captures[at].begin, s, length) != 0) return NULL;
    step(m, (ptrdiff_t)(length >> 4));
    return s + length;
}

static bool at_frontier(matcher *m, const char *s, const char *p, const char *end) {
    int before = s == m->begin ? 0 : (unsigned char)s[-1];
    int here = (unsigned char)*s; /* at the end of the subject, the NUL there */
    return !in_set(m, before, p, end - 1) && in_set(m, here, p, end - 1);
}

static const char *match_items(matcher *m, const char *s, const char *p) {
    for (;;) {
        step(m, 1);
        switch (*p) {
        case '\0': return s;
        case '(': return p[1] == ')' ? open_capture(m, s, p + 2, POSITION) : open_capture(m, s, p + 1, UNFINISHED);
        case ')': return close_capture(m, s, p + 1);
        case '$':
            if (p[1] == '\0') return s == m->end ? s : NULL;
            break;
        case '%':
            if (p[1] == 'b') {
                s = balanced(m, s, p + 2);
                if (s == NULL) return NULL;
                p += 4;
                continue;
            }
            if (p[1] == 'f') {
                p += 2;
                if (*p != '[') luaL_error(m->L, "missing " LUA_QL("[") " after " LUA_QL("%%f") " in pattern");
                const char *end = item_end(m, p);
                if (!at_frontier(m, s, p, end)) return NULL;
                p = end;
                continue;
            }
            if (isdigit((unsigned char)p[1])) {
                s = back_reference(m, s, (unsigned char)p[1]);
                if (s == NULL) return NULL;
                p += 2;
                continue;
            }
            break;
        default: break;
        }
        const char *end = item_end(m, p);
        bool one = s < m->end && matches_one(m, s, p, end);
        switch (*end) {
        case '?':
            if (one) {
                const char *result = match(m, s + 1, end + 1);
                if (result) return result;
            }
            p = end + 1;
            break;
        case '*': return longest(m, s, p, end);
        case '+': return one ? longest(m, s + 1, p, end) : NULL;
        case '-': return shortest(m, s, p, end);
        default:
            if (!one) return NULL;
            s++;
            p = end;
        }
    }
}

static const char *match(matcher *m, const char *s, const char *p) {
    if (PLR_UNLIKELY(++m->depth > MAX_DEPTH)) luaL_error(m->L, "pattern too complex");
    const char *result = match_items(m, s, p);
    m->depth--;
    return result;
}

/* A function of its own: within this file the compiler may inline `match`, which makes captures faster. */
const char *plr_match(matcher *m, const char *s, const char *p) {
    return match(m, s, p);
}

/* ---- captures ---- */

void plr_push_capture(matcher *m, int at, const char *s, const char *end) {
    if (at >= m->level) {
        if (at != 0) luaL_error(m->L, "invalid capture index");
        lua_pushlstring(m->L, s, (size_t)(end - s));
        return;
    }
    ptrdiff_t length = m->captures[at].length;
    if (length == UNFINISHED) luaL_error(m->L, "unfinished capture");
    if (length == POSITION) lua_pushinteger(m->L, m->captures[at].begin - m->begin + 1);
    else lua_pushlstring(m->L, m->captures[at].begin, (size_t)length);
}

int plr_push_captures(matcher *m, const char *s, const char *end) {
    int count = m->level == 0 && s ? 1 : m->level;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) plr_push_capture(m, i, s, end);
    return count;
}
