/* The ways into Lua. Each is one C function called through lua_pcall with a light userdata for its parameters, so that
 * entering allocates nothing and nothing that Lua raises leaves it. */

#include "internal.h"

#include <time.h>

static int refuse_call(plr_vm *vm, const char *message) {
    plr_record_error(vm, message, strlen(message));
    vm->error.traceback_length = vm->error.file_length = 0;
    vm->error.line = 0;
    vm->error.logged = false;
    return PLR_ERROR_RUNTIME;
}

static int status_of(plr_vm *vm, int status) {
    if (status == 0 && vm->fatal == 0) return PLR_OK;
    if (plr_is_fatal(vm, status)) return vm->fatal;
    if (status == LUA_ERRERR) return refuse_call(vm, "error in error handling (stack overflow?)");
    return PLR_ERROR_RUNTIME;
}

/* Before any entry: 0, or the status with which it is refused. */
static int enter(plr_vm *vm, uint64_t limit_ns) {
    if (vm->depth == 0) {
        vm->fatal = 0;
        vm->lifted = 0; /* an error in the middle of a collection leaves it raised */
        vm->coroutine_trace_length = 0;
        if (PLR_UNLIKELY(!plr_watchdog_begin(vm, limit_ns))) {
            return refuse_call(vm, "no script may run: the system has no timer left for its time limit; "
                                   "raise the limit of pending signals (ulimit -i)");
        }
        /* Only now: who stops it later sees that a call runs. */
        if (PLR_UNLIKELY(atomic_load(&vm->control->stopping))) {
            plr_watchdog_end(vm);
            vm->current = vm->L;
            plr_record_fatal(vm, vm->L, PLR_ERROR_STOPPED);
            return PLR_ERROR_STOPPED;
        }
        vm->outer_running = plr_running;
        /* The coroutine whose hook was to collect has ended. */
        if (PLR_UNLIKELY(vm->collect_wanted)) plr_arm_hook(vm);
    } else if (PLR_UNLIKELY(vm->fatal != 0 || interrupted(vm) || plr_is_quiet(vm))) {
        if (vm->fatal == 0 && !interrupted(vm)) {
            return refuse_call(vm, "a script can't be entered while the host names or packs a value");
        }
        if (vm->fatal == 0) {
            vm->fatal = plr_stop_kind(vm);
            plr_record_fatal(vm, vm->current, vm->fatal);
        }
        return vm->fatal;
    }
    vm->depth++;
    plr_running = vm;
    return 0;
}

/* Lua begins a cycle when memory has grown by the pause, which under a cap may be never: then the soft limit would have
 * to collect everything at once, inside somebody's call. So the fuller the VM, the earlier a cycle begins. */
static void adjust_pause(plr_vm *vm) {
    uint64_t pause = vm->limit * 85 / (vm->used + 1);
    uint64_t largest = vm->used > LARGE_VM ? PAUSE_OF_LARGE : LARGEST_PAUSE;
    if (pause > largest) pause = largest;
    if (pause < 105) pause = 105;
    if (pause / 8 == vm->pause / 8) return;
    vm->pause = (uint32_t)pause;
    lua_gc(vm->L, LUA_GCSETPAUSE, (int)pause);
}

static void leave(plr_vm *vm) {
    /* A nested one goes back to the host, whose code nothing may be raised through. */
    plr_running = NULL;
    if (--vm->depth != 0) return;
    plr_running = vm->outer_running;
    plr_watchdog_end(vm);
    if (PLR_UNLIKELY(vm->text != NULL)) plr_text_free(vm);
    if (PLR_UNLIKELY(vm->used > vm->small || vm->pause != LARGEST_PAUSE)) adjust_pause(vm);
    if (PLR_UNLIKELY(vm->error_value_kept)) {
        vm->error_value_kept = false;
        lua_pushboolean(vm->L, 0);
        lua_rawseti(vm->L, LUA_REGISTRYINDEX, R_ERROR_VALUE); /* an existing key: allocates nothing */
    }
    if (PLR_UNLIKELY(vm->fatal == PLR_ERROR_MEMORY)) {
        /* Lua halves its string table and its buffer at most once per collection. */
        for (uint64_t used = UINT64_MAX; vm->used < used;) {
            used = vm->used;
            plr_collect_now(vm->L, vm);
        }
    }
}

/* Runs the entry function at registry slot `slot` with `parameters`. The outermost one finds it and the handler at the
 * bottom of the main stack. Nested ones run on the coroutine that called the host: its C function has the room. */
