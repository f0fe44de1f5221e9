/* net-demo server PORT [TITLE]       waits for players
 * net-demo client HOST:PORT          plays
 * net-demo host PORT [TITLE]         both
 *
 * A player's keys come from the standard input, or from the page by `press`: w, a, s and d walk, x stands, q leaves.
 * What happens is printed, a line each. */

#include "game.h"
#include "perigee_net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int is_server, is_client, has_ended;

int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int open_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int take(int fd, char packet[MOST_BYTES], struct sockaddr_in *sender) {
    socklen_t length = sizeof *sender;
    ssize_t size = recvfrom(fd, packet, MOST_BYTES - 1, MSG_DONTWAIT, (struct sockaddr *)sender, &length);
    if (size < 0) return 0;
    packet[size] = '\0';
    return 1;
}

int is_same(const struct sockaddr_in *one, const struct sockaddr_in *other) {
    return one->sin_addr.s_addr == other->sin_addr.s_addr && one->sin_port == other->sin_port;
}

/* A key was pressed. */
void press(int key) {
    static const struct {
        char key;
        int dx, dy;
    } walks[] = {{'w', 0, -1}, {'a', -1, 0}, {'s', 0, 1}, {'d', 1, 0}, {'x', 0, 0}};
    for (size_t n = 0; n < sizeof walks / sizeof walks[0]; n++) {
        if (walks[n].key == key && is_client) client_walk(walks[n].dx, walks[n].dy);
    }
    if (key == 'q') has_ended = 1;
}

static void read_keys(struct pollfd *input) {
    char keys[64];
    ssize_t count = read(input->fd, keys, sizeof keys);
    for (ssize_t n = 0; n < count; n++) press(keys[n]);
    if (count <= 0) input->fd = -1; /* without an input the program plays on */
}

enum { INPUT, SERVER, CLIENT };
static struct pollfd polled[3] = {{STDIN_FILENO, POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};

static int step(void *context) {
    (void)context;
    if (polled[INPUT].revents) read_keys(&polled[INPUT]);
    if (is_client) client_step();
    if (is_server) server_step();
    if (has_ended && is_client) client_close();
    if (has_ended && is_server) server_close();
    return has_ended;
}

static int fail(const char *what) {
    fprintf(stderr, "net-demo: %s: %s\n", what, strerror(errno));
    return 1;
}

int main(int count, char **words) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *mode = count > 2 ? words[1] : "";
    is_server = strcmp(mode, "server") == 0 || strcmp(mode, "host") == 0;
    is_client = strcmp(mode, "client") == 0 || strcmp(mode, "host") == 0;
    if (!is_server && !is_client) {
        fprintf(stderr, "usage: net-demo server PORT [TITLE] | client HOST:PORT | host PORT [TITLE]\n");
        return 2;
    }
    char own[32];
    snprintf(own, sizeof own, "localhost:%.16s", words[2]);
    struct sockaddr_in server;
    if (perigee_net_resolve(is_server ? own : words[2], &server) < 0) return fail(words[2]);
    if (is_server) polled[SERVER].fd = server_open(ntohs(server.sin_port), count > 3 ? words[3] : "Coins");
    if (is_server && polled[SERVER].fd < 0) return fail("the port of the server");
    if (is_client) polled[CLIENT].fd = client_open(&server);
    if (is_client && polled[CLIENT].fd < 0) return fail("a socket");
    return perigee_net_loop(polled, 3, TICK / 2, step, NULL) < 0 ? fail("the loop") : 0;
}
