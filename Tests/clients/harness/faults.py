"""Faults of a server: each function causes one and checks that players are served all the time and nothing is lost.

A fault raises `AssertionError` when something was lost or a player was not served. `Tests/clients/test_faults.py` runs
each fault once and small, `scripts/soak` runs them repeatedly and large.
"""

import itertools
import os
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from email.utils import parsedate_to_datetime

from . import database, file_faults
from .attackers import Attack
from .crowd import BOUND, GAME, Crowd
from .kills import Killer
from .lab import HASTY, memory, served, stop_and_check
from .login_faults import guessed_name, login_flood
from .script_faults import flooding_scripts, greedy_scripts, hanging_map
from .step_clock import StepClock
from .sums import paused_server, unread_downloads, unread_snapshots
from .waiting import until


# Crashes


def kill(lab):
    """kill -9 at random moments under load"""
    server = lab.serve(GAME)
    with Killer(server, lab.seed) as killer:
        for lab.tried in range(1, lab.size(5, 25) + 1):
            found = killer.kill()
            assert not found, found
    losses = killer.crowd.losses
    lab.note(f"oldest that was lost {max(losses, default=0) * 1000:.0f} ms")


def terminate(lab):
    """SIGTERM under load"""
    server = lab.serve()
    crowd = Crowd(server, size=6, hops=True).start()
    attacks = [
        Attack("slow", server.port, what="body", count=20, seconds=60),
        Attack("flood", server.port, what="commands", name="flooder", seconds=60),
        Attack("deaf", server.port, count=2, name="deaf", seconds=60),
    ]
    try:
        assert attacks[2].line() == {"joined": 2}
        time.sleep(1)
        players = [member.player for member in crowd.members]
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        status = server.process.wait(20)
        took = time.monotonic() - began
        until(lambda: crowd.failures() or all(
            member.player.closed is not None for member in crowd.members), "the players are closed")
        crowd.stop()
    finally:
        for attack in attacks:
            attack.end()
    assert status == 0 and took < 10, f"the server ended with {status} after {took:.1f} s"
    assert not crowd.failures(), crowd.failures()
    for member, player in zip(crowd.members, players):
        # A player who was moving to the other map got the message on the old or on the new connection.
        told = [error["code"] for error in member.player.errors + player.errors]
        assert member.player.closed == 1001 and "shutting_down" in told or member.player is not player, (
            member.login, member.player.closed, told)
    crowd.killed_at, crowd.loss = time.monotonic(), 0
    found = database.problems(server.data, crowd)
    assert not found, found
    lab.note(f"stopped in {took:.1f} s")


# The store


def as_root(*command):
    """The command, run as root: with `sudo` unless this user is root."""
    return list(command) if os.getuid() == 0 else ["sudo", "-n", *command]


def mount_small(place, megabytes):
    return as_root("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,uid={os.getuid()}", "tmpfs", str(place))


@contextmanager
def small_disk(lab, megabytes):
    """A small file system of its own, which is soon full."""
    place = lab.folder / "disk"
    place.mkdir()
    subprocess.run(mount_small(place, megabytes), check=True)
    try:
        yield place
    finally:
        subprocess.run(as_root("umount", "--lazy", str(place)), check=True)
        place.rmdir()


