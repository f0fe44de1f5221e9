/* find, match, gmatch, gsub: the results of Lua 5.1, with bounded recursion and a time limit that is looked at. */

#include "internal.h"

#include <ctype.h>
#include <limits.h>

enum {
    MAX_CAPTURES = 32,
    UNFINISHED = -1,
    POSITION = -2,
    MAX_DEPTH = 2000,       /* C frames; a pattern needs one per item that can be tried again */
    STEPS_PER_CHECK = 2048
};

typedef struct {
    lua_State *L;
    plr_vm *vm;
    const char *begin, *end; /* the subject */
    int depth;
    int steps;
    int level;
    struct {
        const char *begin;
        ptrdiff_t length;
    } captures[MAX_CAPTURES];
} matcher;

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
        /* 5.1 compares with the NUL behind the subject, which no p[0] equals. */
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

static const char *again(matcher *m, const char *s, int digit) {
    int at = digit - '1';
    if (at < 0 || at >= m->level || m->captures[at].length == UNFINISHED) luaL_error(m->L, "invalid capture index");
    size_t length = (size_t)m->captures[at].length;
    if ((size_t)(m->end - s) < length || memcmp(m->captures[at].begin, s, length) != 0) return NULL;
    step(m, (ptrdiff_t)(length >> 4));
    return s + length;
}

static bool at_frontier(matcher *m, const char *s, const char *p, const char *end) {
    int before = s == m->begin ? 0 : (unsigned char)s[-1];
    int here = (unsigned char)*s; /* the NUL behind the subject at its end */
    return !in_set(m, before, p, end - 1) && in_set(m, here, p, end - 1);
}

/* Matches from p to the pattern's end; gives the end of the match. */
static const char *match_items(matcher *m, const char *s, const char *p) {
    for (;;) {
        step(m, 1);
        switch (*p) {
        case '\0': return s;
        case '(':
            return p[1] == ')' ? open_capture(m, s, p + 2, POSITION) : open_capture(m, s, p + 1, UNFINISHED);
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
                s = again(m, s, (unsigned char)p[1]);
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

/* ---- captures ---- */

static void push_capture(matcher *m, int at, const char *s, const char *end) {
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

/* `s`: the whole match when there are no captures; NULL: nothing then. */
static int push_captures(matcher *m, const char *s, const char *end) {
    int count = m->level == 0 && s ? 1 : m->level;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(m, i, s, end);
    return count;
}

static void prepare(matcher *m, lua_State *L, const char *subject, size_t length) {
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
    return match(m, s, p);
}

/* ---- functions ---- */

static int find_or_match(lua_State *L, bool find) {
    size_t length, pattern_length;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *p = luaL_checklstring(L, 2, &pattern_length);
    ptrdiff_t from = luaL_optinteger(L, 3, 1);
    if (from < 0) from += (ptrdiff_t)length + 1;
    from = from > 0 ? from - 1 : 0;
    if ((size_t)from > length) from = (ptrdiff_t)length;
    if (find && (lua_toboolean(L, 4) || strpbrk(p, "^$*+?.([%-") == NULL)) {
        const char *found = plr_find_plain(L, s + from, length - (size_t)from, p, pattern_length);
        if (found) {
            lua_pushinteger(L, found - s + 1);
            lua_pushinteger(L, found - s + (ptrdiff_t)pattern_length);
            return 2;
        }
        lua_pushnil(L);
        return 1;
    }
    matcher m;
    prepare(&m, L, s, length);
    bool anchored = *p == '^';
    if (anchored) p++;
    const char *at = s + from;
    do {
        const char *end = try_at(&m, at, p);
        if (end == NULL) continue;
        if (!find) return push_captures(&m, at, end);
        lua_pushinteger(L, at - s + 1);
        lua_pushinteger(L, end - s);
        return push_captures(&m, NULL, NULL) + 2;
    } while (at++ < m.end && !anchored);
    lua_pushnil(L);
    return 1;
}

static int string_find(lua_State *L) {
    return find_or_match(L, true);
}

static int string_match(lua_State *L) {
    return find_or_match(L, false);
}

/* Upvalues: subject, pattern, where to go on. */
static int next_match(lua_State *L) {
    size_t length;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &length);
    const char *p = lua_tostring(L, lua_upvalueindex(2));
    matcher m;
    prepare(&m, L, s, length);
    for (const char *at = s + lua_tointeger(L, lua_upvalueindex(3)); at <= m.end; at++) {
        const char *end = try_at(&m, at, p);
        if (end == NULL) continue;
        lua_pushinteger(L, end - s + (end == at ? 1 : 0));
        lua_replace(L, lua_upvalueindex(3));
        return push_captures(&m, at, end);
    }
    return 0;
}

static int string_gmatch(lua_State *L) {
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_match, 3);
    return 1;
}

static void add_template(matcher *m, luaL_Buffer *out, const char *s, const char *end) {
    size_t length;
    const char *text = lua_tolstring(m->L, 3, &length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            luaL_addchar(out, text[i]);
            continue;
        }
        i++; /* behind a last '%' is the NUL, which 5.1 adds */
        if (!isdigit((unsigned char)text[i])) {
            luaL_addchar(out, text[i]);
        } else if (text[i] == '0') {
            luaL_addlstring(out, s, (size_t)(end - s));
        } else {
            push_capture(m, text[i] - '1', s, end);
            luaL_addvalue(out);
        }
    }
}

static void add_replacement(matcher *m, luaL_Buffer *out, const char *s, const char *end) {
    lua_State *L = m->L;
    switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, end), 1);
        break;
    case LUA_TTABLE:
    case LUA_TUSERDATA:
        push_capture(m, 0, s, end);
        lua_gettable(L, 3);
        break;
    default: add_template(m, out, s, end); return;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, s, (size_t)(end - s));
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    luaL_addvalue(out);
}

static int string_gsub(lua_State *L) {
    size_t length;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *p = luaL_checkstring(L, 2);
    int type = lua_type(L, 3);
    luaL_argcheck(L,
                  type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE
                      || type == LUA_TUSERDATA,
                  3, "string/function/table expected");
    int most = luaL_optint(L, 4, length < INT_MAX ? (int)length + 1 : INT_MAX), count = 0;
    if (type == LUA_TNUMBER) lua_tostring(L, 3);
    bool anchored = *p == '^';
    if (anchored) p++;
    matcher m;
    luaL_Buffer out;
    prepare(&m, L, s, length);
    luaL_buffinit(L, &out);
    while (count < most) {
        const char *end = try_at(&m, s, p);
        if (end) {
            count++;
            add_replacement(&m, &out, s, end);
        }
        if (end && end > s) s = end;
        else if (s < m.end) luaL_addchar(&out, *s++);
        else break;
        if (anchored) break;
    }
    luaL_addlstring(&out, s, (size_t)(m.end - s));
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}

const luaL_Reg plr_pattern_functions[] = {
    {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch},
    {"gfind", string_gmatch}, {"gsub", string_gsub}, {NULL, NULL},
};
