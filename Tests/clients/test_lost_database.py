"""The database is deleted, replaced or damaged while players play: the server notices it and loses nothing."""

import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from harness.games import bare
from harness.server import Server
from harness.waiting import until


def delete(file, _):
    file.unlink()


def delete_all(file, _):
    for path in file.parent.glob("perigee.sqlite*"):
        path.unlink()


def delete_log(file, _):
    file.with_name(file.name + "-wal").unlink()


def move_another_over_it(file, other):
    shutil.copy(other, file.with_name("other"))
    file.with_name("other").replace(file)


def copy_another_over_it(file, other):
    shutil.copyfile(other, file)


def truncate(file, _):
    os.truncate(file, os.path.getsize(file) // 2)


def empty(file, _):
    os.truncate(file, 0)


def scribble(file, _):
    with open(file, "r+b") as database:
        database.seek(4096)
        database.write(b"\xa5" * (os.path.getsize(file) - 4096))


LOSSES = [delete, delete_all, delete_log, move_another_over_it, copy_another_over_it, truncate, empty, scribble]


GAME = bare(events__summon__index="""--@public true
for n = 1, 40 do
  objects.add("enemys", { prefab = "goblin", x = 5, y = 6, components = { mood = ("grim "):rep(200) } })
end
""")


@pytest.fixture
def place(tmp_path):
    """A stopped server whose data are all in the database file and none in its log, and a copy of that file."""
    server = Server(tmp_path, GAME, ["--unlimited-logins"])
    server.start()
    for number in range(3):
        server.join(f"old-{number}")
    player = server.join("old")
    player.send("summon/index")
    player.wait(lambda: sum(key.startswith("enemys") for key in player.entities) == 40, "the map is full")
    assert server.stop() == 0
    other = tmp_path / "older.sqlite"
    shutil.copyfile(server.data / "perigee.sqlite", other)
    yield server, other
    server.stop()


@pytest.mark.parametrize("lose", LOSSES)
def test_a_database_that_is_lost_under_play_costs_nothing(place, lose):
    server, other = place
    server.start()
    ada = server.join("ada")
    ada.send("hit/index", amount=3)
    ada.wait(lambda: ada.me["components"]["hp"] == 7, "ada is hit")
    until(lambda: stored_hp(server.data / "perigee.sqlite", "ada") == 7, "that is stored")
    # A second time, because in its first second a server moves the write-ahead log's contents into the database file.
    ada.send("hit/index", amount=1)
    until(lambda: stored_hp(server.data / "perigee.sqlite", "ada") == 6, "that is stored too")
    # Before that, the copy is no other database.
    until(lambda: (server.data / "perigee.sqlite").read_bytes() != other.read_bytes(), "the file has changed")

    lose(server.data / "perigee.sqlite", other)
    answer = until(lambda: lost(server), "the loss is noticed")
    assert answer["code"] == "database_lost"
    until(lambda: server.says("the database was lost"), "that is said")
    [rescued] = server.data.glob("perigee-rescued-*.sqlite")
    assert str(rescued) in answer["error"]

    # Play goes on for connected players, returning players and new ones.
    ada.send("hit/index", amount=1)
    ada.wait(lambda: ada.me["components"]["hp"] == 5, "ada is hit again")
    ada.close()
    again = server.join("ada", kind="auth")
    assert again.me["components"]["hp"] == 5
    server.join("late")
    assert server.stop() == 0

    with closing(sqlite3.connect(rescued)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        logins = {login for login, in database.execute("SELECT login FROM accounts")}
        assert logins >= {"ada", "late"}, logins
        if lose in (delete, delete_all, delete_log, move_another_over_it):
            assert logins >= {"old", "old-0", "old-1", "old-2"}, "a file that is only gone by name is read to its end"
        count, = database.execute("SELECT count(*) FROM entities WHERE kind = 'enemys'").fetchone()
        assert count == 40
    assert stored_hp(rescued, "ada") == 5

    # The next start is refused while the rescued database is not put back.
    refused = subprocess.run(server.command(), capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 1 and str(rescued) in refused.stderr, refused.stderr
    for path in server.data.glob("perigee.sqlite*"):
        path.unlink()
    rescued.rename(server.data / "perigee.sqlite")
    server.start()
    assert server.join("ada", kind="auth").me["components"]["hp"] == 5


def lost(server):
    response = server.get("/health")
    return response.json() if response.status_code == 503 else None


def stored_hp(file, login):
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        row = database.execute(
            "SELECT json_extract(components, '$.hp') FROM entities WHERE kind = 'players' AND login = ?",
            [login]).fetchone()
        return row and row[0]


def test_a_damaged_database_is_refused_at_the_start_with_what_to_do(place):
    server, other = place
    file = server.data / "perigee.sqlite"
    truncate(file, other)
    refused = subprocess.run(server.command(), capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 1
    for word in (str(file), "damaged", "perigee backup", "perigee import"):
        assert word in refused.stderr, refused.stderr
    shutil.copyfile(other, file)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    server.start()
    assert server.sign("auth", "old")


def test_other_programs_may_read_and_write_the_database(place):
    """An operator's statement, a checkpoint and a vacuum do not count as a loss."""
    server, _ = place
    server.start()
    server.join("ada")
    with closing(sqlite3.connect(server.data / "perigee.sqlite", timeout=30)) as database:
        database.execute("UPDATE accounts SET login = 'OLD' WHERE login = 'old'")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = server.metric("perigee_sessions_opened_total")
    server.join("bea")
    until(lambda: stored_hp(server.data / "perigee.sqlite", "bea") == 10, "saving goes on")
    assert server.metric("perigee_sessions_opened_total") == before + 1
    assert server.get("/health").status_code == 200
    assert server.process.poll() is None and server.stop(signal.SIGTERM) == 0
    assert not list(server.data.glob("perigee-rescued-*"))
