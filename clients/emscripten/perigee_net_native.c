/* perigee_net.h for native programs, whose sockets are those of the system. */

#include "perigee_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int perigee_net_loop(struct pollfd *sockets, nfds_t count, int interval, perigee_net_step *step, void *context) {
    if (step == NULL || (sockets == NULL && count > 0)) {
        errno = EFAULT;
        return -1;
    }
    do {
        if (poll(sockets, count, interval) < 0) {
            if (errno != EINTR) return -1;
            for (nfds_t n = 0; n < count; n++) sockets[n].revents = 0;
        }
    } while (step(context) == 0);
    return 0;
}

int perigee_net_resolve(const char *name, struct sockaddr_in *address) {
    char host[256];
    const char *colon = name == NULL ? NULL : strrchr(name, ':');
    if (colon == NULL || colon == name || (size_t)(colon - name) >= sizeof host || address == NULL) {
        errno = EINVAL;
        return -1;
    }
    memcpy(host, name, (size_t)(colon - name));
    host[colon - name] = '\0';
    unsigned port = 0;
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || sscanf(colon + 1, "%u", &port) != 1 || port < 1
        || port > 65535) {
        errno = EINVAL;
        return -1;
    }
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    memcpy(address, found->ai_addr, sizeof *address);
    address->sin_port = htons((uint16_t)port);
    freeaddrinfo(found);
    return 0;
}

int perigee_net_name(const struct sockaddr_in *address, char *name, size_t size) {
    char host[INET_ADDRSTRLEN];
    if (address == NULL || inet_ntop(AF_INET, &address->sin_addr, host, sizeof host) == NULL) {
        errno = EINVAL;
        return -1;
    }
    int length = snprintf(name, size, "%s:%u", host, ntohs(address->sin_port));
    if (length >= 0 && (size_t)length < size) return 0;
    errno = ERANGE;
    return -1;
}

int perigee_net_publish(const struct perigee_net_entry *entry) {
    (void)entry;
    errno = ENOTSUP;
    return -1;
}
