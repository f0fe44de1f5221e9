"""A stock Socket.IO client that plays the battle and keeps what it is told."""

import threading

from .stock_client import StockClient
from .waiting import PATIENCE, until

#: The ways to connect, as options of `socketio.Client.connect`.
WAYS = {
    "polling": {"transports": ["polling"]},
    "websocket": {"transports": ["websocket"]},
    "upgrade": {"transports": ["polling", "websocket"]},
}


class Bot:
    def __init__(self, url, way="upgrade", reconnection=False, **options):
        """`options`: more of `socketio.Client.connect`."""
        self.lock = threading.Lock()
        self.told = []  # (event, value) of all events, in order
        self.players = {}  # what the events say, by id
        self.client = StockClient(
            reconnection=reconnection, reconnection_delay=0.1, reconnection_delay_max=0.5, serializer="default")
        self.client.on("*", self.take)
        self.client.connect(url, wait_timeout=20, **WAYS[way], **options)

    @property
    def id(self):
        return self.client.get_sid()

    @property
    def transport(self):
        return self.client.transport()

    def take(self, event, *values):
        with self.lock:
            self.told.append((event, *values))
            if event in ("new_player", "player_moved"):
                self.players[values[0]["id"]] = dict(values[0]["position"])
            elif event == "player_left":
                self.players.pop(values[0]["id"], None)
            elif event == "player_attacked":
                self.players[values[0]["id"]]["hp"] = values[0]["hp"]

    def emit(self, event, *values):
        self.client.emit(event, values)

    def call(self, event, *values):
        """Emits and returns the values of the acknowledgement."""
        return self.client.call(event, values, timeout=20)

    def events(self, *names):
        """The values of the events with these names, in order; of all events without names."""
        with self.lock:
            return [entry for entry in self.told if not names or entry[0] in names]

    def wait(self, event, value=None, count=1, seconds=PATIENCE):
        """Waits for an event, with this value if one is given, or for the nth of them; returns all values of it."""
        def found():
            values = [entry[1] for entry in self.events(event)]
            return values if len([one for one in values if value is None or one == value]) >= count else None
        return until(found, f"{count} × {event} {value or ''}", seconds=seconds)

    def sees(self, other, **position):
        def seen():
            with self.lock:
                return all(self.players.get(other, {}).get(key) == value for key, value in position.items())
        until(seen, f"{other} is at {position}; all are {self.players}")

    def leave(self):
        self.client.disconnect()
