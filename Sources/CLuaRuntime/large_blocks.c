/* Large blocks, which keep to the time limit.
 *
 * What Lua does with a block after it has got it, no hook can interrupt: it fills it, or arranges a table anew. So the
 * pages are fetched here, in pieces between which the time is looked at, and work that can't be done in the time that
 * is left is not begun. */

#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>

enum { PAGES_PER_CHECK = 64, REHASH_NS = 20, FILLED_PER_NS = 6 };
enum { HUGE = 2 << 20, HUGE_PAGE_NS = 5000000 };

/* Fewer and larger pages: fetching them took nine tenths of the time of a long text. But a virtual machine that gets
 * its memory when it touches it may take milliseconds for one page, during which the time is not looked at. */
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

/* New pages come first, then those of the old block are put in front of them, which copies nothing and can be left
 * undone until then. */
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

/* The least time that the work takes for which Lua asks for a new block of this size. A table's nodes have 40 bytes,
 * the table of all texts 8 for each; both have a power of two of them, and half as many things to move. */
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
