/* What a UDP program needs beside POSIX to run natively and, compiled by Emscripten, in a browser. There the sockets
 * are the virtual ones of docs/net.md, and socket, bind, sendto, recvfrom, poll, select and the rest are called as
 * usual, with their usual headers. A native program is linked with perigee_net_native.c; perigee-emcc links one for
 * browsers. */

#ifndef PERIGEE_NET_H
#define PERIGEE_NET_H

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does the program's work when packets may have arrived; returns 0 to go on, else the loop ends. */
typedef int perigee_net_step(void *context);

/* Polls `sockets` and calls `step(context)`, again and again: when packets arrive, and when `interval` milliseconds
 * have passed (-1: only for packets). `step` finds in `revents` what poll found, and reads until recvfrom returns -1.
 *
 * A native program returns from here when `step` wants to end: 0, or -1 with errno after an error of poll. In a browser
 * the call never returns, because a page must not block: the stack stays as it is, `step` is called from the page's
 * events, and afterwards the program ends with the status 0. So call this last, and clean up in `step`. An error of the
 * arguments (EFAULT) or a missing network (ENETDOWN) does return -1. */
int perigee_net_loop(struct pollfd *sockets, nfds_t count, int interval, perigee_net_step *step, void *context);

/* Fills in the address that a name of the form HOST:PORT has. In a browser the host is the key of a peer, an address
 * that resolve gave to one, or localhost, the page itself. Returns 0, or -1 with EINVAL (malformed), EHOSTUNREACH (no
 * such host) or ENOBUFS (too many peers). May block in a native program, while the host is looked up. */
int perigee_net_resolve(const char *name, struct sockaddr_in *address);

/* The size of the longest name, its end included. */
enum { PERIGEE_NET_NAME_SIZE = 32 };

/* Writes the name of an address, HOST:PORT: other programs can resolve it. The name of what getsockname says is our own
 * in a browser. Returns 0, or -1 with ERANGE (`size` is too small) or ENETUNREACH (the address belongs to no peer). */
int perigee_net_name(const struct sockaddr_in *address, char *name, size_t size);

/* What the list of servers shows of a game; `map` and `mode` may be NULL. */
struct perigee_net_entry {
    const char *name, *map, *mode;
    int port; /* one that the program has bound */
    int players, max;
};

/* Adds an entry to the list of servers, or changes it; it stays there until the socket is closed. Returns 0, or -1 with
 * ENETDOWN or EINVAL (the port is not bound). A native program gets ENOTSUP: it publishes itself over HTTP. */
int perigee_net_publish(const struct perigee_net_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
