"""Small games, so that tests of the server do not depend on the rules of the bundled game."""

import json
from pathlib import Path

#: An empty map on which all players start at one place. A random place could be the one where a test sends a player.
MAP = json.dumps(
    {
        "type": "map", "version": "1.8", "orientation": "orthogonal", "infinite": False,
        "width": 32, "height": 32, "tilewidth": 32, "tileheight": 32, "tilesets": [],
        "layers": [
            {
                "type": "objectgroup", "name": "spawns",
                "objects": [{"id": 1, "name": "start", "type": "players", "x": 912, "y": 912, "point": True}],
            }
        ],
    }
)

#: A game that uses every part of the protocol, and in which nothing moves by itself.
BARE = {
    "game.yaml": "name: Bare\ntick_rate: 60\nsend_rate: 30\n",
    "maps/1-bare.tmj": MAP,
    "components/hp.lua": "--@type number\n--@default 10\n",
    "components/bag.lua": '--@type json\n--@default {"coins": 3}\n--@private\n--@entities players\n',
    "components/mood.lua": "--@type string\n",
    "events/move/to.lua": """--@public true
--@param x number
--@param y number
object.x, object.y = data.x, data.y
object.action = "move"
""",
    "events/move/timeout.lua": "return 0.1\n",
    "events/hit/index.lua": """--@public true
--@param amount number = 1
object.components.hp = object.components.hp - data.amount
""",
    "events/hit/timeout.lua": "return 0\n",
    "events/pay/index.lua": "--@public true\nobject.components.bag.coins = object.components.bag.coins + 1\n",
    "events/pay/timeout.lua": "return 0\n",
    "events/secret/index.lua": "object.components.hp = 1000\n",
    "events/later/start.lua": """--@public true
--@param n number
object.events.add("later", "finish", { n = data.n })
object.events.later.resetTime(3600)
""",
    "events/later/finish.lua": "--@param n number\nobject.components.hp = data.n\n",
    "events/summon/index.lua": """--@public true
objects.add("enemys", { prefab = "goblin", x = 5, y = 6, components = { hp = 77 } })
""",
    "events/tell/index.lua": """--@public true
--@param what any = null
object.send({ action = "told", what = data.what, nested = { list = { 1, 2 } } })
""",
    "events/fail/index.lua": "--@public true\nlocal nothing\nprint(nothing.field)\n",
    "events/spin/index.lua": "--@public true\nwhile true do end\n",
}


def bare(**changes):
    """The bare game with files added or replaced. A keyword is a path without `.lua`, with `__` for `/`."""
    return {**BARE, **{f"{path.replace('__', '/')}.lua": text for path, text in changes.items()}}


def battle(settings="", **changes):
    """The bundled battle, with lines added to its `game.yaml`, and with files added or replaced as in `bare`."""
    folder = Path(__file__).resolve().parents[3] / "games/battle"
    files = {
        str(path.relative_to(folder)): path.read_text()
        for part in ("lib", "sockets", "client") for path in sorted(folder.glob(f"{part}/*"))
    }
    files["game.yaml"] = (folder / "game.yaml").read_text() + settings
    return {**files, **{f"{path.replace('__', '/')}.lua": text for path, text in changes.items()}}
