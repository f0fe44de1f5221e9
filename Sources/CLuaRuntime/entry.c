/* The functions that enter Lua. Each calls one C function through lua_pcall, with a light userdata for its parameters.
 * So entering allocates nothing, and no Lua error leaves an entry. */

#include "internal.h"

#include <time.h>

static int status_of(plr_vm *vm, int status) {
    if (status == 0 && fatal_kind(&vm->errors) == 0) return PLR_OK;
    if (plr_is_fatal(vm, status)) return fatal_kind(&vm->errors);
    if (status == LUA_ERRERR) return plr_refuse_entry(&vm->errors, "error in error handling (stack overflow?)");
    return PLR_ERROR_RUNTIME;
}

/* Refuses an entry from inside a call, and returns its status. */
static __attribute__((noinline)) int refuse_nested(plr_vm *vm) {
    if (fatal_kind(&vm->errors) == 0 && !is_interrupted(&vm->watchdog)) {
        return plr_refuse_entry(&vm->errors, "a script can't be entered while the host names or packs a value");
    }
    plr_note_fatal(vm, running_coroutine(&vm->coroutines), plr_stop_kind(vm->control));
    return fatal_kind(&vm->errors);
}

/* Begins an entry. Returns 0, or the status with which the entry is refused. */
static int enter(plr_vm *vm, uint64_t limit_ns) {
    if (vm->calls.depth == 0) {
        forget_errors(&vm->errors);
        enforce_limits(&vm->memory);
        if (PLR_UNLIKELY(!plr_watchdog_begin(vm, limit_ns))) {
            return plr_refuse_entry(&vm->errors,
                                    "no script may run: the system has no timer left for its time limit; "
                                    "raise the limit of pending signals (ulimit -i)");
        }
        /* Checked only after plr_watchdog_begin: a plr_control_stop that comes later sees that a call runs. */
        if (PLR_UNLIKELY(is_stopping(vm->control))) {
            plr_watchdog_end(vm);
            set_running_coroutine(&vm->coroutines, vm->L);
            plr_record_fatal(vm, vm->L, PLR_ERROR_STOPPED);
            return PLR_ERROR_STOPPED;
        }
        /* The collection is still due: the coroutine whose hook should have run it has ended. */
        if (PLR_UNLIKELY(collection_is_due(&vm->collector))) plr_arm_hook(vm);
    } else if (PLR_UNLIKELY(fatal_kind(&vm->errors) != 0 || is_interrupted(&vm->watchdog)
                            || host_answers_quietly(&vm->host))) {
        return refuse_nested(vm);
    }
    vm->calls.depth++;
    plr_running = vm;
    return 0;
}

static void leave(plr_vm *vm) {
    /* An entry returns to the host, also one that a host call of another VM made, and nothing may be raised through the
     * host's code. */
    plr_running = NULL;
    if (--vm->calls.depth != 0) return;
    plr_watchdog_end(vm);
    if (PLR_UNLIKELY(has_text(&vm->text))) plr_text_free(&vm->text);
    if (PLR_UNLIKELY(pause_may_change(&vm->collector, bytes_in_use(&vm->memory)))) plr_adjust_pause(vm);
    if (PLR_UNLIKELY(keeps_error_value(&vm->errors))) plr_drop_error_value(vm);
    if (PLR_UNLIKELY(fatal_kind(&vm->errors) == PLR_ERROR_MEMORY)) plr_collect_until_stable(vm);
}

/* Runs the entry function at registry slot `slot` with `parameters`. The outermost entry takes the function and the
 * message handler from the bottom of the main stack. A nested entry runs on the coroutine that called the host: its C
 * function has free stack slots. */
static int protected_call(plr_vm *vm, int slot, void *parameters) {
    lua_State *L = running_coroutine(&vm->coroutines);
    int status;
    if (PLR_LIKELY(!vm->calls.outermost_runs)) {
        lua_settop(L, BOTTOM_TOP);
        lua_pushvalue(L, slot == R_RUN ? BOTTOM_RUN : BOTTOM_ADMIN);
        lua_pushlightuserdata(L, parameters);
        vm->calls.outermost_runs = true;
        status = lua_pcall(L, 1, 0, BOTTOM_HANDLER);
        vm->calls.outermost_runs = false;
        lua_settop(L, BOTTOM_TOP);
        unwind_host_calls(&vm->host, 0);
    } else {
        uint32_t depth = host_depth(&vm->host);
        resumer *resumers = innermost_resumer(&vm->coroutines);
        int top = lua_gettop(L);
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_HANDLER);
        lua_rawgeti(L, LUA_REGISTRYINDEX, slot);
        lua_pushlightuserdata(L, parameters);
        status = lua_pcall(L, 1, 0, top + 1);
        lua_settop(L, top);
        unwind_host_calls(&vm->host, depth);
        unwind_resumers(&vm->coroutines, resumers);
    }
    return status_of(vm, status);
}

/* ---- administration: environments, names, classes, compiling ---- */

typedef struct {
    int (*function)(lua_State *L, void *parameters);
    void *parameters;
} admin_call;

int plr_run_admin(lua_State *L) {
    admin_call *call = lua_touserdata(L, 1);
    lua_settop(L, 0);
    return call->function(L, call->parameters);
}

int plr_run_protected_within(plr_vm *vm, uint64_t limit_ns, int (*function)(lua_State *, void *), void *parameters) {
    admin_call call = {function, parameters};
    int status = enter(vm, limit_ns);
    if (status != 0) return status;
    status = protected_call(vm, R_ADMIN, &call);
    leave(vm);
    return status;
}

int plr_run_protected(plr_vm *vm, int (*function)(lua_State *, void *), void *parameters) {
    return plr_run_protected_within(vm, 0, function, parameters);
}

