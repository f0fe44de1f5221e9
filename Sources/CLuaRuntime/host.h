#ifndef PERIGEE_LUA_RUNTIME_HOST_H
#define PERIGEE_LUA_RUNTIME_HOST_H

/* Calls of the host's dispatcher, and the conversion of values between the host and Lua. */

#include "buffer.h"

enum { MAX_HOST_DEPTH = 256 };

typedef struct {
    uint32_t depth;    /* calls of the host that run, each nested in the previous call */
    int32_t operation; /* PLR_OP_… of the innermost of these calls; stale while Lua runs */
    plr_dispatch dispatch;
    void *context;
    byte_buffer results[MAX_HOST_DEPTH]; /* by depth: texts and packed values that the call returns */
} host_state;

/* Whether the host answers a request during which it must not enter Lua; only meaningful while it answers a request. */
static inline bool host_answers_quietly(const host_state *host) {
    return host->operation == PLR_OP_TOSTRING || host->operation == PLR_OP_PACK;
}

static inline uint32_t host_depth(const host_state *host) {
    return host->depth;
}

/* For use after a protected call: an error may have skipped the ends of host calls deeper than `depth`. */
static inline void unwind_host_calls(host_state *host, uint32_t depth) {
    host->depth = depth;
}

static inline plr_ref no_ref(void) {
    return (plr_ref){0, 0, 0, 0, 0};
}

#pragma GCC visibility push(hidden)

/* The VM whose script runs on this thread; NULL also while the host's own code runs. */
extern _Thread_local plr_vm *plr_running;

void plr_open_host(host_state *host, plr_dispatch dispatch, void *context);
void plr_free_host(host_state *host);
/* Calls the dispatcher with the stack values first..first+count-1; pushes its results and gives their number. */
int plr_call_host(lua_State *L, plr_vm *vm, int op, uint32_t number, const plr_ref *self, int first, int count,
                  bool writing);
/* Appends the host's packed form of a proxy to the buffer. */
void plr_pack_proxy(lua_State *L, plr_vm *vm, const plr_ref *self, byte_buffer *into);
void plr_push_global_function(lua_State *L, uint32_t member);

/* `value->bytes` is an offset from `base`, or a pointer if `base` is NULL. */
void plr_push_value(lua_State *L, plr_vm *vm, const plr_value *value, const uint8_t *base);
void plr_read_value(lua_State *L, int index, plr_value *value);

#pragma GCC visibility pop

#endif