static int protected_call(plr_vm *vm, int slot, void *parameters) {
    lua_State *L = vm->current;
    int status;
    if (PLR_LIKELY(!vm->inside)) {
        lua_settop(L, BOTTOM_TOP);
        lua_pushvalue(L, slot == R_RUN ? BOTTOM_RUN : BOTTOM_ADMIN);
        lua_pushlightuserdata(L, parameters);
        vm->inside = true;
        status = lua_pcall(L, 1, 0, BOTTOM_HANDLER);
        vm->inside = false;
        lua_settop(L, BOTTOM_TOP);
        vm->host_depth = 0;
    } else {
        uint32_t host_depth = vm->host_depth;
        resumer *resumers = vm->resumers;
        int top = lua_gettop(L);
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_HANDLER);
        lua_rawgeti(L, LUA_REGISTRYINDEX, slot);
        lua_pushlightuserdata(L, parameters);
        status = lua_pcall(L, 1, 0, top + 1);
        lua_settop(L, top);
        vm->host_depth = host_depth;
        vm->resumers = resumers;
    }
    return status_of(vm, status);
}

/* ---- administration: environments, names, classes ---- */

typedef struct {
    int (*function)(lua_State *L, void *parameters);
    void *parameters;
} admin_call;

int plr_run_admin(lua_State *L) {
    admin_call *call = lua_touserdata(L, 1);
    lua_settop(L, 0);
    return call->function(L, call->parameters);
}

int plr_admin(plr_vm *vm, int (*function)(lua_State *, void *), void *parameters) {
    admin_call call = {function, parameters};
    int status = enter(vm, 0);
    if (status != 0) return status;
    status = protected_call(vm, R_ADMIN, &call);
    leave(vm);
    return status;
}

/* ---- compiling ---- */

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

/* No hook runs in the compiler, so garbage that is in its way is collected before it begins. */
enum { ROOM_TO_COMPILE = 64 << 10, ROOM_PER_BYTE = 16 };
static void make_room(lua_State *L, plr_vm *vm, size_t source_bytes) {
    uint64_t needed = ROOM_TO_COMPILE + (uint64_t)source_bytes * ROOM_PER_BYTE;
    if (vm->collect_wanted || vm->used + needed > vm->limit) plr_collect_in_steps(L, vm);
}

