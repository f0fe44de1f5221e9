"""`kill -9` at random moments, with a check of the database after each kill and of the world after each new start."""

import random
import signal
import time

from . import database
from .crowd import Crowd
from .player import Player
from .waiting import until

COURIERS = 10


def lose_at_most_a_second(server):
    """Kills a server on which a player walks, starts it again, and checks how old the player's place is."""
    ada = server.join("ada")
    # Each step goes to a different place; `seen` has the time when the step was received.
    seen = {}
    began = time.monotonic()
    n = 0
    while time.monotonic() - began < 3:
        n += 1
        place = (n % 30 + 1, n // 30 + 1)
        ada.send("move/to", x=place[0], y=place[1])
        ada.wait(lambda: (ada.me["x"], ada.me["y"]) == place, "a step")
        seen[place] = time.monotonic()
    killed = time.monotonic()
    server.stop(signal.SIGKILL)
    server.start()
    again = server.join("ada", kind="auth")
    place = (again.me["x"], again.me["y"])
    assert place in seen, f"{place} is none of the places it was at"
    # One second for the write-behind, and half a second for its transaction and a busy machine.
    assert killed - seen[place] < 1.5


class Killer:
    """A crowd on a server that is killed again and again."""

    def __init__(self, server, seed, size=6, loss=1.0):
        self.server = server
        self.dice = random.Random(seed)
        self.crowd = Crowd(server, size=size, hops=True)
        self.crowd.loss = loss
        self.problems = []
        self.couriers = 0
        self.known = {"boss"}

    def __enter__(self):
        self.crowd.start()
        # A player who leaves again creates the couriers, early enough for them to be stored before the first kill.
        boss = self.server.join("boss")
        boss.send("hire", count=COURIERS)
        boss.wait(
            lambda: sum(key.startswith("enemys_") for key in boss.entities) > 0, "the couriers")
        boss.close()
        self.server.players.clear()
        self.couriers = COURIERS
        time.sleep(self.crowd.loss + 0.5)
        return self

    def kill(self):
        """Kills the server after a random time, starts it again, and returns the problems found."""
        time.sleep(self.dice.uniform(0.3, 2.5))
        process = self.server.process
        # Values that players received up to `crowd.loss` seconds before now must survive; later ones may be lost.
        self.crowd.killed_at = time.monotonic()
        process.send_signal(signal.SIGKILL)
        process.wait()
        for member in self.crowd.members:
            until(
                lambda member=member: member.failure or member.player is None or member.player.closed is not None,
                "the players notice")
        found = database.problems(self.server.data, self.crowd, self.couriers)
        visits = [member.reconnects for member in self.crowd.members]
        self.server.start()
        until(
            lambda: self.crowd.failures() or all(
                member.reconnects > before and member.player.closed is None
                for member, before in zip(self.crowd.members, visits)),
            "all players are back", seconds=30)
        found += self.crowd.failures()
        found += self.couriers_missing()
        self.problems += found
        for member in self.crowd.members:
            member.lost.clear()
        self.crowd.killed_at = None
        return found

    def couriers_missing(self):
        """Problems if a courier is not on exactly one of the two maps.
        
        A moving courier may be visible on both maps or on none for a moment, so this looks again for 10 s."""
        lookouts = [self.lookout("boss", 1), self.lookout("clerk", 2)]
        seen = [set(), set()]

        def look():
            for n, lookout in enumerate(lookouts):
                lookout.reload()
                seen[n] = {key for key in lookout.entities if key.startswith("enemys_")}
            return len(seen[0] | seen[1]) == self.couriers and not seen[0] & seen[1]
        try:
            until(look, "each courier is on one map", seconds=10)
        except AssertionError:
            return [f"couriers on map 1: {sorted(seen[0])}, on map 2: {sorted(seen[1])}"]
        finally:
            for lookout in lookouts:
                lookout.close()
        return []

    def lookout(self, login, map_id):
        """A player on the given map who does nothing there."""
        player = self.server.join(login, kind="register" if login not in self.known else "auth")
        self.known.add(login)
        if player.snapshot["map_id"] != map_id:
            player.send("hop")
            place = player.wait(
                lambda: next((message for message in player.others if message.get("action") == "reconnect"), None),
                "the way to the other map")
            player.close()
            player = Player(place["port"], {**player.answer, **place})
            player.wait(lambda: player.is_loaded, "the first snapshot")
        return player

    def __exit__(self, kind, *_):
        self.crowd.stop()
        if kind is None:
            assert not self.problems, self.problems
            assert not self.crowd.failures(), self.crowd.failures()
