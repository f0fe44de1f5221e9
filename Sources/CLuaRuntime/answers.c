/* What the host does in its dispatcher: it returns values, or fails. */

#include "internal.h"

static plr_value *next_result(plr_call *call, int type) {
    if (call->result_count >= PLR_MAX_RESULTS) return NULL;
    plr_value *value = &call->results[call->result_count++];
    value->type = type;
    return value;
}

void plr_return_nil(plr_call *call) {
    next_result(call, PLR_NIL);
}

void plr_return_bool(plr_call *call, bool flag) {
    plr_value *value = next_result(call, PLR_BOOL);
    if (value) value->number = flag;
}

void plr_return_number(plr_call *call, double number) {
    plr_value *value = next_result(call, PLR_NUMBER);
    if (value) value->number = number;
}

void plr_return_ref(plr_call *call, plr_ref ref) {
    plr_value *value = next_result(call, PLR_REF);
    if (value) value->ref = ref;
}

/* The result buffer for the depth of this call, emptied before its first use. */
static byte_buffer *buffer_of(plr_call *call) {
    byte_buffer *buffer = &call->vm->host.results[call->buffer_index];
    if (!call->buffered) buffer->size = 0;
    call->buffered = true;
    return buffer;
}

static void return_bytes(plr_call *call, int type, const void *bytes, size_t length) {
    plr_value *value = next_result(call, type);
    if (value == NULL) return;
    byte_buffer *buffer = buffer_of(call);
    size_t offset = buffer->size;
    if (length > UINT32_MAX || !plr_buffer_append(buffer, bytes, length)) {
        static const char text[] = "no memory for the result";
        plr_fail(call, text, sizeof text - 1);
        return;
    }
    value->bytes = (const uint8_t *)(uintptr_t)offset;
    value->length = (uint32_t)length;
}

void plr_return_string(plr_call *call, const void *bytes, size_t length) {
    return_bytes(call, PLR_STRING, bytes, length);
}

void plr_return_packed(plr_call *call, const void *bytes, size_t length) {
    return_bytes(call, PLR_TABLE, bytes, length);
}

void plr_fail(plr_call *call, const void *bytes, size_t length) {
    byte_buffer *buffer = buffer_of(call);
    call->failed = true;
    call->result_count = 0;
    buffer->size = 0;
    if (length > MAX_MESSAGE) length = MAX_MESSAGE;
    plr_buffer_append(buffer, bytes, length);
}

bool plr_call_must_end(const plr_call *call) {
    return is_interrupted(&call->vm->watchdog);
}
