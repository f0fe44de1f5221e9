/* Reading and writing fields of proxies. A column of numbers costs no call of the host. */

#include "internal.h"

#include <math.h>

/* Asks the host, pushes its results, and returns their number; pushes nil if the host gave no result. */
static int ask_host(lua_State *L, plr_vm *vm, int op, uint32_t number, const plr_proxy *proxy, int first, int count,
                    bool writing) {
    plr_ref self = proxy->ref;
    int results = plr_call_host(L, vm, op, number, &self, first, count, writing);
    if (results == 0) {
        lua_pushnil(L);
        return 1;
    }
    return results;
}

static int ask_about_unknown(lua_State *L, plr_vm *vm, class_info *info, const plr_proxy *proxy, int count) {
    plr_ref self = proxy->ref;
    int results = plr_call_host(L, vm, PLR_OP_UNKNOWN, 0, &self, 2, count, count > 1);
    if (results > 0) return results;
    if (lua_type(L, 2) == LUA_TSTRING) plr_throw(L, "unknown field '%.80s' of %s", lua_tostring(L, 2), info->name);
    plr_throw(L, "unknown field of %s: a %s", info->name, type_name(L, 2));
}

/* ---- methods ---- */

/* A flag in upvalue 2 of call_method, above the host's id (32 bits) and `minimum` (16 bits). */
static const uint64_t LENIENT = UINT64_C(1) << 48;

/* Raises an error if argument 1 can't be given to the host. */
static int check_argument(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (!plr_is_packable(L, vm, 1)) {
        plr_require_alive(L, vm, 1);
        return 0;
    }
    plr_pack_value(L, vm, 1, false, begin_scratch(&vm->packing));
    return 0;
}

/* Makes the first `count` arguments complete and puts the reason after them; arguments beyond `count` follow it. One of
 * the first arguments that can't cross to the host becomes nil, and the reason is its error message; the reason is nil
 * if all of them can cross. */
static void check_arguments(lua_State *L, plr_vm *vm, int first, int count) {
    int reason = first + count;
    if (lua_gettop(L) < reason - 1) lua_settop(L, reason - 1);
    luaL_checkstack(L, 4, "too many arguments");
    lua_pushnil(L);
    lua_insert(L, reason);
    for (int i = first; i < first + count; i++) {
        if (lua_type(L, i) != LUA_TTABLE && lua_type(L, i) != LUA_TUSERDATA) continue;
        uint32_t depth = host_depth(&vm->host);
        lua_pushcfunction(L, check_argument);
        lua_pushvalue(L, i);
        int status = lua_pcall(L, 1, 0, 0);
        unwind_host_calls(&vm->host, depth);
        if (PLR_UNLIKELY(plr_is_fatal(vm, status))) plr_rethrow(L, vm);
        if (status == 0) continue;
        lua_replace(L, reason);
        lua_pushnil(L);
        lua_replace(L, i);
    }
}

/* Upvalues: the proxy, and a number made of the host's id, `minimum` and LENIENT. */
static int call_method(lua_State *L) {
    plr_proxy *proxy = lua_touserdata(L, lua_upvalueindex(1));
    plr_vm *vm = vm_of(L);
    class_info *info = class_of(&vm->classes, proxy);
    uint64_t word = (uint64_t)lua_tonumber(L, lua_upvalueindex(2));
    uint32_t id = (uint32_t)word;
    int minimum = (int)(word >> 32 & 0xFFFF);
    int count = lua_gettop(L), first = 1;
    if (count > 0 && lua_touserdata(L, 1) == proxy) {
        bool colon = count > minimum;
        if (!colon) {
            /* a.distance(a) or a:distance()? The calling instruction knows. */
            lua_Debug ar;
            colon = lua_getstack(L, 0, &ar) && lua_getinfo(L, "n", &ar) && strcmp(ar.namewhat, "method") == 0;
        }
        if (colon) {
            first = 2;
            count--;
        }
    }
    if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, false);
    if (word & LENIENT) {
        check_arguments(L, vm, first, minimum);
        count = lua_gettop(L) - first + 1;
    }
    return plr_call_host(L, vm, PLR_OP_CALL, id, &proxy->ref, first, count, false);
}

