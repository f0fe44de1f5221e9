#ifndef PERIGEE_LUA_RUNTIME_STORE_H
#define PERIGEE_LUA_RUNTIME_STORE_H

/* The host's store. On the side of C, only this file decides whether a row is alive, whether it has a column, and that
 * a change makes the row dirty and perhaps moved. */

#include "base.h"

/* Where the host has the text of a Lua string. Only a hint: the Lua string may be gone, and another one at its address;
 * the host may have another text under the number. */
typedef struct {
    const char *text;
    uint32_t id;
} text_hint;

enum { TEXT_HINTS = 256 };

typedef struct {
    plr_store *rows; /* NULL until the host gives one; the host updates it when its storage moves */
    text_hint hints[TEXT_HINTS];
    bool is_read_only;
    char read_only_message[160];
} store_state;

static inline plr_store *store_of(const store_state *store) {
    return store->rows;
}

/* Whether the row is in use, whatever the generation. */
static inline bool row_is_used(const plr_store *rows, uint32_t slot) {
    return rows->generation[slot] & 1;
}

/* Whether the row is in use by the object that has this generation. Generations of objects are odd. */
static inline bool row_is_alive(const plr_store *rows, uint32_t slot, uint32_t generation) {
    return slot < rows->capacity && rows->generation[slot] == generation;
}

/* Whether the row that the reference names is alive. Only for references of classes that live in the store. */
static inline bool is_alive(const store_state *store, const plr_ref *ref) {
    return store->rows && row_is_alive(store->rows, ref->slot, ref->generation);
}

/* Whether rows of this row's kind have the column. */
static inline bool row_has_column(const plr_store *rows, uint32_t slot, const plr_column *column) {
    return column->kinds >> rows->kind[slot] & 1;
}

/* NULL: the host has no such column. */
static inline const plr_column *find_column(const plr_store *rows, uint32_t index) {
    return rows && index < rows->column_count ? &rows->columns[index] : NULL;
}

static inline void put_on_list(uint8_t *flag, uint32_t *list, uint32_t *count, uint32_t slot) {
    if (flag == NULL || flag[slot]) return;
    flag[slot] = 1;
    list[(*count)++] = slot;
}

/* Records that a column of the row has changed: the row becomes dirty, and moved if the column has PLR_COLUMN_MOVES. */
static inline void note_change(const plr_store *rows, uint32_t slot, const plr_column *column) {
    if (PLR_LIKELY(rows->dirty != NULL)) {
        uint64_t *bits = rows->dirty + (size_t)slot * rows->dirty_words;
        bits[column->dirty_bit / 64] |= UINT64_C(1) << (column->dirty_bit % 64);
    }
    put_on_list(rows->dirty_flag, rows->dirty_list, rows->dirty_count, slot);
    if (column->flags & PLR_COLUMN_MOVES) put_on_list(rows->moved_flag, rows->moved_list, rows->moved_count, slot);
}

static inline text_hint *hint_for(store_state *store, const char *text) {
    return &store->hints[((uintptr_t)text >> 4) % TEXT_HINTS];
}

/* Finds the host's number of a text that the host takes for this column; PLR_STORE_NIL_STRING if it is not known. */
static inline uint32_t accepted_text(store_state *store, const plr_column *column, const char *text, size_t length) {
    const plr_store *rows = store->rows;
    const text_hint *hint = hint_for(store, text);
    if (hint->text != text || hint->id >= rows->string_count) return PLR_STORE_NIL_STRING;
    const plr_string_entry *entry = &rows->strings[hint->id];
    if (!(entry->flags & column->accepted) || entry->length != length) return PLR_STORE_NIL_STRING;
    return memcmp(entry->bytes, text, length) == 0 ? hint->id : PLR_STORE_NIL_STRING;
}

/* Puts an accepted text into a row, counts its use, and records the change. Returns false, and changes nothing, if the
 * host must do that. */
static inline bool put_text(const plr_store *rows, uint32_t slot, const plr_column *column, uint32_t id) {
    uint32_t *cell = (uint32_t *)column->data + slot;
    uint32_t old = *cell;
    if (old == id) {
        if (column->flags & PLR_COLUMN_ALWAYS_DIRTY) note_change(rows, slot, column);
        return true;
    }
    if (old >= rows->string_count || rows->string_uses[old] < 2) return false;
    plr_weight *weight = rows->weight;
    int64_t growth = (int64_t)rows->strings[id].length - (int64_t)rows->strings[old].length;
    if (growth > 0 && weight->total + weight->kept + growth > weight->limit) return false;
    weight->total += growth;
    rows->string_uses[id]++;
    rows->string_uses[old]--;
    *cell = id;
    note_change(rows, slot, column);
    return true;
}

static inline bool is_read_only(const store_state *store) {
    return store->is_read_only;
}

static inline const char *read_only_message(const store_state *store) {
    return store->read_only_message;
}

#endif
