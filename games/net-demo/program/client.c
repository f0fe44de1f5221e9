/* A player: it says where it walks, and prints what the server tells when that has changed. */

#include "game.h"
#include "perigee_net.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int client_socket = -1, walk_x, walk_y;
static struct sockaddr_in server_address;
static int64_t due;   /* when the next packet is to be sent */
static int64_t heard; /* when the last one came, or we said that none comes */
static unsigned last_tick;
static char shown[MOST_BYTES];

int client_open(const struct sockaddr_in *server) {
    client_socket = open_socket(0);
    server_address = *server;
    heard = now();
    return client_socket;
}

static void send_to_server(const char *packet) {
    sendto(client_socket, packet, strlen(packet), 0, (const struct sockaddr *)&server_address, sizeof server_address);
}

static void show(const char *packet) {
    unsigned tick;
    int start = 0;
    if (sscanf(packet, "world %u %n", &tick, &start) != 1 || start == 0) return;
    for (const char *at = packet; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~') return; /* nobody else's control characters on our terminal */
    }
    /* Packets overtake each other. One that seems very old is of a server that was started anew. */
    if (last_tick - tick < 100 && shown[0] != '\0') return;
    last_tick = tick;
    heard = now();
    if (strcmp(packet + start, shown) == 0) return;
    strcpy(shown, packet + start);
    printf("world %s\n", shown);
}

void client_step(void) {
    char packet[MOST_BYTES];
    struct sockaddr_in sender;
    while (take(client_socket, packet, &sender)) {
        if (is_same(&sender, &server_address)) show(packet);
    }
    int64_t time = now();
    if (time - heard > PATIENCE) {
        printf("silence\n");
        heard = time;
    }
    if (time >= due) client_walk(walk_x, walk_y);
}

void client_walk(int dx, int dy) {
    char packet[16];
    walk_x = dx;
    walk_y = dy;
    due = now() + TICK;
    snprintf(packet, sizeof packet, "move %d %d", dx, dy);
    send_to_server(packet);
}

void client_close(void) {
    send_to_server("quit");
    close(client_socket);
}