static void push_method(lua_State *L, const class_member *m) {
    lua_pushvalue(L, 1);
    lua_pushnumber(
        L, (double)((uint64_t)(m->minimum & 0xFFFF) << 32 | m->index | (m->flags & PLR_MEMBER_LENIENT ? LENIENT : 0)));
    lua_pushcclosure(L, call_method, 2);
}

/* ---- reading ---- */

static inline const plr_column *column_at(lua_State *L, const plr_store *rows, uint32_t index) {
    const plr_column *column = find_column(rows, index);
    if (PLR_UNLIKELY(column == NULL)) plr_throw(L, "the host has no column %u", (unsigned)index);
    return column;
}

static void push_boolean(lua_State *L, double value) {
    if (isnan(value)) lua_pushnil(L);
    else lua_pushboolean(L, value != 0);
}

static void push_column(lua_State *L, plr_vm *vm, const plr_proxy *proxy, uint32_t index) {
    const plr_store *rows = store_of(&vm->store);
    const plr_column *column = column_at(L, rows, index);
    uint32_t slot = proxy->ref.slot;
    if (PLR_UNLIKELY(!row_has_column(rows, slot, column))) {
        ask_host(L, vm, PLR_OP_UNDECLARED, column->id, proxy, 2, lua_gettop(L) >= 2 ? 1 : 0, false);
        return;
    }
    if (PLR_LIKELY(column->storage == PLR_STORAGE_DOUBLE)) {
        double value = ((const double *)column->data)[slot];
        if (PLR_UNLIKELY(isnan(value))) lua_pushnil(L);
        else lua_pushnumber(L, value);
    } else if (column->storage == PLR_STORAGE_STRING) {
        uint32_t id = ((const uint32_t *)column->data)[slot];
        if (id >= rows->string_count || rows->strings[id].length == 0) {
            if (id >= rows->string_count) lua_pushnil(L);
            else lua_pushliteral(L, "");
        } else {
            lua_pushlstring(L, (const char *)rows->strings[id].bytes, rows->strings[id].length);
        }
    } else if (column->storage == PLR_STORAGE_BOOLEAN) {
        push_boolean(L, ((const double *)column->data)[slot]);
    } else {
        int top = lua_gettop(L);
        ask_host(L, vm, PLR_OP_GET, column->id, proxy, 1, 0, false);
        lua_settop(L, top + 1);
    }
}

void plr_push_member_value(lua_State *L, plr_vm *vm, class_info *info, plr_proxy *proxy, const class_member *m) {
    switch (m->kind) {
    case PLR_MEMBER_COLUMN: push_column(L, vm, proxy, m->index); break;
    case PLR_MEMBER_SUBPROXY: {
        plr_ref ref = {.cls = (uint16_t)m->index, .slot = proxy->ref.slot, .generation = proxy->ref.generation};
        plr_push_proxy(L, vm, ref);
        plr_proxy *sub = to_proxy(L, -1);
        if (sub && sub->key_length == 0 && proxy->key_length > 0 && (info->flags & PLR_CLASS_LIVE)
            && class_of(&vm->classes, sub)->flags & PLR_CLASS_LIVE) {
            sub->key_length = proxy->key_length;
            memcpy(sub->key, proxy->key, proxy->key_length);
        }
        break;
    }
    case PLR_MEMBER_METHOD: push_method(L, m); break;
    default: {
        int top = lua_gettop(L);
        ask_host(L, vm, PLR_OP_GET, m->index, proxy, 1, 0, false);
        lua_settop(L, top + 1);
    }
    }
}

