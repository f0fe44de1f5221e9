#ifndef PERIGEE_LUA_RUNTIME_BINDINGS_H
#define PERIGEE_LUA_RUNTIME_BINDINGS_H

/* Globals that the host sets for the next call only. */

#include "buffer.h"

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

static inline void drop_bindings(binding_state *bindings) {
    bindings->count = 0;
}

/* The call is refused because some were lost; the next one begins anew. */
static inline void drop_lost_bindings(binding_state *bindings) {
    bindings->some_lost = false;
    bindings->count = 0;
}

/* After a call: their bytes are no longer needed either. */
static inline void end_bindings(binding_state *bindings) {
    bindings->count = 0;
    bindings->bytes.size = 0;
}

#pragma GCC visibility push(hidden)

void plr_free_bindings(binding_state *bindings);
/* Takes what is bound: gives the names and how many there are. Their values are good until a script runs. */
uint32_t plr_take_bindings(binding_state *bindings, uint32_t names[MAX_BINDINGS]);
/* Sets the first `count` of those that were taken last in the table at `env`. */
void plr_set_bindings(lua_State *L, plr_vm *vm, int env, uint32_t count);

#pragma GCC visibility pop

#endif
