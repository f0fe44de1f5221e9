"""Neighbouring maps that real clients walk across [M3.8, M6.1, M7.2]."""

import json

import pytest

from harness.games import BARE, MAP
from harness.player import Player
from harness.waiting import until

FILES = {
    **BARE,
    "game.yaml": "name: Two\nneighbours:\n  1: {right: 2}\n",
    "maps/2-east.tmj": MAP,
    "events/herd/index.lua": """--@public true
local sheep = objects.add("animals", { prefab = "sheep", x = 31, y = 9, components = { hp = 3 } })
sheep.events.add("drift")
""",
    "events/drift/index.lua": "object.x = object.x + 1\n",
    "events/drift/timeout.lua": "return 0\n",
    "events/reach/index.lua": """--@public true
--@param key string
map.event("right", data.key, "hit", nil, { amount = 2 })
""",
}


@pytest.fixture
def two(serve):
    return serve(FILES)


def cross(server, player, x, y):
    """Walks a player off the right edge, and returns the player's connection to the other map."""
    player.send("move/to", x=x, y=y)
    place = player.wait(
        lambda: next((message for message in player.others if message.get("action") == "reconnect"), None),
        "the way to the other map")
    assert place["map_id"] == 2
    there = Player(place["port"], {**player.answer, **place})
    server.players.append(there)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    return there


def test_sides_are_told_and_give_the_neighbours_geometry(two):
    ada = two.join("ada")
    assert ada.snapshot["sides"] == {"center": 1, "right": 2}
    assert ada.me["sides"] == {"center": 1, "right": 2}
    session = {"Authorization": f"Bearer {ada.answer['session']}"}
    answer = two.get("/server/sign/get_map/?side=right", headers=session)
    assert answer.status_code == 200 and answer.json()["map_id"] == 2
    again = two.get(
        "/server/sign/get_map/?side=right", headers={**session, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert two.get("/server/sign/get_map/?side=up", headers=session).status_code == 404


def test_who_walks_off_an_edge_goes_on_at_the_same_place_of_the_next_map_with_all_it_has(two):
    ada, bob = two.join("ada"), two.join("bob")
    ada.send("pay")
    ada.send("later/start", n=5)
    ada.wait(lambda: ada.me["components"]["bag"] == {"coins": 4}, "the payment")
    ada.wait(lambda: ada.me["events"].get("later", {}).get("action") == "finish", "the event waits")
    bob.wait(lambda: ada.key in bob.entities, "bob sees ada")
    due = ada.me["events"]["later"]["time"]
    there = cross(two, ada, 33.25, 7.5)
    assert (there.me["x"], there.me["y"], there.me["map_id"]) == (1.25, 7.5, 2)
    assert there.snapshot["map_id"] == 2 and there.snapshot["sides"] == {"center": 2, "left": 1}
    assert there.me["components"]["bag"] == {"coins": 4}
    assert there.me["events"]["later"]["action"] == "finish" and there.me["events"]["later"]["time"] == due
    bob.wait(lambda: ada.key not in bob.entities, "ada is gone for bob")
    assert bob.key not in there.entities


def test_creatures_walk_over_and_events_reach_them_there(two):
    ada, bob = two.join("ada"), two.join("bob")
    there = cross(two, ada, 40, 3)
    bob.send("herd")
    sheep = there.wait(
        lambda: next((record for key, record in there.entities.items() if key.startswith("animals_")), None),
        "the sheep comes over")
    assert (sheep["x"], sheep["y"], sheep["map_id"], sheep["components"]["hp"]) == (0, 9, 2, 3)
    bob.send("reach", key=sheep["key"])
    there.wait(lambda: there.entities[sheep["key"]]["components"]["hp"] == 1, "the hit from the other map")
    assert not [key for key in bob.entities if key.startswith("animals_")]


def test_what_stands_near_the_edge_is_seen_from_the_other_side(serve):
    server = serve({**FILES, "game.yaml": FILES["game.yaml"] + "border_view: 3\n"})
    ada, bob = server.join("ada"), server.join("bob")
    there = cross(server, ada, 33.5, 7)
    seen = bob.wait(
        lambda: bob.entities.get(there.key) if bob.entities.get(there.key, {}).get("map_id") == 2 else None,
        "ada is seen beyond the edge")
    assert (seen["x"], seen["y"], seen["events"]) == (33.5, 7, {}) and "bag" not in seen["components"]
    assert bob.key not in there.entities
    bob.send("move/to", x=31, y=5)
    there.wait(lambda: there.entities.get(bob.key, {}).get("x") == -1, "bob is seen from the other side")
    there.send("move/to", x=20, y=7)
    bob.wait(lambda: there.key not in bob.entities, "ada is out of sight")
    there.send("move/to", x=2, y=7)
    bob.wait(lambda: bob.entities.get(there.key, {}).get("x") == 34, "ada is back")
    there.close()
    bob.wait(lambda: there.key not in bob.entities, "ada left the game")


def test_neighbours_change_while_the_game_runs(two):
    ada = two.join("ada")
    two.write("game.yaml", "name: Two\nneighbours:\n  1: {up: 2}\n")
    ada.wait(lambda: ada.snapshot["sides"] == {"center": 1, "up": 2}, "the other side")
    two.write("game.yaml", "name: Two\nneighbours:\n  1: {up: 7}\n")
    ada.wait(lambda: two.errors("no map has the number 7"), "the mistake is told")
    assert ada.snapshot["sides"] == {"center": 1, "up": 2}


#: A spawn hook that works for 20 ms: with the 150 enemies of the map file, the map's start takes three seconds.
SLOW_HOOK = "local begin = os.clock()\nwhile os.clock() - begin < 0.02 do end\n"


def crowded_map():
    area = json.loads(MAP)
    area["layers"][0]["objects"] += [
        {"id": 10 + n, "name": f"e{n}", "type": "enemys", "x": 64, "y": 64, "point": True} for n in range(150)]
    return json.dumps(area)


def test_a_map_that_starts_takes_nobody_and_says_so(two):
    ada = two.join("ada")
    cross(two, ada, 32.25, 7.5).close()
    (two.game / "maps/2-east.tmj").unlink()
    two.reload()
    until(lambda: two.get("/health").json()["maps"] == 1, "the map is closed")
    two.write("spawn/enemys.lua", SLOW_HOOK)
    until(lambda: any("spawn/enemys.lua" in line["text"] for line in two.diagnostics()["log"]),
          "the hook is loaded")
    two.write("maps/2-east.tmj", crowded_map())
    page, = until(
        lambda: [page for page in [two.get("/health")] if page.status_code == 503], "the map starts")
    assert page.json()["code"] == "map_starting" and "[2]" in page.json()["error"]
    assert int(page.headers["Retry-After"]) > 0
    login = two.post("/server/sign/auth/", json={"login": "ada", "password": "correct horse"})
    assert (login.status_code, login.json()["code"]) == (503, "map_starting"), "her map"
    assert two.join("bob").me["map_id"] == 1, "the other map goes on"
    until(lambda: two.get("/health").status_code == 200, "the map has started")
    again = two.join("ada", kind="auth")
    assert again.me["map_id"] == 2
    assert len([key for key in again.entities if key.startswith("enemys_")]) == 150
