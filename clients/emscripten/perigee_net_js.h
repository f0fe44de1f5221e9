/* What the two C files for browsers share: the functions of perigee_net_library.js, and results and addresses in the
 * forms of C. Programs include perigee_net.h. */

#ifndef PERIGEE_NET_JS_H
#define PERIGEE_NET_JS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* In host byte order, as the JavaScript functions have it. */
struct endpoint {
    uint32_t addr, port;
};

/* In perigee_net_library.js. They return what the function returns, or an error number of Linux times -1. Lengths are
 * those of the memory at the pointers, which they check. */
extern int perigee_js_socket(void);
extern int perigee_js_close(int fd);
extern int perigee_js_bind(int fd, uint32_t addr, int port);
extern int perigee_js_getsockname(int fd, struct endpoint *own);
extern int perigee_js_sendto(int fd, const void *bytes, size_t length, uint32_t addr, int port);
extern int perigee_js_recvfrom(int fd, void *bytes, size_t length, struct endpoint *sender);
extern int perigee_js_is_readable(int fd);
extern int perigee_js_resolve(const char *key, size_t length, struct endpoint *peer);
extern int perigee_js_key(uint32_t addr, char *key, size_t size);
extern int perigee_js_publish(const char *name, size_t name_length, const char *map, size_t map_length,
                              const char *mode, size_t mode_length, int port, int players, int max);
extern int perigee_js_loop(void (*wake)(void), int interval);
extern void perigee_js_end(void);

static inline int fail(int error) {
    errno = error;
    return -1;
}

/* The numbers of errors in Emscripten are not those of Linux. */
static inline int error_of(int linux_number) {
    switch (linux_number) {
    case 9: return EBADF;
    case 11: return EWOULDBLOCK;
    case 14: return EFAULT;
    case 22: return EINVAL;
    case 24: return EMFILE;
    case 34: return ERANGE;
    case 90: return EMSGSIZE;
    case 98: return EADDRINUSE;
    case 99: return EADDRNOTAVAIL;
    case 100: return ENETDOWN;
    case 101: return ENETUNREACH;
    case 105: return ENOBUFS;
    default: return EIO;
    }
}

static inline int result_of(int result) {
    return result < 0 ? fail(error_of(-result)) : result;
}

static inline struct sockaddr_in address_of(struct endpoint endpoint) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)endpoint.port)};
    address.sin_addr.s_addr = htonl(endpoint.addr);
    return address;
}

#endif
