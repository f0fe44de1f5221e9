/* A VM's life: its state, the library that scripts see, environments, names. */

#include "internal.h"

#include <stdio.h>


enum { NEEDED_BYTES = 65536 };

/* ---- the library ---- */

static void open_stock(lua_State *L, lua_CFunction open, const char *name) {
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 0);
}

static void set_functions(lua_State *L, const luaL_Reg *functions) {
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

/* Copies the named fields of the table below the top. */
static void take(lua_State *L, const char *const *names) {
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
}

/* Shallow copy of the table at the top, replacing it. */
static void copy_fields(lua_State *L) {
    int count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        count++;
        lua_pop(L, 1);
    }
    lua_createtable(L, 0, count);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_replace(L, -2);
}

/* Stores the base's contents, its tables copied, in the table at the top. */
static void fill_environment(lua_State *L) {
    int env = lua_gettop(L);
    luaL_checkstack(L, 10, "environment");
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_BASE);
    lua_pushnil(L);
    while (lua_next(L, env + 1)) {
        if (lua_type(L, -1) == LUA_TTABLE) copy_fields(L);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, env);
    }
    lua_settop(L, env);
    lua_pushliteral(L, "_G");
    lua_pushvalue(L, env);
    lua_rawset(L, env);
}

/* Fills the base: an allow list, so that what a later Lua adds stays out. */
void plr_open_library(lua_State *L) {
    static const char *const base[] = {"assert", "rawequal", "rawset", "select", "_VERSION", NULL};
    static const char *const string[] = {"byte", "char", "format", "len", "lower", "reverse", "sub", "upper", NULL};
    static const char *const math[] = {"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp",
                                       "floor", "fmod", "frexp", "huge", "ldexp", "log", "log10", "max", "min", "mod",
                                       "modf", "pi", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh", NULL};
    open_stock(L, luaopen_base, "");
    open_stock(L, luaopen_string, LUA_STRLIBNAME);
    open_stock(L, luaopen_math, LUA_MATHLIBNAME);
    open_stock(L, luaopen_os, LUA_OSLIBNAME);

    lua_newtable(L);
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    lua_pushvalue(L, -2);
    take(L, base);
    set_functions(L, plr_base_functions);
    plr_open_loops(L);
    plr_open_views(L, false);
    lua_pop(L, 2);

    lua_newtable(L);
    lua_getglobal(L, "string");
    lua_pushvalue(L, -2);
    take(L, string);
    set_functions(L, plr_pattern_functions);
    set_functions(L, plr_string_functions);
    lua_pop(L, 2);
    /* Methods of strings come from a copy that no script can reach. */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    copy_fields(L);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_setfield(L, -2, "string");

    lua_newtable(L);
    lua_getglobal(L, "math");
    lua_pushvalue(L, -2);
    take(L, math);
    plr_open_math(L);
    lua_pop(L, 2);
    lua_setfield(L, -2, "math");

    lua_getglobal(L, "os");
    plr_open_os(L);
    lua_setfield(L, -3, "os");
    lua_pop(L, 1);

    lua_newtable(L);
    set_functions(L, plr_table_functions);
    lua_setfield(L, -2, "table");
    lua_newtable(L);
    set_functions(L, plr_coroutine_functions);
    lua_setfield(L, -2, "coroutine");
    lua_newtable(L);
    lua_pushcfunction(L, plr_library_traceback);
    lua_setfield(L, -2, "traceback");
    lua_setfield(L, -2, "debug");
    lua_rawseti(L, LUA_REGISTRYINDEX, R_BASE);

    /* The stock globals are the environment of the stock functions; nothing is left to find there. */
    lua_pushnil(L);
    while (lua_next(L, LUA_GLOBALSINDEX)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, LUA_GLOBALSINDEX);
    }
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
}

static void make_weak(lua_State *L, const char *mode, int slot, int size) {
    lua_createtable(L, 0, size);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, slot);
}

/* lua_resume makes these texts outside of any protected call when it refuses: they must be there already, because nothing
 * may fail there. */
static void keep_texts_of_resume(lua_State *L) {
    static const char *const texts[] = {"C stack overflow", "cannot resume non-suspended coroutine", NULL};
    for (const char *const *text = texts; *text; text++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, *text);
    }
}

static int open_vm(lua_State *L) {
    lua_pushinteger(L, 0);
    lua_rawseti(L, LUA_REGISTRYINDEX, 0); /* where luaL_unref notes what is free: it allocates nothing from now on */
    keep_texts_of_resume(L);
    for (int i = R_HANDLER; i < R_LAST; i++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, LUA_REGISTRYINDEX, i);
    }
    lua_pushcfunction(L, plr_message_handler);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_HANDLER);
    lua_pushcfunction(L, plr_run);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_RUN);
    lua_pushcfunction(L, plr_run_admin);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_ADMIN);
    lua_pushcfunction(L, plr_keep);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_KEEP);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_NAMES);
    make_weak(L, "k", R_ARRAY_MARKS, 0);
    make_weak(L, "k", R_LIB_TABLES, 0);
    make_weak(L, "k", R_LIB_FUNCTIONS, 32);
    make_weak(L, "v", R_VIEWS, 0);
    plr_open_collector(L);
    plr_open_library(L);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_SHARED);
    plr_make_view_metatables(L);
    fill_environment(L);
    plr_open_views(L, true);
    lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

/* ---- life ---- */

static int panic(lua_State *L) {
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    fprintf(stderr, "Lua error outside of a protected call: %s\n", text);
    abort(); /* a defect of this library; going on would unwind through the host */
}

