/* Building long texts, and string.rep. While a text is built, its bytes don't count towards the memory limit, so that a
 * text can be nearly as long as the limit. After an error the buffer stays until the next text begins, or the call
 * ends. */

#include "internal.h"

#include <math.h>

enum { PIECE = 256 << 10 };

char *plr_text_begin(lua_State *L, plr_vm *vm, size_t size) {
    plr_check_room(L, vm, (uint64_t)size + 64);
    plr_text_free(&vm->text);
    char *bytes = malloc(size);
    if (bytes == NULL) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    vm->text.bytes = bytes;
    if (size >= LARGE) plr_use_large_pages(vm, bytes, size);
    return bytes;
}

void plr_text_copy(lua_State *L, plr_vm *vm, char *to, const char *from, size_t length) {
    for (size_t piece; length > 0; to += piece, from += piece, length -= piece) {
        CHECK_INTERRUPT(L, vm); /* also before a short piece: there may be many */
        piece = length < PIECE ? length : PIECE;
        memcpy(to, from, piece);
    }
}

void plr_text_end(lua_State *L, plr_vm *vm, size_t length) {
    CHECK_INTERRUPT(L, vm);
    lua_pushlstring(L, vm->text.bytes, length);
    plr_text_free(&vm->text);
}

void plr_text_free(text_state *text) {
    free(text->bytes);
    text->bytes = NULL;
}

static int string_rep(lua_State *L) {
    plr_vm *vm = vm_of(L);
    size_t length;
    const char *s = luaL_checklstring(L, 1, &length);
    double times = luaL_checknumber(L, 2);
    times = trunc(times);
    if (!(times >= 1) || length == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    double total = times * (double)length;
    if (total > (double)memory_limit(&vm->memory)) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    size_t size = (size_t)total;
    char *text = plr_text_begin(L, vm, size);
    plr_text_copy(L, vm, text, s, length);
    for (size_t done = length; done < size;) {
        size_t phase = done % length, more = done - phase; /* a piece may end anywhere in `s` */
        if (more > size - done) more = size - done;
        if (more > PIECE) more = PIECE;
        CHECK_INTERRUPT(L, vm);
        memcpy(text + done, text + phase, more);
        done += more;
    }
    plr_text_end(L, vm, size);
    return 1;
}

const luaL_Reg plr_string_functions[] = {{"rep", string_rep}, {NULL, NULL}};
