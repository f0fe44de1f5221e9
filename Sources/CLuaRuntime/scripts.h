#ifndef PERIGEE_LUA_RUNTIME_SCRIPTS_H
#define PERIGEE_LUA_RUNTIME_SCRIPTS_H

/* The registry of scripts: their environments and the functions that were compiled for them, by handles. */

#include "base.h"

typedef struct {
    int ref; /* registry reference */
    uint32_t serial;
    uint32_t active;    /* calls that run in it now */
    uint32_t functions; /* compiled for it and not released */
    bool used, released;
} env_entry;

typedef struct {
    int ref;
    uint32_t serial;
    uint32_t env; /* position in envs */
    bool used;
} function_entry;

typedef struct {
    env_entry *envs;
    function_entry *functions;
    uint32_t env_count, function_count; /* entries, used or not */
    uint32_t live_envs, live_functions; /* used and not released */
    uint32_t first_free_function;       /* no entry before it is free; 0: not known */
    uint32_t max_source_bytes;
    bool setfenv_was_called; /* a chunk may have another environment than its script's */
} script_state;

/* NULL: it was released. The address is valid until the next script is compiled. */
static inline const function_entry *find_function(const script_state *scripts, plr_handle handle) {
    if (handle.index == 0 || handle.index >= scripts->function_count) return NULL;
    const function_entry *function = &scripts->functions[handle.index];
    return function->used && function->serial == handle.serial ? function : NULL;
}

/* The registry reference of an environment that is in use. */
static inline int env_ref(const script_state *scripts, uint32_t env) {
    return scripts->envs[env].ref;
}

static inline bool env_has_calls(const script_state *scripts, uint32_t env) {
    return scripts->envs[env].active > 0;
}

/* Keeps the environment until end_call_in_env, even if it is released meanwhile. */
static inline void begin_call_in_env(script_state *scripts, uint32_t env) {
    scripts->envs[env].active++;
}

static inline void note_setfenv(script_state *scripts) {
    scripts->setfenv_was_called = true;
}

/* Sets the environment of the function at the top, a script's chunk, again: the script may have changed it by
 * setfenv. */
static inline void restore_environment(lua_State *L, const script_state *scripts, uint32_t env) {
    if (PLR_LIKELY(!scripts->setfenv_was_called)) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, env_ref(scripts, env));
    lua_setfenv(L, -2);
}

#pragma GCC visibility push(hidden)

bool plr_open_scripts(script_state *scripts, uint32_t max_source_bytes); /* false: there is no memory */
void plr_free_scripts(script_state *scripts);
void plr_drop_env_if_unused(plr_vm *vm, uint32_t env);
/* The registry reference of an environment, 0 if it was released. plr_find_env_in_use also finds a released environment
 * while calls run in it or functions that were compiled for it are not released. */
int plr_find_env(const script_state *scripts, plr_handle handle);
int plr_find_env_in_use(const script_state *scripts, plr_handle handle);
uint32_t plr_free_place_for_function(script_state *scripts); /* 0: there is no memory */
plr_handle plr_add_function(script_state *scripts, uint32_t place, int ref, uint32_t env);

#pragma GCC visibility pop

static inline void end_call_in_env(plr_vm *vm, script_state *scripts, uint32_t env) {
    scripts->envs[env].active--;
    if (PLR_UNLIKELY(scripts->envs[env].released)) plr_drop_env_if_unused(vm, env);
}

#endif
