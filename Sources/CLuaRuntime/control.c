/* Stopping a VM from any thread. */

#include "internal.h"

plr_control *plr_new_control(plr_vm *vm) {
    plr_control *control = calloc(1, sizeof *control);
    if (control == NULL) return NULL;
    atomic_init(&control->holders, 1);
    pthread_mutex_init(&control->lock, NULL);
    control->vm = vm;
    return control;
}

void plr_detach_control(plr_control *control) {
    pthread_mutex_lock(&control->lock);
    control->vm = NULL;
    pthread_mutex_unlock(&control->lock);
}

plr_control *plr_vm_control(plr_vm *vm) {
    return vm->control;
}

void plr_control_retain(plr_control *control) {
    atomic_fetch_add(&control->holders, 1);
}

void plr_control_release(plr_control *control) {
    if (atomic_fetch_sub(&control->holders, 1) == 1) {
        pthread_mutex_destroy(&control->lock);
        free(control);
    }
}

void plr_control_stop(plr_control *control) {
    pthread_mutex_lock(&control->lock);
    atomic_store(&control->stopping, true);
    if (control->vm) plr_watchdog_wake(control->vm);
    pthread_mutex_unlock(&control->lock);
}
