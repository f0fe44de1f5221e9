"""`--port-per-map`: each map at a port of its own [M2.3], the server's plus the map's number (checklist 4, 132, 134)."""

import signal
import socket
import subprocess

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from harness.crowd import GAME
from harness.games import MAP
from harness.player import Player, address
from harness.raw import exchange
from harness.server import Server, free_ports
from harness.waiting import until


@pytest.fixture
def game(tmp_path):
    server = Server(tmp_path, GAME, ("--port-per-map",))
    server.port = free_ports(3)
    yield server
    server.stop()


def refusal(port, answer, **options):
    """The status with which a port refuses a handshake that uses a login's answer."""
    with pytest.raises(InvalidStatus) as refused:
        connect(address(port, answer["id"], answer["token"]), proxy=None, **options).close()
    return refused.value.response.status_code, refused.value.response.body.decode()


def hop(player):
    player.send("hop")
    return player.wait(
        lambda: next((message for message in player.others if message.get("action") == "reconnect"), None),
        "the way to the other map")


def test_login_and_reconnect_name_the_port_of_the_players_map(game):
    game.start()
    answer = game.sign("register", "ada")
    assert (answer["map_id"], answer["port"], answer["host"]) == (1, game.port + 1, f"127.0.0.1:{game.port + 1}")
    ada = Player(answer["port"], answer)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    place = hop(ada)
    assert (place["map_id"], place["port"], place["host"]) == (2, game.port + 2, f"127.0.0.1:{game.port + 2}")
    there = Player(place["port"], {**answer, **place})
    there.wait(lambda: there.is_loaded, "the first snapshot")
    assert there.snapshot["map_id"] == 2 and there.key == ada.key
    assert game.sign("auth", "ada")["port"] == game.port + 2
    back = hop(there)
    assert (back["map_id"], back["port"]) == (1, game.port + 1)
    for player in (ada, there):
        player.forget()
    assert game.stop() == 0


def test_a_port_of_another_map_is_refused_and_the_token_stays_good(game):
    game.start()
    answer = game.sign("register", "ada")
    status, body = refusal(game.port + 2, answer)
    assert status == 421 and '"wrong_port"' in body
    assert f"map 1 is at port {game.port + 1}" in body
    ada = Player(game.port + 1, answer)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    # The resume token is valid only for the map of its connection, too.
    ada.wait(lambda: ada.resume, "the resume token")
    status, body = refusal(game.port + 2, {**answer, "token": ada.resume["token"]})
    assert status == 421
    ada.forget()
    again = Player(game.port + 1, {**answer, "token": ada.resume["token"]})
    again.wait(lambda: again.is_loaded, "the first snapshot")
    again.forget()
    assert refusal(game.port + 2, {**answer, "token": "0" * 48})[0] == 401


def test_pages_come_from_the_servers_port_and_may_connect_to_the_maps(game):
    game.start()
    answer = exchange(game.port + 1, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 421 ") and f"at port {game.port}".encode() in answer
    page = f"http://127.0.0.1:{game.port}"
    login = game.sign("register", "ada")
    ada = Player(login["port"], login, origin=page)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    ada.forget()
    login = game.sign("auth", "ada")
    assert refusal(login["port"], login, origin=f"http://elsewhere:{game.port}")[0] == 403


def test_maps_that_open_and_close_get_and_lose_their_port(game):
    game.start()
    game.write("maps/3-new.tmj", MAP)
    game.write("events/away/index.lua", "--@public true\nobject.map_id = 3\n")
    until(lambda: is_open(game.port + 3), "the new map's port")
    login = game.sign("register", "ada")
    ada = Player(login["port"], login)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    ada.send("away")
    place = ada.wait(
        lambda: next((message for message in ada.others if message.get("action") == "reconnect"), None), "the way")
    assert (place["map_id"], place["port"]) == (3, game.port + 3)
    there = Player(place["port"], {**login, **place})
    there.wait(lambda: there.is_loaded, "the first snapshot")
    (game.game / "maps/3-new.tmj").unlink()
    game.reload()
    home = there.wait(
        lambda: next((message for message in there.others if message.get("action") == "reconnect"), None), "the way")
    assert (home["map_id"], home["port"]) == (1, game.port + 1)
    last = Player(home["port"], {**login, **home})
    last.wait(lambda: last.is_loaded, "the first snapshot")
    until(lambda: not is_open(game.port + 3), "the port is closed")
    for player in (ada, there, last):
        player.forget()


def test_sigterm_tells_the_players_at_all_ports(game):
    game.start()
    answer = game.sign("register", "ada")
    ada = Player(answer["port"], answer)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    place = hop(ada)
    ada = Player(place["port"], {**answer, **place})
    answer = game.sign("register", "bob")
    bob = Player(answer["port"], answer)
    for player in (ada, bob):
        player.wait(lambda player=player: player.is_loaded, "the first snapshot")
    game.process.send_signal(signal.SIGTERM)
    for player in (ada, bob):
        assert player.wait_closed() == 1001
        assert player.errors[-1]["code"] == "shutting_down"
    assert game.stop() == 0


def test_a_taken_port_is_told_with_its_map(game):
    with socket.create_server(("127.0.0.1", game.port + 2)):
        ended = subprocess.run(game.command(), capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"port {game.port + 2} is taken" in ended.stderr and "map 2" in ended.stderr and "--port" in ended.stderr


def test_a_port_that_would_be_none_is_told_with_its_map(game):
    ended = subprocess.run(game.command(port=65_534), capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "the port of map 2 would be 65536" in ended.stderr


def test_a_map_whose_port_is_taken_while_the_game_runs_is_played_at_the_servers(game):
    with socket.create_server(("127.0.0.1", game.port + 3)):
        game.start()
        game.write("maps/3-new.tmj", MAP)
        until(lambda: game.says("can't open the map's own port"), "the log tells")
        game.write("game.yaml", "start_map: 3\n")
        answer = until(
            lambda: (found := game.sign("register" if not registered(game) else "auth", "ada"))["map_id"] == 3 and found,
            "new players start on the new map")
    assert answer["port"] == game.port
    ada = Player(game.port, answer)
    ada.wait(lambda: ada.is_loaded, "the first snapshot")
    assert ada.snapshot["map_id"] == 3
    ada.forget()


def registered(game, login="ada"):
    return game.post("/server/sign/auth/", json={"login": login, "password": "correct horse"}).status_code == 200


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return True
    except OSError:
        return False
