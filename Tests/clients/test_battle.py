"""The battle [B7-B21] with stock clients: on Perigee, and on the sample of the description, which must pass too."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from harness.bot import WAYS, Bot
from harness.games import battle
from harness.sample_battle import SampleBattle
from harness.server import free_port
from harness.waiting import until

#: One bot for each way to connect.
ALL_WAYS = list(WAYS)


@pytest.fixture
def sample():
    server = SampleBattle().start()
    yield server
    server.stop()


@pytest.fixture(params=["battle_server", "sample"], ids=["perigee", "sample"])
def field(request):
    """Perigee with the battle, and the sample."""
    return request.getfixturevalue(request.param)


def meet(join_battle, field, ways=ALL_WAYS):
    """Bots that all know each other's places; the first one has watched all of them come."""
    bots = [join_battle(field, way) for way in ways]
    for n, bot in enumerate(bots):
        bot.emit("move", {"x": 100 * n, "y": 0})
    for bot in bots:
        for n, other in enumerate(bots):
            bot.sees(other.id, x=100 * n, y=0, hp=100)
    return bots


# The rules, B10-B14 and rows 174-177

@pytest.mark.parametrize("way", ALL_WAYS)
def test_a_newcomer_is_announced_to_the_others(join_battle, field, way):
    """B10, row 174."""
    first = join_battle(field, way)
    for _ in range(12):
        second = join_battle(field)
        until(lambda: second.id in first.players, "the news")
        news = first.events("new_player")[-1][1]
        assert news["id"] == second.id and set(news) == {"id", "position"}
        assert set(news["position"]) == {"x", "y", "hp"} and news["position"]["hp"] == 100
        for axis in ("x", "y"):
            assert isinstance(news["position"][axis], int) and 0 <= news["position"][axis] <= 100


def test_a_newcomer_is_told_of_itself_and_of_the_others(join_battle, battle_server):
    """B19, row 179: by further events new_player, so that clients of the sample need no change."""
    first, second = meet(join_battle, battle_server, ["upgrade", "polling"])
    third = join_battle(battle_server)
    news = {one["id"]: one["position"] for one in third.wait("new_player", count=3)}
    assert news[first.id] == {"x": 0, "y": 0, "hp": 100}
    assert news[second.id] == {"x": 100, "y": 0, "hp": 100}
    assert set(news) == {first.id, second.id, third.id}
    first.sees(third.id, **news[third.id])
    assert len(third.events("new_player")) == 3, "once each"
    assert len([one for _, one in first.events("new_player") if one["id"] == third.id]) == 1


def test_a_move_is_absolute_and_told_to_all(join_battle, field):
    """B12, row 176: without bounds, and also to the one who moves."""
    bots = meet(join_battle, field)
    for bot, (x, y) in zip(bots, [(-1000, 12345), (0.5, 99.25), (500, 500)]):
        bot.emit("move", {"x": x, "y": y})
        for other in bots:
            other.wait("player_moved", {"id": bot.id, "position": {"x": x, "y": y, "hp": 100}})


def test_an_attack_hurts_all_others_within_ten_units(join_battle, field):
    """B13, B20, row 177: the distance is Euclidean, the attacker is spared, and all are told."""
    attacker, near, far = meet(join_battle, field)
    near.emit("move", {"x": 6, "y": -8})
    far.emit("move", {"x": 7, "y": 8})  # 10.6 units away; 15 in steps
    attacker.sees(near.id, x=6)
    attacker.sees(far.id, x=7)
    attacker.emit("attack", {})
    near.emit("move", {"x": 10, "y": 0})
    for bot in (attacker, near, far):
        assert bot.wait("player_attacked") == [{"id": near.id, "hp": 90}]
        bot.sees(near.id, x=10, y=0, hp=90)
        assert bot.events("player_killed") == []
        assert [one for _, one in bot.events("player_attacked")] == [{"id": near.id, "hp": 90}]


def test_at_zero_a_player_is_killed_and_stays(join_battle, field):
    """B14: killed comes before attacked; hp goes on falling; the dead move and attack."""
    killer, victim = meet(join_battle, field, ["upgrade", "upgrade"])
    victim.emit("move", {"x": 5, "y": 5})
    killer.sees(victim.id, x=5)
    for _ in range(11):
        killer.emit("attack", {})
    hits = [{"id": victim.id, "hp": hp} for hp in range(90, -11, -10)]
    killed = ("player_killed", {"id": victim.id})
    expected = [("player_attacked", hit) for hit in hits]
    expected[9:] = [killed, expected[9], killed, expected[10]]
    for bot in (killer, victim):
        bot.wait("player_attacked", count=11)
        assert bot.events("player_attacked", "player_killed") == expected
    victim.emit("move", {"x": 1, "y": 1})
    killer.wait("player_moved", {"id": victim.id, "position": {"x": 1, "y": 1, "hp": -10}})
    victim.emit("attack", {})
    killer.wait("player_attacked", {"id": killer.id, "hp": 90})


@pytest.mark.parametrize("way", ALL_WAYS)
def test_all_are_told_of_who_leaves(join_battle, field, way):
    """B11, row 175."""
    watchers = meet(join_battle, field)
    leaver = join_battle(field, way)
    left = leaver.id
    watchers[0].wait("new_player")
    leaver.leave()
    for watcher in watchers:
        # The sample notices the end of a client that polls no earlier than by its heartbeat, after 45 s.
        assert watcher.wait("player_left", seconds=60)[-1] == {"id": left}


# Clients and ways, rows 19-24

