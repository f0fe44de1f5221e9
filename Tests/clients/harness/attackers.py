"""Clients that attack a server, each kind in a process of its own, so that a test's players are not slowed down.

`python -m harness.attackers KIND JSON` attacks until its time is over and prints lines of JSON about that.
"""

import itertools
import json
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import requests

from .player import address
from .raw import RawWebSocket, frame

GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
UPGRADE = b"GET /?HTTP_AUTHORIZATION=MTp4 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#: The bytes that a slow connection sends at once, before it goes on byte by byte.
SLOW = {
    "headers": GET,
    "body": BODY,
    "handshake": UPGRADE,
    "second body": GET + b"\r\n" + BODY,
    "nothing": b"",
}


class Attack:
    """One attacking process."""

    def __init__(self, kind, port, prefix=(), **options):
        options = {"port": port, **options}
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "harness.attackers", kind, json.dumps(options)],
            cwd=Path(__file__).resolve().parents[1], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def line(self):
        """The next line that the process prints, as an object."""
        return json.loads(self.process.stdout.readline() or "{}")

    def result(self, seconds=60):
        """The last line that the process prints, after its end, as an object."""
        out, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, f"the attacker ended with {self.process.returncode}: {out}"
        return json.loads(out.splitlines()[-1])

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def tell(**what):
    print(json.dumps(what), flush=True)


def connection(options, n):
    """Opens a connection from one of many addresses of this machine: a server limits the connections per address."""
    source = f"127.0.{1 + n // 250 % 250}.{1 + n % 250}" if options.get("spread") else "127.0.0.1"
    return socket.create_connection((options.get("host", "127.0.0.1"), options["port"]), 20, (source, 0))


def slow(options):
    """Opens many connections that send a byte now and then; prints how long the server kept the oldest one."""
    began, ages, open_now = time.monotonic(), [], {}
    selector = selectors.DefaultSelector()
    for n in range(options["count"]):
        each = connection(options, n)
        each.sendall(SLOW[options["what"]])
        selector.register(each, selectors.EVENT_READ)
        open_now[each] = time.monotonic()
    answers = set()
    while open_now and time.monotonic() - began < options["seconds"]:
        for key, _ in selector.select(0.3):
            try:
                data = key.fileobj.recv(65536)
            except OSError:
                data = b""
            if data:
                answers.add(int(data[9:12]) if data[:5] == b"HTTP/" else 0)
                # On a kept-alive connection the first request is answered, and then the slow one with 408.
                answers.update(408 for _ in data.split(b"HTTP/1.1 408")[1:])
                continue
            selector.unregister(key.fileobj)
            ages.append(time.monotonic() - open_now.pop(key.fileobj))
            key.fileobj.close()
        for each in open_now:
            try:
                each.send(b"x")
            except OSError:
                pass
    tell(closed=len(ages), oldest=max(ages, default=0), left=len(open_now), answers=sorted(answers))


def hold(options):
    """Opens many silent connections; prints a line when all are open, and at the end how many the server closed."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    held, refused = [], 0
    for n in range(options["count"]):
        try:
            held.append(connection(options, options.get("first", 0) + n))
        except OSError:
            refused += 1
    tell(open=len(held), refused=refused)
    time.sleep(options["seconds"])
    closed = 0
    for each in held:
        each.setblocking(False)
        try:
            closed += each.recv(1) == b""
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    tell(open=len(held), closed=closed)


def login(options, name):
    """The server's answer to a login with a new or an existing account; None when both fail."""
    http = requests.Session()
    http.trust_env = False
    for kind in ("register", "auth"):
        try:
            answer = http.post(
                f"http://{options.get('host', '127.0.0.1')}:{options['port']}/server/sign/{kind}/",
                json={"login": name, "password": "correct horse"}, timeout=20)
        except requests.RequestException:
            return None
        if answer.status_code == 200:
            return answer.json()
    return None


