/* Coins: players walk over a field and collect coins. One of them, or a program of its own, is the server.
 *
 * Packets are short texts:
 *   "move DX DY"                         from a player, each tick: where it walks, -1 to 1 each
 *   "quit"                               from a player that leaves
 *   "world TICK ID coin X,Y ID:X,Y,POINTS ..."  to a player, each tick: its id, the coin, and all players */

#ifndef GAME_H
#define GAME_H

#include <netinet/in.h>
#include <stdint.h>

enum { TICK = 50, PATIENCE = 5000 /* milliseconds; after so long a silence a player has left */ };
enum { MOST_BYTES = 512 };

/* Milliseconds since some time in the past. */
int64_t now(void);

/* Makes a socket for UDP that is bound to `port`, or to a free one for 0. Returns -1 with errno when that fails. */
int open_socket(int port);

/* Takes the oldest packet that waits at a socket, as a text. Returns 0 when no packet waits. */
int take(int fd, char packet[MOST_BYTES], struct sockaddr_in *sender);

int is_same(const struct sockaddr_in *one, const struct sockaddr_in *other);

/* Opens the server and publishes it as `title`; returns its socket, or -1. `server_step` does what is due. */
int server_open(int port, const char *title);
void server_step(void);
void server_close(void);

/* The same for a player, whose server is at an address. */
int client_open(const struct sockaddr_in *server);
void client_step(void);
void client_close(void);

/* Where the player walks from now on. */
void client_walk(int dx, int dy);

#endif
