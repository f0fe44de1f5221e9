"""Socket.IO by hand, packet by packet: what is sent may be anything, and nothing is answered by itself."""

import json
import time

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .waiting import PATIENCE

SEPARATOR = "\x1e"


def address(port, scheme="http", **query):
    """The URL of Socket.IO with these parameters; a parameter that is None is left out."""
    pairs = {"EIO": 4, **query}
    text = "&".join(f"{name}={value}" for name, value in pairs.items() if value is not None)
    return f"{scheme}://127.0.0.1:{port}/socket.io/?{text}"


class Polling:
    """A connection by long polling."""

    def __init__(self, port, **query):
        self.port = port
        self.http = requests.Session()
        self.http.trust_env = False
        self.sid = None
        self.waiting = []  # packets that came and were not read
        answer = self.get(**query)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        self.opening = json.loads(answer.text.removeprefix("0"))
        self.sid = self.opening["sid"]

    def url(self, **query):
        return address(self.port, transport="polling", sid=self.sid, **query)

    def get(self, seconds=PATIENCE, **query):
        return self.http.get(self.url(**query), timeout=seconds)

    def post(self, *packets):
        body = SEPARATOR.join(packets).encode()
        return self.http.post(self.url(), data=body, headers={"Content-Type": "text/plain"}, timeout=PATIENCE)

    def send(self, *packets):
        answer = self.post(*packets)
        assert (answer.status_code, answer.text) == (200, "ok"), f"{answer.status_code}: {answer.text}"

    def read(self):
        """The next packet that is no ping; pings are answered. Fails when the connection is over."""
        while True:
            if not self.waiting:
                answer = self.get()
                assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
                self.waiting = answer.text.split(SEPARATOR)
            packet = self.waiting.pop(0)
            if packet != "2":
                return packet
            self.send("3")

    def is_over(self):
        """Whether the server has ended the connection; what it had to say before is skipped."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.get()
            if answer.status_code == 400:
                return answer.json()["code"] == 1
            if "1" in answer.text.split(SEPARATOR):
                return True
        return False

    def close(self):
        self.http.close()


class WebSocket:
    """A connection by WebSocket alone."""

    def __init__(self, port, sid=None, **options):
        self.socket = connect(
            address(port, "ws", transport="websocket", sid=sid), max_size=None, proxy=None, open_timeout=PATIENCE,
            close_timeout=2, **options)
        if sid is None:
            self.opening = json.loads(self.read().removeprefix("0"))

    def send(self, *packets):
        try:
            for packet in packets:
                self.socket.send(packet)
        except ConnectionClosed:
            pass  # the test asks whether it is over

    def read(self, seconds=PATIENCE):
        """The next packet that is no ping; pings are answered."""
        while True:
            packet = self.socket.recv(timeout=seconds)
            if packet != "2":
                return packet
            self.send("3")

    def is_over(self):
        try:
            while True:
                self.read()
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


KINDS = {"polling": Polling, "websocket": WebSocket}


def event(packet):
    """The name and the values of an event's packet; (None,) for another packet."""
    if not isinstance(packet, str) or not packet.startswith("42"):
        return (None,)
    return tuple(json.loads(packet[packet.index("["):]))


def enter(connection, auth="", namespace=""):
    """Connects a namespace (with its comma) and returns the server's answer, {"sid": …, …}."""
    connection.send(f"40{namespace}{auth}")
    answer = connection.read()
    assert answer.startswith(f"40{namespace}{{"), answer
    return json.loads(answer.removeprefix(f"40{namespace}"))


def read_until(connection, name):
    """Reads packets up to an event of this name; returns its values."""
    while True:
        found, *values = event(connection.read())
        if found == name:
            return values


def acknowledgement(connection, number):
    """Reads packets up to an acknowledgement; returns its values."""
    while True:
        packet = connection.read()
        if isinstance(packet, str) and packet.startswith(f"43{number}["):
            return json.loads(packet.removeprefix(f"43{number}"))
