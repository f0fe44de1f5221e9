"""What the scripts of a game may do to a server, as `faults`."""

import signal
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


#: A map that hangs as many events on another one, says as much and saves as often as it can, and one that has more to
#: do than there is time.
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
    """A new player who is on another map than the crowd."""
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
            # Cheap events have their turn in each tick, also on the map that has no time.
            place = 3 - place
            busy.send("move/to", x=place, y=1)
            busy.wait(lambda: busy.me["x"] == place, "the step of a player on the busy map")
            most = max(most, memory(server))
        assert most < before + 100, f"{before:.0f} MB became {most:.0f} MB"
    lab.note(f"{most - before:.0f} MB more")
    # There are entities on maps that the crowd knows nothing of: what is stored is not compared.
    assert server.stop(signal.SIGTERM) == 0


def travel(player, **parameters):
    """Sends a player to the third map, or another one, or back, and gives the way."""
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
