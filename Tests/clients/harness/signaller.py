"""A peer of the network of virtual UDP sockets that signals by hand (docs/net.md)."""

import json

from websockets.sync.client import connect

from .waiting import PATIENCE


class Signaller:
    def __init__(self, server, room=None):
        self.socket = connect(f"ws://127.0.0.1:{server.port}/net/signal", proxy=None, open_timeout=PATIENCE)
        self.send(type="join", **({"room": room} if room else {}))
        self.hello = self.receive()
        self.key = self.hello.get("key")

    def send(self, **message):
        self.socket.send(json.dumps(message))

    def receive(self):
        return json.loads(self.socket.recv(PATIENCE))

    def ask(self, **message):
        self.send(**message)
        return self.receive()

    def bind(self, port):
        assert self.ask(type="bind", port=port) == {"type": "bound", "port": port}
        return self

    def close(self):
        self.socket.close()