int plr_proxy_index(lua_State *L) {
    plr_vm *vm = plr_running; /* reading it from an upvalue would cost 1/14 of a read */
    plr_proxy *proxy = lua_touserdata(L, 1);
    class_info *info = defined_class_of(&vm->classes, proxy);
    const class_member *m = lua_type(L, 2) == LUA_TSTRING ? plr_find_member(info, lua_tostring(L, 2)) : NULL;
    if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, false);
    if (PLR_LIKELY(m != NULL)) {
        plr_push_member_value(L, vm, info, proxy, m);
        return 1;
    }
    if (info->flags & PLR_CLASS_ENTITIES) return plr_entities_index(L, vm, info, proxy);
    if (info->flags & PLR_CLASS_DYNAMIC) {
        ask_host(L, vm, PLR_OP_INDEX, 0, proxy, 2, 1, false);
        lua_settop(L, 3);
        return 1;
    }
    return ask_about_unknown(L, vm, info, proxy, 1);
}

/* ---- writing ---- */

/* Stores a number, or a boolean as a number, and calls the trigger if there is one. */
static inline int store_number(lua_State *L, plr_vm *vm, const plr_proxy *proxy, const plr_column *column,
                               double value) {
    double *cell = (double *)column->data + proxy->ref.slot;
    double old = *cell;
    bool differs = !(old == value || (isnan(old) && isnan(value)));
    if (!differs && !(column->flags & PLR_COLUMN_ALWAYS_DIRTY)) return 0;
    *cell = value;
    note_change(store_of(&vm->store), proxy->ref.slot, column);
    if (differs && column->flags & PLR_COLUMN_TRIGGER) {
        plr_ref self = proxy->ref;
        uint32_t id = column->id;
        lua_settop(L, 3);
        if (column->storage == PLR_STORAGE_BOOLEAN) push_boolean(L, old);
        else if (isnan(old)) lua_pushnil(L);
        else lua_pushnumber(L, old);
        lua_insert(L, 3); /* proxy, name, old, new */
        plr_call_host(L, vm, PLR_OP_TRIGGER, id, &self, 3, 2, true);
    }
    return 0;
}

static int write_number(lua_State *L, plr_vm *vm, const plr_proxy *proxy, const plr_column *column) {
    const char *or_nil = column->flags & PLR_COLUMN_NULLABLE ? " or nil" : "";
    double value;
    if (PLR_LIKELY(lua_type(L, 3) == LUA_TNUMBER)) {
        value = lua_tonumber(L, 3);
        if (PLR_UNLIKELY(!isfinite(value))) {
            plr_throw(L, "%.80s must be a finite number%s, got %s", lua_tostring(L, 2), or_nil,
                      isnan(value)    ? "NaN"
                          : value > 0 ? "infinity"
                                      : "-infinity");
        }
    } else if (lua_isnil(L, 3) && column->flags & PLR_COLUMN_NULLABLE) {
        value = NAN;
    } else {
        plr_throw(L, "%.80s must be a finite number%s, got %s", lua_tostring(L, 2), or_nil, type_name(L, 3));
    }
    return store_number(L, vm, proxy, column, value);
}

static int write_boolean(lua_State *L, plr_vm *vm, const plr_proxy *proxy, const plr_column *column) {
    double value;
    if (lua_type(L, 3) == LUA_TBOOLEAN) {
        value = lua_toboolean(L, 3);
    } else if (lua_isnil(L, 3) && column->flags & PLR_COLUMN_NULLABLE) {
        value = NAN;
    } else {
        plr_throw(L, "%.80s must be true or false%s, got a %s", lua_tostring(L, 2),
                  column->flags & PLR_COLUMN_NULLABLE ? " or nil" : "", type_name(L, 3));
    }
    return store_number(L, vm, proxy, column, value);
}

