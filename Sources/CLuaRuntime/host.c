/* Calling the host. The host's function has returned, with all its frames, before anything is raised. */

#include "internal.h"

static void have_no_answer(void *context, plr_call *call) {
    (void)context;
    plr_fail(call, "", 0);
}

void plr_open_host(host_state *host, plr_dispatch dispatch, void *context) {
    host->dispatch = dispatch ? dispatch : have_no_answer;
    host->context = context;
}

void plr_free_host(host_state *host) {
    for (int i = 0; i < MAX_HOST_DEPTH; i++) free(host->results[i].data);
}

void plr_vm_set_context(plr_vm *vm, void *context) {
    vm->host.context = context;
}

/* ---- values ---- */

void plr_read_value(lua_State *L, int index, plr_value *value) {
    size_t length;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE: value->type = PLR_NIL; break;
    case LUA_TBOOLEAN:
        value->type = PLR_BOOL;
        value->number = lua_toboolean(L, index);
        break;
    case LUA_TNUMBER:
        value->type = PLR_NUMBER;
        value->number = lua_tonumber(L, index);
        break;
    case LUA_TSTRING:
        value->type = PLR_STRING;
        value->bytes = (const uint8_t *)lua_tolstring(L, index, &length);
        value->length = (uint32_t)length;
        break;
    case LUA_TUSERDATA:
        value->type = PLR_REF;
        value->ref = ((plr_proxy *)lua_touserdata(L, index))->ref;
        /* A proxy of a class without keys has only the first byte of `key`, and its key_length is 0. */
        value->bytes = (const uint8_t *)((plr_proxy *)lua_touserdata(L, index))->key;
        value->length = ((plr_proxy *)lua_touserdata(L, index))->key_length;
        break;
    default: value->type = PLR_OTHER; value->number = lua_type(L, index) == LUA_TTHREAD;
    }
}

void plr_push_value(lua_State *L, plr_vm *vm, const plr_value *value, const uint8_t *base) {
    const uint8_t *bytes = base ? base + (uintptr_t)value->bytes : value->bytes;
    switch (value->type) {
    case PLR_BOOL: lua_pushboolean(L, value->number != 0); break;
    case PLR_NUMBER: lua_pushnumber(L, value->number); break;
    case PLR_STRING:
        if (value->length == 0) lua_pushliteral(L, "");
        else lua_pushlstring(L, (const char *)bytes, value->length);
        break;
    case PLR_TABLE: plr_push_packed(L, vm, bytes, value->length); break;
    case PLR_REF: plr_push_proxy(L, vm, value->ref); break;
    case PLR_FUNCTION: plr_push_global_function(L, (uint32_t)value->number); break;
    default: lua_pushnil(L);
    }
}

/* ---- the call ---- */

enum { KEPT_RESULT_BYTES = 1 << 16 };

static void release_results(plr_vm *vm, uint32_t index) {
    byte_buffer *buffer = &vm->host.results[index];
    buffer->size = 0;
    if (buffer->capacity > KEPT_RESULT_BYTES) {
        free(buffer->data);
        *buffer = (byte_buffer){0};
    }
    vm->host.depth = index;
}

/* Raises the error of a call of the host, after the dispatcher has returned. */
static __attribute__((noinline, noreturn)) void raise_failure(lua_State *L, plr_vm *vm, const plr_call *call) {
    if (fatal_kind(&vm->errors) != 0 || is_interrupted(&vm->watchdog)) {
        release_results(vm, call->buffer_index);
        if (fatal_kind(&vm->errors) != 0) plr_rethrow(L, vm);
        plr_raise_interrupt(L);
    }
    byte_buffer *message = &vm->host.results[call->buffer_index];
    plr_push_where(L);
    lua_pushlstring(L, message->size ? (const char *)message->data : "not available",
                    message->size ? message->size : 13);
    release_results(vm, call->buffer_index);
    lua_concat(L, 2);
    lua_error(L);
    abort(); /* lua_error does not return */
}

/* Sets the rest of `call` and calls the host. */
static inline void dispatch(lua_State *L, plr_vm *vm, plr_call *call) {
    uint32_t depth = vm->host.depth;
    if (PLR_UNLIKELY(depth >= MAX_HOST_DEPTH)) plr_throw(L, "calls nest deeper than %d levels", MAX_HOST_DEPTH);
    call->vm = vm;
    call->state = L;
    call->failed = call->buffered = false;
    call->result_count = 0;
    call->buffer_index = depth;
    vm->host.depth = depth + 1;
    int32_t outer = vm->host.operation;
    vm->host.operation = call->op;
    plr_running = NULL; /* so that libc.c raises nothing through the host's frames */
    vm->host.dispatch(vm->host.context, call);
    plr_running = vm;
    vm->host.operation = outer;
    bool must_raise = fatal_kind(&vm->errors) != 0 || is_interrupted(&vm->watchdog) || call->failed;
    if (PLR_UNLIKELY(must_raise)) raise_failure(L, vm, call);
}

static __attribute__((noinline)) int push_results(lua_State *L, plr_vm *vm, const plr_call *call) {
    const uint8_t *base = vm->host.results[call->buffer_index].data;
    for (int i = 0; i < call->result_count; i++) {
        int type = call->results[i].type;
        plr_push_value(L, vm, &call->results[i], type == PLR_TABLE || type == PLR_STRING ? base : NULL);
    }
    release_results(vm, call->buffer_index);
    return call->result_count;
}

