/* find, match, gmatch, gsub. */

#include "pattern.h"

#include <ctype.h>

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
        if (!find) return plr_push_captures(&m, at, end);
        lua_pushinteger(L, at - s + 1);
        lua_pushinteger(L, end - s);
        return plr_push_captures(&m, NULL, NULL) + 2;
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

/* Upvalues: subject, pattern, offset of the next attempt. */
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
        return plr_push_captures(&m, at, end);
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
        i++; /* after a final '%' comes the NUL, which 5.1 adds */
        if (!isdigit((unsigned char)text[i])) {
            luaL_addchar(out, text[i]);
        } else if (text[i] == '0') {
            luaL_addlstring(out, s, (size_t)(end - s));
        } else {
            plr_push_capture(m, text[i] - '1', s, end);
            luaL_addvalue(out);
        }
    }
}

static void add_replacement(matcher *m, luaL_Buffer *out, const char *s, const char *end) {
    lua_State *L = m->L;
    switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
        lua_pushvalue(L, 3);
        lua_call(L, plr_push_captures(m, s, end), 1);
        break;
    case LUA_TTABLE:
    case LUA_TUSERDATA:
        plr_push_capture(m, 0, s, end);
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
    {"find", string_find},    {"match", string_match}, {"gmatch", string_gmatch},
    {"gfind", string_gmatch}, {"gsub", string_gsub},   {NULL, NULL},
};
