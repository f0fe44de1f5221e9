#include "CAllocationCount.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/* The program's own malloc replaces the C library's for all that is linked into it and loaded beside it; glibc keeps
   its own under these names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static _Thread_local uint64_t count;
static _Thread_local int64_t bytes;

uint64_t allocation_count(void) {
    return count;
}

int64_t allocated_bytes(void) {
    return bytes;
}

/* What a block takes: its usable bytes, and the word in front of them in which glibc keeps its size. */
static int64_t weight(void *block) {
    return block ? (int64_t)(malloc_usable_size(block) + sizeof(size_t)) : 0;
}

static void *note(void *block) {
    count++;
    bytes += weight(block);
    return block;
}

void *malloc(size_t size) {
    return note(__libc_malloc(size));
}

void *calloc(size_t number, size_t size) {
    return note(__libc_calloc(number, size));
}

void *realloc(void *block, size_t size) {
    int64_t before = weight(block);
    void *moved = __libc_realloc(block, size);
    count++;
    /* A block that could not be moved stays as it was; one of no size was freed. */
    if (moved || size == 0) bytes += weight(moved) - before;
    return moved;
}

void *aligned_alloc(size_t alignment, size_t size) {
    return note(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = note(__libc_memalign(alignment, size));
    return *block ? 0 : ENOMEM;
}

void free(void *block) {
    bytes -= weight(block);
    __libc_free(block);
}
