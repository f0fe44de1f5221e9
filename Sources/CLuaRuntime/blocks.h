#ifndef PERIGEE_LUA_RUNTIME_BLOCKS_H
#define PERIGEE_LUA_RUNTIME_BLOCKS_H

/* Where blocks come from: small ones from free lists, middle ones from malloc; large ones have pages of their own. The
 * fast paths are inline, so that they are compiled into plr_allocate (memory.c), which Lua calls; the rest is in
 * blocks.c and large_blocks.c. */

#include "base.h"

#if defined(__SANITIZE_ADDRESS__)
#define PLAIN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PLAIN_MALLOC 1
#endif
#endif

/* A block of MAPPED bytes or more has pages of its own, so that it grows without its bytes being copied. */
enum { PAGE = 4096, LARGE = 1 << 20, MAPPED = 4 << 20 };

enum { GRAIN = 16, SIZE_CLASSES = 16, LARGEST_SMALL = GRAIN * SIZE_CLASSES };

typedef struct {
    void *free_lists[SIZE_CLASSES]; /* small blocks that were given back; each begins with the address of the next */
    char *slab_next, *slab_end;     /* what is left of the newest slab */
    size_t slab_size;               /* of the next slab */
    char *region, *region_next, *region_end; /* where slabs are, see blocks.c */
    size_t region_size;                      /* to reserve with the first slab */
    void *malloced_slabs;                    /* slabs for which the region had no room, linked as above */
} block_state;

#pragma GCC visibility push(hidden)

void plr_open_blocks(block_state *blocks, uint64_t memory_limit);
void plr_free_blocks(block_state *blocks);
/* The slow paths of the inline functions below. */
void *plr_take_from_slab(block_state *blocks, size_t size);
void *plr_map_pages(size_t size);
void plr_give_large_block(void *block, size_t size);
void *plr_shrink_mapped(void *block, size_t old_size, size_t new_size);

/* To fetch a page in a virtual machine, or to fill a large block, may take longer than the time that a script has left:
 * see large_blocks.c. */
void plr_use_large_pages(const plr_vm *vm, void *block, size_t size);
/* Fetches the pages of the block. False: the time is over. */
bool plr_fetch_pages(plr_vm *vm, char *block, size_t size);
/* Makes a mapped block larger. NULL: there is no memory, or, when it sets `late`, the time is over. */
void *plr_grow_mapped(plr_vm *vm, void *block, size_t old_size, size_t new_size, bool *late);
/* Whether the work that Lua does with the new block would take longer than the time that is left. */
bool plr_is_too_late_for_block(plr_vm *vm, size_t old_size, size_t new_size);

#pragma GCC visibility pop

static inline size_t whole_pages(size_t size) {
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

#ifdef PLAIN_MALLOC
static inline bool is_mapped(size_t size) {
    (void)size;
    return false;
}
static inline bool has_free_block(const block_state *blocks, size_t size) {
    (void)blocks, (void)size;
    return false;
}
static inline void *take_free_block(block_state *blocks, size_t size) {
    (void)blocks, (void)size;
    return NULL;
}
static inline void *take_block(block_state *blocks, size_t size) {
    (void)blocks;
    return malloc(size);
}
static inline void free_block(block_state *blocks, void *block, size_t size) {
    (void)blocks, (void)size;
    free(block);
}
static inline void *change_block(block_state *blocks, void *block, size_t old_size, size_t new_size) {
    (void)blocks, (void)old_size;
    return realloc(block, new_size);
}
#else
static inline bool is_mapped(size_t size) {
    return size >= MAPPED;
}

static inline size_t class_of_size(size_t size) {
    return (size - 1) / GRAIN;
}

/* Whether the block is small and one of its size has been given back. */
static inline bool has_free_block(const block_state *blocks, size_t size) {
    return size <= LARGEST_SMALL && blocks->free_lists[class_of_size(size)] != NULL;
}

/* Only to be called if has_free_block is true. */
static inline void *take_free_block(block_state *blocks, size_t size) {
    void **list = &blocks->free_lists[class_of_size(size)], *block = *list;
    memcpy(list, block, sizeof(void *));
    return block;
}

static inline void *take_block(block_state *blocks, size_t size) {
    if (PLR_LIKELY(has_free_block(blocks, size))) return take_free_block(blocks, size);
    if (size <= LARGEST_SMALL) return plr_take_from_slab(blocks, size);
    return is_mapped(size) ? plr_map_pages(size) : malloc(size);
}

static inline void free_block(block_state *blocks, void *block, size_t size) {
    if (PLR_UNLIKELY(size > LARGEST_SMALL)) {
        plr_give_large_block(block, size);
        return;
    }
    void **list = &blocks->free_lists[class_of_size(size)];
    memcpy(block, list, sizeof(void *));
    *list = block;
}

/* Changes the size of a block; a mapped block only becomes smaller here. NULL: there is no memory. */
static inline void *change_block(block_state *blocks, void *block, size_t old_size, size_t new_size) {
    if (old_size > LARGEST_SMALL && new_size > LARGEST_SMALL && !is_mapped(old_size) && !is_mapped(new_size)) {
        return realloc(block, new_size);
    }
    if (is_mapped(old_size) && is_mapped(new_size)) return plr_shrink_mapped(block, old_size, new_size);
    if (old_size <= LARGEST_SMALL && new_size <= LARGEST_SMALL && class_of_size(old_size) == class_of_size(new_size)) {
        return block;
    }
    void *fresh = take_block(blocks, new_size);
    if (fresh == NULL) {
        /* If a block can't be made smaller, Lua keeps the old one. That is not possible here: Lua would give the new
         * size when it frees the block, and the pages would be freed as a block of malloc. A host without any memory
         * left would not survive either. */
        if (is_mapped(old_size)) abort();
        return NULL;
    }
    memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    free_block(blocks, block, old_size);
    return fresh;
}
#endif

#endif
