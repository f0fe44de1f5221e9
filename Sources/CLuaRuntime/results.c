/* Converts what a call returned to the forms that the host reads. */

#include "internal.h"

enum { MAX_RESULTS = 250 };

static void give_packed(plr_value *result, const byte_buffer *packed) {
    result->type = PLR_TABLE;
    result->bytes = packed->data;
    result->length = (uint32_t)packed->size;
}

void plr_keep_result(lua_State *L, plr_vm *vm, plr_value *result) {
    if (result == NULL) return;
    if (plr_is_packable(L, vm, -1)) {
        byte_buffer *scratch = begin_scratch(&vm->packing);
        plr_pack_value(L, vm, lua_gettop(L), scratch);
        give_packed(result, scratch);
        return;
    }
    plr_read_value(L, -1, result);
    if (result->type == PLR_STRING || result->type == PLR_REF) { /* `bytes` points into the value */
        lua_pushvalue(L, -1);
        lua_rawseti(L, LUA_REGISTRYINDEX, R_RESULT);
    }
}

/* Appends one packed string, finite number or boolean; nil for all else. */
static void keep_scalar(lua_State *L, plr_vm *vm, int index, byte_buffer *into) {
    int type = lua_type(L, index);
    double number = type == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
    if ((type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN) || number - number != 0) {
        index = lua_gettop(L) + 1;
        lua_pushnil(L);
        plr_pack_value(L, vm, index, into);
        lua_pop(L, 1);
        return;
    }
    plr_pack_value(L, vm, index, into);
}

/* Packs the values above `base`. All texts are made first, because a __tostring may use the scratch buffer; then each
 * text is packed, followed by its value. */
void plr_keep_all(lua_State *L, plr_vm *vm, int base, plr_value *result) {
    int count = lua_gettop(L) - base;
    if (count > MAX_RESULTS) count = MAX_RESULTS;
    luaL_checkstack(L, count + 16, "results");
    int texts = lua_gettop(L);
    for (int i = 1; i <= count; i++) plr_to_text(L, base + i, NULL);
    byte_buffer *scratch = begin_scratch(&vm->packing);
    uint8_t head[5] = {PLR_PACK_ARRAY};
    uint32_t entries = (uint32_t)(2 * count);
    for (int i = 0; i < 4; i++) head[1 + i] = (uint8_t)(entries >> (8 * i));
    if (!plr_buffer_append(scratch, head, sizeof head)) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    for (int i = 1; i <= count; i++) {
        keep_scalar(L, vm, texts + i, scratch);
        keep_scalar(L, vm, base + i, scratch);
    }
    give_packed(result, scratch);
}

int plr_keep(lua_State *L) {
    plr_value *result = lua_touserdata(L, 2);
    lua_settop(L, 1);
    plr_keep_result(L, vm_of(L), result);
    return 0;
}
