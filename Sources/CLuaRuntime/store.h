#ifndef PERIGEE_LUA_RUNTIME_STORE_H
#define PERIGEE_LUA_RUNTIME_STORE_H

/* The host's store. On the side of C, only this file decides whether a row is alive, whether it has a column, and that
 * a change makes the row dirty and perhaps moved. */

#include "base.h"

typedef struct {
    plr_store *rows; /* NULL until the host gives one; the host updates it when its storage moves */
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

static inline bool is_read_only(const store_state *store) {
    return store->is_read_only;
}

static inline const char *read_only_message(const store_state *store) {
    return store->read_only_message;
}

#endif
