#ifdef __linux__
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#endif
#include <errno.h>

#include "CProcess.h"

#ifdef __linux__

int process_cores(int *cores, int capacity) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
    int count = 0;
    for (int core = 0; core < CPU_SETSIZE && count < capacity; core++) {
        if (CPU_ISSET(core, &set)) cores[count++] = core;
    }
    return count;
}

int process_pin(int pid, const int *cores, int count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < count; i++) {
        if (cores[i] >= 0 && cores[i] < CPU_SETSIZE) CPU_SET(cores[i], &set);
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    /* Affinity belongs to a thread; a new thread has that of the thread that made it. A thread that was made during the
     * first pass by one that was not moved yet is found in the second. */
    for (int pass = 0; pass < 2; pass++) {
        DIR *tasks = opendir(path);
        if (!tasks) return errno;
        int failure = 0;
        for (struct dirent *task = readdir(tasks); task; task = readdir(tasks)) {
            int thread = atoi(task->d_name);
            /* A thread that has ended meanwhile is no failure. */
            if (thread > 0 && sched_setaffinity(thread, sizeof set, &set) != 0 && errno != ESRCH) failure = errno;
        }
        closedir(tasks);
        if (failure) return failure;
    }
    return 0;
}

#else

int process_cores(int *cores, int capacity) {
    (void)cores;
    (void)capacity;
    return 0;
}

int process_pin(int pid, const int *cores, int count) {
    (void)pid;
    (void)cores;
    (void)count;
    return ENOSYS;
}

#endif
