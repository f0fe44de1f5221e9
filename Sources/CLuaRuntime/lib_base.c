/* The global functions that differ from stock Lua 5.1. */

#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>

/* ---- text ---- */

/* Whether an object counts as a table and has no name; one of a row is named after the row. */
static bool prints_as_table(plr_vm *vm, const plr_proxy *proxy) {
    const class_info *info = class_of(&vm->classes, proxy);
    return info && info->flags & PLR_CLASS_PACKS && !(info->flags & PLR_CLASS_BY_SLOT);
}

/* tostring without addresses. Pushes the text, and nothing else. */
const char *plr_to_text(lua_State *L, int index, size_t *length) {
    if (index < 0) index = lua_gettop(L) + index + 1;
    luaL_checkstack(L, 8, "tostring");
    if (lua_type(L, index) != LUA_TUSERDATA && luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) luaL_error(L, LUA_QL("tostring") " must return a string to " LUA_QL("print"));
        return lua_tolstring(L, -1, length);
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING: lua_pushvalue(L, index); break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TUSERDATA:
        if (is_view(L, index)) {
            push_table_of_view(L, index);
            plr_to_text(L, -1, length);
            lua_remove(L, -2);
            return lua_tolstring(L, -1, length);
        }
        if (prints_as_table(vm_of(L), to_proxy(L, index))) {
            lua_pushliteral(L, "table");
            break;
        }
        lua_pushliteral(L, "userdata: ");
        plr_push_proxy_name(L, vm_of(L), index);
        lua_concat(L, 2);
        break;
    default: lua_pushstring(L, luaL_typename(L, index));
    }
    return lua_tolstring(L, -1, length);
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TUSERDATA && luaL_callmeta(L, 1, "__tostring")) return 1;
    plr_to_text(L, 1, NULL);
    return 1;
}

/* A proxy is a table to scripts. */
static int base_type(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushstring(L, type_name(L, 1));
    return 1;
}

static const char *skip_spaces(lua_State *L, plr_vm *vm, const char *s) {
    for (size_t i = 0; isspace((unsigned char)*s); s++) {
        if ((++i & 65535) == 0) CHECK_INTERRUPT(L, vm);
    }
    return s;
}

/* As stock Lua, which reads a base other than 10 by strtoul: the sign is applied to an unsigned number. */
static int base_tonumber(lua_State *L) {
    plr_vm *vm = vm_of(L);
    int base = luaL_optint(L, 2, 10);
    if (base == 10) {
        luaL_checkany(L, 1);
        if (!lua_isnumber(L, 1)) return lua_pushnil(L), 1;
        lua_pushnumber(L, lua_tonumber(L, 1));
        return 1;
    }
    const char *s = luaL_checkstring(L, 1);
    luaL_argcheck(L, 2 <= base && base <= 36, 2, "base out of range");
    s = skip_spaces(L, vm, s);
    bool negative = *s == '-', any = false, over = false;
    if (*s == '-' || *s == '+') s++;
    if (base == 16 && s[0] == '0' && (s[1] | 32) == 'x' && isxdigit((unsigned char)s[2])) s += 2;
    unsigned long value = 0;
    for (size_t i = 0; isalnum((unsigned char)*s); s++) {
        int digit = isdigit((unsigned char)*s) ? *s - '0' : tolower((unsigned char)*s) - 'a' + 10;
        if (digit >= base) break;
        any = true;
        over |= __builtin_mul_overflow(value, (unsigned long)base, &value);
        over |= __builtin_add_overflow(value, (unsigned long)digit, &value);
        if ((++i & 65535) == 0) CHECK_INTERRUPT(L, vm);
    }
    if (over) value = ULONG_MAX;
    else if (negative) value = -value;
    if (!any || *skip_spaces(L, vm, s) != '\0') return lua_pushnil(L), 1;
    lua_pushnumber(L, (lua_Number)value);
    return 1;
}

