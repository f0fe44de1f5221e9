"""A map that ends while stock clients of Socket.IO play: they connect again by themselves."""

import pytest

from harness.bot import Bot
from harness.games import battle
from harness.panel import api
from harness.waiting import until


def is_another(bot, former):
    """Whether the bot has a new socket, with which it plays."""
    until(lambda: bot.client.connected and bot.id not in (None, former), "a new socket", seconds=60)
    assert bot.call("move", {"x": 1, "y": 2}) == {"ok": True}
    bot.sees(bot.id, x=1, y=2)
    return True


@pytest.mark.parametrize("settings", ["", "socket_recovery_seconds: 120\n"])
# With polling alone, python-socketio takes the end of a connection by the server for final.
@pytest.mark.parametrize("way", ["websocket", "upgrade"])
def test_stock_clients_are_back_after_the_restart_of_the_map(serve, way, settings):
    server = serve(battle(settings))
    bot = Bot(server.url(""), way, reconnection=True)
    bot.wait("new_player")
    former = bot.id
    api(server, "POST", "maps/1/restart")
    assert is_another(bot, former)
    bot.leave()
    assert server.errors() == []


def test_stock_clients_try_until_a_stopped_map_is_started(serve):
    server = serve(battle())
    bot = Bot(server.url(""), "websocket", reconnection=True)
    bot.wait("new_player")
    former = bot.id
    api(server, "POST", "maps/1/stop")
    until(lambda: server.get("/health").json()["stopped_maps"] == [1], "the map is stopped")
    refused = "perigee_handshakes_refused_total"
    until(lambda: any(
        line.startswith(refused) and not line.endswith(" 0") for line in server.get("/metrics").text.splitlines()
    ), "the bot has asked meanwhile")
    api(server, "POST", "maps/1/start")
    assert is_another(bot, former)
    bot.leave()


def test_a_banned_player_is_told_so_and_stays_away(serve):
    server = serve(battle())
    session = server.sign("register", "ada")["session"]
    bot = Bot(server.url(""), "websocket", reconnection=True, auth={"session": session})
    bot.wait("new_player")
    answer = api(server, "POST", "bans", {"player": 1, "reason": "spam"})
    assert answer["closed"] == 1
    (told,) = bot.wait("error")
    assert told["code"] == "banned"
    until(lambda: not bot.client.connected, "it is disconnected")
