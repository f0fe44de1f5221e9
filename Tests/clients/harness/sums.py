"""Faults in which each client keeps to its limits, but all clients together cost too much."""

import os
import re
import signal
import socket
import subprocess
import time

from .crowd import GAME
from .lab import memory, served, stop_and_check
from .player import address
from .raw import frame
from .waiting import until

#: A world whose snapshot has two megabytes after a player has sent `fill`.
LARGE = {
    **GAME,
    "components/text.lua": "--@type string\n",
    "events/fill/index.lua": """--@public true
for n = 1, 40 do
  objects.add("objects", { x = 1, y = 1 }).components.text = ("%02d"):format(n):rep(25000)
end
""",
    "events/fill/timeout.lua": "return 0\n",
}
LARGE_SETTINGS = "name: Large\nevent_time_limit_ms: 10000\n"


def fill(server):
    """Makes the world large, with the command of a player who then leaves."""
    player = server.join("filler")
    player.send("fill")
    player.wait(lambda: len(player.entities) > 40, "the world is large")
    player.close()


def kernel_memory(server):
    """The memory in MB that the kernel uses for the server's unsent bytes; the bytes themselves are fewer."""
    sockets = subprocess.run(
        ["ss", "-tnmHO", "state", "all", f"sport = :{server.port}"], capture_output=True, text=True, check=True).stdout
    return sum(int(each) for each in re.findall(r"\bw(\d+)", sockets)) / (1 << 20)


def deaf_socket(port):
    """A connection that its client never reads, with a small receive buffer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    return connection


def deaf_download(port, path):
    """A download that its client never reads."""
    connection = deaf_socket(port)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def deaf_player(port, answer):
    """A player who joins the map and never reads a byte."""
    connection = deaf_socket(port)
    path = address(port, answer["id"], answer["token"]).split(f":{port}", 1)[1]
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())
    return connection


class Peak:
    """The highest memory use seen, in MB: of the process, above its use at first, and of the kernel."""

    def __init__(self, server):
        self.server = server
        self.before = memory(server)
        self.process = self.kernel = 0

    def look(self):
        self.process = max(self.process, memory(self.server) - self.before)
        self.kernel = max(self.kernel, kernel_memory(self.server))
        return self

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look()
            time.sleep(0.1)
        return self


def add_music(server, megabytes=5):
    content = os.urandom(megabytes << 20)
    (server.game / "music").mkdir(exist_ok=True)
    (server.game / "music/long.ogg").write_bytes(content)
    return content


# Faults


def unread_downloads(lab):
    """downloads that nobody reads"""
    server = lab.serve({**GAME, "game.yaml": "name: Music\ndrain_seconds: 30\nsend_memory_mb: 16\n"})
    content = add_music(server)
    assert server.get("/music/long.ogg").content == content
    with served(lab, server) as crowd:
        peak = Peak(server)
        unread = [deaf_download(server.port, "/music/long.ogg") for _ in range(lab.size(80, 300))]
        peak.watch(lab.size(2, 10))
        until(lambda: server.metric("perigee_connections_shed_total") > 0, "the bound is reached")
        assert server.get("/music/long.ogg").content == content, "others can't download"
        for connection in unread:
            connection.close()
        assert peak.process < 40 and peak.kernel < 32, (peak.process, peak.kernel)
    lab.note(f"{len(unread)} downloads: {peak.process:.0f} MB more, {peak.kernel:.0f} MB in the kernel")
    stop_and_check(server, crowd)


def unread_snapshots(lab):
    """players who don't read their large snapshots"""
    server = lab.serve({**LARGE, "game.yaml": f"{LARGE_SETTINGS}send_memory_mb: 16\nresume_seconds: 0\n"})
    fill(server)
    answers = [server.sign("register", f"deaf{n}") for n in range(lab.size(16, 60))]
    with served(lab, server) as crowd:
        peak = Peak(server)
        deaf = []
        for answer in answers:
            sessions = server.metric("perigee_sessions_opened_total")
            deaf.append(deaf_player(server.port, answer))
            # Each player joins in a tick of its own, so that no two share a snapshot.
            until(
                lambda sessions=sessions: server.metric("perigee_sessions_opened_total") > sessions, "it is on the map")
            peak.look()
        until(lambda: server.metric("perigee_connections_shed_total") > 0, "the bound is reached")
        peak.watch(lab.size(1, 10))
        for connection in deaf:
            connection.close()
        # send_memory_mb, plus the bytes that one tick may add before the clients with the most are closed.
        assert peak.process < 60 and peak.kernel < 32, (peak.process, peak.kernel)
        assert server.says("too many bytes wait for clients")
    lab.note(f"{len(deaf)} players: {peak.process:.0f} MB more, {peak.kernel:.0f} MB in the kernel")
    stop_and_check(server, crowd)


#: Limits so strict that clients exceed them at once if the server counts a pause against them.
STRICT = """name: Strict
command_rate: 40
command_burst: 5
max_refusals: 2
ping_seconds: 1
dead_after_seconds: 2
handshake_seconds: 2
drain_seconds: 2
"""


def paused_server(lab):
    """the server itself is stopped for seconds"""
    server = lab.serve({**GAME, "game.yaml": STRICT})
    silent = server.join("silent")
    busy = server.join("busy")
    slow = socket.create_connection(("127.0.0.1", server.port), 20)
    for lab.tried in range(1, lab.size(1, 5) + 1):
        token = server.sign("auth" if lab.tried > 1 else "register", "late")
        slow.sendall(b"GET /health HTTP/1.1\r\n")
        server.process.send_signal(signal.SIGSTOP)
        try:
            for n in range(105):  # 35 a second for 3 s: allowed, command_rate is 40
                busy.socket.socket.sendall(frame(1, f'{{"action":"move/to","x":{n % 30},"y":2}}'.encode()))
                time.sleep(1 / 35)
        finally:
            server.process.send_signal(signal.SIGCONT)
        slow.sendall(b"Host: x\r\n\r\n")
        assert slow.recv(65536).startswith(b"HTTP/1.1 200 "), "a request that took long because the server did"
        for player in (busy, silent):
            player.deltas = 0
            until(lambda player=player: player.pump(1) and player.deltas > 0, "the game goes on")
            assert player.closed is None and not player.errors, (player.closed, player.errors)
        connection = deaf_player(server.port, token)
        assert connection.recv(12) == b"HTTP/1.1 101"
        connection.close()
        busy.send("move/to", x=10 + lab.tried, y=3)
        busy.wait(lambda: busy.me["y"] == 3, "the last move")
        silent.wait(lambda: silent.entities[busy.key]["y"] == 3, "others see it")
    slow.close()
    assert server.stop(signal.SIGTERM) == 0