/* Assigns a text that the host took for this column before; any other value goes to the host. */
static void write_text(lua_State *L, plr_vm *vm, const plr_proxy *proxy, const plr_column *column, uint32_t index) {
    uint32_t slot = proxy->ref.slot;
    const plr_store *rows = store_of(&vm->store);
    bool is_known = column->accepted != 0 && rows->string_uses != NULL && !(column->flags & PLR_COLUMN_TRIGGER)
        && lua_type(L, 3) == LUA_TSTRING;
    if (PLR_LIKELY(is_known)) {
        size_t length;
        const char *text = lua_tolstring(L, 3, &length);
        uint32_t id = accepted_text(&vm->store, column, text, length);
        if (PLR_LIKELY(id != PLR_STORE_NIL_STRING && put_text(rows, slot, column, id))) return;
    }
    ask_host(L, vm, PLR_OP_SET, column->id, proxy, 3, 1, true);
    if (!is_known || !is_alive(&vm->store, &proxy->ref)) return;
    /* The host has taken the text. Its storage may have moved meanwhile. */
    rows = store_of(&vm->store);
    column = find_column(rows, index);
    if (column == NULL || column->storage != PLR_STORAGE_STRING) return;
    const char *text = lua_tostring(L, 3);
    *hint_for(&vm->store, text) = (text_hint){text, ((const uint32_t *)column->data)[slot]};
}

static int write_column(lua_State *L, plr_vm *vm, const plr_proxy *proxy, uint32_t index) {
    const plr_store *rows = store_of(&vm->store);
    const plr_column *column = column_at(L, rows, index);
    if (PLR_UNLIKELY(!row_has_column(rows, proxy->ref.slot, column))) {
        ask_host(L, vm, PLR_OP_UNDECLARED, column->id, proxy, 2, 2, true);
        return 0;
    }
    if (PLR_UNLIKELY(column->flags & PLR_COLUMN_READONLY)) plr_throw(L, "%.80s is read-only", lua_tostring(L, 2));
    if (column->storage == PLR_STORAGE_DOUBLE) return write_number(L, vm, proxy, column);
    if (column->storage == PLR_STORAGE_BOOLEAN) return write_boolean(L, vm, proxy, column);
    if (column->storage == PLR_STORAGE_STRING) {
        write_text(L, vm, proxy, column, index);
        return 0;
    }
    ask_host(L, vm, PLR_OP_SET, column->id, proxy, 3, 1, true);
    return 0;
}

int plr_proxy_newindex(lua_State *L) {
    plr_vm *vm = plr_running;
    plr_proxy *proxy = lua_touserdata(L, 1);
    class_info *info = defined_class_of(&vm->classes, proxy);
    const class_member *m = lua_type(L, 2) == LUA_TSTRING ? plr_find_member(info, lua_tostring(L, 2)) : NULL;
    if (PLR_UNLIKELY(is_read_only(&vm->store))) plr_throw(L, "%s", read_only_message(&vm->store));
    if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, true);
    if (m == NULL) {
        if (info->flags & (PLR_CLASS_DYNAMIC | PLR_CLASS_ENTITIES)) {
            ask_host(L, vm, PLR_OP_NEWINDEX, 0, proxy, 2, 2, true);
        } else {
            ask_about_unknown(L, vm, info, proxy, 2);
        }
        return 0;
    }
    if (PLR_LIKELY(m->kind == PLR_MEMBER_COLUMN)) return write_column(L, vm, proxy, m->index);
    if (m->kind == PLR_MEMBER_PROPERTY && m->flags & PLR_MEMBER_WRITABLE) {
        ask_host(L, vm, PLR_OP_SET, m->index, proxy, 3, 1, true);
    } else {
        ask_about_unknown(L, vm, info, proxy, 2);
        plr_throw(L, "%.80s is read-only", lua_tostring(L, 2));
    }
    return 0;
}

int plr_proxy_length(lua_State *L) {
    plr_vm *vm = plr_running;
    plr_proxy *proxy = lua_touserdata(L, 1);
    class_info *info = defined_class_of(&vm->classes, proxy);
    if (is_removed(&vm->store, info, proxy)) return plr_fail_removed(L, vm, proxy, false);
    plr_ref self = proxy->ref;
    int top = lua_gettop(L);
    if (plr_call_host(L, vm, PLR_OP_LENGTH, 0, &self, 1, 0, false) == 0) lua_pushnumber(L, 0);
    lua_settop(L, top + 1);
    return 1;
}
