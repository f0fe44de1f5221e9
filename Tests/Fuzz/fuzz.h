/* What the fuzz targets share: a VM of the runtime, replaced after RUNS_PER_VM runs, in which a script runs under tight
 * limits. */

#ifndef PERIGEE_FUZZ_H
#define PERIGEE_FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLuaRuntime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUZZ_LIMIT_NS = 4000000, FUZZ_MEMORY = 4 << 20, RUNS_PER_VM = 2000 };

#define FUZZ_CHECK(condition)                                                       \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

/* A host that answers every request with its first argument, and fails requests without arguments. */
static void fuzz_dispatch(void *context, plr_call *call) {
    (void)context;
    if (call->op == PLR_OP_PRINT || call->op == PLR_OP_ERROR_LOG) return;
    if (call->argument_count == 0) {
        plr_fail(call, "no argument", 11);
        return;
    }
    const plr_value *value = &call->arguments[0];
    switch (value->type) {
    case PLR_STRING: plr_return_string(call, value->bytes, value->length); break;
    case PLR_TABLE: plr_return_packed(call, value->bytes, value->length); break;
    case PLR_NUMBER: plr_return_number(call, value->number); break;
    case PLR_BOOL: plr_return_bool(call, value->number != 0); break;
    default: plr_return_nil(call);
    }
}

/* The VM; `lib`, if not NULL, is run in its shared environment first. */
static plr_vm *fuzz_vm(const char *lib) {
    static plr_vm *vm;
    static int runs;
    if (vm && ++runs < RUNS_PER_VM) return vm;
    plr_vm_free(vm);
    runs = 0;
    plr_options options = {.memory_limit = FUZZ_MEMORY,
                           .seed = 1,
                           .max_source_bytes = 64 << 10,
                           .max_packed_bytes = 1 << 20,
                           .dispatch = fuzz_dispatch};
    vm = plr_vm_new(&options);
    FUZZ_CHECK(vm != NULL);
    uint32_t name = plr_name(vm, "host", 4);
    FUZZ_CHECK(plr_set_function(vm, plr_env_base(vm), name, 1) == PLR_OK);
    if (lib) {
        plr_handle function;
        FUZZ_CHECK(plr_compile(vm, plr_env_shared(vm), lib, strlen(lib), "lib.lua", 0, &function) == PLR_OK);
        FUZZ_CHECK(plr_call_function(vm, function, 0, NULL) == PLR_OK);
    }
    return vm;
}

#endif
