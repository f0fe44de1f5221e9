"""What the scripts of a game may do to a server, as `faults`."""

import time

from .crowd import GAME
from .freeze import frozen, threads
from .games import MAP
from .lab import HASTY, memory, served, stop_and_check
from .player import Player
from .waiting import until

#: Events that take as much memory and time as they get, each as often as a player asks for it.
GREEDY = {
    "events/hoard/index.lua": """--@public true
held = {}
local list = { ("x"):rep(100000) }
for i = 1, 200 do
  object.components.bag = list
  held[i] = object.components.bag
end
""",
    "events/churn/index.lua": """--@public true
for i = 1, 200 do
  local read = object.components.bag
  object.components.bag = { ("x"):rep(100000) }
end
""",
    "events/say/index.lua": """--@public true
object.components.bag = { coins = 3 }
for i = 1, 3 do print(("\\204\\129"):rep(1000000)) end
""",
}


def greedy_scripts(lab):
    """scripts that hoard tables and print long texts"""
    timeouts = {path.replace("index", "timeout"): "return 0\n" for path in GREEDY}
    server = lab.serve({**HASTY, **GREEDY, **timeouts})
    with served(lab, server) as crowd:
        greedy = server.join("greedy")
        before = most = memory(server)
        end = time.monotonic() + lab.size(5, 60)
        while time.monotonic() < end:
            for event in ("hoard", "churn", "say"):
                greedy.send(event)
                greedy.pump(0.2)
            most = max(most, memory(server))
        assert most < before + 150, f"{before:.0f} MB became {most:.0f} MB"
    lab.note(f"{most - before:.0f} MB more")
    stop_and_check(server, crowd)


def travel(player):
    """Sends a player to the third map, or back, and gives the way."""
    player.send("travel")
    return player.wait(
        lambda: next((message for message in player.others if message.get("action") == "reconnect"), None),
        "the way to the other map")


def hanging_map(lab):
    """the thread of a map hangs, beside players of other maps"""
    server = lab.serve({
        **GAME, "maps/3-far.tmj": MAP,
        "events/travel/index.lua": "--@public true\nobject.map_id = map.id == 3 and 1 or 3\n"})
    ada = server.join("ada")
    place = travel(ada)
    there = Player(place["port"], {**ada.answer, **place})
    server.players.append(there)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    with served(lab, server) as crowd:
        # The maps of the start have the threads of their group in order, counted from 1.
        tasks = threads(server.process.pid, "NIO-ELT-", "#3")
        assert len(tasks) == 1, tasks
        with frozen(tasks):
            until(lambda: server.get("/health").status_code == 503, "the map is noticed")
            assert server.get("/health").json()["error"].startswith("map 3 (far) has not ticked since ")
            time.sleep(lab.size(2, 20))
        until(lambda: server.get("/health").status_code == 200, "it goes on")
        assert travel(there)["map_id"] == 1
    stop_and_check(server, crowd)
