"""Well-behaved players who go on playing during a fault: what they receive shows whether the server serves them."""

import threading
import time

import requests
from websockets.exceptions import WebSocketException

from .games import BARE, MAP
from .player import Player
from .waiting import until

#: Seconds within which a player must receive the change made by its own command, whatever other clients do.
BOUND = 2.0

#: The bare game on two maps, with a number that players count up, and couriers that move from map to map.
GAME = {
    **BARE,
    # Lookouts request a snapshot again and again.
    "game.yaml": BARE["game.yaml"] + "load_burst: 1000\nloads_per_minute: 60000\n",
    "maps/2-other.tmj": MAP,
    "components/n.lua": "--@type number\n--@default 0\n",
    "events/count/up.lua": "--@public true\nobject.components.n = object.components.n + 1\n",
    "events/count/timeout.lua": "return 0\n",
    "events/hop/index.lua": "--@public true\nobject.map_id = map.id == 1 and 2 or 1\n",
    "events/hop/timeout.lua": "return 0\n",
    "events/hire/index.lua": """--@public true
--@param count number
for n = 1, data.count do
  local courier = objects.add("enemys", { prefab = "courier", x = n, y = 1 })
  courier.events.add("walk", "index", {})
end
""",
    "events/walk/index.lua": """object.events.add("walk", "index", {})
object.map_id = map.id == 1 and 2 or 1
""",
    "events/walk/timeout.lua": "return 1\n",
}


class Member(threading.Thread):
    """One player: counts up, sometimes changes the map, and connects again whenever the connection is lost."""

    def __init__(self, crowd, login):
        super().__init__(daemon=True)
        self.crowd = crowd
        self.login = login
        self.player = None
        self.http = requests.Session()
        self.http.trust_env = False
        self.has_account = False
        #: When this player first received a snapshot, or None.
        self.joined = None
        #: (n, the time when the player received it), oldest first.
        self.seen = []
        #: (the time when a command was sent, seconds until its effect was received)
        self.waits = []
        #: When the command was sent whose effect has not been received yet, or None.
        self.waiting_since = None
        self.lost = []
        self.reconnects = 0
        self.failure = None

    def run(self):
        try:
            turn = 0
            while not self.crowd.is_over.is_set():
                if self.player is None or self.player.closed is not None:
                    if not self.enter():
                        self.crowd.is_over.wait(0.1)
                    continue
                turn += 1
                self.act(turn)
            if self.player is None or self.player.closed is not None:
                self.crowd.all_stopped.abort()
            else:
                self.compare_at_the_end()
        except Exception as error:  # the test must report any error
            self.failure = f"{self.login}: {type(error).__name__}: {error}"
            self.crowd.all_stopped.abort()
        finally:
            if self.player is not None:
                self.player.forget()

    def enter(self):
        try:
            if not self.has_account:
                answer = self.post("register")
                # 409, the login is taken: a kill lost the answer to an earlier request, but not the account.
                if answer.status_code not in (200, 409):
                    return False
                self.has_account = True
            answer = self.post("auth")
            if answer.status_code != 200:
                if answer.status_code == 401:
                    self.lost.append(f"the account {self.login} is gone")
                return False
            return self.connect(answer.json())
        except (requests.RequestException, OSError, WebSocketException, AssertionError):
            return False

    def post(self, kind):
        return self.http.post(
            self.crowd.server.url(f"/server/sign/{kind}/"), json={"login": self.login, "password": "correct horse"},
            timeout=10)

    def connect(self, answer):
        player = Player(answer.get("port", self.crowd.server.port), answer)
        try:
            player.wait(lambda: player.is_loaded or player.closed is not None, "the first snapshot", seconds=10)
        except AssertionError:
            player.forget()
            return False
        if player.closed is not None:
            return False
        self.player = player
        self.reconnects += 1
        if self.joined is None:
            self.joined = time.monotonic()
        self.check_value()
        return True

    def check_value(self):
        value = self.player.me["components"]["n"]
        floor = self.crowd.floor(self)
        if value < floor:
            loss = "" if self.crowd.killed_at is None else f" at least {self.crowd.loss} s before the kill"
            self.lost.append(f"{self.login} has n = {value}; it had {floor}{loss}")
        if self.crowd.killed_at is not None:
            gone = [at for n, at in self.seen if n > value]
            self.crowd.losses.extend(self.crowd.killed_at - at for at in gone)
            # The higher values are lost, so forget them: the next kill is measured from this one.
            self.seen = [(value, time.monotonic())]

    def act(self, turn):
        if turn % 50 == 25:
            return self.compare()
        if self.crowd.hops and turn % 20 == 10:
            return self.hop()
        player = self.player
        before = player.me["components"]["n"]
        sent = time.monotonic()
        if self.send("count/up"):
            self.waiting_since = sent
            self.await_change(lambda: player.me["components"]["n"] > before)
            self.waiting_since = None
            if player.closed is None:
                self.waits.append((sent, time.monotonic() - sent))
                self.seen.append((player.me["components"]["n"], time.monotonic()))
        self.crowd.is_over.wait(self.crowd.pause)

    def send(self, action, **parameters):
        try:
            self.player.send(action, **parameters)
            return True
        except (OSError, WebSocketException):
            # Read the server's last messages, such as the reason of the close.
            while self.player.closed is None and self.player.pump(1) is not None:
                pass
            self.player.closed = self.player.closed or 1006
            return False

    def await_change(self, condition):
        deadline = time.monotonic() + 30
        while not condition() and self.player.closed is None:
            self.player.pump(0.2)
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.login}: the command had no effect within 30 s")

    def compare(self, keys=None):
        """Compares the world that deltas built with a fresh snapshot, for this player or for players that are idle."""
        player = self.player
        before = player.snapshots
        if not self.send("load/index"):
            return
        self.await_change(lambda: player.snapshots > before)
        keys = keys or {player.key}
        missed = [difference for difference in player.differences if difference[0] in keys]
        if missed:
            self.lost.append(f"{self.login} missed a delta: {missed[:3]}")

    def compare_at_the_end(self):
        """After all players have stopped: waits for the last deltas, then compares the records of all players."""
        try:
            self.crowd.all_stopped.wait(15)
        except threading.BrokenBarrierError:
            return
        quiet = time.monotonic() + 0.5
        while self.player.closed is None and time.monotonic() < quiet:
            self.player.pump(0.1)
        if self.player.closed is None:
            self.compare({member.player.key for member in self.crowd.members if member.player})

    def hop(self):
        if not self.send("hop"):
            return
        player = self.player
        self.await_change(lambda: [other for other in player.others if other.get("action") == "reconnect"])
        place = next((other for other in player.others if other.get("action") == "reconnect"), None)
        if place is None:
            return
        player.forget()
        answer = {**player.answer, **place}
        try:
            self.connect(answer)
        except (OSError, WebSocketException):
            pass
        if self.player is player and player.closed is None:
            player.closed = 1006


