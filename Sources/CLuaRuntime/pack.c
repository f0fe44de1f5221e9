/* Tables as bytes: how they cross to the host and back. */

#include "internal.h"

#include <math.h>
#include <stdio.h>


/* Where we are: for the message, and to notice a table inside itself. */
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
} packer;

/* "bag.slots[3]" into text, outermost first. */
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

static void refuse(packer *p, const path *at, const char *what) __attribute__((noreturn));
static void refuse(packer *p, const path *at, const char *what) {
    char text[400] = "";
    size_t used = write_path(at, text, sizeof text);
    plr_throw(p->L, "%s%s%s", used ? text : "the table", used ? ": " : " ", what);
}

static void put(packer *p, const path *at, const void *bytes, size_t length) {
    if (PLR_UNLIKELY(p->into->size + length > p->vm->options.max_packed_bytes)) {
        char text[80];
        snprintf(text, sizeof text, "is too large: more than %u bytes", (unsigned)p->vm->options.max_packed_bytes);
        refuse(p, NULL, text);
    }
    if (PLR_UNLIKELY(!plr_buffer_append(p->into, bytes, length))) plr_raise_fatal(p->L, PLR_ERROR_MEMORY);
}

static void put_tag(packer *p, const path *at, uint8_t tag) {
    put(p, at, &tag, 1);
}

static void put_count(packer *p, const path *at, uint8_t tag, uint32_t count) {
    uint8_t bytes[5] = {tag};
    memcpy(bytes + 1, &count, 4);
    put(p, at, bytes, 5);
}

static void put_number(packer *p, const path *at, double number) {
    uint8_t bytes[9] = {PLR_PACK_NUMBER};
    memcpy(bytes + 1, &number, 8);
    put(p, at, bytes, 9);
}

static void put_string(packer *p, const path *at, int index) {
    size_t length;
    const char *bytes = lua_tolstring(p->L, index, &length);
    if (length > p->vm->options.max_packed_bytes) put(p, at, bytes, length);
    put_count(p, at, PLR_PACK_STRING, (uint32_t)length);
    put(p, at, bytes, length);
}

bool plr_is_marked_array(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ARRAY_MARKS);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    bool marked = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return marked;
}

/* Keys 1 to n and no other. */
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
        put_count(p, at, PLR_PACK_ARRAY, (uint32_t)length);
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
    put_count(p, at, PLR_PACK_OBJECT, 0);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int value = lua_gettop(L), key = value - 1;
        count++;
        if (lua_type(L, key) == LUA_TSTRING) {
            inner.key = lua_tolstring(L, key, &inner.key_length);
            put_string(p, at, key);
        } else if (lua_type(L, key) == LUA_TNUMBER) {
            inner.key = NULL;
            inner.number = lua_tonumber(L, key);
            if (inner.number != floor(inner.number) || fabs(inner.number) > 9007199254740992.0) {
                refuse(p, &inner, "a key must be a string or a whole number");
            }
            put_number(p, at, inner.number);
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
    case LUA_TNIL:
        put_tag(p, at, PLR_PACK_NIL);
        break;
    case LUA_TBOOLEAN:
        put_tag(p, at, lua_toboolean(L, index) ? PLR_PACK_TRUE : PLR_PACK_FALSE);
        break;
    case LUA_TNUMBER: {
        double number = lua_tonumber(L, index);
        if (!isfinite(number)) refuse(p, at, isnan(number) ? "NaN is not allowed" : "infinity is not allowed");
        put_number(p, at, number);
        break;
    }
    case LUA_TSTRING:
        put_string(p, at, index);
        break;
    case LUA_TTABLE: {
        path table = *at;
        table.table = lua_topointer(L, index);
        pack_table(p, index, &table);
        break;
    }
    case LUA_TUSERDATA: {
        if (plr_is_view(L, index)) {
            luaL_checkstack(L, 4, "table nests too deep");
            plr_view_table(L, index);
            pack_any(p, lua_gettop(L), at);
            lua_pop(L, 1);
            break;
        }
        plr_proxy *proxy = lua_touserdata(L, index);
        class_info *info = plr_class_of(p->vm, proxy);
        if (info == NULL || !(info->flags & PLR_CLASS_PACKS)) {
            char text[96];
            snprintf(text, sizeof text, "a value of kind %.32s is not allowed here", info ? info->name : "userdata");
            refuse(p, at, text);
        }
        if (info->flags & PLR_CLASS_LIVE && !plr_is_alive(p->vm, &proxy->ref)) plr_fail_removed(L, p->vm, proxy, false);
        plr_pack_proxy(L, p->vm, &proxy->ref, p->into);
        if (p->into->size > p->vm->options.max_packed_bytes) put(p, at, "", p->vm->options.max_packed_bytes);
        break;
    }
    default: {
        char text[64];
        snprintf(text, sizeof text, "a %s is not allowed here", luaL_typename(L, index));
        refuse(p, at, text);
    }
    }
}

