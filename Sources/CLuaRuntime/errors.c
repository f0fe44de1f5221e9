/* What is known about a failure: message, position, traceback. Written into plain C memory with nothing allocated in
 * Lua, because the reason may be that there is no memory or no time left. */

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_LEVELS = 14, LAST_LEVELS = 10 };

static char *text_of(char **buffer, size_t size) {
    if (*buffer == NULL) *buffer = malloc(size);
    return *buffer;
}

static bool level_exists(lua_State *L, int level) {
    lua_Debug ar;
    return lua_getstack(L, level, &ar);
}

/* lua_getstack walks from the top, so counting level by level would be quadratic. */
static int stack_depth(lua_State *L) {
    int low = 0, high = 16;
    while (level_exists(L, high)) {
        low = high;
        high *= 2;
    }
    while (low < high) {
        int middle = (low + high) / 2;
        if (level_exists(L, middle)) low = middle + 1;
        else high = middle;
    }
    return low;
}

static const char *source_name(const lua_Debug *ar) {
    return ar->source[0] == '@' ? ar->source + 1 : ar->short_src;
}

static size_t append(char *buffer, size_t size, size_t used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static size_t append(char *buffer, size_t size, size_t used, const char *format, ...) {
    if (used + 1 >= size) return used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(buffer + used, size - used, format, arguments);
    va_end(arguments);
    if (length < 0) return used;
    used += (size_t)length;
    return used < size ? used : size - 1;
}

static size_t append_level(lua_State *L, int level, char *buffer, size_t size, size_t used) {
    lua_Debug ar;
    if (!lua_getstack(L, level, &ar)) return used;
    lua_getinfo(L, "Snl", &ar);
    if (*ar.what == 't') return append(buffer, size, used, "\n\t(...tail calls...)");
    if (*ar.what == 'C') {
        if (*ar.namewhat == '\0') return used; /* the host's own entries */
        return append(buffer, size, used, "\n\t[host]: in function '%.60s'", ar.name);
    }
    used = append(buffer, size, used, "\n\t%.200s:", source_name(&ar));
    if (ar.currentline > 0) used = append(buffer, size, used, "%d:", ar.currentline);
    if (*ar.namewhat != '\0') return append(buffer, size, used, " in function '%.60s'", ar.name);
    if (*ar.what == 'm') return append(buffer, size, used, " in main chunk");
    return append(buffer, size, used, " in function <%.200s:%d>", source_name(&ar), ar.linedefined);
}

/* Appends the levels of `from`, the middle of a deep stack left out. */
static size_t append_levels(lua_State *from, char *buffer, size_t size, size_t used, int level) {
    int depth = stack_depth(from);
    if (level < 0) level = 0;
    for (; level < depth; level++) {
        if (level == FIRST_LEVELS && depth - level > LAST_LEVELS) {
            used = append(buffer, size, used, "\n\t... (%d more)", depth - level - LAST_LEVELS);
            level = depth - LAST_LEVELS;
        }
        used = append_level(from, level, buffer, size, used);
    }
    return used;
}

size_t plr_write_traceback(lua_State *from, char *buffer, size_t size, int level) {
    size_t used = append(buffer, size, 0, "stack traceback:");
    return append_levels(from, buffer, size, used, level);
}

static const char resumed[] = "\n\t(resumed by)";

void plr_record_coroutine(plr_vm *vm, lua_State *co) {
    if (text_of(&vm->coroutine_trace, MAX_TRACEBACK / 2) == NULL) return;
    /* An outer wrap() adds to what an inner one noted. */
    size_t used = vm->coroutine_trace_length;
    if (used > 0) used = append(vm->coroutine_trace, MAX_TRACEBACK / 2, used, "%s", resumed);
    vm->coroutine_trace_length = append_levels(co, vm->coroutine_trace, MAX_TRACEBACK / 2, used, 0);
}

void plr_record_error(plr_vm *vm, const char *message, size_t length) {
    char *text = text_of(&vm->error.message, MAX_MESSAGE);
    vm->error.message_length = 0;
    if (text == NULL) return;
    if (length > MAX_MESSAGE - 1) length = MAX_MESSAGE - 1;
    memcpy(text, message, length);
    text[length] = '\0';
    vm->error.message_length = length;
}

static void clear_position(plr_vm *vm) {
    vm->error.file_length = 0;
    vm->error.line = 0;
    vm->error.traceback_length = 0;
    vm->error.logged = false;
}

/* Notes file, line and traceback of the running function. */
void plr_record_position(plr_vm *vm, lua_State *L, int level) {
    clear_position(vm);
    lua_Debug ar;
    for (int at = level; at < level + 32 && lua_getstack(L, at, &ar); at++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        char *file = text_of(&vm->error.file, 512);
        if (file) vm->error.file_length = append(file, 512, 0, "%s", source_name(&ar));
        vm->error.line = ar.currentline;
        break;
    }
    char *trace = text_of(&vm->error.traceback, MAX_TRACEBACK);
    if (trace == NULL) return;
    size_t used = append(trace, MAX_TRACEBACK, 0, "stack traceback:");
    if (vm->coroutine_trace_length > 0) {
        used = append(trace, MAX_TRACEBACK, used, "%.*s%s", (int)vm->coroutine_trace_length, vm->coroutine_trace,
                      resumed);
        vm->coroutine_trace_length = 0;
    }
    used = append_levels(L, trace, MAX_TRACEBACK, used, level);
    if (L == vm->current) {
        for (const resumer *by = vm->resumers; by; by = by->outer) {
            used = append(trace, MAX_TRACEBACK, used, "%s", resumed);
            used = append_levels(by->L, trace, MAX_TRACEBACK, used, 0);
        }
    }
    vm->error.traceback_length = used;
}

void plr_record_fatal(plr_vm *vm, lua_State *L, int kind) {
    char text[1024];
    size_t used = 0;
    plr_record_position(vm, L, 0);
    if (vm->error.line > 0) {
        used = append(text, sizeof text, 0, "%.*s:%d: ", (int)vm->error.file_length, vm->error.file, vm->error.line);
    }
    if (kind == PLR_ERROR_TIME) {
        double limit = (double)atomic_load_explicit(&vm->limit_ns, memory_order_relaxed) / 1e6;
        used = append(text, sizeof text, used, "time limit of %g ms of CPU time exceeded", limit);
    } else if (kind == PLR_ERROR_MEMORY) {
        used = append(text, sizeof text, used, "memory limit of %.3g MiB exceeded", (double)vm->limit / 1048576);
    } else {
        used = append(text, sizeof text, used, "stopped by the host");
    }
    plr_record_error(vm, text, used);
}

int plr_raise_fatal(lua_State *L, int kind) {
    plr_vm *vm = vm_of(L);
    if (vm->fatal == 0) {
        vm->fatal = kind;
        plr_record_fatal(vm, L, kind);
    }
    plr_rethrow(L, vm);
}

int plr_raise_interrupt(lua_State *L) {
    plr_raise_fatal(L, plr_stop_kind(vm_of(L)));
}

/* The value of a fatal error: scripts can't make or see one, and raising it allocates nothing. It goes on top: in a
 * hook the slots below are the script's locals, which closures that live on may have captured. */
int plr_rethrow(lua_State *L, plr_vm *vm) {
    lua_pushlightuserdata(L, vm);
    lua_error(L);
    abort(); /* lua_error does not return */
}

bool plr_is_fatal(plr_vm *vm, int status) {
    if (PLR_UNLIKELY(status == LUA_ERRMEM && vm->fatal == 0)) {
        vm->fatal = PLR_ERROR_MEMORY;
        plr_record_fatal(vm, vm->current, PLR_ERROR_MEMORY);
    }
    return vm->fatal != 0;
}

/* The handler of every entry. Runs C only: an error value's __tostring is a script's code. */
int plr_message_handler(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->fatal) return 1;
    char number[64];
    size_t length;
    int type = lua_type(L, 1);
    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(L, 1, &length);
        plr_record_error(vm, text, length);
    } else if (type == LUA_TNUMBER) {
        plr_record_error(vm, number, append(number, sizeof number, 0, LUA_NUMBER_FMT, lua_tonumber(L, 1)));
    } else {
        plr_record_error(vm, number, append(number, sizeof number, 0, "error object of type %s", type_name(L, 1)));
    }
    plr_record_position(vm, L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_ERROR_VALUE);
    vm->error.logged = type != LUA_TNIL && lua_rawequal(L, 1, -1);
    lua_pop(L, 1);
    return 1;
}

