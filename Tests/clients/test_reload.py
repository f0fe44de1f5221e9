"""Scripts that change, break or never end while players play (3-game-folder.md, "Hot reload"; 2-lua-api.md 1)."""

import time

import pytest

from harness.games import bare
from harness.waiting import until

#: A walk script that sets the position at once, which distinguishes it from the bundled script.
HOP = """--@public true
--@param x number
--@param y number
object.x, object.y = data.x, data.y
object.action = "hop"
"""


def hops(player, x, y):
    """Sends the command until the script HOP has handled it."""
    player.send("move/to", x=x, y=y)
    for _ in range(4):
        player.pump(0.05)
    return player.sees(player, x=x, y=y, action="hop")


def test_a_changed_script_acts_within_a_second_and_costs_nobody_anything(meadow):
    ada = meadow.join("ada")
    bob = meadow.join("bob")
    # One new file adds an event, which sets a value that no default would restore.
    meadow.write("events/prize/index.lua", "--@public true\nobject.components.score = 42\n")
    meadow.write("events/prize/timeout.lua", "return 0\n")

    def has_prize():
        ada.send("prize")
        for _ in range(4):
            ada.pump(0.05)
        return ada.me["components"].get("score") == 42

    until(has_prize, "the new event acts")
    meadow.write("events/move/to.lua", HOP)
    written = time.monotonic()
    until(lambda: hops(ada, 21, 26), "the changed script acts")
    assert time.monotonic() - written < 1.5, "within a second, and what a step and a look at it take"
    bob.wait(lambda: bob.sees(ada, x=21, y=26, action="hop"), "bob sees it")
    assert (ada.closed, bob.closed) == (None, None)
    ada.reload()
    assert ada.me["components"]["score"] == 42
    assert ada.me["components"]["bag"] == {"potions": 2}


def test_a_syntax_error_changes_nothing_and_is_logged_with_its_line(meadow):
    ada = meadow.join("ada")
    bob = meadow.join("bob")
    meadow.write("events/move/to.lua", HOP)
    until(lambda: hops(ada, 21, 26), "the good version acts")
    meadow.write("events/move/to.lua", "--@public true\n\nobject.x = = 3\n")
    (entry, *_) = until(lambda: meadow.errors("events/move/to.lua"), "the error is logged")
    assert "events/move/to.lua:3:" in f"{entry['message']} {entry.get('traceback')}" or entry["line"] == 3
    assert "=" in entry["message"], "it says what was unexpected"
    until(lambda: hops(ada, 23, 27), "the good version still acts")
    bob.wait(lambda: bob.sees(ada, x=23, y=27), "bob sees it")
    assert (ada.closed, bob.closed, ada.errors) == (None, None, [])
    # The mended script runs.
    meadow.write("events/move/to.lua", HOP.replace("hop", "leap"))
    until(lambda: not hops(ada, 22, 26) and ada.me["action"] == "leap", "the mended version acts")


def test_a_wrong_annotation_changes_nothing_and_is_logged_with_its_line(server):
    ada = server.join("ada")
    server.write("components/hp.lua", "--@type int\n")
    (entry, *_) = until(lambda: server.errors("components/hp.lua"), "the error is logged")
    assert entry["line"] == 1
    assert "number, string, boolean, json" in entry["message"]
    ada.send("hit")
    ada.wait(lambda: ada.me["components"]["hp"] == 9, "hp is as it was")


def test_a_new_component_appears_on_everybody_with_its_default(server):
    ada = server.join("ada")
    server.write("components/mana.lua", "--@type number\n--@default 30\n")
    ada.wait(lambda: ada.me["components"].get("mana") == 30, "the new component")
    ada.send("move/to", x=1, y=1)
    ada.wait(lambda: ada.me["x"] == 1, "the game goes on")


def test_a_pending_event_survives_the_reload_of_its_script(server):
    ada = server.join("ada")
    ada.send("later/start", n=5)
    ada.wait(lambda: ada.me["events"].get("later", {}).get("action") == "finish", "the event waits")
    server.write("events/later/finish.lua", "--@param n number\nobject.components.hp = 100 + data.n\n")
    server.write("events/mark/index.lua", "--@public true\nobject.components.mood = 'marked'\n")

    def marked():
        ada.send("mark")
        for _ in range(4):
            ada.pump(0.05)
        return ada.me["components"].get("mood") == "marked"

    until(marked, "the reload")
    ada.reload()
    assert (ada.me["events"]["later"]["action"], ada.me["events"]["later"]["data"]) == ("finish", {"n": 5})