bool plr_is_packable(lua_State *L, plr_vm *vm, int index) {
    int type = lua_type(L, index);
    if (PLR_LIKELY(type != LUA_TUSERDATA)) return type == LUA_TTABLE;
    if (plr_is_view(L, index)) return true;
    class_info *info = plr_class_of(vm, lua_touserdata(L, index));
    return info && info->flags & PLR_CLASS_PACKS;
}

void plr_pack_value(lua_State *L, plr_vm *vm, int index, byte_buffer *into) {
    packer p = {L, vm, into};
    path outermost = {.depth = 0};
    pack_any(&p, index, &outermost);
}

/* ---- back ---- */

typedef struct {
    lua_State *L;
    plr_vm *vm;
    const uint8_t *at, *end;
} unpacker;

static uint32_t get_count(unpacker *u) {
    uint32_t count = 0;
    if (u->end - u->at < 4) plr_throw(u->L, "the host's packed value is cut off");
    memcpy(&count, u->at, 4);
    u->at += 4;
    return count;
}

static void unpack_any(unpacker *u, int depth) {
    lua_State *L = u->L;
    if (u->at >= u->end || depth > PLR_PACK_DEPTH + 2) {
        plr_throw(L, "the host's packed value is cut off or nests too deep");
    }
    uint8_t tag = *u->at++;
    switch (tag) {
    case PLR_PACK_NIL:
        lua_pushnil(L);
        break;
    case PLR_PACK_FALSE:
    case PLR_PACK_TRUE:
        lua_pushboolean(L, tag == PLR_PACK_TRUE);
        break;
    case PLR_PACK_NUMBER: {
        double number;
        if (u->end - u->at < 8) plr_throw(L, "the host's packed value is cut off");
        memcpy(&number, u->at, 8);
        u->at += 8;
        lua_pushnumber(L, number);
        break;
    }
    case PLR_PACK_STRING: {
        uint32_t length = get_count(u);
        if ((size_t)(u->end - u->at) < length) plr_throw(L, "the host's packed value is cut off");
        lua_pushlstring(L, (const char *)u->at, length);
        u->at += length;
        break;
    }
    case PLR_PACK_REFERENCE: {
        plr_ref ref;
        if ((size_t)(u->end - u->at) < sizeof ref) plr_throw(L, "the host's packed value is cut off");
        memcpy(&ref, u->at, sizeof ref);
        u->at += sizeof ref;
        plr_push_proxy(L, u->vm, ref);
        break;
    }
    case PLR_PACK_ARRAY: {
        uint32_t count = get_count(u);
        if ((size_t)(u->end - u->at) < count) plr_throw(L, "the host's packed value is cut off");
        luaL_checkstack(L, 6, "value nests too deep");
        lua_createtable(L, (int)count, 0);
        if (count == 0) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, R_ARRAY_MARKS);
            lua_pushvalue(L, -2);
            lua_pushboolean(L, 1);
            lua_rawset(L, -3);
            lua_pop(L, 1);
        }
        for (uint32_t i = 1; i <= count; i++) {
            unpack_any(u, depth + 1);
            lua_rawseti(L, -2, (int)i);
        }
        break;
    }
    case PLR_PACK_OBJECT: {
        uint32_t count = get_count(u);
        if ((size_t)(u->end - u->at) < count) plr_throw(L, "the host's packed value is cut off");
        luaL_checkstack(L, 6, "value nests too deep");
        lua_createtable(L, 0, (int)count);
        for (uint32_t i = 0; i < count; i++) {
            unpack_any(u, depth + 1);
            if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER) {
                plr_throw(L, "a packed key is neither a string nor a number");
            }
            unpack_any(u, depth + 1);
            lua_rawset(L, -3);
        }
        break;
    }
    default:
        plr_throw(L, "the host's packed value has an unknown tag %d", tag);
    }
}

