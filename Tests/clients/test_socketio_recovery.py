"""Recovery of connections (row 22): a client that comes back has its socket and what it missed, within bounds."""

import json

import pytest

from harness.battle_page import Page
from harness.bot import Bot
from harness.games import battle
from harness.raw_socketio import KINDS, enter, event, read_until
from harness.waiting import until

FOREVER = battle("socket_recovery_seconds: 120\ncommand_rate: 10000\ncommand_burst: 10000\n")


class Away:
    """A client that entered the battle, was told of itself, and lost its connection."""

    def __init__(self, server, kind):
        connection = KINDS[kind](server.port)
        answer = enter(connection)
        self.id, self.pid = answer["sid"], answer["pid"]
        connection.send('42["move",{"x":3,"y":4}]')
        while True:
            place, self.offset = read_until(connection, "player_moved")
            if place["id"] == self.id:
                break
        self.connection = connection

    def lose(self):
        """Breaks the connection without a word."""
        self.connection.close()

    def auth(self, **changes):
        return json.dumps({"pid": self.pid, "offset": self.offset, **changes})


@pytest.fixture
def server(serve):
    server = serve(FOREVER)
    server.player = Bot(server.url(""))
    until(lambda: server.player.id in server.player.players, "the player is there")
    yield server
    server.player.leave()
    assert server.errors() == []


def left(server):
    return [entry[1]["id"] for entry in server.player.events("player_left")]


@pytest.mark.parametrize("back", KINDS)
@pytest.mark.parametrize("kind", ["websocket"])
def test_a_client_gets_what_it_missed(server, kind, back):
    away = Away(server, kind)
    away.lose()
    for n in range(50):
        server.player.emit("move", {"x": n, "y": 4})
    server.player.emit("move", {"x": 3, "y": 4})
    server.player.emit("attack", {})
    server.player.wait("player_attacked")
    connection = KINDS[back](server.port)
    connection.send(f"40{away.auth()}")
    packet = connection.read()
    assert json.loads(packet.removeprefix("40")) == {"sid": away.id, "pid": away.pid}
    missed = [event(connection.read()) for _ in range(52)]
    assert [one[1]["position"]["x"] for one in missed[:51]] == [*range(50), 3]
    assert missed[51][:2] == ("player_attacked", {"id": away.id, "hp": 90})
    assert len({one[2] for one in missed}) == 52, "each has an offset of its own"
    connection.send('42["move",{"x":5,"y":6}]')
    moved, _ = read_until(connection, "player_moved")
    assert moved == {"id": away.id, "position": {"x": 5, "y": 6, "hp": 90}}, "it is who it was"
    assert left(server) == []
    assert len([one for one in server.player.events("new_player") if one[1]["id"] == away.id]) == 1
    connection.close()


def test_a_client_may_come_back_before_its_old_connection_is_known_to_be_broken(server):
    away = Away(server, "websocket")
    connection = KINDS["websocket"](server.port)
    connection.send(f"40{away.auth()}")
    assert json.loads(connection.read().removeprefix("40"))["sid"] == away.id
    assert away.connection.is_over(), "the old connection is ended"
    assert left(server) == []
    connection.close()


@pytest.mark.parametrize("changes", [{"pid": "nobody"}, {"offset": "nowhere"}, {"pid": 7}, {"pid": ""}])
def test_a_client_that_is_not_known_is_a_new_one(server, changes):
    away = Away(server, "websocket")
    away.lose()
    connection = KINDS["websocket"](server.port)
    answer = enter(connection, away.auth(**changes))
    assert answer["sid"] != away.id and answer["pid"] != away.pid
    connection.close()


def test_a_client_that_left_is_not_kept(server):
    away = Away(server, "websocket")
    away.connection.send("41")
    until(lambda: left(server) == [away.id], "it has left at once")
    connection = KINDS["websocket"](server.port)
    assert enter(connection, away.auth())["sid"] != away.id
    connection.close()
    away.connection.close()


def test_a_client_that_missed_too_much_is_a_new_one(server):
    """A thousand events are kept for each."""
    away = Away(server, "websocket")
    away.lose()
    for n in range(1100):
        server.player.call("attack" if n % 2 else "move", {"x": 3, "y": 4})
    connection = KINDS["websocket"](server.port)
    assert enter(connection, away.auth())["sid"] != away.id
    until(lambda: left(server) == [away.id], "the former one has left")
    connection.close()


def test_after_its_time_a_client_has_left(serve):
    server = serve(battle("socket_recovery_seconds: 1\n"))
    server.player = Bot(server.url(""))
    away = Away(server, "websocket")
    away.lose()
    until(lambda: left(server) == [away.id], "the others are told, without anybody's return")
    connection = KINDS["websocket"](server.port)
    assert enter(connection, away.auth())["sid"] != away.id
    connection.close()
    server.player.leave()


def test_without_the_setting_nothing_is_kept(serve):
    server = serve(battle())
    connection = KINDS["websocket"](server.port)
    assert set(enter(connection)) == {"sid"}
    assert len(read_until(connection, "new_player")) == 1, "no offset"
    connection.close()


def test_a_page_goes_on_where_it_was(server, browser):
    page = Page(browser, server)
    first = page.id
    page.waits_for(lambda: server.player.id in page.players(), "the bot")
    browser.driver.execute_script(
        """
        const { socket } = battle;
        Object.assign(socket.options, { reconnectionDelay: 2000, reconnectionDelayMax: 2000, randomizationFactor: 0 });
        window.news = 0;
        socket.on("new_player", () => { window.news += 1; });
        socket.engine.transport.socket.close();
        """)
    until(lambda: browser.find("#state").get_attribute("data-state") == "waiting", "the loss")
    x, y = page.place(first)
    server.player.emit("move", {"x": x, "y": y})
    server.player.emit("attack", {})
    server.player.wait("player_attacked", {"id": first, "hp": 90})
    page.waits_for(lambda: page.browser.js("battle.socket.connected"), "the page is back")
    assert page.id == first and browser.js("battle.socket.recovered") is True
    page.waits_for(lambda: page.players()[first]["hp"] == 90, "what it missed")
    until(lambda: page.text("#health") == "90 hp", "and shows it")
    assert page.place(server.player.id) == (x, y)
    assert browser.js("news") == 0 and left(server) == [], "nobody came or left"
