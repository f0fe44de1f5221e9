/* The server: it knows where all are, moves them, and tells everybody 20 times a second. */

#include "game.h"
#include "perigee_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIELD_WIDTH = 320, FIELD_HEIGHT = 200, SPEED = 4 /* units a tick */, REACH = 12, MOST_PLAYERS = 8 };

struct player {
    struct sockaddr_in address;
    int64_t heard; /* when its last packet came; 0: this place is free */
    int x, y, dx, dy, points;
};

static struct player players[MOST_PLAYERS]; /* a player's id is its index */
static struct player *const players_end = players + MOST_PLAYERS;
static int server_socket = -1, server_port, coin_x, coin_y;
static const char *server_title;
static unsigned tick;
static int64_t due; /* when the next tick is */

static void place_coin(void) {
    coin_x = REACH + rand() % (FIELD_WIDTH - 2 * REACH);
    coin_y = REACH + rand() % (FIELD_HEIGHT - 2 * REACH);
}

static void publish(void) {
    struct perigee_net_entry entry = {server_title, "field", "coins", server_port, 0, MOST_PLAYERS};
    for (struct player *one = players; one < players_end; one++) entry.players += one->heard != 0;
    perigee_net_publish(&entry); /* a native server is in no list by itself, and needs none */
}

int server_open(int port, const char *title) {
    server_socket = open_socket(port);
    if (server_socket < 0) return -1;
    server_port = port;
    server_title = title;
    due = now() + TICK;
    srand((unsigned)now());
    place_coin();
    publish();
    printf("server open %d\n", port);
    return server_socket;
}

static void say(const struct player *player, const char *what) {
    char name[PERIGEE_NET_NAME_SIZE];
    if (perigee_net_name(&player->address, name, sizeof name) == 0) {
        printf("server %s %d %s\n", what, (int)(player - players), name);
    }
    publish();
}

static void leave(struct player *player) {
    player->heard = 0;
    say(player, "left");
}

/* The player of an address; a new one if there is room, else NULL. */
static struct player *player_at(const struct sockaddr_in *address, int may_join) {
    struct player *vacant = NULL;
    for (struct player *one = players; one < players_end; one++) {
        if (one->heard != 0 && is_same(&one->address, address)) return one;
        if (one->heard == 0 && vacant == NULL) vacant = one;
    }
    if (vacant == NULL || !may_join) return NULL;
    *vacant =
        (struct player){.address = *address, .x = rand() % FIELD_WIDTH, .y = rand() % FIELD_HEIGHT, .heard = now()};
    say(vacant, "joined");
    return vacant;
}

static void receive(void) {
    char packet[MOST_BYTES];
    struct sockaddr_in sender;
    int dx, dy;
    while (take(server_socket, packet, &sender)) {
        int is_move = sscanf(packet, "move %2d %2d", &dx, &dy) == 2 && abs(dx) <= 1 && abs(dy) <= 1;
        struct player *player = player_at(&sender, is_move);
        if (player != NULL && is_move) {
            player->heard = now();
            player->dx = dx;
            player->dy = dy;
        } else if (player != NULL && strcmp(packet, "quit") == 0) {
            leave(player);
        }
    }
}

static int within(int value, int limit) {
    return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

static void advance(void) {
    tick++;
    for (struct player *one = players; one < players_end; one++) {
        if (one->heard == 0) continue;
        one->x = within(one->x + one->dx * SPEED, FIELD_WIDTH);
        one->y = within(one->y + one->dy * SPEED, FIELD_HEIGHT);
        if (abs(one->x - coin_x) > REACH || abs(one->y - coin_y) > REACH) continue;
        one->points++;
        place_coin();
    }
}

static void tell(void) {
    char all[MOST_BYTES - 64] = "", packet[MOST_BYTES];
    for (struct player *one = players; one < players_end; one++) {
        size_t used = strlen(all);
        if (one->heard == 0) continue;
        snprintf(all + used, sizeof all - used, " %d:%d,%d,%d", (int)(one - players), one->x, one->y, one->points);
    }
    for (struct player *one = players; one < players_end; one++) {
        if (one->heard == 0) continue;
        int size = snprintf(packet, sizeof packet, "world %u %d coin %d,%d%s", tick, (int)(one - players), coin_x,
                            coin_y, all);
        /* A packet that can't be sent is as good as one that is lost: the next one says everything again. */
        sendto(server_socket, packet, (size_t)size, 0, (const struct sockaddr *)&one->address, sizeof one->address);
    }
}

void server_step(void) {
    receive();
    int64_t time = now();
    if (time < due) return;
    for (struct player *one = players; one < players_end; one++) {
        if (one->heard != 0 && time - one->heard > PATIENCE) leave(one);
    }
    /* A page that nobody looks at gets late: what it missed is made up for, but not more than a second of it. */
    if (time - due > 1000) due = time - 1000;
    for (; due <= time; due += TICK) advance();
    tell();
}

void server_close(void) {
    close(server_socket);
    printf("server closed\n");
}
