/* Globals that the host sets for the next call only. */

#include "internal.h"

void plr_free_bindings(binding_state *bindings) {
    free(bindings->bytes.data);
}

/* ---- for the host ---- */

static plr_value *bind(plr_vm *vm, uint32_t name, int type) {
    binding_state *bindings = &vm->bindings;
    if (host_answers_quietly(&vm->host)) return NULL; /* the call for which it is bound will be refused */
    if (bindings->count == MAX_BINDINGS || name == 0) {
        bindings->some_lost = true;
        return NULL;
    }
    if (bindings->count == 0) bindings->bytes.size = 0;
    binding *bound = &bindings->list[bindings->count++];
    bound->name = name;
    bound->value.type = type;
    return &bound->value;
}

void plr_bind_ref(plr_vm *vm, uint32_t name, plr_ref ref) {
    plr_value *value = bind(vm, name, PLR_REF);
    if (value) value->ref = ref;
}

void plr_bind_number(plr_vm *vm, uint32_t name, double number) {
    plr_value *value = bind(vm, name, PLR_NUMBER);
    if (value) value->number = number;
}

void plr_bind_nil(plr_vm *vm, uint32_t name) {
    bind(vm, name, PLR_NIL);
}

void plr_bind_function(plr_vm *vm, uint32_t name, uint32_t member) {
    plr_value *value = bind(vm, name, PLR_FUNCTION);
    if (value) value->number = member;
}

void plr_bind_bytes(plr_vm *vm, uint32_t name, int32_t type, const void *bytes, size_t length) {
    plr_value *value = bind(vm, name, type);
    if (value == NULL) return;
    size_t offset = vm->bindings.bytes.size;
    /* One extra byte, so that the buffer exists even for an empty string. */
    if (length > UINT32_MAX - 1 || !plr_buffer_append(&vm->bindings.bytes, "", 1)
        || !plr_buffer_append(&vm->bindings.bytes, bytes, length)) {
        value->type = PLR_NIL;
        vm->bindings.some_lost = true;
        return;
    }
    value->bytes = (const uint8_t *)(uintptr_t)(offset + 1);
    value->length = (uint32_t)length;
}

void plr_bind(plr_vm *vm, uint32_t name, const plr_value *value) {
    if (value->type == PLR_STRING || value->type == PLR_TABLE) {
        plr_bind_bytes(vm, name, value->type, value->bytes, value->length);
        return;
    }
    plr_value *bound = bind(vm, name, value->type);
    if (bound) *bound = *value;
}
