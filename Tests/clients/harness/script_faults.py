"""Faults that a game's scripts cause; see `faults.py`."""

import signal
import time

from .crowd import GAME
from .freeze import frozen, threads
from .games import MAP
from .lab import HASTY, memory, served, stop_and_check
from .player import Player
from .waiting import until

#: Events that use as much memory and time as they can get, each time that a player sends the command.
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


#: Map 3's `flood` adds events to map 4's entities, broadcasts and saves as often as it can. Map 4's `crowd` makes more
#: events due than there is time for.
FLOODS = {
    "maps/3-far.tmj": MAP, "maps/4-deep.tmj": MAP,
    "events/travel/index.lua": "--@public true\n--@param map number = 3\nobject.map_id = data.map\n",
    "events/flood/index.lua": """--@public true
local till = os.clock() + 0.03
while os.clock() < till do
  for i = 1, 100 do
    map.event(4, "enemys_1", "think")
    object.save()
    pcall(map.broadcast, {})
  end
end
""",
    "events/crowd/index.lua": """--@public true
for i = 1, 400 do objects.add("enemys", { x = 1, y = 1 }).events.add("think") end
""",
    "events/think/index.lua": """
local till = os.clock() + 0.04
while os.clock() < till do end
object.events.add("think")
""",
    **{f"events/{name}/timeout.lua": "return 0\n" for name in ("flood", "crowd", "think", "travel")},
}


def arrive(server, login, map_id):
    """A new player on a map where the crowd never is."""
    player = server.join(login)
    place = travel(player, map=map_id)
    there = Player(place["port"], {**player.answer, **place})
    server.players.append(there)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    return there


def flooding_scripts(lab):
    """a map that floods another one, which has no time"""
    server = lab.serve({**HASTY, **FLOODS})
    flooder, busy = arrive(server, "flooder", 3), arrive(server, "busy", 4)
    with served(lab, server) as crowd:
        busy.send("crowd")
        before = most = memory(server)
        end = time.monotonic() + lab.size(5, 60)
        place = 1
        while time.monotonic() < end:
            flooder.send("flood")
            flooder.pump(0.1)
            # Cheap events run in each tick, also on the overloaded map.
            place = 3 - place
            busy.send("move/to", x=place, y=1)
            busy.wait(lambda: busy.me["x"] == place, "the step of a player on the busy map")
            most = max(most, memory(server))
        assert most < before + 100, f"{before:.0f} MB became {most:.0f} MB"
    lab.note(f"{most - before:.0f} MB more")
    # The database is not compared: there are entities on maps that the crowd does not know.
    assert server.stop(signal.SIGTERM) == 0


def travel(player, **parameters):
    """Makes a player move to another map, and returns the message with that map's port and token."""
    player.send("travel", **parameters)
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
        # The maps opened at the start get the event loop group's threads in order, counted from 1: map 3 has #3.
        tasks = threads(server.process.pid, "NIO-ELT-", "#3")
        assert len(tasks) == 1, tasks
        with frozen(tasks):
            until(lambda: server.get("/health").status_code == 503, "the map is noticed")
            assert server.get("/health").json()["error"].startswith("map 3 (far) has not ticked since ")
            time.sleep(lab.size(2, 20))
        until(lambda: server.get("/health").status_code == 200, "it goes on")
        assert travel(there)["map_id"] == 1
    stop_and_check(server, crowd)