static inline int finish_call(lua_State *L, plr_vm *vm, const plr_call *call) {
    if (PLR_LIKELY(call->result_count == 0)) {
        vm->host.depth = call->buffer_index;
        return 0;
    }
    return push_results(L, vm, call);
}

/* Pushes the packed bytes as a userdata: they count towards the memory limit, and are collected after the call even if
 * it raises. */
static void read_packed(lua_State *L, plr_vm *vm, int index, bool keeps_movable, plr_value *value) {
    byte_buffer *scratch = begin_scratch(&vm->packing);
    plr_pack_value(L, vm, index, keeps_movable, scratch);
    void *bytes = lua_newuserdata(L, scratch->size);
    memcpy(bytes, scratch->data, scratch->size);
    value->type = PLR_TABLE;
    value->bytes = bytes;
    value->length = (uint32_t)scratch->size;
}

int plr_call_host(lua_State *L, plr_vm *vm, int op, uint32_t number, const plr_ref *self, int first, int count,
                  bool writing) {
    plr_call call;
    plr_value arguments[PLR_MAX_ARGUMENTS];
    if (count > PLR_MAX_ARGUMENTS) count = PLR_MAX_ARGUMENTS;
    int packed = 0;
    bool assigns = op == PLR_OP_SET || op == PLR_OP_NEWINDEX;
    /* Each packed table needs a slot; a C function has 20 to begin with. */
    if (PLR_UNLIKELY(count > 4)) luaL_checkstack(L, count + 12, "too many arguments");
    for (int i = 0; i < count; i++) {
        if (PLR_UNLIKELY(plr_is_packable(L, vm, first + i)) && !(assigns && plr_is_movable(L, vm, first + i))) {
            read_packed(L, vm, first + i, assigns, &arguments[i]);
            packed++;
        } else {
            plr_read_value(L, first + i, &arguments[i]);
        }
    }
    call.op = op;
    call.member = number;
    call.self = *self;
    call.writing = writing;
    call.argument_count = count;
    call.arguments = arguments;
    dispatch(L, vm, &call);
    if (PLR_UNLIKELY(packed > 0)) lua_pop(L, packed);
    return finish_call(L, vm, &call);
}

/* ---- global functions ---- */

/* The fastest kind of call: without arguments. */
static int call_without_arguments(lua_State *L, plr_vm *vm, uint32_t member) {
    plr_call call;
    call.op = PLR_OP_GLOBAL;
    call.member = member;
    call.self = (plr_ref){0};
    call.writing = false;
    call.argument_count = 0;
    call.arguments = NULL;
    dispatch(L, vm, &call);
    return finish_call(L, vm, &call);
}

static inline int call_global(lua_State *L, uint32_t member) {
    plr_vm *vm = plr_running;
    int count = lua_gettop(L);
    if (PLR_LIKELY(count == 0)) return call_without_arguments(L, vm, member);
    plr_ref none = {0};
    return plr_call_host(L, vm, PLR_OP_GLOBAL, member, &none, 1, count, false);
}

/* Upvalue 1: the host's id, as a light userdata, which is the cheapest to read. */
static int call_numbered(lua_State *L) {
    return call_global(L, (uint32_t)(uintptr_t)lua_touserdata(L, lua_upvalueindex(1)));
}

/* The first ids have functions of their own, because reading an upvalue takes a tenth of a call. */
/* clang-format off */
#define ONE(id) static int call_##id(lua_State *L) { return call_global(L, id); }
ONE(0) ONE(1) ONE(2) ONE(3) ONE(4) ONE(5) ONE(6) ONE(7)
#undef ONE
static const lua_CFunction first_functions[] = {call_0, call_1, call_2, call_3, call_4, call_5, call_6, call_7};
/* clang-format on */
enum { FIRST_FUNCTIONS = sizeof first_functions / sizeof first_functions[0] };

void plr_push_global_function(lua_State *L, uint32_t member) {
    if (member < FIRST_FUNCTIONS) {
        lua_pushcfunction(L, first_functions[member]);
        return;
    }
    lua_pushlightuserdata(L, (void *)(uintptr_t)member);
    lua_pushcclosure(L, call_numbered, 1);
}

void plr_pack_proxy(lua_State *L, plr_vm *vm, const plr_ref *self, byte_buffer *into) {
    plr_call call;
    call.op = PLR_OP_PACK;
    call.member = 0;
    call.self = *self;
    call.writing = false;
    call.argument_count = 0;
    call.arguments = NULL;
    dispatch(L, vm, &call);
    uint8_t nothing = PLR_PACK_NIL;
    bool stored;
    if (call.result_count > 0 && call.results[0].type == PLR_TABLE) {
        const uint8_t *base = vm->host.results[call.buffer_index].data;
        stored = plr_buffer_append(into, base + (uintptr_t)call.results[0].bytes, call.results[0].length);
    } else {
        stored = plr_buffer_append(into, &nothing, 1);
    }
    release_results(vm, call.buffer_index);
    if (!stored) plr_raise_fatal(L, PLR_ERROR_MEMORY);
}
