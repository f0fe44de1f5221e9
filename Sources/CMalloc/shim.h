#include <malloc.h>

/* Swift's Glibc module leaves <malloc.h> out. */

/* Returns unused memory to the system; gives 1 if there was some. */
static inline int cmalloc_trim(void) {
    return malloc_trim(0);
}

/* Gives every block of at least `bytes` bytes pages of its own, which go back to the system when the block is freed.
   Without this, glibc raises the threshold to the size of each such block that is freed, up to 32 MB. */
static inline int cmalloc_set_mmap_threshold(int bytes) {
    return mallopt(M_MMAP_THRESHOLD, bytes);
}

/* Keeps up to `bytes` unused bytes at the end of each arena, instead of 128 KiB: what a tick frees, the next one uses,
   and pages that go back to the system in between must be cleared anew. */
static inline int cmalloc_set_trim_threshold(int bytes) {
    return mallopt(M_TRIM_THRESHOLD, bytes);
}
