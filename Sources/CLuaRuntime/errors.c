/* What is known about a failure: message, position, traceback. It is written into plain C memory and nothing is
 * allocated in Lua, because the failure may be that no memory or no time is left. */

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_FILE = 512 };

static const char resumed[] = "\n\t(resumed by)";

static char *text_of(char **buffer, size_t size) {
    if (*buffer == NULL) *buffer = malloc(size);
    return *buffer;
}

/* ---- recording ---- */

void plr_record_coroutine(error_state *errors, lua_State *co) {
    char *trace = text_of(&errors->coroutine_trace, MAX_TRACEBACK / 2);
    if (trace == NULL) return;
    /* An outer wrap() appends to the trace that an inner wrap() recorded. */
    size_t used = errors->coroutine_trace_length;
    if (used > 0) used = plr_append(trace, MAX_TRACEBACK / 2, used, "%s", resumed);
    errors->coroutine_trace_length = plr_append_levels(co, trace, MAX_TRACEBACK / 2, used, 0);
}

void plr_record_error(error_state *errors, const char *message, size_t length) {
    char *text = text_of(&errors->message, MAX_MESSAGE);
    errors->message_length = 0;
    if (text == NULL) return;
    if (length > MAX_MESSAGE - 1) length = MAX_MESSAGE - 1;
    memcpy(text, message, length);
    text[length] = '\0';
    errors->message_length = length;
}

static void clear_position(error_state *errors) {
    errors->file_length = 0;
    errors->line = 0;
    errors->traceback_length = 0;
    errors->logged = false;
}

int plr_refuse_entry(error_state *errors, const char *message) {
    plr_record_error(errors, message, strlen(message));
    clear_position(errors);
    return PLR_ERROR_RUNTIME;
}

