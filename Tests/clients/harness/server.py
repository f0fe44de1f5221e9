"""The server as its users meet it: one process, one port, a game folder and a data folder."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import requests

from .player import Player
from .waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("PERIGEE_BINARY", ROOT / ".build/release/perigee"))


def perigee(*arguments, folder=None):
    """Runs a command of the binary to its end."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
        stdin=subprocess.DEVNULL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """A free port, followed by some more free ports."""
    while True:
        base = free_port()
        try:
            probes = [socket.create_server(("127.0.0.1", base + n)) for n in range(1, count + 1)]
        except (OSError, OverflowError):
            continue
        for probe in probes:
            probe.close()
        return base


class Server:
    """A server with its own copy of a game and its own data; a test may `start` and `stop` it repeatedly."""

    def __init__(
        self, folder, files=None, options=(), data=None, prefix=(), environment=None, host="127.0.0.1", port=None
    ):
        """`files`: contents by path, for a small game; without them the game is the bundled one.

        `options`: more options of `perigee serve`. `data`: another data folder. `prefix`: a command that changes
        the process and then executes the server in it. `environment`: more variables. `host`: the address at which
        it listens, and is asked. `port`: the one that the game names in its `game.yaml`; then the server is given none.
        """
        self.prefix = list(prefix)
        self.binary = BINARY
        self.environment = {**os.environ, **(environment or {})}
        self.host = host
        self.address = "127.0.0.1" if host == "0.0.0.0" else host
        self.options = [str(option) for option in options]
        self.game = folder / "game"
        self.data = data or folder / "data"
        self.output = folder / "output.txt"
        self.port = port or free_port()
        self.names_port = port is None
        self.process = None
        self.players = []
        if files is None:
            shutil.copytree(ROOT / "lua", self.game)
        else:
            self.game.mkdir()
            for path, text in files.items():
                self.write(path, text)
        self.http = requests.Session()
        self.http.trust_env = False

    # The process

    def command(self, port=None, game=None, data=None):
        return [
            *self.prefix, str(self.binary), "serve", "--host", self.host,
            *(["--port", str(port or self.port)] if port or self.names_port else []),
            "--game", str(game or self.game), "--data", str(data or self.data), *self.options,
        ]

    def start(self):
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                self.command(), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=self.environment)
        until(self.is_ready, "the server is ready")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.output.read_text()}")
        try:
            return self.http.get(self.url("/health"), timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, how=signal.SIGTERM):
        """Ends the process and returns its exit status; a server that does not end is a failure."""
        for player in self.players:
            player.forget()
        self.players.clear()
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end within {PATIENCE} s of signal {how}")
        finally:
            self.process = None

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    # HTTP

    def url(self, path):
        return f"http://{self.address}:{self.port}{path}"

    def get(self, path, **options):
        return self.http.get(self.url(path), timeout=PATIENCE, **options)

    def post(self, path, **options):
        return self.http.post(self.url(path), timeout=PATIENCE, **options)

    def sign(self, kind, login, password="correct horse"):
        """Logs in (`kind` is `auth`) or registers (`register`); returns the answer, which must be a success."""
        response = self.post(f"/server/sign/{kind}/", json={"login": login, "password": password})
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        return response.json()

    def join(self, login, kind="register", password="correct horse", make=Player):
        """A player who is on the map: logged in, connected, with the first snapshot."""
        answer = self.sign(kind, login, password)
        player = make(self.port, answer)
        self.players.append(player)
        player.wait(lambda: player.is_loaded, "the first snapshot")
        return player

    def metric(self, name):
        """The value of a metric, the sum over its labels."""
        values = [
            float(line.rsplit(" ", 1)[1]) for line in self.get("/metrics").text.splitlines()
            if line.startswith((f"{name} ", f"{name}{{"))
        ]
        assert values, f"there is no metric {name}"
        return sum(values)

    def says(self, text):
        """Whether the server has written a text to its terminal."""
        return text in self.output.read_text()

    # The game folder, and the operator's view

    def write(self, path, text):
        """Writes a file of the game as editors do: complete, then moved into its place."""
        file = self.game / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.new")
        draft.write_text(text)
        draft.replace(file)

    def read(self, path):
        return (self.game / path).read_text()

    def operator_key(self):
        return (self.data / "operator.key").read_text().strip()

    def reload(self):
        """Reloads the game folder as an operator does; returns the answer."""
        response = self.post("/server/api/reload", headers={"Authorization": f"Bearer {self.operator_key()}"})
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        return response.json()

    def diagnostics(self, map_id=1):
        response = self.get(
            f"/server/api/log_perfomance/{map_id}",
            headers={"Accept": "application/json", "Authorization": f"Bearer {self.operator_key()}"})
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        return response.json()

    def errors(self, containing="", map_id=1):
        """The entries of a map's error log whose script, message or traceback contains a text."""
        return [
            entry for entry in self.diagnostics(map_id)["errors"]
            if containing in f"{entry.get('script')} {entry.get('message')} {entry.get('traceback')}"
        ]
