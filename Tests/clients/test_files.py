"""Files that the server writes by name: deleted while players play, or replaced by something else."""

import os
import shutil
import signal
import socket
import subprocess

import pytest

from harness.games import bare
from harness.server import BINARY, Server
from harness.waiting import until

GAME = bare(events__say__index="--@public true\n--@param what string\nprint(data.what)\n",
            events__say__timeout="return 0\n")


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path, GAME)
    yield server
    server.stop()


def has_line(server, text):
    try:
        return text in (server.data / "logs" / "map-1.log").read_text()
    except FileNotFoundError:
        return False


def test_a_log_folder_that_is_deleted_under_play_is_made_anew(server):
    server.start()
    player = server.join("ada")
    player.send("say/index", what="before")
    until(lambda: has_line(server, "before"), "the first line is there")
    shutil.rmtree(server.data / "logs")
    player.send("say/index", what="behind")
    until(lambda: has_line(server, "behind"), "the next line is there")


def pipe(path):
    os.mkfifo(path)


def listening_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(path))


def folder(path):
    path.mkdir()


def device(path):
    path.symlink_to("/dev/full")


@pytest.mark.parametrize("make", [pipe, listening_socket, folder, device])
def test_a_log_that_is_no_plain_file_is_told_and_keeps_nobody(server, make, monkeypatch):
    log = server.data / "logs" / "map-1.log"
    log.parent.mkdir(parents=True)
    monkeypatch.chdir(log.parent)
    make(log)
    server.start()
    player = server.join("ada")
    player.send("say/index", what="hello")
    until(lambda: server.says("lines of a log are lost"), "that is told")
    player.send("hit/index", amount=3)
    player.wait(lambda: player.me["components"]["hp"] == 7, "the game goes on")
    # A pipe whose reader does not read must not block the server either.
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK) if make is pipe else None
    player.send("say/index", what="and again")
    assert server.stop(signal.SIGTERM) == 0
    assert server.output.read_text().count("lines of a log are lost") == 1
    if reader is not None:
        os.close(reader)

    if make is not folder:
        log.unlink()
        server.start()
        assert has_line(server, "scripts")


def test_a_log_works_again_when_what_was_in_its_way_is_gone(server):
    log = server.data / "logs" / "map-1.log"
    log.mkdir(parents=True)
    server.start()
    player = server.join("ada")
    until(lambda: server.says("lines of a log are lost"), "that is told")
    log.rmdir()
    player.send("say/index", what="hello")
    until(lambda: server.says("the log can be written again"), "that is told too")
    assert has_line(server, "hello")


@pytest.mark.parametrize("make", [pipe, folder])
@pytest.mark.parametrize("what", ["key", "recording", "crashes", "database"])
def test_the_start_refuses_what_is_no_plain_file(server, make, what):
    server.data.mkdir()
    names = {"key": "operator.key", "recording": "record", "crashes": "crashes", "database": "perigee.sqlite"}
    path = server.data / names[what]
    make(path)
    if what == "recording":
        server.options = ["--record", str(path)]
    refused = subprocess.run(server.command(), capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 1
    assert str(path) in refused.stderr and len(refused.stderr.splitlines()) == 1, refused.stderr


def test_a_backup_goes_into_a_new_plain_file_only(server):
    server.start()
    server.join("ada")
    target = server.data / "copy"
    part = server.data / "copy.part"

    def back_up():
        return subprocess.run(
            [str(BINARY), "backup", "--data", str(server.data), str(target)], capture_output=True, text=True,
            timeout=30, check=False)

    os.mkfifo(target)
    assert back_up().returncode != 0
    target.unlink()
    part.mkdir()
    (part / "mine").write_text("kept")
    refused = back_up()
    assert refused.returncode != 0 and str(part) in refused.stderr
    assert (part / "mine").read_text() == "kept"
    shutil.rmtree(part)
    os.mkfifo(part)
    assert back_up().returncode == 0
    assert target.is_file()