@pytest.mark.parametrize("way", ALL_WAYS)
def test_a_client_is_connected_in_its_way_and_is_answered(join_battle, battle_server, way):
    """B2, B3, rows 19, 20, 23: polling only, WebSocket only, and polling that becomes a WebSocket."""
    bot = join_battle(battle_server, way)
    assert bot.transport == ("polling" if way == "polling" else "websocket")
    assert bot.call("move", {"x": 5, "y": 6}) == {"ok": True}
    assert bot.call("attack", {}) == {"ok": True, "hits": 0}
    assert bot.call("attack") == {"ok": True, "hits": 0}
    assert bot.call("dance")["code"] == "unknown_event"


def test_all_see_the_same_battle(join_battle, battle_server):
    """B21, row 180: nine bots in three ways; each sees all events, in one and the same order."""
    dice = random.Random(16)
    bots = [join_battle(battle_server, way) for way in ALL_WAYS * 3]
    until(lambda: all(len(bot.players) == len(bots) for bot in bots), "all know all")

    def fight(bot):
        for n in range(20):
            bot.emit("move", {"x": dice.randint(0, 15), "y": n})
            if n % 4 == 0:
                bot.emit("attack", {})

    with ThreadPoolExecutor(len(bots)) as pool:
        list(pool.map(fight, bots))
    for n, bot in enumerate(bots):
        bot.emit("move", {"x": 1000 + n, "y": 0})
    for bot in bots:
        for n, other in enumerate(bots):
            bot.sees(other.id, x=1000 + n)
    stories = [bot.events("player_moved", "player_attacked", "player_killed") for bot in bots]
    assert len(stories[0]) >= len(bots) * 21
    for story in stories[1:]:
        assert story == stories[0]
    for bot in bots:
        own = [one["position"]["y"] for name, one in stories[0] if name == "player_moved" and one["id"] == bot.id]
        assert own[:20] == list(range(20)), "the moves of one client keep their order"


def test_a_bot_that_lost_its_server_comes_back_by_itself(join_battle, battle_server):
    """B4, row 22: the client's own reconnection; it is a new player then."""
    bot = join_battle(battle_server, reconnection=True)
    first = bot.id
    battle_server.stop()
    until(lambda: not bot.client.connected, "the connection is lost")
    battle_server.start()
    until(lambda: bot.client.connected and bot.id != first, "it is back")
    until(lambda: bot.id in bot.players, "and on the field")
    assert bot.call("attack", {}) == {"ok": True, "hits": 0}


def test_pages_of_any_origin_may_connect(battle_server):
    """B7, row 178."""
    headers = {"Origin": "https://elsewhere.example"}
    answer = requests.get(battle_server.url("/socket.io/?EIO=4&transport=polling"), headers=headers, timeout=20)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://elsewhere.example")


def test_the_game_names_its_port(serve):
    """B7, row 178: port 5000 in game.yaml; here another one, which is surely free."""
    port = free_port()
    server = serve({**battle(), "game.yaml": battle()["game.yaml"].replace("port: 5000", f"port: {port}")}, port=port)
    assert "--port" not in server.command()
    assert server.get("/health").status_code == 200
    assert "port: 5000" in battle()["game.yaml"]


# The holes of the sample, closed

BAD = [
    None, "5,5", 5, True, [], [1, 2], {}, {"x": 1}, {"y": 1}, {"x": "1", "y": "2"}, {"x": None, "y": 2},
    {"x": [], "y": {}}, {"x": 1e300, "y": 1}, {"x": -(10**16), "y": 1}, {"x": True, "y": False},
]


@pytest.mark.parametrize("way", ["polling", "websocket"])
def test_bad_moves_are_refused_and_change_nothing(join_battle, battle_server, way):
    bot, watcher = meet(join_battle, battle_server, [way, "upgrade"])
    for bad in BAD:
        answer = bot.call("move", bad)
        assert answer["code"] == "bad_move" and "ok" not in answer and answer["error"], bad
        bot.emit("move", bad)
    assert bot.call("move")["code"] == "bad_move"
    assert bot.call("attack", {"x": "nonsense"}, 7, None) == {"ok": True, "hits": 0}, "its data is unused [B13]"
    bot.emit("move", {"x": 1, "y": 2})
    watcher.wait("player_moved", {"id": bot.id, "position": {"x": 1, "y": 2, "hp": 100}})
    assert len([one for _, one in watcher.events("player_moved") if one["id"] == bot.id]) == 2


def test_a_strict_game_keeps_all_on_the_field_and_counts_moves(join_battle, serve):
    """B19: no bounds and no rate limit, until the game turns `strict` on."""
    files = battle()
    files["lib/rules.lua"] = files["lib/rules.lua"].replace("strict = false", "strict = true")
    server = serve(files)
    bot = join_battle(server)
    for wanted, got in [((-5, 20), (0, 20)), ((600, 10**6), (490, 490)), ((490, 0), (490, 0))]:
        assert bot.call("move", {"x": wanted[0], "y": wanted[1]}) == {"ok": True}
        bot.sees(bot.id, x=got[0], y=got[1])
    for n in range(100):
        bot.emit("move", {"x": n, "y": 0})
    assert bot.call("move", {"x": 0, "y": 0})["code"] == "rate_limited"
    moved = len(bot.events("player_moved"))
    assert 10 <= moved < 60, "ten at once and thirty a second, of a hundred"
    until(lambda: bot.call("move", {"x": 7, "y": 7}) == {"ok": True}, "later a move is taken again", pause=0.2)
    assert server.errors() == []