plr_error_info plr_last_error(const plr_vm *vm) {
    const error_record *error = &vm->error;
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

/* Pushes "file:line: " of the innermost Lua function that runs, or "". */
void plr_push_where(lua_State *L) {
    lua_Debug ar;
    for (int level = 0; level < 16 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

int32_t plr_call_position(const plr_call *call, char *script, size_t size) {
    lua_Debug ar;
    for (int level = 0; level < 16 && lua_getstack(call->state, level, &ar); level++) {
        lua_getinfo(call->state, "Sl", &ar);
        if (ar.currentline <= 0) continue;
        append(script, size, 0, "%s", source_name(&ar));
        return ar.currentline;
    }
    return 0;
}

/* luaL_error, with the position of the script even when it came here through library functions. */
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

/* error(value [, level]): tells the host, then raises as in stock Lua. */
int plr_library_error(lua_State *L) {
    plr_vm *vm = vm_of(L);
    int level = luaL_optint(L, 2, 1);
    lua_settop(L, 1);
    if (lua_isstring(L, 1) && level > 0) {
        luaL_where(L, level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    } else {
        lua_pushvalue(L, 1);
    }
    if (lua_isnil(L, 2)) lua_pushboolean(L, 0); /* nil would be a hole between the registry's slots */
    else lua_pushvalue(L, 2);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_ERROR_VALUE); /* stack: value, raised */
    vm->error_value_kept = true;
    lua_pushvalue(L, 2);
    /* A table's __tostring is not run: it could fail, and error() would raise another value than it was given. */
    if (lua_type(L, 3) == LUA_TNUMBER) {
        lua_tostring(L, 3);
    } else if (lua_type(L, 3) != LUA_TSTRING) {
        lua_pushfstring(L, "error object of type %s", type_name(L, 3));
        lua_replace(L, 3);
    }
    char trace[2048];
    lua_pushlstring(L, trace, plr_write_traceback(L, trace, sizeof trace, 1));
    plr_ref none = plr_no_ref();
    lua_pop(L, plr_call_host(L, vm, PLR_OP_ERROR_LOG, 0, &none, 3, 2, false));
    lua_settop(L, 2);
    return lua_error(L);
}

/* debug.traceback([thread,] [message [, level]]) */
int plr_library_traceback(lua_State *L) {
    lua_State *from = L;
    int argument = 0;
    if (lua_isthread(L, 1)) {
        from = lua_tothread(L, 1);
        argument = 1;
    }
    if (!lua_isnoneornil(L, argument + 1) && !lua_isstring(L, argument + 1)) {
        lua_settop(L, argument + 1);
        return 1; /* as stock: a message that is no text comes back as it is */
    }
    double given = luaL_optnumber(L, argument + 2, from == L ? 1 : 0);
    int level = given >= 0 && given < 1e6 ? (int)given : given < 0 ? 0 : 1000000;
    lua_settop(L, argument + 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushliteral(L, "");
    } else {
        lua_pushliteral(L, "\n");
    }
    char trace[MAX_TRACEBACK];
    size_t length = plr_write_traceback(from, trace, sizeof trace, level);
    lua_pushlstring(L, trace, length);
    lua_concat(L, lua_gettop(L) - argument);
    return 1;
}
