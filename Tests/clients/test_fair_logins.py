"""Logins share the password checks fairly, and no client can lock others out (`1-protocol.md` 1)."""

import time

import pytest

from harness.crowd import GAME
from harness.logins import PASSWORD, logging_in, post
from harness.player import Player
from harness.waiting import until

#: Limits low enough to be reached within a test.
TIGHT = """name: Tight
login_burst: 3
logins_per_minute: 1
stranger_burst: 12
strangers_per_minute: 1
"""


def test_a_stranger_who_fails_on_a_name_does_not_lock_its_owner_out(serve):
    server = serve({**GAME, "game.yaml": TIGHT})
    server.sign("register", "ada")
    for _ in range(5):
        last = post(server.port, "auth", "ada", "wrong", source="127.0.5.1")
    assert last == 429
    assert post(server.port, "auth", "ada", PASSWORD) == 200, "from the address of the registration"
    assert post(server.port, "auth", "ada", PASSWORD, source="127.0.5.2") == 200, "from one that is new"


def test_many_strangers_are_bounded_together_and_the_owner_comes_in(serve):
    server = serve({**GAME, "game.yaml": TIGHT})
    server.sign("register", "ada")
    statuses = [
        post(server.port, "auth", "ada", "wrong", source=f"127.0.6.{n}") for n in range(1, 11) for _ in range(2)]
    assert statuses.count(401) <= 13, statuses
    assert statuses[-1] == 429
    assert post(server.port, "auth", "ada", PASSWORD) == 200


def test_who_plays_comes_back_and_loads_maps_however_many_log_in(serve):
    server = serve({**GAME, "game.yaml": "name: Narrow\nmax_waiting_logins: 2\n"}, "--unlimited-logins")
    ada = server.join("ada")
    ada.wait(lambda: ada.resume, "the way back")
    with logging_in(server, sources=["127.0.7.1", "127.0.7.2"], count=10, names=["ada", "bob"], password="wrong horse"):
        until(lambda: server.metric("perigee_logins_refused_total") > 20, "the queue is full")
        for _ in range(3):
            ada.socket.socket.close()  # without a close frame, as a lost network does
            back = Player(server.port, {**ada.answer, "token": ada.resume["token"]})
            server.players.append(back)
            back.wait(lambda: back.is_loaded, "the world")
            back.wait(lambda: back.resume, "the next way back")
            ada = back
            answer = server.get(
                "/server/sign/get_map/?map_id=1", headers={"Authorization": f"Bearer {ada.answer['session']}"})
            assert answer.status_code == 200


def test_an_address_with_one_login_is_served_beside_addresses_with_sixty(serve):
    server = serve(GAME, "--unlimited-logins")
    for name in ("ada", "bob", "cid"):
        server.sign("register", name)
    sources = ["127.0.7.1", "127.0.7.2"]
    with logging_in(server, sources=sources, count=60, names=["bob", "cid"], password=PASSWORD):
        until(lambda: server.metric("perigee_logins_refused_total") > 0, "the queue is full")
        # With one queue for all addresses nine of ten of these would get 503.
        assert [post(server.port, "auth", "ada", PASSWORD) for _ in range(10)] == [200] * 10


def test_behind_a_trusted_proxy_each_client_has_its_own_limits(serve):
    server = serve({**GAME, "game.yaml": TIGHT + "trusted_proxies: [127.0.8.1]\nregistration_burst: 1\n"})

    def register(login, client, source="127.0.8.1"):
        return post(server.port, "register", login, PASSWORD, source, {"X-Forwarded-For": client})
    assert register("ada", "192.0.2.1") == 200
    assert register("bob", "192.0.2.1") == 429
    assert register("bob", "192.0.2.2") == 200
    assert register("cid", "192.0.2.3", source="127.0.8.2") == 200
    assert register("dan", "192.0.2.4", source="127.0.8.2") == 429, "this peer is no trusted proxy"
    server.write("game.yaml", TIGHT + "trusted_proxies: [127.0.8.1, 127.0.8.2]\nregistration_burst: 1\n")
    until(lambda: register(f"eve{time.monotonic_ns()}", f"192.0.2.{time.monotonic_ns() % 200 + 5}", "127.0.8.2") == 200,
          "the new list holds", pause=0.2)


@pytest.mark.parametrize("proto", ["http", "https"])
def test_the_operators_cookie_is_for_tls_behind_a_trusted_proxy(serve, proto):
    server = serve({**GAME, "game.yaml": "name: Proxied\ntrusted_proxies: [127.0.0.0/8]\n"})
    answer = server.post(
        "/server/api/v1/session", json={"key": server.operator_key()}, headers={"X-Forwarded-Proto": proto})
    assert answer.status_code == 200
    assert ("Secure" in answer.headers["Set-Cookie"]) == (proto == "https")