static plr_control *new_control(plr_vm *vm) {
    plr_control *control = calloc(1, sizeof *control);
    if (control == NULL) return NULL;
    atomic_init(&control->holders, 1);
    pthread_mutex_init(&control->lock, NULL);
    control->vm = vm;
    return control;
}

static void have_no_answer(void *context, plr_call *call) {
    (void)context;
    plr_fail(call, "", 0);
}

plr_vm *plr_vm_new(const plr_options *options) {
    if (options->memory_limit < NEEDED_BYTES) return NULL;
    plr_vm *vm = calloc(1, sizeof *vm);
    if (vm == NULL) return NULL;
    vm->options = *options;
    if (vm->options.dispatch == NULL) vm->options.dispatch = have_no_answer;
    vm->limit = options->memory_limit;
    vm->soft_limit = vm->limit / 4 * 3;
    vm->small = vm->limit / 8 < LARGE_VM ? vm->limit / 8 : LARGE_VM;
    vm->slab_size = 4096;
    vm->pause = LARGEST_PAUSE;
    atomic_store(&vm->expired, UINT64_MAX);
    plr_seed_random(vm, options->seed);
    vm->control = new_control(vm);
    vm->envs = calloc(16, sizeof *vm->envs);
    vm->env_count = 16;
    if (vm->control && vm->envs) vm->L = lua_newstate(plr_allocate, vm);
    if (vm->L == NULL) {
        plr_vm_free(vm);
        return NULL;
    }
    lua_atpanic(vm->L, panic);
    lua_gc(vm->L, LUA_GCSETPAUSE, LARGEST_PAUSE);
    if (lua_cpcall(vm->L, open_vm, NULL) != 0) {
        plr_vm_free(vm);
        return NULL;
    }
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, R_HANDLER);
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, R_RUN);
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, R_ADMIN);
    vm->current = vm->L;
    vm->envs[PLR_ENV_BASE] = (env_entry){.ref = R_BASE, .serial = 1, .used = true};
    vm->envs[PLR_ENV_SHARED] = (env_entry){.ref = R_SHARED, .serial = 1, .used = true};
    vm->live_envs = 2;
    return vm;
}

void plr_vm_free(plr_vm *vm) {
    if (vm == NULL) return;
    plr_sampler_set(vm, 0);
    if (vm->control) {
        pthread_mutex_lock(&vm->control->lock);
        vm->control->vm = NULL;
        pthread_mutex_unlock(&vm->control->lock);
    }
    vm->lifted++;
    if (vm->L) lua_close(vm->L);
    plr_free_slabs(vm);
    plr_text_free(vm);
    if (vm->control) plr_control_release(vm->control);
    for (int i = 0; i < 256; i++) {
        if (vm->classes[i] == NULL) continue;
        free(vm->classes[i]->members);
        free(vm->classes[i]->buckets);
        free(vm->classes[i]);
    }
    for (int i = 0; i < MAX_HOST_DEPTH; i++) free(vm->results[i].data);
    plr_free_samples(vm);
    free(vm->scratch.data);
    free(vm->binding_bytes.data);
    free(vm->error.message);
    free(vm->error.traceback);
    free(vm->error.file);
    free(vm->coroutine_trace);
    free(vm->envs);
    free(vm->functions);
    free(vm);
}

void plr_vm_set_context(plr_vm *vm, void *context) {
    vm->options.context = context;
}

void plr_measure(plr_vm *vm, bool enabled) {
    vm->measured = enabled;
}

uint64_t plr_last_call_ns(const plr_vm *vm) {
    return vm->last_call_ns;
}

bool plr_in_call(const plr_vm *vm) {
    return vm->depth > 0;
}

uint32_t plr_live_functions(const plr_vm *vm) {
    return vm->live_functions;
}

uint32_t plr_live_environments(const plr_vm *vm) {
    return vm->live_envs;
}

/* ---- environments ---- */

static int make_env(lua_State *L, void *parameters) {
    lua_createtable(L, 0, 40);
    fill_environment(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ENV_META);
    lua_setmetatable(L, -2);
    *(int *)parameters = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t plr_env_new(plr_vm *vm, plr_handle *result) {
    uint32_t index = PLR_ENV_SHARED + 1;
    while (index < vm->env_count && vm->envs[index].used) index++;
    if (index == vm->env_count) {
        env_entry *grown = realloc(vm->envs, 2 * vm->env_count * sizeof *grown);
        if (grown == NULL) return PLR_ERROR_MEMORY;
        memset(grown + vm->env_count, 0, vm->env_count * sizeof *grown);
        vm->envs = grown;
        vm->env_count *= 2;
    }
    int ref;
    int status = plr_admin(vm, make_env, &ref);
    if (status != PLR_OK) return status;
    uint32_t serial = vm->envs[index].serial + 1;
    vm->envs[index] = (env_entry){.ref = ref, .serial = serial, .used = true};
    vm->live_envs++;
    *result = (plr_handle){index, serial};
    return PLR_OK;
}

static int refill_shared(lua_State *L, void *parameters) {
    (void)parameters;
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_SHARED);
    lua_pushnil(L);
    lua_setmetatable(L, 1); /* a lib may have given its globals one, such as strict.lua's */
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, 1);
    }
    fill_environment(L);
    plr_open_views(L, true);
    return 0;
}

int32_t plr_env_reset_shared(plr_vm *vm) {
    return plr_admin(vm, refill_shared, NULL);
}

plr_handle plr_env_shared(const plr_vm *vm) {
    return (plr_handle){PLR_ENV_SHARED, vm->envs[PLR_ENV_SHARED].serial};
}

plr_handle plr_env_base(const plr_vm *vm) {
    return (plr_handle){PLR_ENV_BASE, vm->envs[PLR_ENV_BASE].serial};
}
