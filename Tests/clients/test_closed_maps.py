"""Maps whose files are broken or away: nobody loses a place (3-game-folder.md; 1-protocol.md 7)."""

import json
import shutil

import pytest

from harness.games import BARE, MAP
from harness.player import Player
from harness.server import Server
from harness.waiting import until

FOREST = "maps/4-forest.tmj"
#: The start map's number is the lower one, so that a player who lost its place would be seen there.
FILES = {
    **BARE, "game.yaml": "name: Two\n", FOREST: MAP,
    "events/go/index.lua": "--@public true\n--@param map number\nobject.map_id = data.map\n",
}


def ground(tiles):
    """The bare map with a ground layer on which nobody is stopped."""
    content = json.loads(MAP)
    content["layers"].append({
        "type": "tilelayer", "name": "ground", "width": 32, "height": 32, "data": [tiles] * 1024})
    return json.dumps(content)


def follow(server, player):
    """Connects where a player was sent."""
    place = player.wait(
        lambda: next((message for message in player.others if message.get("action") == "reconnect"), None),
        "the way to the other map")
    there = Player(place["port"], {**player.answer, **place})
    server.players.append(there)
    return there


def in_forest(server, login):
    player = server.join(login)
    player.send("go", map=4)
    there = follow(server, player)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    there.send("move/to", x=7, y=9)
    there.wait(lambda: there.me["x"] == 7, "the place")
    return there


def log_in(server, login):
    return server.post("/server/sign/auth/", json={"login": login, "password": "correct horse"})


def test_a_running_map_goes_on_while_its_file_is_broken_or_away(serve):
    server = serve(FILES)
    ada = in_forest(server, "ada")
    server.write(FOREST, "{")
    until(lambda: server.errors(FOREST), "the mistake is told")
    (server.game / FOREST).unlink()
    until(lambda: server.errors("perigee reload"), "it is told that the file is away")
    shutil.move(server.game / "maps", server.game / "away")
    server.write("components/new.lua", "--@type number\n--@default 3\n")
    ada.wait(lambda: ada.me["components"].get("new") == 3, "the rest is reloaded")
    ada.send("move/to", x=8, y=9)
    ada.wait(lambda: ada.me["x"] == 8, "the map goes on")
    assert ada.closed is None and ada.me["map_id"] == 4 and ada.others == []
    assert server.get("/health").json() == {"status": "ok", "maps": 2}
    shutil.move(server.game / "away", server.game / "maps")
    server.write(FOREST, MAP)
    # By hand the map goes, once its file is gone.
    assert server.reload()["problems"] == []
    (server.game / FOREST).unlink()
    answer = server.reload()
    assert answer["problems"] == [] and any("map 4 is closed" in line for line in answer["changes"]), answer
    there = follow(server, ada)
    there.wait(lambda: there.is_loaded, "the start map")
    assert there.me["map_id"] == 1


@pytest.mark.parametrize("damage", ["broken", "away"])
def test_a_map_that_is_not_there_at_the_start_keeps_its_players_places(serve, damage):
    server = serve(FILES)
    in_forest(server, "ada").close()
    server.join("bob").close()
    server.stop()
    if damage == "broken":
        server.write(FOREST, "{")
    else:
        (server.game / FOREST).unlink()
    server.start()
    health = server.get("/health").json()
    assert (health["status"], health["maps"], list(health["closed_maps"])) == ("degraded", 1, ["4"])
    assert FOREST in health["closed_maps"]["4"]
    answer = log_in(server, "ada")
    assert (answer.status_code, answer.json()["code"]) == (503, "map_starting")
    assert FOREST in answer.json()["error"] and answer.json()["retry"] > 0 and answer.headers["Retry-After"]
    bob = server.join("bob", kind="auth")
    assert bob.me["map_id"] == 1, "the other map goes on"
    session = {"Authorization": f"Bearer {bob.answer['session']}"}
    geometry = server.get("/server/sign/get_map/?map_id=4", headers=session)
    assert (geometry.status_code, geometry.json()["code"]) == (503, "map_starting")
    bob.send("go", map=4)
    bob.wait(lambda: server.errors("map 4 is closed"), "the script is told")
    page = server.get("/admin/", headers={"Authorization": f"Bearer {server.operator_key()}"})
    assert ">closed<" in page.text and FOREST in page.text
    # Again without having been mended: what is known of it is not forgotten.
    server.stop()
    server.start()
    assert log_in(server, "ada").status_code == 503
    server.write(FOREST, MAP)
    until(lambda: log_in(server, "ada").status_code == 200, "the map opens")
    ada = server.join("ada", kind="auth")
    assert (ada.me["map_id"], ada.me["x"], ada.me["y"]) == (4, 7, 9)
    assert server.get("/health").json() == {"status": "ok", "maps": 2}


