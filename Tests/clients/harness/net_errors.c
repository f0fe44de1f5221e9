/* Calls the functions of UDP sockets, most of them wrongly, and prints what each returns: the output must be the same
 * natively and in a browser. With the argument "virtual" come the calls whose answers only virtual sockets have. */

#include "perigee_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static char bytes[70000];
static void *const wild = (void *)(intptr_t)-4096;

static const char *name_of(int error) {
    switch (error) {
    case EADDRINUSE: return "EADDRINUSE";
    case EADDRNOTAVAIL: return "EADDRNOTAVAIL";
    case EAFNOSUPPORT: return "EAFNOSUPPORT";
    case EBADF: return "EBADF";
    case EDESTADDRREQ: return "EDESTADDRREQ";
    case EFAULT: return "EFAULT";
    case EHOSTUNREACH: return "EHOSTUNREACH";
    case EINVAL: return "EINVAL";
    case EMFILE: return "EMFILE";
    case EMSGSIZE: return "EMSGSIZE";
    case ENETDOWN: return "ENETDOWN";
    case ENETUNREACH: return "ENETUNREACH";
    case EPROTONOSUPPORT: return "EPROTONOSUPPORT";
    case ERANGE: return "ERANGE";
    case EWOULDBLOCK: return "EWOULDBLOCK";
    default: return strerror(error);
    }
}

static void report(const char *what, long result) {
    if (result < 0) printf("%s: %s\n", what, name_of(errno));
    else printf("%s: %ld\n", what, result);
}