def full_disk(lab):
    """no space left for the database"""
    with small_disk(lab, 16) as disk:
        server = lab.serve(data=disk / "data")
        with served(lab, server) as crowd:
            filler = disk / "filler"
            with open(filler, "wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(b"\0" * 4096)
            # Its files have some room for what the server saves; new accounts use that up.
            logins = (f"late{n}" for n in itertools.count())

            def refusal():
                form = {"login": next(logins), "password": "correct horse"}
                answer = server.post("/server/sign/register/", json=form)
                # In a list, because an answer with an error counts as false.
                return [] if answer.ok else [answer]

            [refused] = until(refusal, "an account is refused")
            assert refused.status_code == 503 and refused.json()["code"] == "storage", refused.text
            until(lambda: server.says("saving failed"), "the server tells that it can't save")
            time.sleep(lab.size(2, 10))
            filler.unlink()
            until(lambda: server.says("saving works again"), "the server saves again")
            assert server.sign("register", "later")
        stop_and_check(server, crowd)
        server.start()
        server.join("later", kind="auth")
        server.stop()


def locked_database(lab):
    """another process locks the database"""
    server = lab.serve()
    with served(lab, server) as crowd:
        with closing(sqlite3.connect(server.data / "perigee.sqlite", timeout=30)) as other:
            other.isolation_level = None
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(lab.size(7, 20))
            other.execute("ROLLBACK")
        until(lambda: server.says("saving works again"), "the server saves again")
    stop_and_check(server, crowd)


def lost_database(lab):
    """the database is deleted or cut under play"""
    file_faults.lose_database(lab, served, stop_and_check)


def lost_logs(lab):
    """the log folder is deleted, a log becomes a pipe"""
    file_faults.lose_logs(lab, served, stop_and_check)


# Clocks


def clock_steps(lab):
    """the clock steps back and forth"""
    clock = StepClock(lab.folder)
    server = lab.serve(GAME, environment=clock.environment)
    steps = [3600, -3600, 0, 86_400 * 400, 30, -30, -86_400 * 30, 5, 0]
    with served(lab, server) as crowd:
        for step in steps[:lab.size(7, 9)]:
            clock.step(step)
            until(lambda step=step: abs(clock_of(server) - time.time() - step) < 10, "the clock steps")
            time.sleep(lab.size(1, 4))
    stop_and_check(server, crowd)


def clock_of(server):
    """The time on the server's clock, from the Date of an answer, in Unix seconds."""
    return parsedate_to_datetime(server.get("/health").headers["Date"]).timestamp()


# Slow and silent connections


def slow_connections(lab):
    """headers, bodies and handshakes byte by byte"""
    server = lab.serve()
    with served(lab, server):
        count = lab.size(50, 400)
        attacks = {
            what: Attack("slow", server.port, what=what, count=count, seconds=20, spread=True)
            for what in ("headers", "body", "handshake", "second body", "nothing")}
        for what, attack in attacks.items():
            with attack:
                result = attack.result()
            assert result["closed"] == count and result["oldest"] < 3 + BOUND, (what, result)
            if "body" in what:
                assert 408 in result["answers"], (what, result)


def half_open_connections(lab):
    """thousands of connections that say nothing"""
    server = lab.serve({**HASTY, "game.yaml": f"handshake_seconds: {lab.size(10, 40)}\n"})
    files = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)[0]
    count = min(lab.size(2000, 10_000), files - 300)
    parts = 2
    attacks = []
    with served(lab, server) as crowd:
        try:
            for part in range(parts):
                attacks.append(Attack(
                    "hold", server.port, count=count // parts, first=part * (count // parts), seconds=60, spread=True))
            opened = sum(attack.line()["open"] for attack in attacks)
            assert opened == count // parts * parts, f"{opened} of {count} connections could be made"
            until(
                lambda: server.metric("perigee_connections") >= opened, "all connections are accepted", pause=0.2)
            time.sleep(2)
            assert server.sign("register", "newcomer")
            until(
                lambda: server.metric("perigee_connections") < 100, "the silent connections are closed", seconds=60,
                pause=0.5)
        finally:
            for attack in attacks:
                attack.end()
    lab.note(f"{opened} connections")
    stop_and_check(server, crowd)


def no_files_left(lab):
    """more connections than the process may have files"""
    server = lab.serve(prefix=["prlimit", "--nofile=300:300"])
    with served(lab, server) as crowd:
        with Attack("hold", server.port, count=lab.size(600, 1500), seconds=15, spread=True):
            until(lambda: server.says("no file descriptors are left for connections"), "the server tells that it waits")
            # A new client waits until earlier connections are closed for their silence.
            assert server.sign("register", "newcomer")
        assert server.get("/health").status_code == 200
        assert server.sign("register", "late newcomer")
    stop_and_check(server, crowd)


# Clients


FLOODS = {
    "commands": {1008}, "refusals": {1008}, "pings": {1008}, "pongs": {1008}, "big": {1009}, "deep": {1008},
    "bomb": {1009}, "bomb in pieces": {1009}, "empty fragments": {1009}, "noise": {1002, 1007, 1009},
}


def floods(lab):
    """clients that flood: commands, pings, big messages, bombs"""
    server = lab.serve()
    with served(lab, server) as crowd:
        before = memory(server)
        for what, expected in FLOODS.items():
            name = f"flooder-{what.replace(' ', '-')}"
            with Attack("flood", server.port, what=what, name=name, seconds=lab.size(1.5, 6)) as attack:
                result = attack.result()
            codes = set(result["codes"][:-1] or result["codes"])
            # 1006: the close frame was lost, because the client went on sending after the server had closed the socket.
            assert result["codes"] and codes <= expected | {1006}, (what, result)
        assert memory(server) < before + 150, f"{before:.0f} MB became {memory(server):.0f} MB"
    stop_and_check(server, crowd)


def deaf_clients(lab):
    """clients that never read"""
    server = lab.serve()
    with served(lab, server) as crowd:
        before = memory(server)
        with Attack("deaf", server.port, count=lab.size(4, 16), name="deaf", seconds=40) as attack:
            attack.line()
            most = before
            while attack.process.poll() is None:
                most = max(most, memory(server))
                time.sleep(0.2)
            result = attack.result()
        assert result["closed"] == lab.size(4, 16), result
        assert most < before + 100, f"{before:.0f} MB became {most:.0f} MB"
    lab.note(f"kept {result['longest']:.0f} s, {most - before:.0f} MB more")
    stop_and_check(server, crowd)


def frozen_client(lab):
    """a client that answers nothing any more"""
    server = lab.serve()
    with served(lab, server) as crowd:
        with Attack("play", server.port, name="frozen") as attack:
            key = attack.line()["joined"]
            vanish(server, crowd, key, lambda: attack.process.send_signal(signal.SIGSTOP))
    stop_and_check(server, crowd)


def cut_line(lab):
    """a client whose line is cut, with data on its way to it"""
    name = f"perigee{os.getpid() % 10_000}"
    near, far = f"pa{os.getpid() % 10_000}", f"pb{os.getpid() % 10_000}"
    run = subprocess.run
    run(["ip", "netns", "add", name], check=True)
    lab.undo.append(lambda: run(["ip", "netns", "del", name], check=False))
    for command in (
        ["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name],
        ["ip", "address", "add", "10.213.77.1/24", "dev", near],
        ["ip", "link", "set", near, "up"],
        ["ip", "-n", name, "address", "add", "10.213.77.2/24", "dev", far],
        ["ip", "-n", name, "link", "set", far, "up"],
    ):
        run(command, check=True)
    server = lab.serve(host="0.0.0.0")
    with served(lab, server) as crowd:
        with Attack(
                "play", server.port, prefix=["ip", "netns", "exec", name], name="cut", host="10.213.77.1") as attack:
            key = attack.line()["joined"]
            vanish(server, crowd, key, lambda: run(["ip", "link", "set", near, "down"], check=True))
            # The kernel drops the bytes that it could not send, too.
            until(
                lambda: "10.213.77.2" not in run(
                    ["ss", "-tan"], capture_output=True, text=True, check=True).stdout,
                "the kernel gives up", seconds=30, pause=0.5)
    stop_and_check(server, crowd)


def vanish(server, crowd, key, how):
    """Makes a player's client vanish without a close, by `how`; expects the player to be off the map within 15 s."""
    watcher = server.join("watcher")
    watcher.wait(lambda: key in watcher.entities, "the player is there")
    how()
    began = time.monotonic()
    watcher.wait(lambda: key not in watcher.entities, "the player is taken off the map", seconds=15)
    assert time.monotonic() - began > 1, (
        "the player left the map within 1 s, before the server could notice the lost client")
    until(
        lambda: server.metric("perigee_sessions") == len(crowd.members) + 1, "the session is gone", seconds=15)
    watcher.close()


def works(command, undo):
    """Whether a command succeeds; if it does, `undo` is run."""
    try:
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return False
    except OSError:
        return False
    subprocess.run(undo, capture_output=True, check=True)
    return True


def can_mount():
    with tempfile.TemporaryDirectory() as place:
        return works(mount_small(place, 1), as_root("umount", place))


def can_cut_lines():
    probe = f"perigee-probe-{os.getpid()}"
    return os.getuid() == 0 and works(["ip", "netns", "add", probe], ["ip", "netns", "del", probe])


#: For the faults that need a right on this machine: a check for that right, and its name.
NEEDS = {
    full_disk: (can_mount, "the right to mount"),
    cut_line: (can_cut_lines, "the right to make network namespaces"),
}


def missing(fault):
    """The right that a fault needs and this user does not have, or None."""
    can, right = NEEDS.get(fault, (lambda: True, None))
    return None if can() else right


FAULTS = [
    kill, terminate, full_disk, locked_database, lost_database, lost_logs, clock_steps, slow_connections,
    half_open_connections, no_files_left, floods, deaf_clients, unread_downloads, unread_snapshots, paused_server,
    frozen_client, cut_line, greedy_scripts, flooding_scripts, hanging_map, login_flood, guessed_name,
]
