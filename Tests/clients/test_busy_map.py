"""A map whose scripts take minutes does not affect the players of other maps."""

import signal
import sqlite3
from contextlib import closing

from harness.games import BARE, MAP
from harness.player import Player
from harness.waiting import until

FILES = {
    **BARE,
    "game.yaml": "name: Two\nstart_map: 1\nevent_time_limit_ms: 10000\nneighbours:\n  1: {right: 2}\n",
    "maps/2-east.tmj": MAP,
    # Each `burn` is stopped after ten seconds, so the tick in which all 40 are due takes more than six minutes.
    "events/stall/index.lua": """--@public true
for i = 1, 40 do objects.add("objects", { x = 1, y = 1 }).events.add("burn") end
""",
    "events/stall/timeout.lua": "return 0\n",
    "events/burn/index.lua": "while true do end\n",
    "events/burn/timeout.lua": "return 0\n",
}


def stored_coins(server, player):
    """The number of coins in the player's stored bag."""
    with closing(sqlite3.connect(f"file:{server.data / 'perigee.sqlite'}?mode=ro", uri=True)) as database:
        row = database.execute(
            "SELECT json_extract(components, '$.bag.coins') FROM entities WHERE kind = 'players' AND id = ?",
            (player.answer["id"],)).fetchone()
    return row and row[0]


def test_players_of_another_map_play_log_in_and_are_saved_while_a_tick_takes_minutes(serve):
    server = serve(FILES)
    ada, bob = server.join("ada"), server.join("bob")
    ada.send("move/to", x=40, y=7)
    place = ada.wait(
        lambda: next((message for message in ada.others if message.get("action") == "reconnect"), None),
        "the way to the other map")
    there = Player(place["port"], {**ada.answer, **place})
    server.players.append(there)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    there.send("stall")
    # From here on map 2 is busy with this one tick.
    until(lambda: stored_coins(server, bob) == 3, "bob is stored as he came")
    bob.send("pay")
    bob.wait(lambda: bob.me["components"]["bag"] == {"coins": 4}, "bob's command")
    eve = server.join("eve")
    eve.send("pay")
    eve.wait(lambda: eve.me["components"]["bag"] == {"coins": 4}, "the command of one who came later")
    for player in (bob, eve):
        until(lambda player=player: stored_coins(server, player) == 4, "it is stored")
    assert server.get("/health").json()["maps"] == 2
    # The stop ends the scripts of the long tick; events that have not run stay pending for the next start.
    assert server.stop(signal.SIGTERM) == 0
    with closing(sqlite3.connect(server.data / "perigee.sqlite")) as database:
        pending, = database.execute(
            "SELECT count(*) FROM entities WHERE kind = 'objects' AND json_extract(events, '$.burn.action') = 'index'"
        ).fetchone()
    assert pending >= 35
