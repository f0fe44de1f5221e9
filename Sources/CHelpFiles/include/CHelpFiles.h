/* The files of docs/ as bytes of the program, for the panel's help, so that the program runs from any folder. The build
 * puts a file in again when it changes. */

#ifndef PERIGEE_HELP_FILES_H
#define PERIGEE_HELP_FILES_H

#include <stddef.h>

/* A file; `path` is below docs/, and `bytes` has `size` bytes and no end mark. */
typedef struct {
    const char *path;
    const unsigned char *bytes;
    size_t size;
} help_file;

/* How many files there are. */
extern const int help_file_count;

/* The file with this index, from 0 to `help_file_count` - 1; pages come in the order in which the help lists them. */
help_file help_file_at(int index);

#endif
