"""The surroundings of a fault: servers, players who must be served all the time, and measurements."""

import random
import signal
import time
from contextlib import contextmanager

from . import database
from .crowd import GAME, Crowd
from .server import Server

#: The crowd's game with short time limits, and an event that sends a client 50,000 bytes.
HASTY = {
    **GAME,
    "game.yaml": """name: Hasty
handshake_seconds: 3
drain_seconds: 3
ping_seconds: 1
dead_after_seconds: 3
""",
    "events/shout/index.lua": "--@public true\nobject.send({ action = 'loud', text = ('x'):rep(50000) })\n",
    "events/shout/timeout.lua": "return 0\n",
}


class Lab:
    """The surroundings of a fault: makes servers, chooses sizes, and cleans up."""

    def __init__(self, folder, seed=1, is_long=False):
        self.folder = folder
        self.dice = random.Random(seed)
        self.seed = seed
        self.is_long = is_long
        self.servers = []
        self.undo = []
        #: How often the fault was tried.
        self.tried = 1
        #: Measurements, as texts for the table.
        self.notes = []

    def serve(self, files=None, *options, **settings):
        place = self.folder / f"server-{len(self.servers)}"
        place.mkdir()
        server = Server(place, files or HASTY, ("--unlimited-logins", *options), **settings)
        self.servers.append(server)
        return server.start()

    def size(self, short, long):
        return long if self.is_long else short

    def note(self, text):
        self.notes.append(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.is_running():
                server.process.kill()
                server.process.wait()
        for step in reversed(self.undo):
            step()


@contextmanager
def served(lab, server, **options):
    """A crowd that must be served all the time; notes how long its slowest command took."""
    with Crowd(server, **options) as crowd:
        yield crowd
    lab.note(f"slowest command {max(crowd.waits()) * 1000:.0f} ms")


def stop_and_check(server, crowd):
    """Ends a server with SIGTERM, and expects its database to hold exactly the last values that players received."""
    assert server.stop(signal.SIGTERM) == 0
    crowd.killed_at, crowd.loss = time.monotonic(), 0
    found = database.problems(server.data, crowd)
    assert not found, found


def memory(server):
    """The server's resident memory in MB."""
    with open(f"/proc/{server.process.pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0