static int compile(lua_State *L, void *parameters) {
    compile_call *call = parameters;
    lua_pushfstring(L, "@%s", call->name);
    const char *chunk = lua_tostring(L, -1);
    if (call->left > call->vm->options.max_source_bytes) {
        call->syntax = true;
        lua_pushfstring(L, "%s:1: the script has %d bytes, at most %d are allowed", call->name, (int)call->left,
                        (int)call->vm->options.max_source_bytes);
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
    if (call->left > 0 && call->source[0] == '#') { /* as luaL_loadfile: a first line for the shell */
        while (call->left > 0 && call->source[0] != '\n') {
            call->source++;
            call->left--;
        }
    }
    make_room(L, call->vm, call->left);
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

/* "name:12: near …" -> 12 */
static void position_of_syntax_error(plr_vm *vm, const char *name) {
    error_record *error = &vm->error;
    error->traceback_length = 0;
    error->line = 0;
    if (error->message == NULL) return;
    char *file = error->file ? error->file : (error->file = malloc(512));
    if (file) {
        size_t length = strlen(name);
        error->file_length = length < 511 ? length : 511;
        memcpy(file, name, error->file_length);
    }
    for (const char *colon = strchr(error->message, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *end;
        long line = strtol(colon + 1, &end, 10);
        if (end > colon + 1 && *end == ':' && line > 0) {
            error->line = (int32_t)line;
            return;
        }
    }
}

static env_entry *find_env(plr_vm *vm, plr_handle handle) {
    if (handle.index == 0 || handle.index >= vm->env_count) return NULL;
    env_entry *env = &vm->envs[handle.index];
    return env->used && !env->released && env->serial == handle.serial ? env : NULL;
}

static function_entry *find_function(plr_vm *vm, plr_handle handle) {
    if (handle.index == 0 || handle.index >= vm->function_count) return NULL;
    function_entry *function = &vm->functions[handle.index];
    return function->used && function->serial == handle.serial ? function : NULL;
}

static uint32_t free_function(plr_vm *vm) {
    for (uint32_t i = vm->function_free ? vm->function_free : 1; i < vm->function_count; i++) {
        if (!vm->functions[i].used) return i;
    }
    uint32_t count = vm->function_count ? vm->function_count * 2 : 64;
    function_entry *grown = realloc(vm->functions, count * sizeof *grown);
    if (grown == NULL) return 0;
    memset(grown + vm->function_count, 0, (count - vm->function_count) * sizeof *grown);
    uint32_t first = vm->function_count ? vm->function_count : 1;
    vm->functions = grown;
    vm->function_count = count;
    return first;
}

int32_t plr_compile(plr_vm *vm, plr_handle env, const void *source, size_t length, const char *name,
                    uint64_t limit_ns, plr_handle *result) {
    env_entry *entry = find_env(vm, env);
    if (entry == NULL) return refuse_call(vm, "the environment was released");
    uint32_t index = free_function(vm);
    if (index == 0) return refuse_call(vm, "no memory for another script");
    compile_call call = {.vm = vm, .source = source, .left = length, .name = name, .env = entry->ref};
    admin_call admin = {compile, &call};
    int status = enter(vm, limit_ns);
    if (status != 0) return status;
    status = protected_call(vm, R_ADMIN, &admin);
    leave(vm);
    if (status == PLR_ERROR_RUNTIME && call.syntax) {
        position_of_syntax_error(vm, name);
        return PLR_ERROR_SYNTAX;
    }
    if (status != PLR_OK) return status;
    function_entry *function = &vm->functions[index];
    function->used = true;
    function->ref = call.ref;
    function->env = env.index;
    function->serial++;
    vm->function_free = index + 1;
    vm->live_functions++;
    vm->envs[env.index].functions++;
    *result = (plr_handle){index, function->serial};
    return PLR_OK;
}

/* ---- releasing ---- */

/* Neither allocates nor raises, and calls no function for which a hook could run. So it works inside a call of the host,
 * whose C function has two free slots, and after a stop. */
static void drop(plr_vm *vm, int ref) {
    luaL_unref(vm->current, LUA_REGISTRYINDEX, ref);
}

static void drop_env_if_unused(plr_vm *vm, uint32_t index) {
    env_entry *env = &vm->envs[index];
    if (!env->released || env->functions > 0 || env->active > 0) return;
    env->used = false;
    drop(vm, env->ref);
}

void plr_function_release(plr_vm *vm, plr_handle handle) {
    function_entry *function = find_function(vm, handle);
    if (function == NULL) return;
    function->used = false;
    vm->live_functions--;
    if (vm->function_free == 0 || handle.index < vm->function_free) vm->function_free = handle.index;
    drop(vm, function->ref);
    vm->envs[function->env].functions--;
    drop_env_if_unused(vm, function->env);
}

void plr_env_release(plr_vm *vm, plr_handle handle) {
    env_entry *env = find_env(vm, handle);
    if (env == NULL || handle.index <= PLR_ENV_SHARED) return;
    env->released = true;
    vm->live_envs--;
    drop_env_if_unused(vm, handle.index);
}

/* ---- calling ---- */

typedef struct {
    plr_vm *vm;
    function_entry function; /* a copy: the table may grow while it runs */
    plr_value *result;
    bool nested; /* the environment is in use already */
    bool all;    /* every returned value is wanted */
    int status;  /* of the inner call, when nested */
} run_call;

static void push_binding(lua_State *L, plr_vm *vm, const binding *bound) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)bound->name);
    bool bytes = bound->value.type == PLR_STRING || bound->value.type == PLR_TABLE;
    plr_push_value(L, vm, &bound->value, bytes ? vm->binding_bytes.data : NULL);
}

/* A script may have moved its own chunk, the function at the top, to another environment by setfenv(1, …). */
static inline void restore_environment(lua_State *L, plr_vm *vm, uint32_t env) {
    if (PLR_LIKELY(!vm->environments_moved)) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->envs[env].ref);
    lua_setfenv(L, -2);
}

/* The commonest case, an outermost call without globals to set: no function of ours between the host and the script.
 * A returned string stays on the stack until the next entry. */
static int call_directly(plr_vm *vm, const function_entry *function, plr_value *result) {
    lua_State *L = vm->L;
    lua_settop(L, BOTTOM_TOP);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function->ref);
    restore_environment(L, vm, function->env);
    vm->inside = true;
    int status = lua_pcall(L, 0, 1, BOTTOM_HANDLER);
    vm->inside = false;
    vm->host_depth = 0;
    if (PLR_UNLIKELY(status != 0 || vm->fatal != 0)) {
        lua_settop(L, BOTTOM_TOP);
        return status_of(vm, status);
    }
    if (lua_isnil(L, -1) || result == NULL) return PLR_OK;
    if (lua_type(L, -1) == LUA_TTABLE || lua_type(L, -1) == LUA_TUSERDATA) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_KEEP);
        lua_insert(L, -2);
        lua_pushlightuserdata(L, result);
        vm->inside = true;
        status = lua_pcall(L, 2, 0, BOTTOM_HANDLER);
        vm->inside = false;
        vm->host_depth = 0;
        lua_settop(L, BOTTOM_TOP);
        return status_of(vm, status);
    }
    plr_read_value(L, vm, -1, result);
    return PLR_OK;
}

