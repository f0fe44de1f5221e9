/* The registry of scripts: environments, and functions that were compiled for them. */

#include "internal.h"

enum { FIRST_ENVS = 16, FIRST_FUNCTIONS = 64 };

bool plr_open_scripts(script_state *scripts, uint32_t max_source_bytes) {
    scripts->max_source_bytes = max_source_bytes;
    scripts->envs = calloc(FIRST_ENVS, sizeof *scripts->envs);
    if (scripts->envs == NULL) return false;
    scripts->env_count = FIRST_ENVS;
    scripts->envs[PLR_ENV_BASE] = (env_entry){.ref = R_BASE, .serial = 1, .used = true};
    scripts->envs[PLR_ENV_SHARED] = (env_entry){.ref = R_SHARED, .serial = 1, .used = true};
    scripts->live_envs = 2;
    return true;
}

void plr_free_scripts(script_state *scripts) {
    free(scripts->envs);
    free(scripts->functions);
}

uint32_t plr_live_functions(const plr_vm *vm) {
    return vm->scripts.live_functions;
}

uint32_t plr_live_environments(const plr_vm *vm) {
    return vm->scripts.live_envs;
}

/* ---- environments ---- */

static env_entry *env_in_use(const script_state *scripts, plr_handle handle) {
    if (handle.index == 0 || handle.index >= scripts->env_count) return NULL;
    env_entry *env = &scripts->envs[handle.index];
    return env->used && env->serial == handle.serial ? env : NULL;
}

static env_entry *live_env(const script_state *scripts, plr_handle handle) {
    env_entry *env = env_in_use(scripts, handle);
    return env && !env->released ? env : NULL;
}

int plr_find_env_in_use(const script_state *scripts, plr_handle handle) {
    const env_entry *env = env_in_use(scripts, handle);
    return env ? env->ref : 0;
}

int plr_find_env(const script_state *scripts, plr_handle handle) {
    const env_entry *env = live_env(scripts, handle);
    return env ? env->ref : 0;
}

static int make_env(lua_State *L, void *parameters) {
    lua_createtable(L, 0, 40);
    plr_fill_environment(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ENV_META);
    lua_setmetatable(L, -2);
    *(int *)parameters = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int make_lib_env(lua_State *L, void *parameters) {
    plr_push_lib_globals(L);
    *(int *)parameters = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int32_t add_env(plr_vm *vm, int (*make)(lua_State *, void *), plr_handle *result) {
    script_state *scripts = &vm->scripts;
    uint32_t index = PLR_ENV_SHARED + 1;
    while (index < scripts->env_count && scripts->envs[index].used) index++;
    if (index == scripts->env_count) {
        env_entry *grown = realloc(scripts->envs, 2 * scripts->env_count * sizeof *grown);
        if (grown == NULL) return PLR_ERROR_MEMORY;
        memset(grown + scripts->env_count, 0, scripts->env_count * sizeof *grown);
        scripts->envs = grown;
        scripts->env_count *= 2;
    }
    int ref;
    int status = plr_run_protected(vm, make, &ref);
    if (status != PLR_OK) return status;
    uint32_t serial = scripts->envs[index].serial + 1;
    scripts->envs[index] = (env_entry){.ref = ref, .serial = serial, .used = true};
    scripts->live_envs++;
    *result = (plr_handle){index, serial};
    return PLR_OK;
}

int32_t plr_env_new(plr_vm *vm, plr_handle *result) {
    return add_env(vm, make_env, result);
}

int32_t plr_env_new_shared(plr_vm *vm, plr_handle *result) {
    return add_env(vm, make_lib_env, result);
}

typedef struct {
    int ref;
    bool is_for_libs;
} adopt_call;

static int adopt_shared(lua_State *L, void *parameters) {
    adopt_call *call = parameters;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->ref);
    call->is_for_libs = plr_is_in_set(L, R_OF_LIBS, -1);
    if (call->is_for_libs) plr_adopt_lib_globals(L);
    return 0;
}

int32_t plr_env_adopt_shared(plr_vm *vm, plr_handle env) {
    adopt_call call = {.ref = plr_find_env(&vm->scripts, env)};
    if (call.ref == 0) return plr_refuse_entry(&vm->errors, "the environment was released");
    int status = plr_run_protected(vm, adopt_shared, &call);
    if (status != PLR_OK) return status;
    if (!call.is_for_libs) return plr_refuse_entry(&vm->errors, "the environment was not made for libs");
    plr_env_release(vm, env);
    return PLR_OK;
}

plr_handle plr_env_shared(const plr_vm *vm) {
    return (plr_handle){PLR_ENV_SHARED, vm->scripts.envs[PLR_ENV_SHARED].serial};
}

plr_handle plr_env_base(const plr_vm *vm) {
    return (plr_handle){PLR_ENV_BASE, vm->scripts.envs[PLR_ENV_BASE].serial};
}

/* ---- functions ---- */

uint32_t plr_free_place_for_function(script_state *scripts) {
    uint32_t first = scripts->first_free_function ? scripts->first_free_function : 1;
    for (uint32_t i = first; i < scripts->function_count; i++) {
        if (!scripts->functions[i].used) return i;
    }
    uint32_t old = scripts->function_count, count = old ? old * 2 : FIRST_FUNCTIONS;
    function_entry *grown = realloc(scripts->functions, count * sizeof *grown);
    if (grown == NULL) return 0;
    memset(grown + old, 0, (count - old) * sizeof *grown);
    scripts->functions = grown;
    scripts->function_count = count;
    return old ? old : 1;
}

plr_handle plr_add_function(script_state *scripts, uint32_t place, int ref, uint32_t env) {
    function_entry *function = &scripts->functions[place];
    function->used = true;
    function->ref = ref;
    function->env = env;
    function->serial++;
    scripts->first_free_function = place + 1;
    scripts->live_functions++;
    scripts->envs[env].functions++;
    return (plr_handle){place, function->serial};
}

/* ---- releasing ---- */

/* luaL_unref neither allocates nor raises, and calls no function for which a hook could run. So releasing works inside
 * the dispatcher, where the C function that called the host has two free slots, and after a stop. */
static void drop_reference(plr_vm *vm, int ref) {
    luaL_unref(running_coroutine(&vm->coroutines), LUA_REGISTRYINDEX, ref);
}

void plr_drop_env_if_unused(plr_vm *vm, uint32_t index) {
    env_entry *env = &vm->scripts.envs[index];
    if (!env->released || env->functions > 0 || env->active > 0) return;
    env->used = false;
    drop_reference(vm, env->ref);
}

void plr_function_release(plr_vm *vm, plr_handle handle) {
    script_state *scripts = &vm->scripts;
    if (find_function(scripts, handle) == NULL) return;
    function_entry *function = &scripts->functions[handle.index];
    function->used = false;
    scripts->live_functions--;
    if (scripts->first_free_function == 0 || handle.index < scripts->first_free_function) {
        scripts->first_free_function = handle.index;
    }
    drop_reference(vm, function->ref);
    scripts->envs[function->env].functions--;
    plr_drop_env_if_unused(vm, function->env);
}

void plr_env_release(plr_vm *vm, plr_handle handle) {
    env_entry *env = live_env(&vm->scripts, handle);
    if (env == NULL || handle.index <= PLR_ENV_SHARED) return;
    env->released = true;
    vm->scripts.live_envs--;
    plr_drop_env_if_unused(vm, handle.index);
}
