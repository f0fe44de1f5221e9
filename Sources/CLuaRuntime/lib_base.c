/* Globals: what differs from stock Lua 5.1. */

#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>

/* ---- text ---- */

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
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TUSERDATA:
        if (plr_is_view(L, index)) {
            plr_view_table(L, index);
            plr_to_text(L, -1, length);
            lua_remove(L, -2);
            return lua_tolstring(L, -1, length);
        }
        if (plr_is_packable(L, vm_of(L), index)) {
            lua_pushliteral(L, "table"); /* what counts as a table looks like one */
            break;
        }
        lua_pushliteral(L, "userdata: ");
        plr_push_proxy_name(L, vm_of(L), index);
        lua_concat(L, 2);
        break;
    default:
        lua_pushstring(L, luaL_typename(L, index));
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

/* As stock, which reads a base other than 10 by strtoul: the sign is applied to an unsigned number. */
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
    plr_ref none = plr_no_ref();
    plr_call_host(L, vm, PLR_OP_PRINT, 0, &none, lua_gettop(L), 1, false);
    return 0;
}

/* ---- loops ---- */

static int base_next(lua_State *L) {
    plr_check_list(L, 1);
    lua_settop(L, 2);
    if (lua_type(L, 1) == LUA_TUSERDATA) return plr_is_view(L, 1) ? plr_view_next(L) : plr_proxy_next(L, 1, 2);
    if (luaL_getmetafield(L, 1, "__next")) {
        lua_insert(L, 1);
        lua_call(L, 2, 2);
        return 2;
    }
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

/* Pushes iterator, state and control of a loop over a proxy or a view. */
void plr_push_loop(lua_State *L, int index) {
    plr_vm *vm = vm_of(L);
    class_info *info = plr_class_of(vm, plr_to_proxy(L, index));
    if (info && info->flags & PLR_CLASS_ENTITIES) plr_push_entities_iterator(L, vm, info);
    else lua_pushcfunction(L, base_next);
    lua_pushvalue(L, index);
    lua_pushnil(L);
}

/* Upvalue 1: next. */
static int base_pairs(lua_State *L) {
    plr_check_list(L, 1);
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        plr_vm *vm = vm_of(L);
        class_info *info = plr_class_of(vm, plr_to_proxy(L, 1));
        if (info && info->flags & PLR_CLASS_ENTITIES) plr_push_entities_iterator(L, vm, info);
        else lua_pushvalue(L, lua_upvalueindex(1));
    } else if (luaL_getmetafield(L, 1, "__pairs")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    } else if (!luaL_getmetafield(L, 1, "__next")) {
        lua_pushvalue(L, lua_upvalueindex(1));
    }
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int next_index(lua_State *L) {
    int at = (int)((unsigned)luaL_checkint(L, 2) + 1u); /* as stock, which wraps */
    lua_pushinteger(L, at);
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        lua_pushvalue(L, -1);
        lua_gettable(L, 1);
    } else {
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_rawgeti(L, 1, at);
    }
    return lua_isnil(L, -1) ? 0 : 2;
}

/* Upvalue 1: next_index. */
static int base_ipairs(lua_State *L) {
    plr_check_list(L, 1);
    if (lua_type(L, 1) != LUA_TUSERDATA && luaL_getmetafield(L, 1, "__ipairs")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* keys(t): what pairs(t) would give, as an array. */
static int base_keys(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    int count = 0;
    lua_newtable(L); /* 2 */
    if (lua_type(L, 1) == LUA_TTABLE && !luaL_getmetafield(L, 1, "__pairs") && !luaL_getmetafield(L, 1, "__next")) {
        lua_pushnil(L);
        while (lua_next(L, 1)) {
            if ((count & 1023) == 0) CHECK_LOOP(L, vm);
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            lua_rawseti(L, 2, ++count);
        }
        return lua_settop(L, 2), 1;
    }
    if (lua_type(L, 1) != LUA_TUSERDATA) luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1)); /* pairs */
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3); /* 3 iterator, 4 state, 5 control */
    for (;;) {
        CHECK_LOOP(L, vm);
        lua_pushvalue(L, 3);
        lua_pushvalue(L, 4);
        lua_pushvalue(L, 5);
        lua_call(L, 2, 1);
        if (lua_isnil(L, -1)) break;
        lua_pushvalue(L, -1);
        lua_replace(L, 5);
        lua_rawseti(L, 2, ++count);
    }
    lua_settop(L, 2);
    return 1;
}