def packed(payload):
    """A payload compressed as in `permessage-deflate`."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def floods():
    """The kinds of flood, each as an endless series of frames."""
    bomb = packed(b" " * (64 << 20))
    return {
        "commands": itertools.cycle([frame(1, b'{"action":"move/to","x":3,"y":4}')]),
        "refusals": itertools.cycle([frame(1, b'{"action":"secret"}')]),
        "pings": itertools.cycle([frame(9, b"x" * 125)]),
        "pongs": itertools.cycle([frame(10, b"")]),
        "big": itertools.cycle([frame(1, b'{"action":"' + b"a" * 20_000 + b'"}')]),
        "deep": itertools.cycle([frame(1, b'{"action":' + b"[" * 8000)]),
        "bomb": itertools.cycle([frame(1, bomb, reserved=0x40)]),
        "bomb in pieces": itertools.chain(
            [frame(1, b"", fin=False, reserved=0x40)], itertools.repeat(frame(0, b"\x00\x00\x00\xff\xff", fin=False))),
        "empty fragments": itertools.chain(
            [frame(1, b"", fin=False)], itertools.repeat(frame(0, b"", fin=False))),
        "noise": (random.randbytes(200) for _ in itertools.count()),
    }


def flood(options):
    """Connects again and again and floods each connection until the server closes it; prints the close codes."""
    end = time.monotonic() + options["seconds"]
    last = end + 20  # a slow login may leave little time for the only connection
    codes, sent = [], 0
    while time.monotonic() < end:
        answer = login(options, options["name"])
        if answer is None:
            time.sleep(0.2)
            continue
        extension = "permessage-deflate" if "bomb" in options["what"] else None
        try:
            with RawWebSocket(address(options["port"], answer["id"], answer["token"]), extension) as raw:
                raw.socket.settimeout(0.02)
                for data in floods()[options["what"]]:
                    try:
                        raw.socket.sendall(data)
                        sent += 1
                    except TimeoutError:
                        pass
                    except OSError:
                        break
                    if time.monotonic() > last:
                        break
                    if drained(raw):
                        break
                codes.append(code_of(raw))
        except (OSError, ConnectionError, AssertionError):
            codes.append(1006)
    tell(sent=sent, codes=codes)


def drained(raw):
    """Reads the received bytes without waiting; returns whether the connection has ended."""
    raw.socket.setblocking(False)
    try:
        while chunk := raw.socket.recv(1 << 20):
            raw.buffer = (raw.buffer + chunk)[-200_000:]
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        raw.socket.settimeout(0.02)


def code_of(raw):
    """The code of the close frame, which is the last frame that a server sends; 1006 without one."""
    raw.socket.settimeout(3)
    try:
        while chunk := raw.socket.recv(1 << 20):
            raw.buffer = (raw.buffer + chunk)[-200_000:]
    except OSError:
        pass
    at = raw.buffer.rfind(b"\x88")
    return int.from_bytes(raw.buffer[at + 2:at + 4], "big") if at >= 0 and len(raw.buffer) >= at + 4 else 1006


def deaf(options):
    """Players who request much and never read; prints when they have joined, and how long the last one was kept."""
    raws = []
    for n in range(options["count"]):
        answer = login(options, f"{options['name']}{n}")
        raw = RawWebSocket(address(options["port"], answer["id"], answer["token"]))
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.socket.settimeout(0.05)
        raws.append(raw)
    tell(joined=len(raws))
    began, kept = time.monotonic(), {}
    end = began + options["seconds"]
    while time.monotonic() < end and len(kept) < len(raws):
        for n, raw in enumerate(raws):
            if n in kept:
                continue
            try:
                raw.socket.sendall(frame(1, b'{"action":"shout"}'))
            except TimeoutError:
                pass
            except OSError:
                kept[n] = time.monotonic() - began
        time.sleep(0.05)
    tell(closed=len(kept), longest=max(kept.values(), default=0))


def play(options):
    """One player who walks about, for tests that freeze this process or cut its network."""
    answer = login(options, options["name"])
    host = options.get("host", "127.0.0.1")
    with RawWebSocket(address(options["port"], answer["id"], answer["token"]).replace("127.0.0.1", host)) as raw:
        raw.read_text()
        tell(joined=answer["key"])
        n = 0
        while True:
            n += 1
            raw.send(frame(1, f'{{"action":"move/to","x":{n % 30},"y":2}}'.encode()))
            drained(raw)
            time.sleep(0.1)


if __name__ == "__main__":
    kinds = {"slow": slow, "hold": hold, "flood": flood, "deaf": deaf, "play": play}
    kinds[sys.argv[1]](json.loads(sys.argv[2]))
