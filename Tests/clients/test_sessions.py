"""Which of several connections gets the player (`1-protocol.md` 2, docs/protocol.md "Coming back")."""

import signal
import socket
import threading

import pytest
from websockets.exceptions import InvalidStatus

from harness.crowd import GAME
from harness.player import Player, address
from harness.raw import RawWebSocket, frame
from harness.waiting import until

GAME = {
    **GAME,
    "events/kick/index.lua": "--@public true\nobject.remove()\n",
    "events/shout/index.lua": "--@public true\nobject.send({ action = 'loud', text = ('x'):rep(50000) })\n",
    "events/shout/timeout.lua": "return 0\n",
}


@pytest.fixture
def server(serve):
    return serve(GAME, "--unlimited-logins")


def enter(server, answer, token=None):
    player = Player(server.port, {**answer, "token": token or answer["token"]})
    server.players.append(player)
    player.wait(lambda: player.is_loaded or player.closed is not None, "the first snapshot")
    return player


def refused(server, answer, token):
    with pytest.raises(InvalidStatus) as error:
        enter(server, answer, token)
    return error.value.response.status_code


def resume_token(player):
    return player.wait(lambda: player.resume, "the resume token")["token"]


def at_once(count, do):
    """Runs `do(n)` on `count` threads at the same moment; returns the results, with None for each that raised."""
    results, gate = [None] * count, threading.Barrier(count)

    def run(n):
        gate.wait()
        try:
            results[n] = do(n)
        except (InvalidStatus, OSError, AssertionError):
            pass
    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def only_one_plays(server, players):
    """Expects one of a player's connections to be left, and the others to be closed as replaced; returns the one."""
    def settled():
        for player in players:
            while player.pump(0.01) is not None:
                pass
        return sum(player.closed is None for player in players) == 1
    until(settled, "one connection is left")
    for player in players:
        assert player.closed in (None, 4001), player.closed
        if player.closed:
            assert player.errors[-1]["code"] == "replaced"
    winner = next(player for player in players if player.closed is None)
    winner.send("move/to", x=7, y=8)
    winner.wait(lambda: (winner.me["x"], winner.me["y"]) == (7, 8), "it plays on")
    until(lambda: server.metric("perigee_sessions") == 1 + len(watchers(server)), "no session is left over")
    return winner


def watchers(server):
    return [player for player in server.players if getattr(player, "is_watcher", False)]


@pytest.mark.parametrize("same_map", [True, False])
def test_of_logins_that_race_one_plays_and_the_entity_is_one(server, same_map):
    watcher = server.join("watcher")
    watcher.is_watcher = True
    first = server.join("ada")
    if not same_map:
        first.send("hop")
        first.wait(lambda: [m for m in first.others if m.get("action") == "reconnect"], "the way")
    answers = at_once(8, lambda _: server.sign("auth", "ada"))
    players = [player for player in at_once(8, lambda n: enter(server, answers[n])) if player]
    assert len(players) == 8
    winner = only_one_plays(server, players)
    watcher.reload()
    assert (winner.key in watcher.entities) == same_map


def test_resuming_while_the_old_connection_stands_takes_it_over(server):
    old = server.join("ada")
    old.send("hit", amount=3)
    old.wait(lambda: old.me["components"]["hp"] == 7, "the hit")
    token = resume_token(old)
    new = enter(server, old.answer, token)
    assert new.me["components"]["hp"] == 7
    assert old.wait_closed() == 4001
    assert resume_token(new) != token
    assert refused(server, old.answer, token) == 401


def test_of_many_who_resume_by_one_token_one_does(server):
    old = server.join("ada")
    token = resume_token(old)
    old.forget()
    players = [player for player in at_once(8, lambda _: enter(server, old.answer, token)) if player]
    assert len(players) == 1 and players[0].closed is None