static int base_print(lua_State *L) {
    plr_vm *vm = vm_of(L);
    int count = lua_gettop(L);
    luaL_checkstack(L, 2 * count + 8, "too many arguments");
    for (int i = 1; i <= count; i++) {
        if (i > 1) lua_pushliteral(L, "\t");
        plr_to_text(L, i, NULL);
    }
    if (count == 0) lua_pushliteral(L, "");
    else lua_concat(L, 2 * count - 1);
    plr_ref none = no_ref();
    plr_call_host(L, vm, PLR_OP_PRINT, 0, &none, lua_gettop(L), 1, false);
    return 0;
}

/* ---- lists ---- */

static int base_unpack(lua_State *L) {
    plr_check_values(L, 1);
    double from = luaL_optnumber(L, 2, 1);
    double to = lua_isnoneornil(L, 3) ? plr_list_length(L, 1) : luaL_checknumber(L, 3);
    if (!(from >= -9e15 && from <= 9e15 && to >= -9e15 && to <= 9e15)) {
        luaL_error(L, "too many results to unpack");
    }
    from = trunc(from);
    to = trunc(to);
    if (from > to) return 0;
    double count = to - from + 1;
    if (count > 1000000 || !lua_checkstack(L, (int)count + 4)) luaL_error(L, "too many results to unpack");
    for (double at = from; at <= to; at++) plr_list_get(L, 1, at);
    return (int)count;
}

void plr_check_extra(lua_State *L, const char *function, int known, const char *parameters) {
    if (PLR_LIKELY(lua_gettop(L) <= known)) return;
    plr_throw(L, "%s takes %s; it does not know argument %d (a %s)", function, parameters, known + 1,
              type_name(L, known + 1));
}

/* ---- split ---- */

static int base_split(lua_State *L) {
    plr_check_extra(L, "split", 2, "text, separator");
    plr_vm *vm = vm_of(L);
    size_t length, separator_length;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *separator = luaL_checklstring(L, 2, &separator_length);
    const char *end = s + length;
    int count = 0;
    lua_newtable(L);
    if (separator_length == 0) {
        for (; s < end; s++) {
            if ((count & 1023) == 0) CHECK_LOOP(L, vm);
            /* A character is a whole UTF-8 sequence. */
            const char *next = s + 1;
            while (next < end && ((unsigned char)*next & 0xC0) == 0x80 && next - s < 4) next++;
            if (((unsigned char)*s & 0xC0) != 0xC0) next = s + 1;
            lua_pushlstring(L, s, (size_t)(next - s));
            lua_rawseti(L, -2, ++count);
            s = next - 1;
        }
        return 1;
    }
    for (;;) {
        CHECK_LOOP(L, vm);
        const char *found = NULL;
        if ((size_t)(end - s) >= separator_length) {
            found = memchr(s, separator[0], (size_t)(end - s) - separator_length + 1);
            while (found && memcmp(found, separator, separator_length) != 0) {
                CHECK_INTERRUPT(L, vm);
                size_t left = (size_t)(end - found - 1);
                found = left >= separator_length ? memchr(found + 1, separator[0], left - separator_length + 1) : NULL;
            }
        }
        lua_pushlstring(L, s, (size_t)((found ? found : end) - s));
        lua_rawseti(L, -2, ++count);
        if (found == NULL) return 1;
        s = found + separator_length;
    }
}

const luaL_Reg plr_base_functions[] = {
    {"array", plr_base_array},     {"copy", plr_base_copy},       {"error", plr_library_error},
    {"getfenv", plr_base_getfenv}, {"next", plr_base_next},       {"pcall", plr_base_pcall},
    {"print", base_print},         {"setfenv", plr_base_setfenv}, {"split", base_split},
    {"tonumber", base_tonumber},   {"tostring", base_tostring},   {"type", base_type},
    {"unpack", base_unpack},       {"xpcall", plr_base_xpcall},   {NULL, NULL},
};
