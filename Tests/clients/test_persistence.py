"""What a restart brings back (design.md, decision 10)."""

import json
import signal
import sqlite3
import time

from harness.kills import lose_at_most_a_second
from harness.server import perigee
from harness.waiting import PATIENCE, until


def databases(data):
    """The SQLite files under a folder."""
    found = []
    for path in data.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                if file.read(15) == b"SQLite format 3":
                    found.append(path)
    return found


def assert_clean(data):
    files = databases(data)
    assert files, "the embedded database is under the data folder"
    for path in files:
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()


def test_sigterm_and_a_new_start_bring_everything_back(server):
    ada = server.join("ada")
    ada.send("move/to", x=17, y=18)
    ada.send("hit", amount=4)
    ada.send("pay")
    ada.send("later/start", n=5)
    ada.send("summon")
    ada.wait(lambda: ada.me["x"] == 17 and ada.me["components"]["hp"] == 6, "the move and the hit")
    ada.wait(lambda: ada.me["components"]["bag"] == {"coins": 4}, "the payment")
    ada.wait(lambda: ada.me["events"].get("later", {}).get("action") == "finish", "the event waits")
    ada.wait(lambda: [key for key in ada.entities if key.startswith("enemys_")], "the goblin")
    before = {key: dict(record) for key, record in ada.entities.items()}
    assert server.stop(signal.SIGTERM) == 0
    assert_clean(server.data)
    server.start()
    again = server.join("ada", kind="auth")
    assert again.key == ada.key
    me, was = again.me, before[ada.key]
    assert [me[name] for name in ("x", "y", "side", "created")] == [was[name] for name in ("x", "y", "side", "created")]
    assert me["components"]["hp"] == 6
    assert me["components"]["bag"] == {"coins": 4}
    assert {name: me["events"]["later"][name] for name in ("action", "data", "time")} == {
        name: was["events"]["later"][name] for name in ("action", "data", "time")
    }
    goblins = [key for key in before if key.startswith("enemys_")]
    for key in goblins:
        assert [again.entities[key][name] for name in ("prefab", "x", "y")] == ["goblin", 5, 6]
        assert again.entities[key]["components"]["hp"] == 77


def test_a_leave_hook_drops_a_flag_when_the_line_drops_and_when_the_server_stops(server):
    server.write(
        "leave/players.lua",
        'objects.add("objects", { prefab = "flag_" .. reason, x = object.x, y = object.y })',
    )
    server.reload()
    ada, bob = server.join("ada"), server.join("bob")

    def flags(client):
        return sorted(record["prefab"] for key, record in client.entities.items() if key.startswith("objects_"))

    before = flags(bob)
    ada.close()
    bob.wait(lambda: flags(bob) == sorted([*before, "flag_disconnected"]), "the flag of the line that dropped")
    server.process.send_signal(signal.SIGTERM)
    assert bob.wait_closed() == 1001
    assert server.stop() == 0
    server.start()
    again = server.join("bob", kind="auth")
    assert flags(again) == sorted([*before, "flag_closed", "flag_disconnected"])
    assert server.errors() == []


def test_sigterm_tells_clients_that_the_server_goes_away(server):
    ada = server.join("ada")
    server.process.send_signal(signal.SIGTERM)
    assert ada.wait_closed() == 1001
    assert server.stop() == 0


def test_kill_9_loses_at_most_the_last_second(server):
    lose_at_most_a_second(server)
    server.stop(signal.SIGTERM)
    assert_clean(server.data)


def test_kill_9_again_and_again_never_breaks_the_database(server):
    server.sign("register", "ada")
    for n in range(5):
        ada = server.join("ada", kind="auth")
        ada.send("move/to", x=n + 1, y=1)
        ada.wait(lambda: ada.me["x"] == n + 1, "a move")
        server.stop(signal.SIGKILL)
        assert_clean(server.data)
        server.start()


def test_an_account_that_was_made_is_there_after_kill_9(server):
    server.sign("register", "ada")
    server.stop(signal.SIGKILL)
    server.start()
    until(lambda: server.sign("auth", "ada"), "the login")


