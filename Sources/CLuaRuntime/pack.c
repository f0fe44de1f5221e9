/* Values to bytes: how tables cross to the host. */

#include "internal.h"

#include <math.h>
#include <stdio.h>

/* The place of a value inside the packed value: for error messages, and to detect a table that contains itself. */
typedef struct path {
    const struct path *outer;
    const void *table;
    const char *key;
    size_t key_length;
    double number;
    int depth;
} path;

typedef struct {
    lua_State *L;
    plr_vm *vm;
    byte_buffer *into;
    bool keeps_movable;
} packer;

/* Writes the path as text, the outermost key first: "bag.slots[3]". */
static size_t write_path(const path *at, char *text, size_t size) {
    if (at == NULL || at->outer == NULL) return 0; /* the outermost has no key of its own */
    size_t used = write_path(at->outer, text, size);
    int length = at->key ? snprintf(text + used, size - used, used ? ".%.*s" : "%.*s",
                                    at->key_length < 60 ? (int)at->key_length : 60, at->key)
                         : snprintf(text + used, size - used, "[%.14g]", at->number);
    if (length < 0) return used;
    used += (size_t)length;
    return used < size ? used : size - 1;
}

/* What the texts of refused values say. */
#define ALLOWED "write text, a number, true, false or a table of these"

static void refuse(packer *p, const path *at, const char *what) __attribute__((noreturn));
static void refuse(packer *p, const path *at, const char *what) {
    char text[400] = "";
    size_t used = write_path(at, text, sizeof text);
    plr_throw(p->L, "%s%s%s", used ? text : "the table", used ? ": " : " ", what);
}

static void put(packer *p, const void *bytes, size_t length) {
    if (PLR_UNLIKELY(p->into->size + length > p->vm->packing.max_bytes)) {
        char text[80];
        snprintf(text, sizeof text, "is too large: more than %u bytes", (unsigned)p->vm->packing.max_bytes);
        refuse(p, NULL, text);
    }
    if (PLR_UNLIKELY(!plr_buffer_append(p->into, bytes, length))) plr_raise_fatal(p->L, PLR_ERROR_MEMORY);
}

static void put_tag(packer *p, uint8_t tag) {
    put(p, &tag, 1);
}

static void put_count(packer *p, uint8_t tag, uint32_t count) {
    uint8_t bytes[5] = {tag};
    memcpy(bytes + 1, &count, 4);
    put(p, bytes, 5);
}

static void put_number(packer *p, double number) {
    uint8_t bytes[9] = {PLR_PACK_NUMBER};
    memcpy(bytes + 1, &number, 8);
    put(p, bytes, 9);
}

static void put_string(packer *p, int index) {
    size_t length;
    const char *bytes = lua_tolstring(p->L, index, &length);
    if (length > p->vm->packing.max_bytes) put(p, bytes, length);
    put_count(p, PLR_PACK_STRING, (uint32_t)length);
    put(p, bytes, length);
}

/* Whether the table's keys are 1 to `length` and no others. */
static bool is_array(packer *p, int index, size_t length) {
    lua_State *L = p->L;
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TNUMBER || ++count > length) {
            lua_pop(L, 1);
            return false;
        }
        double key = lua_tonumber(L, -1);
        if (key < 1 || key > (double)length || key != floor(key)) {
            lua_pop(L, 1);
            return false;
        }
        if ((count & 1023) == 0) CHECK_INTERRUPT(L, p->vm);
    }
    return count == length;
}

static void pack_any(packer *p, int index, const path *at);

