"""Clients of Engine.IO 4 that do exactly what a test says, by requests over HTTP and frames over WebSockets."""

import json
import socket
import subprocess

import requests
from websockets.sync.client import connect

from .server import BINARY
from .waiting import PATIENCE

SEPARATOR = "\x1e"


# Stock clients run many threads; on a busy machine one may need longer than the suite's 200 ms to answer a ping.
PATIENT = ["--ping-timeout", "20000"]


class EchoEngine:
    """A running `perigee conformance`; `path` is that of its Engine.IO server, `options` are more of its options."""

    def __init__(self, *options, path="/engine.io/"):
        self.path = path
        self.process = subprocess.Popen(
            [str(BINARY), "conformance", "--port", "0", *options], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True)
        self.port = int(self.process.stdout.readline().split(":")[2].split("/")[0])

    def stop(self):
        assert self.process.poll() is None, "the server ended"
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def memory(self):
        """The server's resident memory in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024

    def request(self, method, query, body=None, headers=None, timeout=PATIENCE):
        """A request on a TCP connection of its own."""
        return requests.request(
            method, f"{self.url}{self.path}?{query}", data=body, headers=headers, timeout=timeout)

    def get(self, query, **options):
        return self.request("GET", query, **options)

    def open(self):
        return PollingClient(self)

    def web_socket(self, query="EIO=4&transport=websocket", sid=None, **options):
        return connect(
            f"ws://127.0.0.1:{self.port}{self.path}?{query}" + (f"&sid={sid}" if sid else ""), compression=None,
            proxy=None, max_size=None, **options)

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


class PollingClient:
    """A connection over polling; the packets of answers are kept in their order in `packets`."""

    def __init__(self, engine):
        self.engine = engine
        answer = engine.get("EIO=4&transport=polling")
        assert answer.status_code == 200, answer.text
        assert answer.text[0] == "0"
        self.opened = json.loads(answer.text[1:])
        self.sid = self.opened["sid"]
        self.query = f"EIO=4&transport=polling&sid={self.sid}"

    def poll(self, **options):
        return self.engine.get(self.query, **options)

    def take(self, **options):
        """The packets of the next answer that has one other than a ping; pings are answered."""
        while True:
            answer = self.poll(**options)
            assert answer.status_code == 200, answer.text
            packets = answer.text.split(SEPARATOR)
            if "2" in packets:
                self.post("3")
            if packets != ["2"]:
                return [packet for packet in packets if packet != "2"]

    def post(self, body, **options):
        return self.engine.request("POST", self.query, body, **options)

    def web_socket(self):
        return self.engine.web_socket(sid=self.sid)

    def hold(self):
        """A raw TCP connection with a poll that has been sent."""
        connection = self.engine.raw()
        connection.sendall(f"GET {self.engine.path}?{self.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return connection

    def is_unknown(self):
        """Whether the server has forgotten the connection; an open one refuses a PUT for another reason."""
        answer = self.engine.request("PUT", self.query)
        assert answer.status_code == 400
        return answer.json()["code"] == 1
