#ifndef PERIGEE_LUA_RUNTIME_BINDINGS_H
#define PERIGEE_LUA_RUNTIME_BINDINGS_H

/* Globals that the host sets for the next call only. */

#include "host.h"

enum { MAX_BINDINGS = 8 };

typedef struct {
    uint32_t name;
    plr_value value; /* bytes: an offset into binding_state.bytes */
} binding;

typedef struct {
    uint32_t count;
    bool some_lost; /* more were bound than fit, or there was no memory for one */
    byte_buffer bytes;
    binding list[MAX_BINDINGS];
} binding_state;

static inline bool has_bindings(const binding_state *bindings) {
    return bindings->count != 0;
}

static inline bool has_lost_bindings(const binding_state *bindings) {
    return bindings->some_lost;
}

/* Takes the bindings and returns their number. Their names and values are valid until a script runs. */
static inline uint32_t take_bindings(binding_state *bindings) {
    uint32_t count = bindings->count;
    bindings->count = 0;
    return count;
}

static inline uint32_t name_of_binding(const binding_state *bindings, uint32_t position) {
    return bindings->list[position].name;
}

/* Sets the global of the binding at `position`, of those that were taken last, in the table at stack index `env`. */
static inline void set_binding(lua_State *L, plr_vm *vm, const binding_state *bindings, uint32_t position, int env) {
    const binding *bound = &bindings->list[position];
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)bound->name);
    bool has_bytes = bound->value.type == PLR_STRING || bound->value.type == PLR_TABLE;
    plr_push_value(L, vm, &bound->value, has_bytes ? bindings->bytes.data : NULL);
    lua_rawset(L, env);
}

static inline void drop_bindings(binding_state *bindings) {
    bindings->count = 0;
}

/* For a call that is refused because some bindings were lost: the next call begins without any. */
static inline void drop_lost_bindings(binding_state *bindings) {
    bindings->some_lost = false;
    bindings->count = 0;
}

/* After a call: also drops the bytes of the bindings. */
static inline void end_bindings(binding_state *bindings) {
    bindings->count = 0;
    bindings->bytes.size = 0;
}

#pragma GCC visibility push(hidden)

void plr_free_bindings(binding_state *bindings);
#pragma GCC visibility pop

#endif
