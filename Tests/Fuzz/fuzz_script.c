/* Runs its input as a script. Whatever the script does, the limits hold, and the next script in the same VM finds the
 * library, the methods of strings and the lib's tables as they were. */

#include "fuzz.h"

#include <sys/wait.h>
#include <unistd.h>

static const char lib[] = "tools = {value = 1, nested = {value = 2}, list = {1, 2, 3}}\n"
                          "function tools.add(a, b) return a + b end\n"
                          "class = {} class.__index = class\n"
                          "function class.new(v) return setmetatable({v = v}, class) end\n";
static const char after[] = "local t = {3, 1, 2} table.sort(t)\n"
                            "assert(('x'):upper() == 'X' and #t == 3 and t[1] == 1)\n"
                            "assert(tools.value == 1 and tools.nested.value == 2 and #tools.list == 3)\n"
                            "assert(tools.add(1, 2) == 3 and class.new(4).v == 4 and class.new == class.new)\n"
                            "assert(pcall(error) == false and tostring(nil) == 'nil' and host(5) == 5)\n";

static int run(plr_vm *vm, const void *source, size_t length, const char *name, plr_value *value) {
    plr_handle environment, function;
    FUZZ_CHECK(plr_env_new(vm, &environment) == PLR_OK);
    int status = plr_compile(vm, environment, source, length, name, FUZZ_LIMIT_NS, &function);
    if (status == PLR_OK) {
        status = plr_call_function(vm, function, FUZZ_LIMIT_NS, value);
        plr_function_release(vm, function);
    }
    plr_env_release(vm, environment);
    return status;
}

/* A child of fork has none of its parent's timers, but the limits must hold in it too. */
int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    static const char endless[] = "while true do end";
    plr_vm *vm = fuzz_vm(lib);
    FUZZ_CHECK(run(vm, endless, sizeof endless - 1, "endless.lua", NULL) == PLR_ERROR_TIME);
    pid_t child = fork();
    FUZZ_CHECK(child >= 0);
    if (child == 0) {
        alarm(20);
        _exit(run(vm, endless, sizeof endless - 1, "endless.lua", NULL));
    }
    int status;
    FUZZ_CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == PLR_ERROR_TIME);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    plr_vm *vm = fuzz_vm(lib);
    plr_value value;
    int status = run(vm, bytes, length, "fuzzed.lua", &value);
    FUZZ_CHECK(status >= PLR_OK && status <= PLR_ERROR_MEMORY);
    FUZZ_CHECK(plr_peak_bytes(vm) <= FUZZ_MEMORY);
    if (status != PLR_OK) {
        plr_error_info error = plr_last_error(vm);
        FUZZ_CHECK(error.message_length > 0);
    }
    status = run(vm, after, sizeof after - 1, "after.lua", NULL);
    if (status != PLR_OK) {
        plr_error_info error = plr_last_error(vm);
        fprintf(stderr, "afterwards: %.*s\n", (int)error.message_length, error.message);
        /* On a slow machine any script may reach its time limit. */
        FUZZ_CHECK(status == PLR_ERROR_TIME);
    }
    return 0;
}
