/* POSIX's functions of UDP sockets for programs in a browser. An object file's functions win over those of
 * Emscripten's C library, so the program needs no other names; what is not about our sockets goes on to where
 * Emscripten sends it. */

#include "perigee_net_js.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/api.h>

/* Emscripten's own files have the small numbers; FD_SET takes numbers up to 1,023. */
enum { FIRST_SOCKET = 512, MOST_SOCKETS = 128 };

static int is_socket(int fd) {
    return fd >= FIRST_SOCKET && fd < FIRST_SOCKET + MOST_SOCKETS;
}

/* Reads an address that a program gives; returns 0 or an error number. */
static int read_address(const struct sockaddr *address, socklen_t length, struct endpoint *endpoint) {
    struct sockaddr_in copy;
    if (address == NULL) return EFAULT;
    if (length < sizeof copy) return EINVAL;
    memcpy(&copy, address, sizeof copy);
    if (copy.sin_family != AF_INET) return EAFNOSUPPORT;
    *endpoint = (struct endpoint){ntohl(copy.sin_addr.s_addr), ntohs(copy.sin_port)};
    return 0;
}

/* Writes an address for a program, cut to the size that it has room for. */
static void write_address(struct endpoint endpoint, struct sockaddr *address, socklen_t *length) {
    const struct sockaddr_in full = address_of(endpoint);
    memcpy(address, &full, *length < sizeof full ? *length : sizeof full);
    *length = sizeof full;
}

int socket(int domain, int type, int protocol) {
    if (domain != AF_INET) return fail(EAFNOSUPPORT);
    if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_DGRAM) return fail(ESOCKTNOSUPPORT);
    if (protocol != 0 && protocol != IPPROTO_UDP) return fail(EPROTONOSUPPORT);
    static int is_registered;
    if (!is_registered) is_registered = atexit(perigee_js_end) == 0;
    int fd = perigee_js_socket();
    if (fd >= MOST_SOCKETS) {
        perigee_js_close(fd);
        return fail(EMFILE);
    }
    return fd < 0 ? result_of(fd) : fd + FIRST_SOCKET;
}

int close(int fd) {
    if (is_socket(fd)) return result_of(perigee_js_close(fd - FIRST_SOCKET));
    __wasi_errno_t error = __wasi_fd_close(fd);
    return error == __WASI_ERRNO_SUCCESS ? 0 : fail(error);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
    struct endpoint own;
    if (!is_socket(fd)) return fail(EBADF);
    int error = read_address(address, length, &own);
    return error ? fail(error) : result_of(perigee_js_bind(fd - FIRST_SOCKET, own.addr, (int)own.port));
}

int getsockname(int fd, struct sockaddr *restrict address, socklen_t *restrict length) {
    struct endpoint own;
    if (!is_socket(fd)) return fail(EBADF);
    if (address == NULL || length == NULL) return fail(EFAULT);
    int result = perigee_js_getsockname(fd - FIRST_SOCKET, &own);
    if (result < 0) return result_of(result);
    write_address(own, address, length);
    return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length) {
    (void)option, (void)value, (void)length;
    if (!is_socket(fd)) return fail(EBADF);
    /* The sizes of buffers, SO_REUSEADDR and the like have no meaning here, and do no harm. */
    return level == SOL_SOCKET ? 0 : fail(ENOPROTOOPT);
}

ssize_t sendto(int fd, const void *bytes, size_t count, int flags, const struct sockaddr *address, socklen_t length) {
    struct endpoint peer;
    if (!is_socket(fd)) return fail(EBADF);
    if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return fail(EOPNOTSUPP);
    if (count > INT_MAX) return fail(EMSGSIZE);
    int error = address == NULL ? EDESTADDRREQ : read_address(address, length, &peer);
    if (error) return fail(error);
    return result_of(perigee_js_sendto(fd - FIRST_SOCKET, bytes, count, peer.addr, (int)peer.port));
}

ssize_t recvfrom(int fd, void *restrict bytes, size_t count, int flags, struct sockaddr *restrict address,
                 socklen_t *restrict length) {
    struct endpoint sender;
    if (!is_socket(fd)) return fail(EBADF);
    if (flags & ~MSG_DONTWAIT) return fail(EOPNOTSUPP);
    if (address != NULL && length == NULL) return fail(EFAULT);
    int result = perigee_js_recvfrom(fd - FIRST_SOCKET, bytes, count, &sender);
    if (result >= 0 && address != NULL) write_address(sender, address, length);
    return result_of(result);
}

/* What poll would report. Only sockets are ever ready, so that a program may poll its standard input too. */
static short events_of(int fd, short wanted) {
    if (!is_socket(fd)) return 0;
    int readable = perigee_js_is_readable(fd - FIRST_SOCKET);
    if (readable < 0) return POLLNVAL;
    return (short)((readable ? wanted & (POLLIN | POLLRDNORM) : 0) | (wanted & (POLLOUT | POLLWRNORM)));
}

/* A page must not block, so the timeouts of poll and select are as good as 0. */
int poll(struct pollfd *sockets, nfds_t count, int timeout) {
    int ready = 0;
    (void)timeout;
    if (sockets == NULL && count > 0) return fail(EFAULT);
    for (nfds_t n = 0; n < count; n++) {
        sockets[n].revents = events_of(sockets[n].fd, sockets[n].events);
        ready += sockets[n].revents != 0;
    }
    return ready;
}

/* Removes from a set what is not ready. Returns how many are left, or -1 when one is no socket any more. */
static int keep_ready(int count, fd_set *set, short event) {
    int ready = 0;
    for (int fd = 0; set != NULL && fd < count; fd++) {
        if (!FD_ISSET(fd, set)) continue;
        short events = events_of(fd, event);
        if (events & POLLNVAL) return -1;
        if (events) ready++;
        else FD_CLR(fd, set);
    }
    return ready;
}

int select(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict exceptional,
           struct timeval *restrict timeout) {
    (void)timeout;
    if (count < 0 || count > FD_SETSIZE) return fail(EINVAL);
    if (exceptional != NULL) FD_ZERO(exceptional);
    int readers = keep_ready(count, readable, POLLIN);
    int writers = keep_ready(count, writable, POLLOUT);
    return readers < 0 || writers < 0 ? fail(EBADF) : readers + writers;
}

extern int __syscall_fcntl64(int fd, int command, ...);
extern int __syscall_ioctl(int fd, int request, ...);

/* The kind of result that Emscripten's system calls have: the C library's own number of an error times -1. */
static int system_result(int result) {
    return result < 0 ? fail(-result) : result;
}

int fcntl(int fd, int command, ...) {
    va_list values;
    va_start(values, command);
    void *value = va_arg(values, void *);
    va_end(values);
    if (!is_socket(fd)) return system_result(__syscall_fcntl64(fd, command, value));
    if (perigee_js_is_readable(fd - FIRST_SOCKET) < 0) return fail(EBADF);
    if (command == F_GETFL) return O_RDWR | O_NONBLOCK;
    return command == F_SETFL || command == F_GETFD || command == F_SETFD ? 0 : fail(EINVAL);
}

int ioctl(int fd, int request, ...) {
    va_list values;
    va_start(values, request);
    void *value = va_arg(values, void *);
    va_end(values);
    if (!is_socket(fd)) return system_result(__syscall_ioctl(fd, request, value));
    if (perigee_js_is_readable(fd - FIRST_SOCKET) < 0) return fail(EBADF);
    return request == FIONBIO ? 0 : fail(ENOTTY);
}
