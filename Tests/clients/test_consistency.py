"""A client that applies every delta has the server's world, whatever happens [`1-protocol.md` 4.2]."""

import random
import time

import pytest

from harness.games import MAP
from harness.player import Player
from harness.waiting import PATIENCE

WANDER = """--@about Moves, changes and multiplies.
local dice = math.random(8)
object.x = math.random(0, 30)
object.action = ({ "walk", "rest" })[math.random(2)]
if dice == 1 then object.components.hp = math.random(3)
elseif dice == 2 then object.components.hp = nil
elseif dice == 3 then table.insert(object.components.list, dice)
elseif dice == 4 then object.components.list = {}
elseif dice == 5 and objects.count("enemys") < 60 then
  objects.add("enemys", { prefab = "goblin" }).events.add("wander")
elseif dice == 6 and objects.count("enemys") > 20 then
  object.remove()
  return
end
object.events.add("wander")
"""

GAME = {
    "game.yaml": "tick_rate: 60\nsend_rate: 30\n",
    "maps/1-field.tmj": MAP,
    "components/hp.lua": "--@type number\n--@default 5\n",
    "components/list.lua": "--@type json\n--@default []\n",
    "components/secret.lua": "--@type number\n--@default 0\n--@private\n--@entities players\n",
    "events/move/to.lua": """--@public true
--@param x number
--@param y number
object.x, object.y = data.x, data.y
object.components.secret = object.components.secret + 1
""",
    "events/move/timeout.lua": "return 0.05\n",
    "events/wander/index.lua": WANDER,
    "events/wander/timeout.lua": "return math.random() / 5\n",
    "events/begin/index.lua": """--@public true
for i = 1, 30 do objects.add("enemys", { prefab = "goblin" }).events.add("wander") end
""",
}


def drain(player):
    while player.closed is None and player.pump(0):
        pass


def is_quiet(players):
    """Whether no player received a message for half a second."""
    heard = False
    for player in players:
        while player.pump(0.5 / len(players)):
            heard = True
    return not heard


@pytest.mark.parametrize("view", ["", "view_distance: 7\n"], ids=["whole map", "view distance"])
def test_clients_have_the_servers_world_after_all_deltas(serve, view):
    dice = random.Random(5)
    server = serve({**GAME, "game.yaml": GAME["game.yaml"] + view})
    players = []
    for number in range(16):
        answer = server.sign("register", f"player{number}")
        options = {"compression": None} if number % 2 else {}
        players.append(Player(server.port, answer, **options))
        server.players.append(players[-1])
    for player in players:
        player.wait(lambda: player.is_loaded, "the first snapshot")
    players[0].send("begin")
    reloads = iter([
        ("components/hp.lua", "--@type string\n"), ("components/mana.lua", "--@type number\n--@default 2\n"),
        ("components/list.lua", "--@type json\n--@default []\n--@private\n"),
        ("components/hp.lua", GAME["components/hp.lua"]), ("components/list.lua", GAME["components/list.lua"]),
    ])
    begun = time.monotonic()
    next_reload = begun + 1
    turns = [begun] * len(players)
    while time.monotonic() < begun + 7:
        for number, player in enumerate(players):
            if time.monotonic() > turns[number]:
                turns[number] += 0.1
                if dice.random() < 0.05:
                    player.send("load/index")
                else:
                    player.send("move/to", x=dice.randint(0, 30), y=dice.randint(0, 30))
            # The last player reads only now and then.
            if number < len(players) - 1 or dice.random() < 0.02:
                drain(player)
        if time.monotonic() > next_reload:
            next_reload += 1
            path, text = next(reloads, (None, None))
            if path:
                server.write(path, text)
    server.write("events/wander/index.lua", "object.action = 'rest'\n")
    deadline = time.monotonic() + PATIENCE
    while not is_quiet(players):
        assert time.monotonic() < deadline, "the world comes to rest"
    for player in players:
        assert player.closed is None and player.deltas > 50
        player.differences = None
        player.reload()
        assert player.differences == [], player.key


class CountingPlayer(Player):
    """Counts the bytes of the connection, as they are on the wire."""

    def __init__(self, port, answer, **options):
        self.wire_bytes = self.text_bytes = 0
        super().__init__(port, answer, **options)

    def read(self, frame):
        self.text_bytes += len(frame.encode())
        return super().read(frame)


def count_wire(player):
    receive = player.socket.protocol.receive_data

    def counted(data):
        player.wire_bytes += len(data)
        receive(data)

    player.socket.protocol.receive_data = counted


@pytest.mark.parametrize("view", ["", "view_distance: 40\n"], ids=["whole map", "view distance"])
def test_a_compressed_snapshot_has_the_same_world_in_fewer_bytes(serve, view):
    server = serve({**GAME, "game.yaml": GAME["game.yaml"] + view, "events/fill/timeout.lua": "return 0\n",
                    "events/fill/index.lua": """--@public true
for i = 1, 1500 do objects.add("objects", { prefab = "tree", x = i % 30, y = i % 20, components = { hp = i } }) end
"""})
    maker = server.join("maker")
    maker.send("fill")
    maker.wait(lambda: len(maker.entities) > 1500, "the trees")
    players = [
        CountingPlayer(server.port, server.sign("register", f"player{number}"), compression=compression)
        for number, compression in enumerate(("deflate", None))
    ]
    server.players += players
    for player in players:
        player.wait(lambda player=player: player.is_loaded, "the first snapshot")
    while not is_quiet(players):
        pass
    for player in players:
        count_wire(player)
        player.text_bytes = 0
        player.reload()
        player.send("move/to", x=15, y=10)
        player.wait(lambda player=player: player.me["x"] == 15, "the move")
        assert player.text_bytes > 300_000
        assert not player.differences
    for player in players:
        player.reload()
    packed, plain = players
    own = {packed.key, plain.key}
    assert {key: packed.entities[key] for key in packed.entities.keys() - own} == {
        key: plain.entities[key] for key in plain.entities.keys() - own}
    assert packed.me["components"]["secret"] == 1 and "secret" not in plain.entities[packed.key]["components"]
    assert packed.wire_bytes < packed.text_bytes / 5
    assert plain.wire_bytes > plain.text_bytes * 9 / 10
