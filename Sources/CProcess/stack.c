#define _GNU_SOURCE
#include "CProcess.h"

#include <pthread.h>

int process_set_stack_size(size_t bytes) {
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) return code;
    code = pthread_attr_setstacksize(&attributes, bytes);
    if (code == 0) code = pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
    return code;
}
