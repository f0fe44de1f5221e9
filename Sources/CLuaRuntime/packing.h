#ifndef PERIGEE_LUA_RUNTIME_PACKING_H
#define PERIGEE_LUA_RUNTIME_PACKING_H

/* Values as bytes: how tables cross to the host and back. */

#include "buffer.h"

typedef struct {
    uint32_t max_bytes;  /* of one packed value */
    byte_buffer scratch; /* has one user at a time, see "what a frame must not hold" in internal.h */
} packing_state;

/* Gives the VM's buffer for packing, emptied. */
static inline byte_buffer *begin_scratch(packing_state *packing) {
    packing->scratch.size = 0;
    return &packing->scratch;
}

#pragma GCC visibility push(hidden)

void plr_open_packing(packing_state *packing, uint32_t max_bytes);
void plr_free_packing(packing_state *packing);
void plr_pack_value(lua_State *L, plr_vm *vm, int index, byte_buffer *into);
void plr_push_packed(lua_State *L, plr_vm *vm, const uint8_t *bytes, size_t length);
/* Whether the value is packed when it is given to the host: a table, a view, or a proxy of a class with
 * PLR_CLASS_PACKS. */
bool plr_is_packable(lua_State *L, plr_vm *vm, int index);
/* Marks by array(): the table at `index` packs as an array even if it is empty. */
bool plr_is_marked_array(lua_State *L, int index);
void plr_mark_array(lua_State *L, int index);
int plr_base_array(lua_State *L);
int plr_base_copy(lua_State *L);

/* Store the value at the top, or every value above `base`, in `result` for the host. plr_keep_result accepts NULL. */
void plr_keep_result(lua_State *L, plr_vm *vm, plr_value *result);
void plr_keep_all(lua_State *L, plr_vm *vm, int base, plr_value *result);
int plr_keep(lua_State *L);

#pragma GCC visibility pop

#endif
