#ifndef PERIGEE_PROCESS_NOTE_H
#define PERIGEE_PROCESS_NOTE_H

#include "CProcess.h"

struct process_script {
    char *path;
    char *version;
};

/* What runs on a thread. The signal handler interrupts its own thread between two instructions: at worst it finds the
 * map of one tick with the number of another tick. */
typedef struct {
    const process_script *volatile script; /* NULL: none */
    volatile int64_t map;                  /* -1: this thread never ran a map */
    volatile uint64_t tick;
    bool is_ready;
} process_note;

extern _Thread_local process_note process_here;

#endif
