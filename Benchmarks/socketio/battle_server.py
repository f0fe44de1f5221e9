"""The battle on python-socketio with eventlet, for `perigee bench socketio --against python`.

Listens on a free port of 127.0.0.1, prints it, and ends when its input ends. The packages and their versions are those
of Tests/clients/requirements.txt; `scripts/bootstrap test` installs them into .build/venv/.
"""

import math
import os
import random
import socket
import sys
import threading

import eventlet
import eventlet.wsgi
import socketio

io = socketio.Server(async_mode="eventlet", cors_allowed_origins="*")
players = {}


@io.event
def connect(sid, environ):
    print("connected:", sid)
    players[sid] = {"x": random.randint(0, 100), "y": random.randint(0, 100), "hp": 100}
    io.emit("new_player", {"id": sid, "position": players[sid]}, skip_sid=sid)


@io.event
def disconnect(sid):
    print("disconnected:", sid)
    if players.pop(sid, None):
        io.emit("player_left", {"id": sid})


@io.event
def move(sid, data):
    if sid in players:
        players[sid].update(x=data["x"], y=data["y"])
        io.emit("player_moved", {"id": sid, "position": players[sid]})


@io.event
def attack(sid, data):
    me = players[sid]
    # A list: an emit lets other events run, and a player may come or leave meanwhile.
    for other, player in list(players.items()):
        if other != sid and math.dist((me["x"], me["y"]), (player["x"], player["y"])) <= 10:
            player["hp"] -= 10
            if player["hp"] <= 0:
                io.emit("player_killed", {"id": other})
            io.emit("player_attacked", {"id": other, "hp": player["hp"]})


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


listener = eventlet.listen(("127.0.0.1", 0), backlog=1024)
# Its connections have it too: else Linux may keep a small packet back for 40 ms.
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(listener.getsockname()[1], flush=True)
# Nothing is patched, so this is a thread of the system.
threading.Thread(target=end_with_input, daemon=True).start()
# Each WebSocket keeps one of the green threads.
eventlet.wsgi.server(listener, socketio.WSGIApp(io), max_size=10_000, log_output=False)