/* ---- calling ---- */

typedef struct {
    plr_vm *vm;
    function_entry function; /* a copy: `scripts.functions` may grow while it runs */
    plr_value *result;
    bool nested; /* another call runs in the same environment */
    bool all;    /* every returned value is wanted */
    int status;  /* of the inner call, when nested */
} run_call;

/* The most common case, an outermost call without bindings: no C function of ours is on the stack below the script. A
 * returned string stays on the stack until the next entry. */
static int call_directly(plr_vm *vm, const function_entry *function, plr_value *result) {
    lua_State *L = vm->L;
    lua_settop(L, BOTTOM_TOP);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function->ref);
    restore_environment(L, &vm->scripts, function->env);
    vm->calls.outermost_runs = true;
    int status = lua_pcall(L, 0, 1, BOTTOM_HANDLER);
    vm->calls.outermost_runs = false;
    unwind_host_calls(&vm->host, 0);
    if (PLR_UNLIKELY(status != 0 || fatal_kind(&vm->errors) != 0)) {
        lua_settop(L, BOTTOM_TOP);
        return status_of(vm, status);
    }
    if (lua_isnil(L, -1) || result == NULL) return PLR_OK;
    if (lua_type(L, -1) == LUA_TTABLE || lua_type(L, -1) == LUA_TUSERDATA) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_KEEP);
        lua_insert(L, -2);
        lua_pushlightuserdata(L, result);
        vm->calls.outermost_runs = true;
        status = lua_pcall(L, 2, 0, BOTTOM_HANDLER);
        vm->calls.outermost_runs = false;
        unwind_host_calls(&vm->host, 0);
        lua_settop(L, BOTTOM_TOP);
        return status_of(vm, status);
    }
    plr_read_value(L, -1, result);
    return PLR_OK;
}

int plr_run(lua_State *L) {
    run_call *call = lua_touserdata(L, 1);
    plr_vm *vm = call->vm;
    uint32_t env = call->function.env;
    uint32_t names[MAX_BINDINGS];
    uint32_t count = take_bindings(&vm->bindings);
    lua_rawgeti(L, LUA_REGISTRYINDEX, env_ref(&vm->scripts, env));
    if (call->nested) {
        /* Keeps the current values of these globals at stack indices 3, 4, … and sets them again after the call, for
         * the outer call in this environment. */
        luaL_checkstack(L, MAX_BINDINGS + 8, "nested calls");
        for (uint32_t i = 0; i < count; i++) {
            names[i] = name_of_binding(&vm->bindings, i);
            lua_rawgeti(L, LUA_REGISTRYINDEX, (int)names[i]);
            lua_rawget(L, 2);
        }
    }
    for (uint32_t i = 0; i < count; i++) set_binding(L, vm, &vm->bindings, i, 2);
    int handler = 0;
    if (call->nested) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, R_HANDLER);
        handler = lua_gettop(L);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->function.ref);
    restore_environment(L, &vm->scripts, env);
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
    if (call->status == 0 && fatal_kind(&vm->errors) == 0) {
        lua_settop(L, result);
        plr_keep_result(L, vm, call->result);
    }
    return 0;
}

static inline __attribute__((always_inline)) int32_t call_function(plr_vm *vm, plr_handle handle, uint64_t limit_ns,
                                                                   plr_value *result, bool all) {
    script_state *scripts = &vm->scripts;
    binding_state *bindings = &vm->bindings;
    const function_entry *function = find_function(scripts, handle);
    if (PLR_UNLIKELY(function == NULL)) {
        drop_bindings(bindings);
        return plr_refuse_entry(&vm->errors, "the script was released");
    }
    if (result) result->type = PLR_NIL;
    if (PLR_UNLIKELY(has_lost_bindings(bindings))) {
        drop_lost_bindings(bindings);
        return plr_refuse_entry(&vm->errors,
                                "more than 8 globals were bound to one call, or there was no memory for one");
    }
    bool timed = vm->calls.measured && vm->calls.depth == 0;
    uint64_t begin = timed ? plr_clock_ns(CLOCK_MONOTONIC) : 0;
    int status = enter(vm, limit_ns);
    if (PLR_UNLIKELY(status != 0)) {
        drop_bindings(bindings);
        return status;
    }
    uint32_t env = function->env;
    run_call call = {
        .vm = vm, .function = *function, .result = result, .nested = env_has_calls(scripts, env), .all = all};
    begin_call_in_env(scripts, env);
    if (vm->calls.depth == 1 && !has_bindings(bindings) && !all) status = call_directly(vm, &call.function, result);
    else status = protected_call(vm, R_RUN, &call);
    if (PLR_UNLIKELY(status == PLR_OK && call.status != 0)) status = status_of(vm, call.status);
    end_bindings(bindings);
    end_call_in_env(vm, scripts, env);
    leave(vm);
    if (timed) vm->calls.last_call_ns = plr_clock_ns(CLOCK_MONOTONIC) - begin;
    return status;
}

int32_t plr_call_function(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result) {
    return call_function(vm, function, limit_ns, result, false);
}

int32_t plr_call_returning_all(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result) {
    if (vm->calls.depth > 0) {
        return plr_refuse_entry(&vm->errors, "all results can't be asked for from inside a script");
    }
    return call_function(vm, function, limit_ns, result, true);
}

/* ---- what the host asks about calls ---- */

void plr_measure(plr_vm *vm, bool enabled) {
    vm->calls.measured = enabled;
}

uint64_t plr_last_call_ns(const plr_vm *vm) {
    return vm->calls.last_call_ns;
}

bool plr_in_call(const plr_vm *vm) {
    return vm->calls.depth > 0;
}
