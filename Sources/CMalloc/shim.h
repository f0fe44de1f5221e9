#include <malloc.h>

/* Swift's Glibc module leaves <malloc.h> out. */

/* Gives memory that nothing uses back to the system; 1 when there was some. */
static inline int cmalloc_trim(void) {
    return malloc_trim(0);
}

/* Gives every block of at least so many bytes pages of its own, which go back to the system when it is freed. Without
   this, glibc raises the threshold to the size of each such block that is freed, up to 32 MB. */
static inline int cmalloc_set_mmap_threshold(int bytes) {
    return mallopt(M_MMAP_THRESHOLD, bytes);
}
