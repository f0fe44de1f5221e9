"""How old positions are when they come, over the lane `fast` and over WebSockets, side by side on a link that loses
packets. As a program it prints the table of docs/performance.md:

    cd Tests/clients && ../../.build/venv/bin/python -m harness.lossy_lanes --seconds 60

Players of both kinds are on one map, in which all of them move in every tick; each reads what it gets and sends five
commands a second. The server and the players are in two network namespaces, see `impaired_link`. Both share the clock
of the machine, and each message of positions has the time at which its tick began.
"""

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

import aioice.ice
from websockets.asyncio.client import connect

from .games import BARE
from .impaired_link import CLIENTS, SERVER, ImpairedLink
from .player import address
from .rtc_player import RTCPlayer
from .server import Server
from .waiting import PATIENCE

#: All ticks are sent. A player who runs moves in each, to and fro.
GAME = {
    **BARE,
    "game.yaml": "name: Runners\ntick_rate: 30\nsend_rate: 30\nwebrtc: true\n",
    "events/run/index.lua": """--@public true
--@repeat true
object.x = object.x < 1000 and object.x + 2.5 or 800
""",
    "events/run/timeout.lua": "return 0\n",
}
RUN = json.dumps({"action": "run/index"})
COMMAND_SECONDS = 0.2
WARM_UP_SECONDS = 3


class Watch:
    """What one player gets: when positions came, and when their ticks began, in seconds of Unix time."""

    def __init__(self):
        self.seen = []

    def take(self, message):
        now = time.time()
        if not isinstance(message, str):
            return  # a part of a snapshot
        message = json.loads(message)
        if "tick" in message and any("x" in one or isinstance(one, list) for one in message.get("players", [])):
            self.seen.append((now, message["time"]))

    def ages(self, begin, end):
        """Seconds from the begin of a tick until its positions came."""
        return [came - began for came, began in self.seen if begin <= came < end]

    def views(self, begin, end):
        """How old the newest positions are that the player has, looked at 100 times a second."""
        found, newest, place = [], 0.0, 0
        for step in range(int((end - begin) * 100)):
            now = begin + step / 100
            while place < len(self.seen) and self.seen[place][0] <= now:
                newest = max(newest, self.seen[place][1])
                place += 1
            found.append(now - newest)
        return found


class LanesWatch(Watch):
    def __init__(self, server, answer):
        super().__init__()
        self.player = RTCPlayer(server, answer)
        self.player.channels["fast"].on("message", self.take)

    async def enter(self):
        await self.player.enter()

    async def send(self, text):
        self.player.channels["reliable"].send(text)

    async def leave(self):
        await self.player.close()


class SocketWatch(Watch):
    def __init__(self, server, answer):
        super().__init__()
        self.url = address(server.port, answer["id"], answer["token"]).replace("127.0.0.1", server.address)

    async def enter(self):
        self.socket = await connect(self.url, max_size=None, max_queue=None, proxy=None, open_timeout=PATIENCE)
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        async for message in self.socket:
            self.take(message)

    async def send(self, text):
        await self.socket.send(text)

    async def leave(self):
        await self.socket.close()
        await self.reading


KINDS = {"WebSocket": SocketWatch, "WebRTC": LanesWatch}


async def run(watch, until):
    """Lets a player run; each command takes the place of the one that waits."""
    while time.monotonic() < until:
        await watch.send(RUN)
        await asyncio.sleep(COMMAND_SECONDS)


async def watch_all(server, answers, seconds):
    """Lets all players run and read for so long; returns them, and when the measured window began and ended."""
    watches = {kind: [KINDS[kind](server, answer) for answer in some] for kind, some in answers.items()}
    everyone = [one for some in watches.values() for one in some]
    for one in everyone:
        await one.enter()
    begin = time.time() + WARM_UP_SECONDS
    deadline = time.monotonic() + WARM_UP_SECONDS + seconds
    await asyncio.gather(*(run(one, deadline) for one in everyone))
    end = begin + seconds
    for one in everyone:
        await one.leave()
    return watches, begin, end


def take_precedence():
    """Lets this process and those that it starts run before all others: a busy machine would make positions of both
    kinds older by the same time."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def share(values, part):
    return sorted(values)[int(len(values) * part)] if values else float("nan")


def measure(folder, seconds, players, loss, delay):
    """Measures with so many players of each kind; ages are in milliseconds."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [CLIENTS]
    link = ImpairedLink(loss, delay)
    # However this process ends, the server ends with it.
    server = Server(folder, GAME, prefix=["setpriv", "--pdeathsig", "KILL"], host=SERVER)
    try:
        with link.inside("server"):
            server.start()
            answers = {kind: [server.sign("register", f"{kind}{n}") for n in range(players)] for kind in KINDS}
        with link.inside("clients"):
            watches, begin, end = asyncio.run(watch_all(server, answers, seconds))
    finally:
        server.stop()
        carried = link.stop()
    rows = {}
    for kind, some in watches.items():
        ages = [age * 1000 for one in some for age in one.ages(begin, end)]
        views = [age * 1000 for one in some for age in one.views(begin, end)]
        rows[kind] = {
            "messages": len(ages), "per_second": len(ages) / players / seconds,
            "p50": share(ages, 0.5), "p99": share(ages, 0.99), "most": max(ages, default=float("nan")),
            "view_p50": share(views, 0.5), "view_p99": share(views, 0.99),
        }
    return {"players": players, "seconds": seconds, "carried": carried, "rows": rows}


def table(result):
    """The result as Markdown."""
    rows = result["rows"]
    lines = [
        "| run | players | messages/s | age p50 ms | age p99 ms | age max ms | view p50 ms | view p99 ms |",
        "| -- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for kind, row in rows.items():
        numbers = " | ".join(f"{row[name]:.1f}" for name in ("per_second", "p50", "p99", "most", "view_p50", "view_p99"))
        lines.append(f"| {kind} | {result['players']} | {numbers} |")
    ratios = {name: rows["WebRTC"][name] / rows["WebSocket"][name] for name in ("p50", "p99", "view_p50", "view_p99")}
    lines.append("| ratio | | | {p50:.2f} | {p99:.2f} | | {view_p50:.2f} | {view_p99:.2f} |".format(**ratios))
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=20, help="the measured window (20)")
    arguments.add_argument("--players", type=int, default=4, help="players over WebRTC, and as many over WebSockets (4)")
    arguments.add_argument("--loss", type=float, default=0.02, help="the share of packets lost in each direction (0.02)")
    arguments.add_argument("--delay", type=float, default=0.04, help="seconds that packets are late each way (0.04)")
    arguments.add_argument("--json", action="store_true", help="prints the figures as JSON")
    given = arguments.parse_args()
    take_precedence()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), given.seconds, given.players, given.loss, given.delay)
    print(json.dumps(result) if given.json else table(result))


if __name__ == "__main__":
    main()