int plr_run(lua_State *L) {
    run_call *call = lua_touserdata(L, 1);
    plr_vm *vm = call->vm;
    uint32_t env_index = call->function.env;
    uint32_t count = vm->binding_count;
    uint32_t names[MAX_BINDINGS];
    vm->binding_count = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->envs[env_index].ref);
    if (call->nested) {
        /* The outer call of this environment gets its globals back afterwards: at 3, 4, … */
        luaL_checkstack(L, MAX_BINDINGS + 8, "nested calls");
        for (uint32_t i = 0; i < count; i++) {
            names[i] = vm->bindings[i].name;
            lua_rawgeti(L, LUA_REGISTRYINDEX, (int)names[i]);
            lua_rawget(L, 2);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        push_binding(L, vm, &vm->bindings[i]);
        lua_rawset(L, 2);
    }
    int handler = 0;
    if (call->nested) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_HANDLER);
        handler = lua_gettop(L);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->function.ref);
    restore_environment(L, vm, call->function.env);
    if (PLR_UNLIKELY(call->all)) {
        int base = lua_gettop(L) - 1;
        lua_call(L, 0, LUA_MULTRET);
        plr_keep_all(L, vm, base, call->result);
        return 0;
    }
    if (!call->nested) {
        lua_call(L, 0, 1);
        plr_keep_result(L, vm, call->result);
        return 0;
    }
    call->status = lua_pcall(L, 0, 1, handler);
    int result = lua_gettop(L);
    for (uint32_t i = 0; i < count; i++) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, (int)names[i]);
        lua_pushvalue(L, 3 + (int)i);
        lua_rawset(L, 2);
    }
    if (call->status == 0 && vm->fatal == 0) {
        lua_settop(L, result);
        plr_keep_result(L, vm, call->result);
    }
    return 0;
}

static inline __attribute__((always_inline)) int32_t call_function(plr_vm *vm, plr_handle handle, uint64_t limit_ns, plr_value *result, bool all) {
    function_entry *function = find_function(vm, handle);
    if (PLR_UNLIKELY(function == NULL)) {
        vm->binding_count = 0;
        return refuse_call(vm, "the script was released");
    }
    if (result) result->type = PLR_NIL;
    if (PLR_UNLIKELY(vm->bindings_lost)) {
        vm->bindings_lost = false;
        vm->binding_count = 0;
        return refuse_call(vm, "more than 8 globals were bound to one call, or there was no memory for one");
    }
    bool timed = vm->measured && vm->depth == 0;
    uint64_t begin = timed ? plr_clock_ns(CLOCK_MONOTONIC) : 0;
    int status = enter(vm, limit_ns);
    if (PLR_UNLIKELY(status != 0)) {
        vm->binding_count = 0;
        return status;
    }
    uint32_t env = function->env;
    run_call call = {.vm = vm, .function = *function, .result = result, .nested = vm->envs[env].active > 0,
                     .all = all};
    vm->envs[env].active++; /* also keeps it while it runs, when it is released meanwhile */
    if (vm->depth == 1 && vm->binding_count == 0 && !all) status = call_directly(vm, &call.function, result);
    else status = protected_call(vm, R_RUN, &call);
    if (PLR_UNLIKELY(status == PLR_OK && call.status != 0)) status = status_of(vm, call.status);
    vm->binding_count = 0;
    vm->binding_bytes.size = 0;
    vm->envs[env].active--;
    if (PLR_UNLIKELY(vm->envs[env].released)) drop_env_if_unused(vm, env);
    leave(vm);
    if (timed) vm->last_call_ns = plr_clock_ns(CLOCK_MONOTONIC) - begin;
    return status;
}

int32_t plr_call_function(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result) {
    return call_function(vm, function, limit_ns, result, false);
}

int32_t plr_call_for_all(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result) {
    if (vm->depth > 0) return refuse_call(vm, "all results can't be asked for from inside a script");
    return call_function(vm, function, limit_ns, result, true);
}
