/* The files of the panel's pages, of the built-in viewer and of /net/ as bytes of the program, so that the program runs
 * from any folder. The files are in files/, viewer/ and net/; the build puts them in again when one of them changes. */

#ifndef PERIGEE_PANEL_FILES_H
#define PERIGEE_PANEL_FILES_H

#include <stddef.h>

/* A file; `bytes` has `size` bytes and no end mark. */
typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t size;
} panel_file;

/* How many files there are. */
extern const int panel_file_count;

/* The file with this index, from 0 to `panel_file_count` - 1. */
panel_file panel_file_at(int index);

/* The same for the viewer that is at /play/ when a game has no client of its own. */
extern const int viewer_file_count;
panel_file viewer_file_at(int index);

/* The same for the list of servers and the client library of virtual UDP sockets, at /net/. */
extern const int net_file_count;
panel_file net_file_at(int index);

#endif
