"""`perigee reload`, and maps that open and close while players play (3-game-folder.md, "Hot reload")."""

import json
import subprocess

from harness.games import MAP, bare
from harness.player import Player
from harness.server import BINARY
from harness.waiting import PATIENCE


def reload(server, *options):
    return subprocess.run(
        [str(BINARY), "reload", "--data", str(server.data), *options], capture_output=True, text=True,
        timeout=PATIENCE, stdin=subprocess.DEVNULL)


def test_reload_prints_each_file_its_version_and_what_it_changed(server):
    ada = server.join("ada")
    server.write("components/mana.lua", "--@type number\n--@default 30\n")
    result = reload(server)
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert line.startswith("loaded components/mana.lua ")
    assert line.endswith(": component mana on all players, enemys, animals, objects, number, default 30")
    assert len(line.split()[2].rstrip(":")) == 12, "the version"
    ada.wait(lambda: ada.me["components"].get("mana") == 30, "the new component")
    assert reload(server).stdout == "nothing changed\n"


def test_a_bad_file_is_told_with_its_line_until_it_is_mended(server):
    good = server.read("events/hit/index.lua")
    server.write("events/hit/index.lua", "--@public true\n\nobject.x = = 3\n")
    server.write("components/mood.lua", "--@type string\n--@default \"calm\"\n")
    result = reload(server)
    assert result.returncode == 1
    assert result.stdout.startswith("reloaded components/mood.lua ")
    assert result.stderr.startswith("events/hit/index.lua:3: ")
    again = reload(server, "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["problems"][0]["line"] == 3
    server.write("events/hit/index.lua", good)
    assert reload(server).returncode == 0


def test_a_game_folder_that_is_away_is_told_once_with_its_path_and_the_game_goes_on(server):
    ada = server.join("ada")
    away = server.game.rename(server.game.with_name("away"))
    result = reload(server)
    assert result.returncode == 1
    assert "does not exist" in result.stderr and "the game goes on with what it has" in result.stderr
    assert server.says(f'\n{server.game}: game folder "{server.game}" does not exist')
    ada.send("pay")
    ada.wait(lambda: ada.me["components"]["bag"] == {"coins": 4}, "the game goes on")
    away.rename(server.game)
    assert reload(server).returncode == 0


def test_without_a_server_or_its_key_it_says_what_to_do(server, tmp_path):
    result = subprocess.run(
        [str(BINARY), "reload", "--data", str(tmp_path)], capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    assert "--data" in result.stderr
    (server.data / "operator.key").write_text("0" * 48)
    result = reload(server)
    assert result.returncode == 1
    assert "operator's key" in result.stderr


def follow(player, server, map_id):
    """The player's next connection, to the map it is sent to."""
    (move, *_) = player.wait(
        lambda: [message for message in player.others if message.get("action") == "reconnect"], "the way on")
    assert move["map_id"] == map_id
    player = Player(server.port, {**player.answer, "token": move["token"]})
    player.wait(lambda: player.is_loaded, "the snapshot there")
    return player


def test_maps_open_and_close_on_the_running_server(serve):
    server = serve(bare(events__go__index="--@public true\nobject.map_id = 2\n"))
    ada = server.join("ada")
    bob = server.join("bob")
    server.write("maps/2-cave.tmj", MAP)
    assert "map 2 (cave) is open" in reload(server).stdout
    ada.send("go")
    ada = follow(ada, server, 2)
    ada.send("hit")
    ada.wait(lambda: ada.me["components"]["hp"] == 9, "the game goes on there")
    (server.game / "maps/2-cave.tmj").unlink()
    assert "map 2 is closed, its players are on map 1" in reload(server).stdout
    ada = follow(ada, server, 1)
    assert ada.me["components"]["hp"] == 9, "with what she had"
    bob.wait(lambda: bob.sees(ada, map_id=1), "bob sees her")
    assert bob.closed is None
    assert server.get("/health").json()["maps"] == 1