def test_a_backup_of_a_running_server_is_sound_and_can_be_served(server, tmp_path):
    ada = server.join("ada")
    ada.send("hit", amount=4)
    ada.wait(lambda: ada.me["components"]["hp"] == 6, "the hit")
    until(lambda: '"hp":6' in perigee("export", "--data", server.data).stdout, "the hit is stored")
    copy = tmp_path / "copy" / "perigee.sqlite"
    copy.parent.mkdir()
    result = perigee("backup", copy, "--data", server.data)
    assert result.returncode == 0, result.stderr
    assert copy.stat().st_mode & 0o077 == 0, "it holds accounts"
    again = perigee("backup", copy, "--data", server.data)
    assert again.returncode == 2 and "is there already" in again.stderr
    server.stop(signal.SIGTERM)
    server.data = copy.parent
    server.start()
    assert server.join("ada", kind="auth").me["components"]["hp"] == 6
    server.stop(signal.SIGTERM)
    assert_clean(copy.parent)


def test_accounts_and_entities_go_to_another_server_as_lines(server, tmp_path):
    ada = server.join("ada", password="my own secret")
    ada.send("pay")
    ada.wait(lambda: ada.me["components"]["bag"] == {"coins": 4}, "the payment")
    server.stop(signal.SIGTERM)
    lines, data = tmp_path / "game.jsonl", tmp_path / "other"
    assert perigee("export", lines, "--data", server.data).returncode == 0
    result = perigee("import", lines, "--data", data)
    assert result.returncode == 0, result.stderr
    refused = perigee("import", lines, "--data", data)
    assert refused.returncode == 1 and "--replace" in refused.stderr
    assert perigee("export", "--data", data).stdout == lines.read_text()
    server.data = data
    server.start()
    again = server.join("ada", kind="auth", password="my own secret")
    assert again.key == ada.key and again.me["components"]["bag"] == {"coins": 4}
    while_running = perigee("import", lines, "--data", data, "--replace")
    assert while_running.returncode == 1 and "in use" in while_running.stderr


def test_a_wrong_line_of_an_import_is_told_with_its_place(tmp_path):
    lines = tmp_path / "game.jsonl"
    lines.write_text('{"perigee":"export","version":1}\n{"account":{"id":"one"}}\n')
    result = perigee("import", lines, "--data", tmp_path / "data")
    assert result.returncode == 1
    assert f"{lines}:2: id must be a number, not string; nothing was imported" in result.stderr


def test_time_stands_still_for_the_map_while_the_server_is_down(server):
    ada = server.join("ada")
    ada.send("summon")
    ada.wait(lambda: [key for key in ada.entities if key.startswith("enemys_")], "the goblin")
    server.stop(signal.SIGTERM)
    with sqlite3.connect(server.data / "perigee.sqlite") as database:
        alive, = database.execute("SELECT alive FROM game_clock").fetchone()
        assert abs(alive - time.time()) < PATIENCE
        # As if the server had been stopped a day ago, when an event had 500 s to wait.
        database.execute("UPDATE game_clock SET alive = alive - 86400")
        database.execute(
            "UPDATE entities SET events = ? WHERE kind = 'enemys'",
            (f'{{"later":{{"time":{alive - 86400 + 500},"action":"finish","data":{{"n":1}}}}}}',))
    database.close()
    server.start()
    again = server.join("ada", kind="auth")
    goblin = next(record for key, record in again.entities.items() if key.startswith("enemys_"))
    assert goblin["events"]["later"]["action"] == "finish"
    assert 400 < goblin["events"]["later"]["time"] - time.time() <= 500


def test_a_clock_that_was_ahead_makes_no_player_wait_for_it(server):
    ada = server.join("ada")
    ada.send("move/to", x=17, y=18)
    ada.send("later/start", n=5)
    ada.wait(lambda: ada.me["events"].get("later", {}).get("action") == "finish", "the event waits")
    server.stop(signal.SIGTERM)
    with sqlite3.connect(server.data / "perigee.sqlite") as database:
        # As if the machine's clock had been an hour ahead until now.
        events = json.loads(database.execute("SELECT events FROM entities WHERE kind = 'players'").fetchone()[0])
        for state in events.values():
            if state["time"] > 0:
                state["time"] += 3600
        database.execute(
            "UPDATE entities SET saved = saved + 3600, events = ? WHERE kind = 'players'", (json.dumps(events),))
        database.execute("UPDATE game_clock SET alive = alive + 3600")
    database.close()
    server.start()
    again = server.join("ada", kind="auth")
    now = time.time()
    assert again.me["events"]["move"]["time"] < now + 5
    assert again.me["events"]["later"]["action"] == "finish"
    assert 3500 < again.me["events"]["later"]["time"] - now <= 3600
