/* Compiles the text of a script to a function in the registry. */

#include "internal.h"

typedef struct {
    plr_vm *vm;
    const char *source;
    size_t left;
    const char *name;
    int env; /* registry references: of the environment, and of the function that results */
    int ref;
    bool syntax;
} compile_call;

enum { PIECE = 512 };

static const char *read_piece(lua_State *L, void *data, size_t *size) {
    compile_call *call = data;
    CHECK_INTERRUPT(L, call->vm);
    if (call->left == 0) {
        *size = 0;
        return NULL;
    }
    const char *piece = call->source;
    *size = call->left < PIECE ? call->left : PIECE;
    call->source += *size;
    call->left -= *size;
    return piece;
}

/* No hook runs in the compiler, so garbage is collected before it begins if the compiler may need the memory. */
enum { ROOM_TO_COMPILE = 64 << 10, ROOM_PER_BYTE = 16 };
static void make_room(lua_State *L, plr_vm *vm, size_t source_bytes) {
    uint64_t needed = ROOM_TO_COMPILE + (uint64_t)source_bytes * ROOM_PER_BYTE;
    uint64_t used = bytes_in_use(&vm->memory);
    if (collection_is_due(&vm->collector) || used + needed > memory_limit(&vm->memory)) plr_collect_in_steps(L, vm);
}

static int compile(lua_State *L, void *parameters) {
    compile_call *call = parameters;
    make_room(L, call->vm, call->left); /* first: garbage may have left no memory even for the name */
    lua_pushfstring(L, "@%s", call->name);
    const char *chunk = lua_tostring(L, -1);
    if (call->left > call->vm->scripts.max_source_bytes) {
        call->syntax = true;
        lua_pushfstring(L, "%s:1: the script has %d bytes, at most %d are allowed", call->name, (int)call->left,
                        (int)call->vm->scripts.max_source_bytes);
        return lua_error(L);
    }
    if (call->left > 0 && call->source[0] == LUA_SIGNATURE[0]) {
        call->syntax = true;
        lua_pushfstring(L, "%s:1: bytecode is not allowed, only the text of a script", call->name);
        return lua_error(L);
    }
    if (call->left > 2 && memcmp(call->source, "\xEF\xBB\xBF", 3) == 0) {
        call->source += 3;
        call->left -= 3;
    }
    if (call->left > 0 && call->source[0] == '#') { /* as luaL_loadfile does: skips a first line for the shell */
        while (call->left > 0 && call->source[0] != '\n') {
            call->source++;
            call->left--;
        }
    }
    int status = lua_load(L, read_piece, call, chunk);
    if (status != 0) {
        if (plr_is_fatal(call->vm, status)) plr_rethrow(L, call->vm);
        call->syntax = true;
        return lua_error(L);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->env);
    lua_setfenv(L, -2);
    call->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t plr_compile(plr_vm *vm, plr_handle env, const void *source, size_t length, const char *name, uint64_t limit_ns,
                    plr_handle *result) {
    script_state *scripts = &vm->scripts;
    int ref = plr_find_env(scripts, env);
    if (ref == 0) return plr_refuse_entry(&vm->errors, "the environment was released");
    uint32_t place = plr_free_place_for_function(scripts);
    if (place == 0) return plr_refuse_entry(&vm->errors, "no memory for another script");
    compile_call call = {.vm = vm, .source = source, .left = length, .name = name, .env = ref};
    int status = plr_run_protected_within(vm, limit_ns, compile, &call);
    if (status == PLR_ERROR_RUNTIME && call.syntax) {
        plr_record_syntax_position(&vm->errors, name);
        return PLR_ERROR_SYNTAX;
    }
    if (status == PLR_OK) *result = plr_add_function(scripts, place, call.ref, env.index);
    return status;
}