static int base_unpack(lua_State *L) {
    plr_check_list(L, 1);
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

/* ---- split ---- */

static int base_split(lua_State *L) {
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

/* ---- environments ---- */

/* The source of the script that calls: the innermost Lua function. NULL: none. */
static const char *calling_script(lua_State *L) {
    lua_Debug ar;
    for (int level = 1; lua_getstack(L, level, &ar) && level < 64; level++) {
        lua_getinfo(L, "S", &ar);
        if (*ar.what != 'C' && *ar.what != 't') return ar.source;
    }
    return NULL;
}

/* Pushes the function that argument 1 means, a Lua function of the calling script. */
static void push_own_function(lua_State *L, bool optional) {
    lua_Debug ar;
    if (lua_isfunction(L, 1)) {
        lua_pushvalue(L, 1);
    } else {
        int level = optional ? luaL_optint(L, 1, 1) : luaL_checkint(L, 1);
        if (level == 0) luaL_argerror(L, 1, "level 0 is the host's");
        luaL_argcheck(L, level > 0, 1, "level must be non-negative");
        if (lua_getstack(L, level, &ar) == 0) luaL_argerror(L, 1, "invalid level");
        lua_getinfo(L, "f", &ar);
        if (lua_isnil(L, -1)) luaL_error(L, "no function environment for tail call at level %d", level);
    }
    if (lua_iscfunction(L, -1)) luaL_argerror(L, 1, "the environment of a host function is not accessible");
    const char *own = calling_script(L);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    if (own == NULL || strcmp(own, ar.source) != 0) {
        luaL_argerror(L, 1, "the function belongs to another script");
    }
}

static int base_getfenv(lua_State *L) {
    push_own_function(L, true);
    lua_getfenv(L, -1);
    plr_shared_to_view(L);
    return 1;
}

static int base_setfenv(lua_State *L) {
    if (plr_is_view(L, 2) && plr_is_called_by_lib(L, 0)) {
        plr_view_table(L, 2);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    push_own_function(L, false);
    lua_pushvalue(L, 2);
    vm_of(L)->environments_moved = true;
    if (lua_setfenv(L, -2) == 0) luaL_error(L, LUA_QL("setfenv") " cannot change environment of given object");
    return 1;
}

/* ---- errors ---- */

/* After a protected call whose first result, true, was pushed before it: many results may have left no room for one
 * more. */
static void finish_protected(lua_State *L, plr_vm *vm, int status, uint32_t host_depth) {
    vm->host_depth = host_depth;
    if (PLR_UNLIKELY(plr_is_fatal(vm, status) || interrupted(vm))) {
        lua_settop(L, 1);
        if (vm->fatal) plr_rethrow(L, vm);
        plr_raise_interrupt(L);
    }
    vm->coroutine_trace_length = 0; /* an error ends here */
    if (status == 0) return;
    lua_pushboolean(L, 0);
    lua_replace(L, 1);
}

static int base_pcall(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 1);
    uint32_t host_depth = vm->host_depth;
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    finish_protected(L, vm, status, host_depth);
    return lua_gettop(L);
}

/* Upvalue 1: the script's handler, which never sees a fatal error. */
static int guarded_handler(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->fatal) return 1;
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int base_xpcall(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    uint32_t host_depth = vm->host_depth;
    lua_pushcclosure(L, guarded_handler, 1);
    lua_insert(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1); /* true, handler, function */
    int status = lua_pcall(L, 0, LUA_MULTRET, 2);
    lua_remove(L, 2);
    finish_protected(L, vm, status, host_depth);
    return lua_gettop(L);
}

const luaL_Reg plr_base_functions[] = {
    {"array", plr_base_array}, {"copy", plr_base_copy}, {"error", plr_library_error}, {"getfenv", base_getfenv},
    {"next", base_next}, {"pcall", base_pcall}, {"print", base_print}, {"setfenv", base_setfenv},
    {"split", base_split}, {"tonumber", base_tonumber}, {"tostring", base_tostring}, {"type", base_type}, {"unpack", base_unpack},
    {"xpcall", base_xpcall}, {NULL, NULL},
};

/* With the table of globals at the top: those that share functions. */
void plr_open_loops(lua_State *L) {
    lua_getfield(L, -1, "next");
    lua_pushcclosure(L, base_pairs, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "pairs");
    lua_pushcclosure(L, base_keys, 1);
    lua_setfield(L, -2, "keys");
    lua_pushcfunction(L, next_index);
    lua_pushcclosure(L, base_ipairs, 1);
    lua_setfield(L, -2, "ipairs");
}
