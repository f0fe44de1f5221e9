#ifndef PERIGEE_LUA_RUNTIME_ERRORS_H
#define PERIGEE_LUA_RUNTIME_ERRORS_H

/* What is known about a failure, and the errors that no script can catch. */

#include "base.h"

enum { MAX_MESSAGE = 4096, MAX_TRACEBACK = 8192 };

typedef struct {
    int fatal;        /* PLR_ERROR_TIME, MEMORY or STOPPED until the outermost entry returns, then 0 */
    bool keeps_value; /* the registry has the value that error() raised last */

    /* What plr_last_error returns. The buffers are allocated when they are first needed. */
    char *message, *traceback, *file;
    size_t message_length, traceback_length, file_length;
    int32_t line;
    bool logged;

    char *coroutine_trace; /* traceback of the coroutines through whose wrap() an error passes */
    size_t coroutine_trace_length;
} error_state;

static inline int fatal_kind(const error_state *errors) {
    return errors->fatal;
}

/* For a place that catches an error: the error's coroutine trace is no longer needed. */
static inline void forget_coroutine_trace(error_state *errors) {
    errors->coroutine_trace_length = 0;
}

/* When an outermost entry begins. */
static inline void forget_errors(error_state *errors) {
    errors->fatal = 0;
    forget_coroutine_trace(errors);
}

static inline bool keeps_error_value(const error_state *errors) {
    return errors->keeps_value;
}

#pragma GCC visibility push(hidden)

int plr_message_handler(lua_State *L);
void plr_record_error(error_state *errors, const char *message, size_t length);
/* For an entry that is refused: records the message, without a position, and returns PLR_ERROR_RUNTIME. */
int plr_refuse_entry(error_state *errors, const char *message);
/* Records the position of a compiler error: reads the line from the recorded message. */
void plr_record_syntax_position(error_state *errors, const char *name);
void plr_record_fatal(plr_vm *vm, lua_State *L, int kind);
/* Records a fatal error, unless there is one already. `L` may be NULL while no script runs yet. */
void plr_note_fatal(plr_vm *vm, lua_State *L, int kind);
/* Whether no script may catch the error with which a protected call ended. */
bool plr_is_fatal(plr_vm *vm, int status);
/* Records the stack of a coroutine whose error passes through wrap(). */
void plr_record_coroutine(error_state *errors, lua_State *co);
/* Keeps the value at the top, which error() raises, in the registry until the outermost call ends, so that
 * plr_message_handler recognizes it. */
void plr_keep_error_value(lua_State *L, plr_vm *vm);
void plr_drop_error_value(plr_vm *vm);
void plr_free_errors(error_state *errors);

int plr_raise_interrupt(lua_State *L) __attribute__((noreturn));
int plr_raise_fatal(lua_State *L, int kind) __attribute__((noreturn));
int plr_rethrow(lua_State *L, plr_vm *vm) __attribute__((noreturn));
/* As luaL_error, but with the position of the script even if the script called this through library functions. */
int plr_throw(lua_State *L, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* ---- tracebacks, see traceback.c */
/* Appends formatted text to the `used` bytes in the buffer, as far as it fits; returns the new number of bytes. */
size_t plr_append(char *buffer, size_t size, size_t used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Appends the stack levels of `from`; leaves out the middle of a deep stack. */
size_t plr_append_levels(lua_State *from, char *buffer, size_t size, size_t used, int level);
size_t plr_write_traceback(lua_State *from, char *buffer, size_t size, int level);
const char *plr_source_name(const lua_Debug *ar);
/* Pushes "file:line: " of the innermost Lua function that runs, or "". */
void plr_push_where(lua_State *L);

int plr_library_error(lua_State *L);
int plr_library_traceback(lua_State *L);

#pragma GCC visibility pop

#endif
