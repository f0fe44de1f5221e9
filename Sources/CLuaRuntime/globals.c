/* Names and globals that the host sets. */

#include "internal.h"

typedef struct {
    plr_vm *vm;
    const char *bytes;
    size_t length;
    uint32_t id;
} name_call;

static int intern(lua_State *L, void *parameters) {
    name_call *call = parameters;
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_NAMES);
    lua_pushlstring(L, call->length ? call->bytes : "", call->length);
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    if (lua_isnumber(L, -1)) {
        call->id = (uint32_t)lua_tointeger(L, -1);
        return 0;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    int id = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushinteger(L, id);
    lua_rawset(L, 1);
    call->id = (uint32_t)id;
    return 0;
}

uint32_t plr_name(plr_vm *vm, const void *bytes, size_t length) {
    name_call call = {vm, bytes, length, 0};
    return plr_run_protected(vm, intern, &call) == PLR_OK ? call.id : 0;
}

typedef struct {
    plr_vm *vm;
    int env;
    uint32_t name, member;
    const plr_value *value;
    plr_value *result;
} global_call;

/* Stores the value at the top. A global of the base is also stored in the shared environment, which was copied from the
 * base before: libs would not see the global otherwise. */
static void store_global(lua_State *L, const global_call *call) {
    int value = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->env);
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)call->name);
    lua_pushvalue(L, value);
    lua_rawset(L, -3);
    if (call->env != R_BASE) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_SHARED);
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)call->name);
    lua_pushvalue(L, value);
    lua_rawset(L, -3);
}

static int set_global(lua_State *L, void *parameters) {
    global_call *call = parameters;
    plr_push_value(L, call->vm, call->value, NULL);
    store_global(L, call);
    return 0;
}

static int set_function(lua_State *L, void *parameters) {
    global_call *call = parameters;
    plr_push_global_function(L, call->member);
    store_global(L, call);
    return 0;
}

static int get_global(lua_State *L, void *parameters) {
    global_call *call = parameters;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->env);
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)call->name);
    lua_rawget(L, 1);
    plr_keep_result(L, call->vm, call->result);
    return 0;
}

static int32_t run_in_env(plr_vm *vm, plr_handle env, int (*function)(lua_State *, void *), global_call *call) {
    call->vm = vm;
    call->env = plr_find_env_in_use(&vm->scripts, env);
    if (call->env == 0) return plr_refuse_entry(&vm->errors, "the environment was released");
    return plr_run_protected(vm, function, call);
}

int32_t plr_set_global(plr_vm *vm, plr_handle env, uint32_t name, const plr_value *value) {
    global_call call = {.name = name, .value = value};
    return run_in_env(vm, env, set_global, &call);
}

int32_t plr_set_function(plr_vm *vm, plr_handle env, uint32_t name, uint32_t member) {
    global_call call = {.name = name, .member = member};
    return run_in_env(vm, env, set_function, &call);
}

int32_t plr_get_global(plr_vm *vm, plr_handle env, uint32_t name, plr_value *value) {
    global_call call = {.name = name, .result = value};
    value->type = PLR_NIL;
    return run_in_env(vm, env, get_global, &call);
}