def test_a_resume_token_dies_with_its_session_when_another_login_took_over(server):
    old = server.join("ada")
    token = resume_token(old)
    new = server.join("ada", kind="auth")
    assert old.wait_closed() == 4001
    assert refused(server, old.answer, token) == 401
    assert new.pump() is None or new.closed is None


@pytest.mark.parametrize("how", ["kick", "refusals", "broken frame"])
def test_who_was_put_out_does_not_come_back_without_a_login(server, how):
    ada = server.join("ada")
    token = resume_token(ada)
    if how == "kick":
        ada.send("kick")
    elif how == "refusals":
        for _ in range(25):
            ada.send("secret")
    else:
        ada.socket.socket.sendall(frame(3, b"x"))
    ada.wait_closed()
    assert refused(server, ada.answer, token) == 401
    assert server.join("ada", kind="auth").me["components"]["hp"] == 10


def test_the_way_to_another_map_is_not_for_one_who_was_taken_over_meanwhile(server):
    old = server.join("ada")
    old.send("hop")
    place = old.wait(
        lambda: next((m for m in old.others if m.get("action") == "reconnect"), None), "the way to the other map")
    new = server.join("ada", kind="auth")
    assert new.snapshot["map_id"] == 2
    assert refused(server, old.answer, place["token"]) == 401
    assert new.closed is None


def test_who_does_not_read_is_taken_over_at_once(server):
    answer = server.sign("register", "ada")
    with RawWebSocket(address(server.port, answer["id"], answer["token"])) as deaf:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.read_text()
        # A group keeps only the newest waiting command, so it takes a while until megabytes are on their way.
        deaf.socket.settimeout(0.2)
        for _ in range(300):
            deaf.send(frame(1, b'{"action":"shout"}'))
            threading.Event().wait(0.01)
        new = server.join("ada", kind="auth")
        new.send("move/to", x=4, y=4)
        new.wait(lambda: new.me["x"] == 4, "the newer one plays", seconds=2)
        until(lambda: server.metric("perigee_sessions") == 1, "the older session is gone", seconds=10)


def test_the_token_comes_in_each_snapshot_and_in_no_message_of_its_own(server):
    ada = server.join("ada")
    assert ada.snapshot["resume"] == {"token": resume_token(ada), "seconds": 30}
    first = ada.snapshot["resume"]
    ada.send("load/index")
    ada.wait(lambda: ada.snapshots == 2, "another snapshot")
    assert ada.snapshot["resume"] == first
    assert ada.others == [], "nothing but snapshots and deltas came"


def test_the_last_message_says_whether_to_come_back(server):
    ada = server.join("ada")
    ada.send("kick")
    assert ada.wait_closed() == 1013
    assert ada.errors[-1]["code"] == "removed" and ada.errors[-1]["return"] is False
    bob = server.join("bob")
    for _ in range(25):
        bob.send("secret")
    bob.wait_closed()
    assert bob.errors[-1]["code"] == "too_many_refusals" and bob.errors[-1]["return"] is False
    assert "return" not in bob.errors[0], "a refusal ends nothing"
    eve = server.join("eve")
    server.players.remove(eve)  # so that stopping the server does not close her connection first
    server.stop()
    eve.wait_closed()
    assert (eve.errors[-1]["code"], eve.errors[-1]["return"], eve.errors[-1]["retry"]) == ("shutting_down", True, 2)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_session_from_before_a_restart_gets_a_token_until_it_is_ended(server, how):
    session = server.sign("register", "ada")["session"]
    server.stop(how)
    server.start()
    headers = {"Authorization": f"Bearer {session}"}
    answer = server.post("/server/sign/token", headers=headers)
    assert answer.status_code == 200, answer.text
    ada = enter(server, answer.json())
    assert ada.me["login"] == "ada"
    assert server.post("/server/sign/logout", headers=headers).json() == {"ok": True}
    assert server.post("/server/sign/token", headers=headers).status_code == 401
    # Only its hash was ever stored.
    assert session not in (server.data / "perigee.sqlite").read_bytes().decode("latin-1")
