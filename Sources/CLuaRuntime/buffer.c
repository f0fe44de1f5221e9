/* A growing array of bytes. */

#include "internal.h"

bool plr_buffer_append(byte_buffer *buffer, const void *bytes, size_t length) {
    if (buffer->capacity - buffer->size < length) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->size < length) {
            if (capacity > SIZE_MAX / 2) return false;
            capacity *= 2;
        }
        uint8_t *data = realloc(buffer->data, capacity);
        if (data == NULL) return false;
        buffer->data = data;
        buffer->capacity = capacity;
    }
    if (length) memcpy(buffer->data + buffer->size, bytes, length);
    buffer->size += length;
    return true;
}
