/* Where scripts are: tracebacks and positions as text, written into plain C memory. */

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_LEVELS = 14, LAST_LEVELS = 10 };

static bool level_exists(lua_State *L, int level) {
    lua_Debug ar;
    return lua_getstack(L, level, &ar);
}

/* lua_getstack walks from the top, so counting level by level would be quadratic. */
static int stack_depth(lua_State *L) {
    int low = 0, high = 16;
    while (level_exists(L, high)) {
        low = high;
        high *= 2;
    }
    while (low < high) {
        int middle = (low + high) / 2;
        if (level_exists(L, middle)) low = middle + 1;
        else high = middle;
    }
    return low;
}

const char *plr_source_name(const lua_Debug *ar) {
    return ar->source[0] == '@' ? ar->source + 1 : ar->short_src;
}

size_t plr_append(char *buffer, size_t size, size_t used, const char *format, ...) {
    if (used + 1 >= size) return used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(buffer + used, size - used, format, arguments);
    va_end(arguments);
    if (length < 0) return used;
    used += (size_t)length;
    return used < size ? used : size - 1;
}

static size_t append_level(lua_State *L, int level, char *buffer, size_t size, size_t used) {
    lua_Debug ar;
    if (!lua_getstack(L, level, &ar)) return used;
    lua_getinfo(L, "Snl", &ar);
    if (*ar.what == 't') return plr_append(buffer, size, used, "\n\t(...tail calls...)");
    if (*ar.what == 'C') {
        if (*ar.namewhat == '\0') return used; /* the host's own entries */
        return plr_append(buffer, size, used, "\n\t[host]: in function '%.60s'", ar.name);
    }
    used = plr_append(buffer, size, used, "\n\t%.200s:", plr_source_name(&ar));
    if (ar.currentline > 0) used = plr_append(buffer, size, used, "%d:", ar.currentline);
    if (*ar.namewhat != '\0') return plr_append(buffer, size, used, " in function '%.60s'", ar.name);
    if (*ar.what == 'm') return plr_append(buffer, size, used, " in main chunk");
    return plr_append(buffer, size, used, " in function <%.200s:%d>", plr_source_name(&ar), ar.linedefined);
}

size_t plr_append_levels(lua_State *from, char *buffer, size_t size, size_t used, int level) {
    int depth = stack_depth(from);
    if (level < 0) level = 0;
    for (; level < depth; level++) {
        if (level == FIRST_LEVELS && depth - level > LAST_LEVELS) {
            used = plr_append(buffer, size, used, "\n\t... (%d more)", depth - level - LAST_LEVELS);
            level = depth - LAST_LEVELS;
        }
        used = append_level(from, level, buffer, size, used);
    }
    return used;
}

size_t plr_write_traceback(lua_State *from, char *buffer, size_t size, int level) {
    size_t used = plr_append(buffer, size, 0, "stack traceback:");
    return plr_append_levels(from, buffer, size, used, level);
}

void plr_push_where(lua_State *L) {
    lua_Debug ar;
    for (int level = 0; level < 16 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

int32_t plr_call_position(const plr_call *call, char *script, size_t size) {
    lua_Debug ar;
    for (int level = 0; level < 16 && lua_getstack(call->state, level, &ar); level++) {
        lua_getinfo(call->state, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        plr_append(script, size, 0, "%s", plr_source_name(&ar));
        return ar.currentline;
    }
    return 0;
}