/* "name:12: near …" -> 12 */
void plr_record_syntax_position(error_state *errors, const char *name) {
    errors->traceback_length = 0;
    errors->line = 0;
    if (errors->message == NULL) return;
    char *file = text_of(&errors->file, MAX_FILE);
    if (file) {
        size_t length = strlen(name);
        errors->file_length = length < MAX_FILE - 1 ? length : MAX_FILE - 1;
        memcpy(file, name, errors->file_length);
    }
    for (const char *colon = strchr(errors->message, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *end;
        long line = strtol(colon + 1, &end, 10);
        if (end > colon + 1 && *end == ':' && line > 0) {
            errors->line = (int32_t)line;
            return;
        }
    }
}

/* Records file, line and traceback of the running function. */
static void record_position(plr_vm *vm, lua_State *L, int level) {
    error_state *errors = &vm->errors;
    clear_position(errors);
    lua_Debug ar;
    for (int at = level; at < level + 32 && lua_getstack(L, at, &ar); at++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        char *file = text_of(&errors->file, MAX_FILE);
        if (file) errors->file_length = plr_append(file, MAX_FILE, 0, "%s", plr_source_name(&ar));
        errors->line = ar.currentline;
        break;
    }
    char *trace = text_of(&errors->traceback, MAX_TRACEBACK);
    if (trace == NULL) return;
    size_t used = plr_append(trace, MAX_TRACEBACK, 0, "stack traceback:");
    if (errors->coroutine_trace_length > 0) {
        used = plr_append(trace, MAX_TRACEBACK, used, "%.*s%s", (int)errors->coroutine_trace_length,
                          errors->coroutine_trace, resumed);
        errors->coroutine_trace_length = 0;
    }
    used = plr_append_levels(L, trace, MAX_TRACEBACK, used, level);
    if (L == running_coroutine(&vm->coroutines)) {
        for (const resumer *by = innermost_resumer(&vm->coroutines); by; by = by->outer) {
            used = plr_append(trace, MAX_TRACEBACK, used, "%s", resumed);
            used = plr_append_levels(by->L, trace, MAX_TRACEBACK, used, 0);
        }
    }
    errors->traceback_length = used;
}

void plr_record_fatal(plr_vm *vm, lua_State *L, int kind) {
    error_state *errors = &vm->errors;
    char text[1024];
    size_t used = 0;
    record_position(vm, L, 0);
    if (errors->line > 0) {
        used = plr_append(text, sizeof text, 0, "%.*s:%d: ", (int)errors->file_length, errors->file, errors->line);
    }
    if (kind == PLR_ERROR_TIME) {
        double limit = (double)time_limit_ns(&vm->watchdog) / 1e6;
        used = plr_append(text, sizeof text, used, "time limit of %g ms of CPU time exceeded", limit);
    } else if (kind == PLR_ERROR_MEMORY) {
        double limit = (double)memory_limit(&vm->memory) / 1048576;
        used = plr_append(text, sizeof text, used, "memory limit of %.3g MiB exceeded", limit);
    } else {
        used = plr_append(text, sizeof text, used, "stopped by the host");
    }
    plr_record_error(errors, text, used);
}

void plr_note_fatal(plr_vm *vm, lua_State *L, int kind) {
    if (vm->errors.fatal != 0) return;
    vm->errors.fatal = kind;
    if (L) plr_record_fatal(vm, L, kind);
}

/* The message handler of every entry. It runs no Lua, so it does not call an error value's __tostring. */
int plr_message_handler(lua_State *L) {
    plr_vm *vm = vm_of(L);
    error_state *errors = &vm->errors;
    if (errors->fatal) return 1;
    char text[64];
    int type = lua_type(L, 1);
    if (type == LUA_TSTRING) {
        size_t length;
        const char *message = lua_tolstring(L, 1, &length);
        plr_record_error(errors, message, length);
    } else if (type == LUA_TNUMBER) {
        plr_record_error(errors, text, plr_append(text, sizeof text, 0, LUA_NUMBER_FMT, lua_tonumber(L, 1)));
    } else {
        plr_record_error(errors, text, plr_append(text, sizeof text, 0, "error object of type %s", type_name(L, 1)));
    }
    record_position(vm, L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ERROR_VALUE);
    errors->logged = type != LUA_TNIL && lua_rawequal(L, 1, -1);
    lua_pop(L, 1);
    return 1;
}

plr_error_info plr_last_error(const plr_vm *vm) {
    const error_state *error = &vm->errors;
    return (plr_error_info){
        .message = error->message,
        .message_length = error->message_length,
        .file = error->file,
        .file_length = error->file_length,
        .line = error->line,
        .traceback = error->traceback,
        .traceback_length = error->traceback_length,
        .logged = error->logged,
    };
}

void plr_free_errors(error_state *errors) {
    free(errors->message);
    free(errors->traceback);
    free(errors->file);
    free(errors->coroutine_trace);
}

/* ---- the value that error() raised ---- */

void plr_keep_error_value(lua_State *L, plr_vm *vm) {
    if (lua_isnil(L, -1)) lua_pushboolean(L, 0); /* nil would be a hole between the registry's slots */
    else lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_ERROR_VALUE);
    vm->errors.keeps_value = true;
}

void plr_drop_error_value(plr_vm *vm) {
    vm->errors.keeps_value = false;
    lua_pushboolean(vm->L, 0);
    lua_rawseti(vm->L, LUA_REGISTRYINDEX, R_ERROR_VALUE); /* an existing key: allocates nothing */
}

/* ---- raising ---- */

int plr_raise_fatal(lua_State *L, int kind) {
    plr_vm *vm = vm_of(L);
    plr_note_fatal(vm, L, kind);
    plr_rethrow(L, vm);
}

int plr_raise_interrupt(lua_State *L) {
    plr_raise_fatal(L, plr_stop_kind(vm_of(L)->control));
}

/* Raises a light userdata, the value of every fatal error: scripts can't make or see one, and raising it allocates
 * nothing. It is pushed on top of the stack: in a hook, the slots below are the script's locals, and closures that live
 * longer may have captured them. */
int plr_rethrow(lua_State *L, plr_vm *vm) {
    lua_pushlightuserdata(L, vm);
    lua_error(L);
    abort(); /* lua_error does not return */
}

bool plr_is_fatal(plr_vm *vm, int status) {
    if (PLR_UNLIKELY(status == LUA_ERRMEM)) {
        plr_note_fatal(vm, running_coroutine(&vm->coroutines), PLR_ERROR_MEMORY);
    }
    return vm->errors.fatal != 0;
}

int plr_throw(lua_State *L, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    plr_push_where(L);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    lua_error(L);
    abort(); /* lua_error does not return */
}
