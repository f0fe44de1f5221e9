#ifndef PERIGEE_LUA_RUNTIME_CONTROL_H
#define PERIGEE_LUA_RUNTIME_CONTROL_H

/* Stopping a VM from any thread. A control outlives its VM. */

#include "base.h"

struct plr_control {
    _Atomic uint32_t holders;
    _Atomic bool stopping;
    pthread_mutex_t lock; /* guards vm */
    plr_vm *vm;           /* NULL when the VM was freed */
};

static inline bool is_stopping(const plr_control *control) {
    return atomic_load(&control->stopping);
}

/* Why a call that is interrupted must end. */
static inline int plr_stop_kind(const plr_control *control) {
    return is_stopping(control) ? PLR_ERROR_STOPPED : PLR_ERROR_TIME;
}

#pragma GCC visibility push(hidden)
plr_control *plr_new_control(plr_vm *vm);
void plr_detach_control(plr_control *control); /* before its VM is freed */
#pragma GCC visibility pop

#endif
