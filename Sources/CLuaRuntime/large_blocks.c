/* Large blocks, allocated within the time limit.
 *
 * No hook can interrupt what Lua does with a new block: Lua fills the block, or rehashes a table into it. So the pages
 * are fetched here in pieces, with a check of the time limit before each, and work that can't be done in the time that
 * is left is not begun. */

#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>

enum { PAGES_PER_CHECK = 64, REHASH_NS = 20, FILLED_PER_NS = 6 };
enum { HUGE = 2 << 20, HUGE_PAGE_NS = 5000000 };

/* Asks for fewer and larger pages: fetching small pages took nine tenths of the time that a long text needs. But a
 * virtual machine that gets its memory at the first access may take milliseconds for one large page, and the time limit
 * is not checked meanwhile. So a call with a limit below HUGE_PAGE_NS does without. */
void plr_use_large_pages(const plr_vm *vm, void *block, size_t size) {
    uint64_t limit = time_limit_ns(&vm->watchdog);
    if (limit != 0 && limit < HUGE_PAGE_NS) return;
    uintptr_t begin = ((uintptr_t)block + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)block + size) & ~(uintptr_t)(PAGE - 1);
    if (end > begin + 2 * HUGE) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

bool plr_fetch_pages(plr_vm *vm, char *block, size_t size) {
    for (size_t at = 0, page = 0; at < size; at += PAGE, page++) {
        if (page % PAGES_PER_CHECK == 0 && is_interrupted(&vm->watchdog)) return false;
        *(volatile char *)(block + at) = 0;
    }
    return true;
}

/* The new pages are fetched first, then the pages of the old block are moved in front of them. Moving copies nothing,
 * and before it the old block is unchanged, so the growth can still be given up. */
void *plr_grow_mapped(plr_vm *vm, void *block, size_t old_size, size_t new_size, bool *late) {
    size_t kept = whole_pages(old_size), whole = whole_pages(new_size);
    if (kept == whole) return block;
    char *fresh = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) return NULL;
    plr_use_large_pages(vm, fresh, new_size);
    *late = !limits_are_lifted(&vm->memory) && !plr_fetch_pages(vm, fresh + kept, whole - kept);
    if (*late || mremap(block, kept, kept, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) == MAP_FAILED) {
        munmap(fresh, whole);
        return NULL;
    }
    return fresh;
}

/* A lower bound, in ns, of the work for which Lua asks for a new block of this size. A table's nodes have 40 bytes
 * each, the entries of Lua's string table 8. Both tables have a power of two of them, and half as many items to move.
 * Other blocks are filled. */
static uint64_t work_of_new_block(size_t size) {
    size_t count = size % 40 == 0 ? size / 40 : size / 8;
    if (count & (count - 1)) return size / FILLED_PER_NS;
    return (uint64_t)count / 2 * REHASH_NS;
}

bool plr_is_too_late_for_block(plr_vm *vm, size_t old_size, size_t new_size) {
    uint64_t work_ns = old_size != 0 ? (new_size - old_size) / FILLED_PER_NS : work_of_new_block(new_size);
    uint64_t limit = time_limit_ns(&vm->watchdog);
    if (limit == 0 || work_ns == 0) return false;
    return plr_watchdog_spent(vm) + work_ns > limit;
}