static struct sockaddr_in at(const char *host, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

static int bind_to(int fd, struct sockaddr_in address) {
    return bind(fd, (const struct sockaddr *)&address, sizeof address);
}

static ssize_t send_to(int fd, const void *from, size_t size, struct sockaddr_in address) {
    return sendto(fd, from, size, 0, (const struct sockaddr *)&address, sizeof address);
}

static ssize_t receive(int fd, void *to, size_t size, struct sockaddr_in *sender) {
    socklen_t length = sizeof *sender;
    return recvfrom(fd, to, size, MSG_DONTWAIT, (struct sockaddr *)sender, sender == NULL ? NULL : &length);
}

static void test_bind(int fd, int other) {
    struct sockaddr_in any = at("0.0.0.0", 0), named = any;
    socklen_t length = sizeof named;
    report("a length that is too small", bind(fd, (const struct sockaddr *)&any, 4));
    any.sin_family = AF_INET6;
    report("another family", bind_to(fd, any));
    report("a foreign address", bind_to(fd, at("192.0.2.1", 0)));
    report("no socket", bind_to(99, at("0.0.0.0", 0)));
    report("bind", bind_to(fd, at("0.0.0.0", 0)));
    report("bind twice", bind_to(fd, at("0.0.0.0", 0)));
    report("getsockname", getsockname(fd, (struct sockaddr *)&named, &length));
    report("its port is there", named.sin_port != 0);
    report("a used port", bind_to(other, at("0.0.0.0", ntohs(named.sin_port))));
}

static void test_packets(int fd, int other) {
    struct sockaddr_in own, sender;
    socklen_t length = sizeof own;
    fd_set set;
    struct pollfd polled = {fd, POLLIN, 0};
    getsockname(fd, (struct sockaddr *)&own, &length);
    char name[PERIGEE_NET_NAME_SIZE];
    snprintf(name, sizeof name, "localhost:%d", ntohs(own.sin_port));
    report("resolve", perigee_net_resolve(name, &own));
    report("nothing to receive", receive(fd, bytes, 100, NULL));
    report("nothing to poll", poll(&polled, 1, 0));
    report("sendto without an address", sendto(fd, bytes, 1, 0, NULL, 0));
    report("sendto from nowhere", send_to(fd, wild, 100, own));
    report("sendto of too much", send_to(fd, bytes, sizeof bytes, own));
    report("sendto to port 0", send_to(fd, bytes, 1, at("127.0.0.1", 0)));
    report("sendto of nothing", send_to(other, bytes, 0, own));
    report("recvfrom of nothing", receive(fd, bytes, 100, NULL));
    report("sendto", send_to(other, "abcde", 5, own));
    report("sendto", send_to(other, "fgh", 3, own));
    report("poll", poll(&polled, 1, 1000));
    report("POLLIN", polled.revents == POLLIN);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    report("select", select(fd + 1, &set, NULL, NULL, &(struct timeval){1, 0}));
    report("recvfrom", receive(fd, bytes, 3, &sender));
    report("the rest is lost", receive(fd, bytes + 3, 100, &sender));
    printf("%.6s\n", bytes);
    getsockname(other, (struct sockaddr *)&own, &length);
    report("the sender's port", sender.sin_port == own.sin_port);
    report("a packet to the sender", send_to(fd, "again", 5, sender));
    report("recvfrom to nowhere", receive(other, wild, 100, NULL));
    report("select of none", select(1, NULL, NULL, NULL, &(struct timeval){0, 0}));
}

static void test_options(int fd) {
    int one = 1;
    report("setsockopt", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    report("ioctl", ioctl(fd, FIONBIO, &one));
    report("fcntl", fcntl(fd, F_SETFL, O_NONBLOCK));
    report("O_NONBLOCK", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    report("without MSG_DONTWAIT", recvfrom(fd, bytes, 100, 0, NULL, NULL));
    report("fcntl of a file", fcntl(STDOUT_FILENO, F_GETFD));
    report("fcntl of nothing", fcntl(99, F_GETFD));
}

static void test_names(void) {
    struct sockaddr_in address;
    char name[PERIGEE_NET_NAME_SIZE];
    report("no port", perigee_net_resolve("localhost", &address));
    report("port 0", perigee_net_resolve("localhost:0", &address));
    report("port 70000", perigee_net_resolve("localhost:70000", &address));
    report("port 1x", perigee_net_resolve("localhost:1x", &address));
    report("no host", perigee_net_resolve(":1", &address));
    report("localhost", perigee_net_resolve("localhost:65535", &address));
    report("its port", ntohs(address.sin_port));
    report("its name", perigee_net_name(&address, name, sizeof name));
    report("too little room", perigee_net_name(&address, name, 8));
}

static void test_end(int fd) {
    struct pollfd polled = {fd, POLLIN, 0};
    report("close", close(fd));
    report("close twice", close(fd));
    report("recvfrom", receive(fd, bytes, 100, NULL));
    report("sendto", send_to(fd, bytes, 1, at("127.0.0.1", 9)));
    report("poll", poll(&polled, 1, 0));
    report("POLLNVAL", polled.revents == POLLNVAL);
    report("close of nothing", close(99));
}

static void test_virtual(void) {
    struct sockaddr_in own = at("10.0.0.1", 7), peer;
    char name[PERIGEE_NET_NAME_SIZE];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP);
    report("16,383 bytes", send_to(fd, bytes, 16383, own));
    report("16,384 bytes", send_to(fd, bytes, 16384, own));
    report("nobody", send_to(fd, bytes, 1, at("10.0.0.99", 1)));
    report("nobody's name", perigee_net_name(&(struct sockaddr_in){.sin_family = AF_INET}, name, sizeof name));
    report("no key", perigee_net_resolve("nobody:1", &peer));
    report("a key", perigee_net_resolve("AAAAAAAAAAAAAAAAAAAAAAAA:65535", &peer));
    report("its address", (long)ntohl(peer.sin_addr.s_addr));
    report("its name", perigee_net_name(&peer, name, sizeof name));
    printf("%s\n", name);
    report("publish without a port", perigee_net_publish(&(struct perigee_net_entry){"Hill", NULL, NULL, 7, 0, 8}));
    int count = 1;
    while (socket(AF_INET, SOCK_DGRAM, 0) >= 0) count++;
    report("one more", -1);
    report("sockets", count);
}

int main(int count, char **words) {
    if (count > 1) {
        test_virtual();
        return 0;
    }
    report("another protocol", socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
    int fd = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    report("two sockets", fd > 2 && other > fd);
    (void)words;
    test_bind(fd, other);
    test_packets(fd, other);
    test_options(other);
    test_names();
    test_end(fd);
    return 0;
}
