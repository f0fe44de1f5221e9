/* Slabs of small blocks and the region in which they lie, and blocks that are large. */

#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>

enum { FIRST_SLAB = 4096, LAST_SLAB = 32768 };

#ifdef PLAIN_MALLOC
void plr_open_blocks(block_state *blocks, uint64_t memory_limit) {
    (void)blocks, (void)memory_limit;
}
void plr_free_blocks(block_state *blocks) {
    (void)blocks;
}
#else

/* The order in which a table is traversed depends on the lower 32 bits of the addresses of the tables, functions and
 * proxies that are its keys. So each VM has a region of its own for slabs, which begins at a multiple of 4 GiB: the
 * same calls then give the same order in every VM and every process, and recordings rely on that. Larger blocks come
 * from malloc; the only key that can be so large is a function with more than 25 upvalues. The region only reserves
 * addresses. It has room for the memory limit once for each size class, since no block changes its class. */
static const size_t ALIGNMENT = (size_t)1 << 32;

typedef struct {
    _Atomic(char *) begin;
    size_t size;
} kept_region;

/* Regions of VMs that were freed, kept for later VMs: to fetch a new region page by page takes longer than all other
 * work for a small VM. A thread takes a place by setting its `begin` to the address of `in_use_mark`, so that no other
 * thread reads its `size` meanwhile. */
enum { KEPT_REGIONS = 4, KEPT_PAGES = 1 << 20 };
static kept_region kept_regions[KEPT_REGIONS];
static char in_use_mark;

static char *take_kept_region(size_t size) {
    for (int i = 0; i < KEPT_REGIONS; i++) {
        char *begin = atomic_load(&kept_regions[i].begin);
        if (begin == NULL || begin == &in_use_mark) continue;
        if (!atomic_compare_exchange_strong(&kept_regions[i].begin, &begin, &in_use_mark)) continue;
        bool fits = kept_regions[i].size == size;
        atomic_store(&kept_regions[i].begin, fits ? NULL : begin);
        if (fits) return begin;
    }
    return NULL;
}

static bool keep_region(char *begin, size_t size) {
    for (int i = 0; i < KEPT_REGIONS; i++) {
        char *none = NULL;
        if (!atomic_compare_exchange_strong(&kept_regions[i].begin, &none, &in_use_mark)) continue;
        kept_regions[i].size = size;
        atomic_store(&kept_regions[i].begin, begin);
        return true;
    }
    return false;
}

static char *map_region(size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    char *begin = mmap(NULL, size + ALIGNMENT, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (begin == MAP_FAILED) return NULL;
    size_t before = (ALIGNMENT - ((uintptr_t)begin & (ALIGNMENT - 1))) & (ALIGNMENT - 1);
    if (before > 0) munmap(begin, before);
    munmap(begin + before + size, ALIGNMENT - before);
    return begin + before;
}

void plr_open_blocks(block_state *blocks, uint64_t memory_limit) {
    blocks->slab_size = FIRST_SLAB;
    blocks->region_size = whole_pages(((size_t)memory_limit + LAST_SLAB) * SIZE_CLASSES);
}

static void reserve_region(block_state *blocks) {
    char *begin = take_kept_region(blocks->region_size);
    if (begin == NULL) begin = map_region(blocks->region_size);
    if (begin == NULL) return; /* then slabs come from malloc */
    blocks->region = blocks->region_next = begin;
    blocks->region_end = begin + blocks->region_size;
}

static void free_region(block_state *blocks) {
    if (blocks->region == NULL) return;
    bool is_small = blocks->region_next - blocks->region <= KEPT_PAGES;
    if (!is_small || !keep_region(blocks->region, blocks->region_size)) munmap(blocks->region, blocks->region_size);
}

void plr_free_blocks(block_state *blocks) {
    while (blocks->malloced_slabs) {
        void *slab = blocks->malloced_slabs;
        memcpy(&blocks->malloced_slabs, slab, sizeof(void *));
        free(slab);
    }
    free_region(blocks);
}

static char *new_slab(block_state *blocks) {
    if (blocks->malloced_slabs == NULL && blocks->region == NULL) reserve_region(blocks);
    if ((size_t)(blocks->region_end - blocks->region_next) >= blocks->slab_size) {
        char *slab = blocks->region_next;
        blocks->region_next += blocks->slab_size;
        return slab;
    }
    char *slab = malloc(blocks->slab_size);
    if (slab == NULL) return NULL;
    memcpy(slab, &blocks->malloced_slabs, sizeof(void *));
    blocks->malloced_slabs = slab;
    return slab;
}

void *plr_take_from_slab(block_state *blocks, size_t size) {
    size_t rounded = (class_of_size(size) + 1) * GRAIN;
    if ((size_t)(blocks->slab_end - blocks->slab_next) < rounded) {
        /* What is left of the old slab is a whole number of grains: it goes to the free list of its size. */
        size_t rest = (size_t)(blocks->slab_end - blocks->slab_next);
        if (rest >= GRAIN) free_block(blocks, blocks->slab_next, rest);
        char *slab = new_slab(blocks);
        if (slab == NULL) {
            blocks->slab_next = blocks->slab_end = NULL;
            return NULL;
        }
        blocks->slab_next = slab + GRAIN;
        blocks->slab_end = slab + blocks->slab_size;
        if (blocks->slab_size < LAST_SLAB) blocks->slab_size *= 2;
    }
    void *block = blocks->slab_next;
    blocks->slab_next += rounded;
    return block;
}

void *plr_map_pages(size_t size) {
    void *block = mmap(NULL, whole_pages(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

void plr_give_large_block(void *block, size_t size) {
    if (is_mapped(size)) munmap(block, whole_pages(size));
    else free(block);
}

void *plr_shrink_mapped(void *block, size_t old_size, size_t new_size) {
    void *moved = mremap(block, whole_pages(old_size), whole_pages(new_size), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}
#endif
