#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/* How many blocks the calling thread has asked the C library for since it began: malloc, calloc, realloc and the
   aligned forms, which Swift's objects, arrays and closures come from. The VM of the scripts takes small blocks from a
   region of its own; they are not in it. */
uint64_t allocation_count(void);

/* How many bytes of the blocks that the calling thread has asked for are still in use, each block with the allocator's
   own bytes in it. A block that another thread frees stays counted here. */
int64_t allocated_bytes(void);

#endif
