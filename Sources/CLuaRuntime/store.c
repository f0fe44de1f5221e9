/* What the host sets about its store. */

#include "internal.h"

void plr_set_store(plr_vm *vm, plr_store *rows) {
    vm->store.rows = rows;
}

void plr_set_read_only(plr_vm *vm, const void *message, size_t length) {
    store_state *store = &vm->store;
    store->is_read_only = message != NULL;
    if (message == NULL) return;
    if (length > sizeof store->read_only_message - 1) length = sizeof store->read_only_message - 1;
    memcpy(store->read_only_message, message, length);
    store->read_only_message[length] = '\0';
}
