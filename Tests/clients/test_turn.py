"""`scripts/turn`: coturn for tests and for trying out."""

import os
import signal
import socket
import subprocess
import time

import pytest
from aioice.stun import TransactionFailed

from harness.server import free_port
from harness.turn import LONG, Turn, run_turn
from harness.waiting import until


@pytest.fixture
def start(tmp_path_factory):
    """Starts coturn; what a test leaves running is stopped after it."""
    running = []

    def start(*options):
        running.append(Turn(tmp_path_factory.mktemp("turn"), *options))
        return running[-1]

    yield start
    for turn in running:
        turn.stop()


def fails(folder, *options):
    """The exit status and the output of a start that fails."""
    process = run_turn(folder, *options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output, _ = process.communicate(timeout=LONG)
    assert list(folder.iterdir()) == []
    return process.returncode, output


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refusal(turn, name, secret=None):
    with pytest.raises(TransactionFailed) as error:
        turn.allocate(name, secret)
    return error.value.response.error_code


def test_it_takes_the_given_port_and_secret(start):
    port, secret = free_port(), "north.star_2~a+b/c=d-="
    turn = start("--port", port, f"--secret={secret}")
    assert (turn.port, turn.secret) == (port, secret)
    assert turn.urls == [f"stun:127.0.0.1:{port}", f"turn:127.0.0.1:{port}", f"turn:127.0.0.1:{port}?transport=tcp"]
    later = f"{int(time.time()) + 600}:somebody"
    for transport in ("udp", "tcp"):
        host, relay = turn.allocate(later, transport=transport)
        # Other programs get their ports from a range below.
        assert host == "127.0.0.1" and relay >= 61_000


def test_coturn_refuses_what_is_expired_or_made_with_another_secret(start):
    turn = start("--port", 0)
    now = int(time.time())
    assert turn.allocate(f"{now + 600}:somebody")
    assert refusal(turn, f"{now - 600}:somebody") == 401
    assert refusal(turn, f"{now + 600}:somebody", secret="another") == 401
    assert refusal(turn, "somebody") == 401


def test_each_start_makes_a_secret_and_a_port(start):
    first, second = start("--port", 0), start("--port", 0)
    assert first.secret != second.secret and first.port != second.port
    assert len(first.secret) == 64


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_and_leaves_nothing(start, how):
    turn = start("--port", 0)
    assert list(turn.temporary.iterdir()) and is_listening(turn.port)
    assert turn.stop(how) == 0
    assert list(turn.temporary.iterdir()) == [] and not is_listening(turn.port)


def test_it_says_that_coturn_has_ended(start):
    turn = start("--port", 0)
    # The script may still have helpers.
    until(lambda: len(children(turn.process.pid)) == 1, "coturn alone")
    (child,) = children(turn.process.pid)
    os.kill(child, signal.SIGKILL)
    assert turn.process.wait(LONG) == 1
    assert "scripts/turn: coturn ended by itself" in turn.errors.read_text()
    assert list(turn.temporary.iterdir()) == []


def children(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return [int(child) for child in file.read().split()]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_is_in_use_is_named(tmp_path, kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        status, output = fails(tmp_path, "--port", port)
    assert status == 1 and output.startswith(f"scripts/turn: port {port} is in use by another program; ")


@pytest.mark.parametrize(("options", "message"), [
    (["--port"], "--port needs a value"),
    (["--port="], "--port needs a value"),
    (["--port", "65536"], 'the port is "65536"; it must be a number from 1024 to 65535, or 0'),
    (["--port", "443"], 'the port is "443"; it must be'),
    (["--port", "http"], 'the port is "http"'),
    (["--secret", "a b"], "the secret has a character that"),
    (["--secret", "a\nno-auth"], "the secret has a character that"),
    (["start"], 'unknown option "start"'),
])
def test_mistakes_are_named(tmp_path, options, message):
    status, output = fails(tmp_path, *options)
    assert status == 2 and output.startswith(f"scripts/turn: {message}")
