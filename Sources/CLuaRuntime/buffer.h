#ifndef PERIGEE_LUA_RUNTIME_BUFFER_H
#define PERIGEE_LUA_RUNTIME_BUFFER_H

/* A growing array of bytes. */

#include "base.h"

typedef struct {
    uint8_t *data;
    size_t size, capacity;
} byte_buffer;

#pragma GCC visibility push(hidden)
/* False: there is no memory for the bytes. */
bool plr_buffer_append(byte_buffer *buffer, const void *bytes, size_t length);
#pragma GCC visibility pop

#endif
