"""A client that speaks the protocol: one WebSocket, and the world that snapshots and deltas build."""

import base64
import json
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .waiting import PATIENCE

KINDS = ("players", "enemys", "animals", "objects")


def address(port, player_id, token, query=""):
    proof = base64.b64encode(f"{player_id}:{token}".encode()).decode()
    return f"ws://127.0.0.1:{port}/?HTTP_AUTHORIZATION={proof}{query}"


class Player:
    def __init__(self, port, answer, query="", **options):
        """`answer` is the server's answer to the login; `query` is added to the URL."""
        self.answer = answer
        self.key = answer["key"]
        self.entities = {}
        self.is_loaded = False
        self.snapshot = None
        self.snapshots = 0
        self.deltas = 0
        self.tick = -1
        self.time = 0.0
        self.errors = []
        self.others = []
        self.resume = None
        self.commands = {}
        self.actions = []
        self.differences = []
        self.closed = None
        self.socket = connect(
            address(port, answer["id"], answer["token"], query), max_size=None, max_queue=None, proxy=None,
            open_timeout=PATIENCE, close_timeout=2, **options)

    # Sending

    def send(self, action, **parameters):
        self.socket.send(json.dumps({"action": action, **parameters}))

    def send_text(self, text):
        self.socket.send(text)

    # Receiving

    def read(self, frame):
        """The message in a frame."""
        assert isinstance(frame, str), "the server sends text frames"
        return json.loads(frame)

    def pump(self, seconds=0.05):
        """Waits for the next message and applies it; returns it, or None when none comes in time."""
        if self.closed is not None:
            return None
        try:
            frame = self.socket.recv(timeout=seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as end:
            self.closed = end.rcvd.code if end.rcvd else 1006
            return None
        message = self.read(frame)
        assert isinstance(message, dict), "one object per message"
        self.take(message)
        return message

    def wait(self, condition, what, seconds=PATIENCE):
        """Applies messages until `condition()` is true, and returns its value."""
        deadline = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if self.closed is not None:
                raise AssertionError(f"{what}: the connection closed with {self.closed}; errors: {self.errors}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s; errors: {self.errors}")
            self.pump()

    def wait_closed(self, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while self.closed is None:
            assert time.monotonic() < deadline, f"the connection did not close within {seconds} s"
            self.pump()
        return self.closed

    def take(self, message):
        if "error" in message:
            self.errors.append(message)
        elif message.get("action") == "load/index":
            self.load(message)
        elif "tick" in message:
            self.apply(message)
        else:
            self.others.append(message)

    def load(self, snapshot):
        assert snapshot["tick"] >= self.tick, "ticks never go back"
        entities = {record["key"]: record for kind in KINDS for record in snapshot[kind]}
        if self.is_loaded:
            self.differences = differences(self.entities, entities)
        self.entities = entities
        self.snapshot = snapshot
        self.resume = snapshot.get("resume")
        self.tick = snapshot["tick"]
        self.time = snapshot["time"]
        self.snapshots += 1
        self.is_loaded = True

    def apply(self, delta):
        assert self.is_loaded, "a delta came before the snapshot"
        assert delta["tick"] > self.tick, "ticks strictly increase"
        self.tick = delta["tick"]
        self.time = delta["time"]
        self.deltas += 1
        self.commands.update(delta.get("commands", {}))
        for kind in KINDS:
            for change in delta.get(kind, []):
                self.change(kind, change)

    def change(self, kind, change):
        assert change["key"] == f"{kind}_{change['id']}"
        if "action" in change:
            self.actions.append((change["key"], change["action"]))
        if change.get("action") == "remove":
            self.entities.pop(change["key"], None)
            return
        record = self.entities.get(change["key"])
        if record is None:
            missing = {"id", "key", "type", "map_id", "prefab", "x", "y", "components", "events"} - change.keys()
            assert not missing, f"a new entity comes with all fields, but {missing} are missing: {change}"
            self.entities[change["key"]] = change
            return
        for name, value in change.items():
            if name == "components":
                record["components"].update(value)
            elif name == "events":
                for group, fields in value.items():
                    record["events"].setdefault(group, {}).update(fields)
            else:
                record[name] = value

    # The world

    @property
    def me(self):
        return self.entities[self.key]

    def sees(self, other, **fields):
        """Whether this player's world shows another player with these values."""
        record = self.entities.get(other.key)
        return record is not None and all(record.get(name) == value for name, value in fields.items())

    def reload(self):
        before = self.snapshots
        self.send("load/index")
        self.wait(lambda: self.snapshots > before, "the answer to load/index")

    def forget(self):
        """Drops the connection without waiting for the server."""
        try:
            self.socket.socket.close()
        except OSError:
            pass

    def close(self):
        self.socket.close()


def differences(ours, theirs):
    """Where a world that deltas built differs from a snapshot, as (key, field, ours, theirs)."""
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        left, right = (normal(world.get(key)) for world in (ours, theirs))
        for field in sorted(left.keys() | right.keys()):
            if left.get(field) != right.get(field):
                found.append((key, field, left.get(field), right.get(field)))
    return found


def normal(record):
    """A record without its null components and event fields: null is as good as absent."""
    if record is None:
        return {}
    components = {name: value for name, value in record["components"].items() if value is not None}
    events = {
        group: {name: value for name, value in event.items() if value is not None}
        for group, event in record["events"].items()
    }
    return {**record, "components": components, "events": events}
