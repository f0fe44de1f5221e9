/* A VM's life: how it is made and freed. */

#include "internal.h"

#include <stdio.h>

enum { NEEDED_BYTES = 65536 };

static void make_weak(lua_State *L, const char *mode, int slot, int size) {
    lua_createtable(L, 0, size);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, slot);
}

/* When lua_resume refuses, it makes these texts outside of any protected call, where no allocation may fail. So they
 * are made here and kept. */
static void keep_texts_of_resume(lua_State *L) {
    static const char *const texts[] = {"C stack overflow", "cannot resume non-suspended coroutine", NULL};
    for (const char *const *text = texts; *text; text++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, *text);
    }
}

static int open_vm(lua_State *L) {
    lua_pushinteger(L, 0);
    lua_rawseti(L, LUA_REGISTRYINDEX, 0); /* luaL_unref keeps its free list at 0: from now on it allocates nothing */
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
    make_weak(L, "k", R_OF_LIBS, 32);
    make_weak(L, "kv", R_VIEWS, 0);
    plr_open_collector(L);
    plr_open_library(L);
    plr_make_view_metatables(L);
    plr_push_lib_globals(L);
    plr_adopt_lib_globals(L);
    lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

/* ---- life ---- */

static int panic(lua_State *L) {
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    fprintf(stderr, "Lua error outside of a protected call: %s\n", text);
    abort(); /* a defect of this library; going on would unwind through the host */
}

/* Puts the entry functions at the bottom of the main stack, where an entry reaches them fastest. */
static void put_entries_on_stack(lua_State *L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_HANDLER);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_RUN);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ADMIN);
}

plr_vm *plr_vm_new(const plr_options *options) {
    if (options->memory_limit < NEEDED_BYTES) return NULL;
    plr_vm *vm = calloc(1, sizeof *vm);
    if (vm == NULL) return NULL;
    plr_open_memory(&vm->memory, options->memory_limit);
    plr_open_blocks(&vm->blocks, options->memory_limit);
    plr_open_watchdog(&vm->watchdog);
    plr_open_packing(&vm->packing, options->max_packed_bytes);
    plr_open_host(&vm->host, options->dispatch, options->context);
    plr_seed_random(&vm->random, options->seed);
    vm->control = plr_new_control(vm);
    bool has_scripts = plr_open_scripts(&vm->scripts, options->max_source_bytes);
    if (vm->control && has_scripts) vm->L = lua_newstate(plr_allocate, vm);
    if (vm->L == NULL) {
        plr_vm_free(vm);
        return NULL;
    }
    lua_atpanic(vm->L, panic);
    plr_set_up_collector(vm);
    if (lua_cpcall(vm->L, open_vm, NULL) != 0) {
        plr_vm_free(vm);
        return NULL;
    }
    put_entries_on_stack(vm->L);
    set_running_coroutine(&vm->coroutines, vm->L);
    return vm;
}

void plr_vm_free(plr_vm *vm) {
    if (vm == NULL) return;
    plr_sampler_set(vm, 0);
    if (vm->control) plr_detach_control(vm->control);
    lift_limits(&vm->memory);
    if (vm->L) lua_close(vm->L);
    plr_free_blocks(&vm->blocks);
    plr_text_free(&vm->text);
    if (vm->control) plr_control_release(vm->control);
    plr_free_classes(&vm->classes);
    plr_free_host(&vm->host);
    plr_free_samples(&vm->sampling);
    plr_free_packing(&vm->packing);
    plr_free_bindings(&vm->bindings);
    plr_free_errors(&vm->errors);
    plr_free_scripts(&vm->scripts);
    free(vm);
}