class Crowd:
    """Several players; `with Crowd(server): …` checks at its end that the server always served all of them."""

    def __init__(self, server, size=4, name="player", hops=False, pause=0.05, bound=BOUND):
        self.server = server
        self.hops = hops
        self.pause = pause
        self.bound = bound
        self.is_over = threading.Event()
        self.all_stopped = threading.Barrier(size)
        self.killed_at = None
        #: For each received value that a kill lost, the seconds from its receipt to the kill.
        self.losses = []
        self.members = [Member(self, f"{name}{n}") for n in range(size)]

    def start(self):
        for member in self.members:
            member.start()
        until(
            lambda: self.failures() or all(member.player and member.player.is_loaded for member in self.members),
            "all players are on a map")
        assert not self.failures(), self.failures()
        return self

    def stop(self):
        self.is_over.set()
        for member in self.members:
            member.join(20)
            if member.is_alive():
                member.failure = member.failure or f"{member.login} hangs"

    def failures(self):
        return [member.failure for member in self.members if member.failure] + [
            lost for member in self.members for lost in member.lost]

    def waits(self, since=0.0):
        """Seconds that each command sent since a time waited for its effect; commands that still wait are included."""
        now = time.monotonic()
        found = [wait for member in self.members for sent, wait in member.waits if sent >= since]
        pending = [member.waiting_since for member in self.members]
        return found + [now - at for at in pending if at is not None and at >= since]

    # After a kill

    #: A kill may lose the changes of this many seconds.
    loss = 1.0

    def floor(self, member):
        """The lowest n that a member may have: the highest one received at least `loss` seconds before the last kill."""
        horizon = float("inf") if self.killed_at is None else self.killed_at - self.loss
        return max((n for n, at in member.seen if at <= horizon), default=0)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.stop()
        if kind is None:
            self.check()

    def check(self):
        assert not self.failures(), self.failures()
        assert all(member.reconnects == 1 for member in self.members) or self.hops, "a connection was lost"
        waits = self.waits()
        assert waits, "no player completed a command"
        assert max(waits) < self.bound, f"a command took {max(waits):.2f} s"