def tick_rate(player, moves=60):
    """Ticks per second of the map's own clock while a player keeps it busy.

    An endless script that ran in each tick for its limit would leave less than 20; a busy machine takes some of 60.
    """
    tick, clock = player.tick, player.time
    for n in range(moves):
        player.send("hit", amount=0)
        player.send("move/to", x=n % 20, y=1)
        player.wait(lambda: player.me["x"] == n % 20, "a move")
        if player.time - clock > 2:
            break
    return (player.tick - tick) / (player.time - clock)


SPIN = "while true do end\n"
STUBBORN = "while true do pcall(function() while true do end end) end\n"


@pytest.mark.parametrize("body", [SPIN, STUBBORN], ids=["plain", "in pcall"])
def test_an_endless_event_costs_one_limit_and_one_entry(serve, body):
    server = serve(bare(events__spin__index="--@public true\n" + body))
    ada = server.join("ada")
    bob = server.join("bob")
    ada.send("move/to", x=25, y=1)
    ada.wait(lambda: ada.me["x"] == 25, "a move before")
    bob.send("spin")
    entries = until(lambda: server.errors("events/spin/index.lua"), "the error is logged")
    assert tick_rate(ada) > 30, "the map keeps its 60 ticks a second"
    entries = server.errors("events/spin/index.lua")
    assert sum(entry["count"] for entry in entries) == 1
    assert entries[0]["kind"] == "time_limit"
    assert bob.closed is None


def test_an_endless_trigger_costs_one_limit_and_one_entry(serve):
    server = serve(bare(components__hp="--@type number\n--@default 10\n" + SPIN))
    ada = server.join("ada")
    ada.send("hit")
    until(lambda: server.errors("components/hp.lua"), "the error is logged")
    assert tick_rate_without_hits(ada) > 30
    entries = server.errors("components/hp.lua")
    assert sum(entry["count"] for entry in entries) == 1, entries


def tick_rate_without_hits(player):
    tick, clock = player.tick, player.time
    for n in range(20):
        player.send("move/to", x=n % 20 + 1, y=2)
        player.wait(lambda: (player.me["x"], player.me["y"]) == (n % 20 + 1, 2), "a move")
    return (player.tick - tick) / (player.time - clock)


def test_an_endless_spawn_hook_lets_its_player_in(serve):
    server = serve(bare(spawn__players=SPIN))
    ada = server.join("ada")
    assert sum(entry["count"] for entry in until(lambda: server.errors("spawn/players.lua"), "the entry")) == 1
    assert tick_rate_without_hits(ada) > 30


def test_an_endless_timeout_formula_is_stopped_too(serve):
    server = serve(bare(events__hit__timeout=SPIN))
    ada = server.join("ada")
    ada.send("hit")
    ada.wait(lambda: ada.me["components"]["hp"] == 9, "the event of that group")
    until(lambda: server.errors("events/hit/timeout.lua"), "the error is logged")
    assert tick_rate_without_hits(ada) > 30


def test_a_runtime_error_is_logged_with_traceback_and_entity(server):
    ada = server.join("ada")
    ada.send("fail")
    (entry,) = until(lambda: server.errors("events/fail/index.lua"), "the error is logged")
    assert (entry["line"], entry["entity"], entry["script"]) == (3, ada.key, "events/fail/index.lua")
    assert "nothing" in entry["message"]
    assert "events/fail/index.lua:3" in entry["traceback"]
    assert ada.closed is None


def test_the_log_is_for_operators_alone(server):
    path = "/server/api/log_perfomance/1"
    assert server.get(path).status_code in (401, 403)
    assert server.get(path, headers={"Authorization": "Bearer wrong"}).status_code in (401, 403)
    player = server.sign("register", "ada")
    assert server.get(path, headers={"Authorization": f"Bearer {player['session']}"}).status_code in (401, 403)
    operator = {"Authorization": f"Bearer {server.operator_key()}"}
    assert "html" in server.get(path, headers=operator).headers["Content-Type"]
    assert server.get("/server/api/log_performance/1", headers=operator).status_code == 200