static void pack_table(packer *p, int index, const path *at) {
    lua_State *L = p->L;
    if (at->depth > PLR_PACK_DEPTH) refuse(p, at, "nests deeper than 64 tables");
    for (const path *outer = at->outer; outer; outer = outer->outer) {
        if (outer->table == at->table) refuse(p, at, "a table contains itself");
    }
    luaL_checkstack(L, 8, "table nests too deep");
    CHECK_INTERRUPT(L, p->vm);
    path inner = {.outer = at, .depth = at->depth + 1};
    size_t length = lua_objlen(L, index);
    if (length > 0 && is_array(p, index, length)) {
        put_count(p, PLR_PACK_ARRAY, (uint32_t)length);
        for (size_t i = 1; i <= length; i++) {
            inner.number = (double)i;
            lua_rawgeti(L, index, (int)i);
            pack_any(p, lua_gettop(L), &inner);
            lua_pop(L, 1);
        }
        return;
    }
    size_t start = p->into->size;
    uint32_t count = 0;
    put_count(p, PLR_PACK_OBJECT, 0);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int value = lua_gettop(L), key = value - 1;
        count++;
        if (lua_type(L, key) == LUA_TSTRING) {
            inner.key = lua_tolstring(L, key, &inner.key_length);
            put_string(p, key);
        } else if (lua_type(L, key) == LUA_TNUMBER) {
            inner.key = NULL;
            inner.number = lua_tonumber(L, key);
            if (inner.number != floor(inner.number) || fabs(inner.number) > 9007199254740992.0) {
                refuse(p, &inner, "a key must be a string or a whole number");
            }
            put_number(p, inner.number);
        } else {
            char text[80];
            snprintf(text, sizeof text, "a key must be a string or a whole number, not a %s", luaL_typename(L, key));
            refuse(p, at, text);
        }
        pack_any(p, value, &inner);
        lua_pop(L, 1);
    }
    if (count == 0 && plr_is_marked_array(L, index)) p->into->data[start] = PLR_PACK_ARRAY;
    memcpy(p->into->data + start + 1, &count, 4);
}

static void pack_any(packer *p, int index, const path *at) {
    lua_State *L = p->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL: put_tag(p, PLR_PACK_NIL); break;
    case LUA_TBOOLEAN: put_tag(p, lua_toboolean(L, index) ? PLR_PACK_TRUE : PLR_PACK_FALSE); break;
    case LUA_TNUMBER: {
        double number = lua_tonumber(L, index);
        if (!isfinite(number)) refuse(p, at, isnan(number) ? "NaN is not allowed" : "infinity is not allowed");
        put_number(p, number);
        break;
    }
    case LUA_TSTRING: put_string(p, index); break;
    case LUA_TTABLE: {
        path table = *at;
        table.table = lua_topointer(L, index);
        pack_table(p, index, &table);
        break;
    }
    case LUA_TUSERDATA: {
        if (is_view(L, index)) {
            luaL_checkstack(L, 4, "table nests too deep");
            push_table_of_view(L, index);
            pack_any(p, lua_gettop(L), at);
            lua_pop(L, 1);
            break;
        }
        plr_proxy *proxy = lua_touserdata(L, index);
        class_info *info = class_of(&p->vm->classes, proxy);
        if (info == NULL || !(info->flags & PLR_CLASS_PACKS)) {
            char text[160];
            const char *kind = info ? info->name : "userdata";
            snprintf(text, sizeof text, "a value of kind %.32s is not allowed here; " ALLOWED, kind);
            refuse(p, at, text);
        }
        if (is_removed(&p->vm->store, info, proxy)) plr_fail_removed(L, p->vm, proxy, false);
        if (p->keeps_movable && info->flags & PLR_CLASS_MOVABLE) {
            put_tag(p, PLR_PACK_REFERENCE);
            put(p, &proxy->ref, sizeof proxy->ref);
            break;
        }
        plr_pack_proxy(L, p->vm, &proxy->ref, p->into);
        if (p->into->size > p->vm->packing.max_bytes) put(p, "", p->vm->packing.max_bytes);
        break;
    }
    default: {
        char text[128];
        snprintf(text, sizeof text, "a %s is not allowed here; " ALLOWED, luaL_typename(L, index));
        refuse(p, at, text);
    }
    }
}

bool plr_is_packable(lua_State *L, plr_vm *vm, int index) {
    int type = lua_type(L, index);
    if (PLR_LIKELY(type != LUA_TUSERDATA)) return type == LUA_TTABLE;
    if (is_view(L, index)) return true;
    class_info *info = class_of(&vm->classes, lua_touserdata(L, index));
    return info && info->flags & PLR_CLASS_PACKS;
}

bool plr_is_movable(lua_State *L, plr_vm *vm, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || is_view(L, index)) return false;
    class_info *info = class_of(&vm->classes, lua_touserdata(L, index));
    return info && info->flags & PLR_CLASS_MOVABLE;
}

void plr_pack_value(lua_State *L, plr_vm *vm, int index, bool keeps_movable, byte_buffer *into) {
    packer p = {L, vm, into, keeps_movable};
    path outermost = {.depth = 0};
    pack_any(&p, index, &outermost);
}

void plr_open_packing(packing_state *packing, uint32_t max_bytes) {
    packing->max_bytes = max_bytes;
}

void plr_free_packing(packing_state *packing) {
    free(packing->scratch.data);
}
