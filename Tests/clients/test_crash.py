"""A server that a signal kills: it names the script, frees its port at once, and does not run the script again.

The traps exist only in debug builds; their tests need a debug build beside the release build.
"""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from harness.games import bare
from harness.server import BINARY, ROOT, Server
from harness.waiting import until

DEBUG_BINARY = ROOT / ".build/debug/perigee"
TRAPS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP", "overflow"]
GAME = bare(
    events__trap__index='--@public true\n--@param what string\nprint("trap " .. data.what)\n',
    events__trap__timeout="return 0\n")


def say(player, what):
    player.send("trap/index", what=what)


@pytest.fixture
def trapped(tmp_path):
    """A debug server with armed traps."""
    if not DEBUG_BINARY.exists():
        pytest.skip("there is no debug build beside the release build")
    server = Server(tmp_path, GAME, ["--unlimited-logins"], environment={"PERIGEE_DEBUG_TRAP": "1"})
    server.binary = DEBUG_BINARY
    yield server.start()
    server.stop()


def wait_for_death(server):
    """Waits until the process is dead; returns the seconds that this took, and the signal's number."""
    began = time.monotonic()
    status = server.process.wait(30)
    for player in server.players:
        player.forget()
    server.players.clear()
    server.process = None
    return time.monotonic() - began, -status


@pytest.mark.parametrize("trap", TRAPS)
def test_a_crash_names_its_script_which_the_next_start_suspends(trapped, trap):
    player = trapped.join("ada")
    player.send("move/to", x=10, y=20)
    until(lambda: stored_place(trapped) == (10, 20), "the place is stored")
    say(player, trap)
    seconds, number = wait_for_death(trapped)
    expected = "SIGSEGV" if trap == "overflow" else trap
    # With Swift's own crash handler this would take 7 s. Ours ends in less than 5 s even on a busy machine.
    assert number == signal.Signals[expected] and seconds < 5
    with closing(sqlite3.connect(trapped.data / "perigee.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    lines = (trapped.data / "logs" / "map-1-errors.log").read_text().splitlines()
    assert f"crash the server died by {expected} while events/trap/index.lua ran on map 1" in lines[-1]
    assert trapped.says(f"the server died by {expected} while events/trap/index.lua ran on map 1")

    trapped.start()
    assert trapped.says("that script is not run until it is changed or resumed")
    entry = trapped.errors("events/trap/index.lua")[-1]
    assert entry["kind"] == "suspended" and expected in entry["message"]
    again = trapped.join("ada", kind="auth")
    assert (again.me["x"], again.me["y"]) == (10, 20)
    say(again, trap)
    again.send("hit/index", amount=3)
    again.wait(lambda: again.me["components"]["hp"] == 7, "the other scripts run")
    assert trapped.is_running()


def stored_place(server):
    with closing(sqlite3.connect(server.data / "perigee.sqlite")) as database:
        return database.execute("SELECT x, y FROM entities WHERE kind = 'players'").fetchone()


def test_a_script_that_was_fatal_runs_when_it_is_resumed_or_changed(trapped):
    say(trapped.join("ada"), "SIGSEGV")
    wait_for_death(trapped)
    trapped.start()
    player = trapped.join("ada", kind="auth")
    response = trapped.post(
        "/server/api/resume/1?script=events/trap/index.lua",
        headers={"Authorization": f"Bearer {trapped.operator_key()}"})
    assert response.status_code == 200, response.text
    say(player, "nothing")
    until(lambda: has_line(trapped, "trap nothing"), "the resumed script runs")
    trapped.stop()
    trapped.start()
    assert not trapped.errors("events/trap/index.lua"), "a resumed script stays so over a restart"

    say(trapped.join("ada", kind="auth"), "SIGABRT")
    wait_for_death(trapped)
    trapped.start()
    assert trapped.errors("events/trap/index.lua")
    player = trapped.join("ada", kind="auth")
    trapped.write("events/trap/index.lua", '--@public true\n--@param what string\nprint("mended " .. data.what)\n')
    until(lambda: has_line(trapped, "reloaded events/trap/index.lua"), "the change is taken over")
    say(player, "again")
    until(lambda: has_line(trapped, "mended again"), "the changed script runs")


def has_line(server, text):
    return any(text in line["text"] for line in server.diagnostics()["log"])


def test_a_fatal_lib_is_left_out_until_it_is_resumed(tmp_path):
    if not DEBUG_BINARY.exists():
        pytest.skip("there is no debug build beside the release build")
    files = bare(lib__rules='print("trap SIGSEGV")\nanswer = 42\n', events__ask__index="--@public true\nprint(answer)\n")
    server = Server(tmp_path, files, environment={"PERIGEE_DEBUG_TRAP": "1"})
    server.binary = DEBUG_BINARY
    with pytest.raises(AssertionError, match="ended with -11"):
        server.start()
    server.process = None
    server.environment.pop("PERIGEE_DEBUG_TRAP")
    server.start()
    try:
        assert server.errors("lib/rules.lua")[-1]["kind"] == "suspended"
        player = server.join("ada")
        player.send("ask/index")
        until(lambda: has_line(server, "nil"), "the lib is not there")
        response = server.post(
            "/server/api/resume/1?script=lib/rules.lua", headers={"Authorization": f"Bearer {server.operator_key()}"})
        assert response.status_code == 200, response.text
        until(lambda: has_line(server, "lib/rules.lua was resumed"), "the lib is resumed")
        player.send("ask/index")
        until(lambda: has_line(server, "42"), "the lib is there again")
    finally:
        server.stop()


def test_a_release_build_has_no_trap(tmp_path):
    if "debug" in BINARY.resolve().parts:
        pytest.skip("this is the debug build")
    server = Server(tmp_path, GAME, environment={"PERIGEE_DEBUG_TRAP": "1"})
    server.start()
    player = server.join("ada")
    say(player, "SIGSEGV")
    until(lambda: has_line(server, "trap SIGSEGV"), "the line is only printed")
    assert server.is_running()
    assert b"PERIGEE_DEBUG_TRAP" not in BINARY.read_bytes()
    server.stop()


def test_a_signal_outside_scripts_ends_the_process_at_once_and_suspends_nothing(server):
    server.process.send_signal(signal.SIGSEGV)
    seconds, number = wait_for_death(server)
    assert number == signal.SIGSEGV and seconds < 5
    assert server.says("the server died by SIGSEGV")
    server.start()
    assert not server.errors("events/")
    assert (server.data / "crashes").read_text() == ""


def test_a_full_terminal_does_not_keep_a_dead_process(tmp_path):
    """The standard error is a full pipe that no process reads."""
    server = Server(tmp_path, GAME)
    server.start()
    server.stop()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(writing, True)
    with open(server.output, "ab") as output:
        server.process = subprocess.Popen(server.command(), stdout=output, stderr=writing, env=server.environment)
    until(server.is_ready, "the server is ready")
    server.process.send_signal(signal.SIGABRT)
    assert wait_for_death(server)[1] == signal.SIGABRT
    os.close(reading)
    os.close(writing)