def test_a_file_in_the_place_of_the_maps_folder_closes_the_start_map(serve):
    server = serve(FILES)
    in_forest(server, "ada").close()
    server.stop()
    # Without this file nothing is known of the game's maps.
    (server.data / "maps.json").unlink()
    shutil.move(server.game / "maps", server.game / "away")
    server.write("maps", "")
    server.start()
    health = server.get("/health").json()
    assert (health["maps"], list(health["closed_maps"])) == (0, ["1"]), health
    assert health["closed_maps"]["1"].startswith("maps: a file in the place of a folder")
    answer = log_in(server, "ada")
    assert (answer.status_code, answer.json()["code"]) == (503, "map_starting")
    (server.game / "maps").unlink()
    shutil.move(server.game / "away", server.game / "maps")
    until(lambda: server.get("/health").json() == {"status": "ok", "maps": 2}, "all maps open")
    ada = server.join("ada", kind="auth")
    assert (ada.me["map_id"], ada.me["x"], ada.me["y"]) == (4, 7, 9)


@pytest.mark.parametrize("damage", ["broken", "away"])
def test_no_empty_map_takes_the_place_of_the_only_one(serve, damage):
    server = serve()
    ada = server.join("ada")
    ada.send("move/to", x=7, y=9)
    ada.wait(lambda: ada.me["x"] == 7, "the place")
    ada.close()
    server.stop()
    if damage == "broken":
        server.write("maps/1-bare.tmj", "")
    else:
        (server.game / "maps/1-bare.tmj").unlink()
    server.start()
    assert server.get("/health").json()["maps"] == 0
    for kind in ["auth", "register"]:
        answer = server.post(
            f"/server/sign/{kind}/", json={"login": "ada" if kind == "auth" else "eve", "password": "correct horse"})
        assert (answer.status_code, answer.json()["code"]) == (503, "map_starting"), kind
    page = server.get("/admin/", headers={"Authorization": f"Bearer {server.operator_key()}"})
    assert page.status_code == 200 and "Map 1 is closed" in page.text
    assert server.reload()["problems"] if damage == "broken" else True
    server.write("maps/1-bare.tmj", MAP)
    until(lambda: log_in(server, "ada").status_code == 200, "the map opens")
    again = server.join("ada", kind="auth")
    assert (again.me["map_id"], again.me["x"], again.me["y"]) == (1, 7, 9)
    assert server.join("eve", kind="auth").me["map_id"] == 1


def test_who_connects_to_a_closed_map_waits_there(serve):
    server = serve(FILES)
    in_forest(server, "ada").close()
    until(lambda: server.metric("perigee_sessions") == 0, "ada's place is saved")
    answer = server.sign("auth", "ada")
    # Its token was issued while the map ran; the map closes and its file comes back broken.
    (server.game / FOREST).unlink()
    server.reload()
    server.write(FOREST, "{")
    until(lambda: "closed_maps" in server.get("/health").json(), "the map is closed")
    eve = server.join("eve")
    eve.send("go", map=4)
    eve.wait(lambda: server.errors("map 4 is closed"), "nobody is sent there")
    assert eve.closed is None
    ada = Player(server.port, answer)
    server.players.append(ada)
    pause = ada.wait(
        lambda: next((message for message in ada.others if message.get("action") == "pause"), None), "the reason")
    assert pause["map_id"] == 4 and FOREST in pause["reason"]
    ada.send("move/to", x=1, y=1)
    ada.wait(lambda: ada.errors and ada.errors[-1]["code"] == "busy", "the command is refused")
    server.write(FOREST, MAP)
    ada.wait(lambda: ada.is_loaded, "the map opens")
    assert (ada.me["map_id"], ada.me["x"], ada.me["y"]) == (4, 7, 9) and ada.closed is None


def test_a_map_is_missed_however_the_game_folder_is_written(serve):
    server = serve(FILES)
    server.stop()
    (server.game / FOREST).unlink()
    for spelling in ("", "/", "/.", "//"):
        command = server.command(game=f"{server.game}{spelling}")
        server.command = lambda command=command: command
        server.start()
        assert list(server.get("/health").json().get("closed_maps", {})) == ["4"], spelling
        server.stop()
        del server.command
