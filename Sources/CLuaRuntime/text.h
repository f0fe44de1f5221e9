#ifndef PERIGEE_LUA_RUNTIME_TEXT_H
#define PERIGEE_LUA_RUNTIME_TEXT_H

/* Long texts that string.rep and table.concat build. */

#include "base.h"

typedef struct {
    char *bytes; /* of the text that is being built; NULL: none */
} text_state;

static inline bool has_text(const text_state *text) {
    return text->bytes != NULL;
}

#pragma GCC visibility push(hidden)

/* Returns a buffer of `size` bytes for the text. */
char *plr_text_begin(lua_State *L, plr_vm *vm, size_t size);
/* Copies bytes into the buffer, and checks the time limit. */
void plr_text_copy(lua_State *L, plr_vm *vm, char *to, const char *from, size_t length);
/* Pushes the text. */
void plr_text_end(lua_State *L, plr_vm *vm, size_t length);
void plr_text_free(text_state *text);

extern const luaL_Reg plr_string_functions[]; /* string.rep */

#pragma GCC visibility pop

#endif
