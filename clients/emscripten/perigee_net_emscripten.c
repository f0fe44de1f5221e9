/* perigee_net.h for programs in a browser. */

#include "perigee_net.h"
#include "perigee_net_js.h"

#include <emscripten.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t own_address = 0x0a000001; /* 10.0.0.1 */

int perigee_net_resolve(const char *name, struct sockaddr_in *address) {
    const char *colon = name == NULL ? NULL : strrchr(name, ':');
    if (colon == NULL || colon == name || address == NULL) return fail(EINVAL);
    size_t length = (size_t)(colon - name), digits = strspn(colon + 1, "0123456789");
    long port = strtol(colon + 1, NULL, 10);
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || port < 1 || port > 65535) return fail(EINVAL);
    char host[PERIGEE_NET_NAME_SIZE];
    if (length >= sizeof host) return fail(EHOSTUNREACH);
    memcpy(host, name, length);
    host[length] = '\0';
    struct endpoint peer = {own_address, 0};
    struct in_addr number;
    if (inet_pton(AF_INET, host, &number) == 1) {
        peer.addr = ntohl(number.s_addr);
    } else if (strcmp(host, "localhost") != 0) {
        int result = perigee_js_resolve(host, length, &peer);
        if (result < 0) return fail(error_of(-result) == EINVAL ? EHOSTUNREACH : error_of(-result));
    }
    peer.port = (uint32_t)port;
    *address = address_of(peer);
    return 0;
}

int perigee_net_name(const struct sockaddr_in *address, char *name, size_t size) {
    char key[PERIGEE_NET_NAME_SIZE];
    if (address == NULL || (name == NULL && size > 0)) return fail(EINVAL);
    int length = perigee_js_key(ntohl(address->sin_addr.s_addr), key, sizeof key);
    if (length < 0) return result_of(length);
    int written = snprintf(name, size, "%.*s:%u", length, key, ntohs(address->sin_port));
    return written >= 0 && (size_t)written < size ? 0 : fail(ERANGE);
}

static size_t length_of(const char *text) {
    return text == NULL ? 0 : strlen(text);
}

int perigee_net_publish(const struct perigee_net_entry *entry) {
    if (entry == NULL || entry->name == NULL) return fail(EINVAL);
    return result_of(perigee_js_publish(entry->name, length_of(entry->name), entry->map, length_of(entry->map),
                                        entry->mode, length_of(entry->mode), entry->port, entry->players, entry->max));
}

static struct {
    struct pollfd *sockets;
    nfds_t count;
    perigee_net_step *step;
    void *context;
} loop;

static void wake(void) {
    poll(loop.sockets, loop.count, 0);
    if (loop.step(loop.context) != 0) emscripten_force_exit(0);
}

int perigee_net_loop(struct pollfd *sockets, nfds_t count, int interval, perigee_net_step *step, void *context) {
    if (step == NULL || (sockets == NULL && count > 0)) return fail(EFAULT);
    loop.sockets = sockets;
    loop.count = count;
    loop.step = step;
    loop.context = context;
    int result = perigee_js_loop(wake, interval);
    if (result < 0) return result_of(result);
    emscripten_exit_with_live_runtime();
}
