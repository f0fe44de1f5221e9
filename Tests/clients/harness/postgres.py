"""PostgreSQL on this machine, as `scripts/postgres` starts it."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .server import ROOT, free_port
from .waiting import PATIENCE, until


class Postgres:
    """A running PostgreSQL with an empty database; it can be stopped and started again with what it has."""

    def __init__(self):
        # Not pytest's folder: the user that PostgreSQL runs as could not reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="perigee-postgres-"))
        self.port = free_port()
        self.url = f"postgres://perigee@127.0.0.1:{self.port}/postgres"
        self.process = None
        self.start()

    def start(self):
        command = ["env", "--default-signal=INT", str(ROOT / "scripts/postgres")]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--folder", str(self.folder), "--until-eof"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        assert line.strip() == self.url, line + self.process.stdout.read()

    def stop(self):
        if self.process is None:
            return
        # A stopped process does not end.
        self.signal(signal.SIGCONT)
        self.process.communicate(timeout=PATIENCE)
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def signal(self, number):
        """Sends a signal to all processes of PostgreSQL."""
        main = (self.folder / "data/postmaster.pid").read_text().split()[0]
        for process in [main, *self.children(main)]:
            try:
                os.kill(int(process), number)
            except ProcessLookupError:
                pass

    def children(self, main):
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[1] == main:
                found.append(status.parent.name)
        return found

    def freeze(self):
        """Lets no process of it run any more: it takes connections, and never answers."""
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)


def stored(export, text):
    """Waits until the export that a function returns has a text."""
    return until(lambda: text in export(), f"{text} is stored")
