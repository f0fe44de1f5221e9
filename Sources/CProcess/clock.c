#include "CProcess.h"

#include <time.h>

uint64_t process_clock(process_clock_id id) {
    static const clockid_t clocks[] = {
        [PROCESS_CLOCK_WALL] = CLOCK_REALTIME,
        [PROCESS_CLOCK_MONOTONIC] = CLOCK_MONOTONIC,
        [PROCESS_CLOCK_THREAD_CPU] = CLOCK_THREAD_CPUTIME_ID,
    };
    struct timespec time = {0};
    clock_gettime(clocks[id], &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