void plr_push_packed(lua_State *L, plr_vm *vm, const uint8_t *bytes, size_t length) {
    unpacker u = {L, vm, bytes, bytes + length};
    luaL_checkstack(L, 8, "value nests too deep");
    unpack_any(&u, 0);
}

/* ---- array(t), copy(t) ---- */

int plr_base_array(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ARRAY_MARKS);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, 2);
    lua_settop(L, 1);
    return 1;
}

/* Copies the table at the top; 2 is the table of copies made. */
static void copy_table(lua_State *L, plr_vm *vm, int depth) {
    int source = lua_gettop(L);
    if (depth > 150) plr_throw(L, "copy: the table nests deeper than 150 tables");
    luaL_checkstack(L, 10, "copy");
    lua_newtable(L);
    lua_pushvalue(L, source);
    lua_pushvalue(L, source + 1);
    lua_rawset(L, 2);
    if (plr_is_marked_array(L, source)) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_ARRAY_MARKS);
        lua_pushvalue(L, source + 1);
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    while (lua_next(L, source)) {
        CHECK_LOOP(L, vm);
        lua_pushvalue(L, -2); /* key, value, key */
        lua_insert(L, -2);    /* key, key, value */
        if (plr_is_view(L, -1)) {
            plr_view_table(L, -1);
            lua_replace(L, -2);
        }
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, -1);
            lua_rawget(L, 2);
            if (lua_isnil(L, -1)) {
                lua_pop(L, 1);
                copy_table(L, vm, depth + 1);
            } else {
                lua_replace(L, -2);
            }
        } else if (lua_iscfunction(L, -1)) {
            if (!plr_is_called_by_lib(L, 0)) plr_to_script(L);
        } else if (lua_type(L, -1) == LUA_TUSERDATA) {
            plr_proxy *proxy = lua_touserdata(L, -1);
            class_info *info = plr_class_of(vm, proxy);
            if (info && info->flags & PLR_CLASS_PACKS) {
                plr_ref self = proxy->ref;
                lua_pop(L, 1);
                vm->scratch.size = 0;
                plr_pack_proxy(L, vm, &self, &vm->scratch);
                plr_push_packed(L, vm, vm->scratch.data, vm->scratch.size);
            }
        }
        lua_rawset(L, source + 1);
    }
    lua_replace(L, source);
}

int plr_base_copy(lua_State *L) {
    plr_vm *vm = vm_of(L);
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (plr_is_view(L, 1)) {
        plr_view_table(L, 1);
        lua_replace(L, 1);
    }
    if (lua_type(L, 1) == LUA_TUSERDATA) {
        plr_proxy *proxy = plr_to_proxy(L, 1);
        class_info *info = plr_class_of(vm, proxy);
        if (info == NULL || !(info->flags & PLR_CLASS_PACKS)) return 1;
        if (info->flags & PLR_CLASS_LIVE && !plr_is_alive(vm, &proxy->ref)) {
            return plr_fail_removed(L, vm, proxy, false);
        }
        vm->scratch.size = 0;
        plr_pack_proxy(L, vm, &proxy->ref, &vm->scratch);
        plr_push_packed(L, vm, vm->scratch.data, vm->scratch.size);
        return 1;
    }
    if (lua_type(L, 1) != LUA_TTABLE) return 1;
    lua_newtable(L);
    lua_pushvalue(L, 1);
    copy_table(L, vm, 0);
    return 1;
}
