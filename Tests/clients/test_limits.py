"""Limits of clients: set in `game.yaml`, and changed while the game runs (`1-protocol.md` 3, 4.4)."""

import json
import socket
import threading
import time

import pytest

from harness.crowd import GAME
from harness.player import Player, address
from harness.raw import RawWebSocket, frame
from harness.waiting import until

GAME = {
    **GAME,
    "events/shout/index.lua": "--@public true\nobject.send({ action = 'loud', text = ('x'):rep(50000) })\n",
    "events/shout/timeout.lua": "return 0\n",
}


@pytest.fixture
def settings(serve):
    """A server whose settings a test changes while it runs."""
    server = serve(GAME)

    def change(**values):
        server.write("game.yaml", "name: Changed\n" + "".join(f"{key}: {value}\n" for key, value in values.items()))
        until(lambda: "game.yaml" in str(server.diagnostics()["log"]), "the reload")
        return server
    return change


def silent_seconds(server):
    """How long the server keeps a silent connection, in seconds."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as silent:
        began = time.monotonic()
        assert silent.recv(1) == b""
        return time.monotonic() - began


def test_how_long_a_request_may_take(settings):
    server = settings(handshake_seconds=1)
    until(lambda: silent_seconds(server) < 3, "the new time holds")
    with socket.create_connection(("127.0.0.1", server.port), 20) as slow:
        slow.sendall(b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_how_long_a_connection_stays_without_a_request(settings):
    server = settings(http_idle_seconds=1)
    with socket.create_connection(("127.0.0.1", server.port), 20) as idle:
        for _ in range(2):
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(65536).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        assert idle.recv(1) == b""
        assert time.monotonic() - began < 5


def test_how_deep_and_long_messages_and_bodies_may_be(settings):
    server = settings(max_json_depth=2, max_body_bytes=1024)

    def is_refused(depth):
        with RawWebSocket(address(server.port, *credentials(server))) as raw:
            raw.read_text()
            raw.send(frame(1, b'{"action":"move/to","x":' + b"[" * depth + b"]" * depth + b',"y":1}'))
            return raw.read_error_or_close()["code"] == "bad_json"
    until(lambda: is_refused(2), "the new depth holds")
    assert not is_refused(1)
    body = b'{"login":"' + b"a" * 1100 + b'"}'
    answer = server.post("/server/sign/auth/", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_how_often_logins_may_fail_and_accounts_be_made(settings):
    server = settings(login_burst=2, logins_per_minute=1, registration_burst=3, registrations_per_minute=1)
    server.sign("register", "ada")

    def failures():
        codes = [
            server.post("/server/sign/auth/", json={"login": "ada", "password": "wrong"}).status_code for _ in range(3)]
        return codes == [401, 401, 429]
    assert until(failures, "the new limit holds", pause=0.5) and not failures()
    made = [
        server.post("/server/sign/register/", json={"login": f"x{n}", "password": "secret"}).status_code
        for n in range(5)]
    assert made.count(429) >= 2


def test_unlimited_logins_stay_unlimited_when_the_settings_change(serve):
    server = serve(GAME, "--unlimited-logins")
    server.write("game.yaml", "registration_burst: 1\nregistrations_per_minute: 1\nname: Changed\nmax_sessions: 3\n")
    until(lambda: "game.yaml" in str(server.diagnostics()["log"]), "the reload")
    for n in range(5):
        server.sign("register", f"x{n}")


def test_how_many_play_and_how_long_they_may_come_back(settings):
    server = settings(max_sessions=1, resume_seconds=7)
    until(lambda: server.metric("perigee_sessions") == 0 and resume_seconds(server) == 7, "the new settings hold")
    first = server.join("first")
    answer = server.sign("register", "second")
    with pytest.raises(AssertionError, match="503"):
        RawWebSocket(address(server.port, answer["id"], answer["token"]))
    first.close()


def resume_seconds(server):
    player = server.join(f"probe{server.metric('perigee_sessions_opened_total'):.0f}")
    player.wait(lambda: player.resume, "the resume token")
    player.close()
    until(lambda: server.metric("perigee_sessions") == 0, "the probe is gone")
    return player.resume["seconds"]


def test_how_many_connections_an_address_may_have(settings):
    server = settings(max_connections_per_address=5)

    def open_ones():
        held = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(10)]
        try:
            threading.Event().wait(0.2)
            for each in held:
                each.setblocking(False)
            return sum(is_open(each) for each in held)
        finally:
            for each in held:
                each.close()
    until(lambda: open_ones() <= 5, "the new limit holds", pause=0.5)


def is_open(connection):
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_who_reads_again_after_a_while_gets_a_fresh_world_and_all_that_follows(serve):
    server = serve({
        **GAME, "game.yaml": "send_buffer_bytes: 16384\ncommand_rate: 1000\ncommand_burst: 10000\n"})
    other = server.join("other")
    slow = RawWebSocket(address(server.port, *credentials(server, "slow")))
    slow.read_text()
    dropped = server.metric("perigee_messages_dropped_total")
    for n in range(400):
        slow.send(frame(1, b'{"action":"shout"}'))
        other.send("move/to", x=n % 30, y=n % 20)
        other.pump(0.01)
    assert server.metric("perigee_messages_dropped_total") > dropped, "nothing was left out"
    other.send("move/to", x=9, y=8)
    other.wait(lambda: (other.me["x"], other.me["y"]) == (9, 8), "the other moves")
    world = Follower()
    until(lambda: world.take_from(slow) and world.place(other.key) == (9, 8), "a fresh world", pause=0)
    assert world.snapshots > 0
    other.send("move/to", x=10, y=11)
    until(lambda: world.take_from(slow) and world.place(other.key) == (10, 11), "what follows", pause=0)
    slow.socket.close()


class Follower(Player):
    """A world built from messages that other code reads from a connection; those before the first snapshot are skipped."""

    def __init__(self):  # without the base class's initializer, which connects
        self.entities, self.is_loaded, self.tick = {}, False, -1
        self.snapshots = self.deltas = 0
        self.commands, self.actions = {}, []

    def take_from(self, raw):
        message = json.loads(raw.read_text())
        if message.get("action") == "load/index":
            self.load(message)
        elif "tick" in message and self.is_loaded:
            self.apply(message)
        return True

    def place(self, key):
        record = self.entities.get(key, {})
        return record.get("x"), record.get("y")


def credentials(server, login="ada"):
    answer = server.post("/server/sign/register/", json={"login": login, "password": "correct horse"})
    if answer.status_code != 200:
        return credentials_of(server.sign("auth", login))
    return credentials_of(answer.json())


def credentials_of(answer):
    return answer["id"], answer["token"]
