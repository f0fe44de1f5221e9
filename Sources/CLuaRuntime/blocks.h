#ifndef PERIGEE_LUA_RUNTIME_BLOCKS_H
#define PERIGEE_LUA_RUNTIME_BLOCKS_H

/* Where blocks come from: small ones from free lists, middle ones from malloc, large ones are pages of their own. Only
 * alloc.c includes this, so that the short ways are part of what Lua calls. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define PLAIN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PLAIN_MALLOC 1
#endif
#endif

/* From MAPPED on a block has pages of its own, so that it grows without being moved or copied. */
enum { PAGE = 4096, LARGE = 1 << 20, MAPPED = 4 << 20 };

enum { GRAIN = 16, CLASSES = 16, LARGEST = GRAIN * CLASSES, FIRST_SLAB = 4096, LAST_SLAB = 32768 };

#ifdef PLAIN_MALLOC
static void free_region(plr_vm *vm) {
    (void)vm;
}
static bool is_mapped(size_t size) {
    (void)size;
    return false;
}
static void *take(plr_vm *vm, size_t size) {
    (void)vm;
    return malloc(size);
}
static void give(plr_vm *vm, void *block, size_t size) {
    (void)vm;
    (void)size;
    free(block);
}
static void *change(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    (void)vm;
    (void)old_size;
    return realloc(block, new_size);
}
#else
static bool is_mapped(size_t size) {
    return size >= MAPPED;
}

static size_t whole_pages(size_t size) {
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void *map_pages(size_t size) {
    void *block = mmap(NULL, whole_pages(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

/* A table's order depends on the addresses of the tables, functions and proxies that are its keys, on their lower 32
 * bits. So slabs come from a region of the VM's own that begins at a multiple of 4 GiB: the same calls then give the same
 * order in every VM and every process, which recordings rely on. Large blocks come from malloc; nothing that can be a key
 * is that large but a function with more than 25 upvalues. The region only reserves addresses. It holds the cap once for
 * each class of sizes, since no block changes its class. */
static const size_t ALIGNMENT = (size_t)1 << 32;

typedef struct {
    _Atomic(char *) begin;
    size_t size;
} kept_region;

/* Of VMs that are gone: making one page by page takes longer than all else about a small VM. A place is taken by setting
 * its address to the mark, so that nobody else reads it meanwhile. */
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

static void reserve_region(plr_vm *vm) {
    size_t size = (((size_t)vm->limit + LAST_SLAB) * CLASSES + PAGE - 1) & ~(size_t)(PAGE - 1);
    char *begin = take_kept_region(size);
    if (begin == NULL) begin = map_region(size);
    if (begin == NULL) return; /* malloc has to do */
    vm->region = vm->region_next = begin;
    vm->region_end = vm->region + size;
}

static void free_region(plr_vm *vm) {
    if (vm->region == NULL) return;
    size_t size = (size_t)(vm->region_end - vm->region);
    bool is_small = vm->region_next - vm->region <= KEPT_PAGES;
    if (!is_small || !keep_region(vm->region, size)) munmap(vm->region, size);
}

static char *new_slab(plr_vm *vm) {
    if (vm->slabs == NULL && vm->region == NULL) reserve_region(vm);
    if ((size_t)(vm->region_end - vm->region_next) >= vm->slab_size) {
        char *slab = vm->region_next;
        vm->region_next += vm->slab_size;
        return slab;
    }
    char *slab = malloc(vm->slab_size);
    if (slab == NULL) return NULL;
    memcpy(slab, &vm->slabs, sizeof(void *));
    vm->slabs = slab;
    return slab;
}

static size_t class_of_size(size_t size) {
    return (size - 1) / GRAIN;
}

static void *take(plr_vm *vm, size_t size) {
    if (size > LARGEST) return is_mapped(size) ? map_pages(size) : malloc(size);
    size_t class = class_of_size(size), rounded = (class + 1) * GRAIN;
    void *block = vm->free_lists[class];
    if (PLR_LIKELY(block != NULL)) {
        memcpy(&vm->free_lists[class], block, sizeof(void *));
        return block;
    }
    if ((size_t)(vm->slab_end - vm->slab_next) < rounded) {
        /* What is left of the old slab is a whole number of grains: it joins the list of its size. */
        size_t rest = (size_t)(vm->slab_end - vm->slab_next);
        if (rest >= GRAIN) {
            size_t of_rest = class_of_size(rest);
            memcpy(vm->slab_next, &vm->free_lists[of_rest], sizeof(void *));
            vm->free_lists[of_rest] = vm->slab_next;
        }
        char *slab = new_slab(vm);
        if (slab == NULL) {
            vm->slab_next = vm->slab_end = NULL;
            return NULL;
        }
        vm->slab_next = slab + GRAIN;
        vm->slab_end = slab + vm->slab_size;
        if (vm->slab_size < LAST_SLAB) vm->slab_size *= 2;
    }
    block = vm->slab_next;
    vm->slab_next += rounded;
    return block;
}

static void give(plr_vm *vm, void *block, size_t size) {
    if (size > LARGEST) {
        if (is_mapped(size)) munmap(block, whole_pages(size));
        else free(block);
        return;
    }
    size_t class = class_of_size(size);
    memcpy(block, &vm->free_lists[class], sizeof(void *));
    vm->free_lists[class] = block;
}

static void *change(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    if (old_size > LARGEST && new_size > LARGEST && !is_mapped(old_size) && !is_mapped(new_size)) {
        return realloc(block, new_size);
    }
    if (is_mapped(old_size) && is_mapped(new_size)) { /* smaller: growing goes by grow_mapped */
        void *moved = mremap(block, whole_pages(old_size), whole_pages(new_size), MREMAP_MAYMOVE);
        return moved == MAP_FAILED ? NULL : moved;
    }
    if (old_size <= LARGEST && new_size <= LARGEST && class_of_size(old_size) == class_of_size(new_size)) return block;
    void *fresh = take(vm, new_size);
    if (fresh == NULL) {
        /* Lua may keep a block that can't be made smaller, but not pages in the place of a block of malloc. The host
         * would not survive either that there is no memory at all. */
        if (is_mapped(old_size)) abort();
        return NULL;
    }
    memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    give(vm, block, old_size);
    return fresh;
}
#endif

#endif
