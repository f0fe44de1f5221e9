/* Bytes to values: how tables come from the host. */

#include "internal.h"

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
    case PLR_PACK_NIL: lua_pushnil(L); break;
    case PLR_PACK_FALSE:
    case PLR_PACK_TRUE: lua_pushboolean(L, tag == PLR_PACK_TRUE); break;
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
        if (count == 0) plr_mark_array(L, lua_gettop(L));
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
    default: plr_throw(L, "the host's packed value has an unknown tag %d", tag);
    }
}

void plr_push_packed(lua_State *L, plr_vm *vm, const uint8_t *bytes, size_t length) {
    unpacker u = {L, vm, bytes, bytes + length};
    luaL_checkstack(L, 8, "value nests too deep");
    unpack_any(&u, 0);
}
