/* What a call returned, in the forms that the host reads. */

#include "internal.h"

enum { MAX_TOLD_RESULTS = 250 };

void plr_keep_result(lua_State *L, plr_vm *vm, plr_value *result) {
    if (result == NULL) return;
    if (plr_is_packable(L, vm, -1)) {
        vm->scratch.size = 0;
        plr_pack_value(L, vm, lua_gettop(L), &vm->scratch);
        result->type = PLR_TABLE;
        result->bytes = vm->scratch.data;
        result->length = (uint32_t)vm->scratch.size;
        return;
    }
    plr_read_value(L, vm, -1, result);
    if (result->type == PLR_STRING || result->type == PLR_REF) { /* bytes points into it */
        lua_pushvalue(L, -1);
        lua_rawseti(L, LUA_REGISTRYINDEX, R_RESULT);
    }
}

/* Appends one packed string, finite number or boolean; nil for all else. */
static void keep_scalar(lua_State *L, plr_vm *vm, int index) {
    int type = lua_type(L, index);
    double number = type == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
    if ((type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN) || number - number != 0) {
        index = lua_gettop(L) + 1;
        lua_pushnil(L);
        plr_pack_value(L, vm, index, &vm->scratch);
        lua_pop(L, 1);
        return;
    }
    plr_pack_value(L, vm, index, &vm->scratch);
}

/* The values above `base`: first their texts, because a __tostring may use the scratch buffer, then both forms. */
void plr_keep_all(lua_State *L, plr_vm *vm, int base, plr_value *result) {
    int count = lua_gettop(L) - base;
    if (count > MAX_TOLD_RESULTS) count = MAX_TOLD_RESULTS;
    luaL_checkstack(L, count + 16, "results");
    int texts = lua_gettop(L);
    for (int i = 1; i <= count; i++) plr_to_text(L, base + i, NULL);
    vm->scratch.size = 0;
    uint8_t head[5] = {PLR_PACK_ARRAY};
    uint32_t entries = (uint32_t)(2 * count);
    for (int i = 0; i < 4; i++) head[1 + i] = (uint8_t)(entries >> (8 * i));
    if (!plr_buffer_append(&vm->scratch, head, sizeof head)) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    for (int i = 1; i <= count; i++) {
        keep_scalar(L, vm, texts + i);
        keep_scalar(L, vm, base + i);
    }
    result->type = PLR_TABLE;
    result->bytes = vm->scratch.data;
    result->length = (uint32_t)vm->scratch.size;
}

int plr_keep(lua_State *L) {
    plr_value *result = lua_touserdata(L, 2);
    lua_settop(L, 1);
    plr_keep_result(L, vm_of(L), result);
    return 0;
}
