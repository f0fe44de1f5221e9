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
    return plr_admin(vm, intern, &call) == PLR_OK ? call.id : 0;
}

typedef struct {
    plr_vm *vm;
    int env;
    uint32_t name, member;
    const plr_value *value;
    plr_value *result;
} global_call;

/* Stores the value at the top. What joins the base joins the shared environment too, where libs would miss it. */
static void store(lua_State *L, const global_call *call) {
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
    store(L, call);
    return 0;
}

static int set_function(lua_State *L, void *parameters) {
    global_call *call = parameters;
    plr_push_global_function(L, call->member);
    store(L, call);
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

static int32_t run(plr_vm *vm, plr_handle env, int (*function)(lua_State *, void *), global_call *call) {
    static const char released[] = "the environment was released";
    if (env.index == 0 || env.index >= vm->env_count || !vm->envs[env.index].used
        || vm->envs[env.index].serial != env.serial) {
        plr_record_error(vm, released, sizeof released - 1);
        return PLR_ERROR_RUNTIME;
    }
    call->vm = vm;
    call->env = vm->envs[env.index].ref;
    return plr_admin(vm, function, call);
}

int32_t plr_set_global(plr_vm *vm, plr_handle env, uint32_t name, const plr_value *value) {
    global_call call = {.name = name, .value = value};
    return run(vm, env, set_global, &call);
}

int32_t plr_set_function(plr_vm *vm, plr_handle env, uint32_t name, uint32_t member) {
    global_call call = {.name = name, .member = member};
    return run(vm, env, set_function, &call);
}

int32_t plr_get_global(plr_vm *vm, plr_handle env, uint32_t name, plr_value *value) {
    global_call call = {.name = name, .result = value};
    value->type = PLR_NIL;
    return run(vm, env, get_global, &call);
}

/* ---- bindings of the next call ---- */

static plr_value *bind(plr_vm *vm, uint32_t name, int type) {
    if (plr_is_quiet(vm)) return NULL; /* the call that it is for will be refused */
    if (vm->binding_count == MAX_BINDINGS || name == 0) {
        vm->bindings_lost = true;
        return NULL;
    }
    if (vm->binding_count == 0) vm->binding_bytes.size = 0;
    binding *bound = &vm->bindings[vm->binding_count++];
    bound->name = name;
    bound->value.type = type;
    return &bound->value;
}

void plr_bind_ref(plr_vm *vm, uint32_t name, plr_ref ref) {
    plr_value *value = bind(vm, name, PLR_REF);
    if (value) value->ref = ref;
}

void plr_bind_number(plr_vm *vm, uint32_t name, double number) {
    plr_value *value = bind(vm, name, PLR_NUMBER);
    if (value) value->number = number;
}

void plr_bind_nil(plr_vm *vm, uint32_t name) {
    bind(vm, name, PLR_NIL);
}

void plr_bind_bytes(plr_vm *vm, uint32_t name, int32_t type, const void *bytes, size_t length) {
    plr_value *value = bind(vm, name, type);
    if (value == NULL) return;
    size_t offset = vm->binding_bytes.size;
    /* One byte more, so that the buffer exists even for empty text. */
    if (length > UINT32_MAX - 1 || !plr_buffer_append(&vm->binding_bytes, "", 1)
        || !plr_buffer_append(&vm->binding_bytes, bytes, length)) {
        value->type = PLR_NIL;
        vm->bindings_lost = true;
        return;
    }
    value->bytes = (const uint8_t *)(uintptr_t)(offset + 1);
    value->length = (uint32_t)length;
}

void plr_bind(plr_vm *vm, uint32_t name, const plr_value *value) {
    if (value->type == PLR_STRING || value->type == PLR_TABLE) {
        plr_bind_bytes(vm, name, value->type, value->bytes, value->length);
        return;
    }
    plr_value *bound = bind(vm, name, value->type);
    if (bound) *bound = *value;
}
