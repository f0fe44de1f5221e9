"""WebRTC clients of `perigee conformance`, and a UDP relay between them and the server."""

import asyncio
import heapq
import itertools
import json
import random
import selectors
import socket
import threading
import time

import aioice.ice
import requests
from aiortc import RTCPeerConnection, RTCSessionDescription

from .engine import EchoEngine
from .waiting import PATIENCE, until

# aioice leaves out the loopback address, at which the server of the tests is.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

FAST = {"ordered": False, "maxPacketLifeTime": 100}
UNRELIABLE = {"ordered": False, "maxRetransmits": 0}


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class EchoChannels(EchoEngine):
    """A running `perigee conformance`, whose data channels echo."""

    def offer(self, body, **options):
        return requests.post(f"{self.url}/rtc/offer", data=body, timeout=PATIENCE, **options)

    def counts(self):
        return requests.get(f"{self.url}/rtc/counts", timeout=PATIENCE).json()

    def udp_port(self):
        """The port of the answer's candidate."""
        answer = self.offer(json.dumps({"type": "offer", "sdp": SDP})).json()["sdp"]
        line = next(line for line in answer.split("\r\n") if line.startswith("a=candidate:"))
        return int(line.split()[5])


SDP = "\r\n".join([
    "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:0",
    "a=sctp-port:5000", "a=max-message-size:262144", ""])


class Client:
    """An aiortc client; use it inside of `asyncio.run`."""

    def __init__(self, server):
        self.server = server
        self.connection = RTCPeerConnection()
        self.channels = {}
        self.received = {}

    def open(self, label, **options):
        """Adds a channel; call it before `connect`, or on a client that is connected."""
        channel = self.connection.createDataChannel(label, **options)
        self.channels[label] = channel
        self.received[label] = []
        channel.on("message", self.received[label].append)
        return channel

    async def connect(self):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        body = json.dumps({"type": "offer", "sdp": self.connection.localDescription.sdp})
        answer = await asyncio.to_thread(self.server.offer, body)
        assert answer.status_code == 200, answer.text
        answer = answer.json()
        await self.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        await self.until(lambda: all(one.readyState == "open" for one in self.channels.values()), "open channels")

    async def until(self, condition, what, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
            await asyncio.sleep(0.01)

    async def echo(self, label, message):
        """Sends a message and waits for its echo, which must be the next message."""
        before = len(self.received[label])
        self.channels[label].send(message)
        await self.until(lambda: len(self.received[label]) > before, f"the echo on {label}")
        assert self.received[label][before] == message

    async def close(self):
        await self.connection.close()


class Relay:
    """Passes datagrams on between clients and a server. A client has a socket of its own towards the server, as with
    NAT; `rebind` gives all of them new ones, and while `is_cut` nothing is passed on. `loss` of the datagrams are lost in
    each direction, and the others are late by `delay` seconds."""

    def __init__(self, port, server_port, loss=0.0, delay=0.0):
        self.loss = loss
        self.delay = delay
        self.dice = random.Random(20)
        self.waiting = []
        self.numbers = itertools.count()
        self.server = ("127.0.0.1", server_port)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", port))
        self.lock = threading.Lock()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.front, selectors.EVENT_READ, None)
        self.backs = {}
        self.is_cut = False
        self.passed = self.dropped = 0
        self.is_stopped = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_stopped:
            pause = self.waiting[0][0] - time.monotonic() if self.waiting else 0.1
            for key, _ in self.selector.select(max(0, pause)):
                with self.lock:
                    self.pass_on(key.fileobj, key.data)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, sender, datagram, target = heapq.heappop(self.waiting)
                with self.lock:
                    self.send(sender, datagram, target)

    def pass_on(self, from_socket, client):
        try:
            datagram, source = from_socket.recvfrom(4096)
        except OSError:  # the socket was replaced
            return
        if self.is_cut or self.dice.random() < self.loss:
            self.dropped += 1
            return
        self.passed += 1
        if client is not None:
            self.send_late(self.front, datagram, client)
            return
        if source not in self.backs:
            self.backs[source] = self.new_back(source)
        self.send_late(self.backs[source], datagram, self.server)

    def wait_passed(self, count):
        """Waits until the relay has passed on so many more datagrams."""
        goal = self.passed + count
        until(lambda: self.passed >= goal, f"{count} datagrams pass")

    def wait_dropped(self, count):
        """Waits until the relay has dropped so many more datagrams."""
        goal = self.dropped + count
        until(lambda: self.dropped >= goal, f"{count} datagrams are dropped")

    def send_late(self, sender, datagram, target):
        if self.delay == 0:
            self.send(sender, datagram, target)
        else:
            heapq.heappush(self.waiting, (time.monotonic() + self.delay, next(self.numbers), sender, datagram, target))

    @staticmethod
    def send(sender, datagram, target):
        try:
            sender.sendto(datagram, target)
        except OSError:  # the socket was replaced
            pass

    def new_back(self, client):
        back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.bind(("127.0.0.1", 0))
        self.selector.register(back, selectors.EVENT_READ, client)
        return back

    def rebind(self):
        with self.lock:
            for client, back in list(self.backs.items()):
                self.selector.unregister(back)
                back.close()
                self.backs[client] = self.new_back(client)

    def stop(self):
        self.is_stopped = True
        self.thread.join()
        for one in [self.front, *self.backs.values()]:
            one.close()


class RelayedEcho:
    """A server whose clients reach it through a relay only."""

    def __init__(self, **impairment):
        server_port, relay_port = free_udp_port(), free_udp_port()
        self.server = EchoChannels("--udp-port", str(server_port), "--udp-address", f"127.0.0.1:{relay_port}")
        self.relay = Relay(relay_port, server_port, **impairment)

    def stop(self):
        self.relay.stop()
        self.server.stop()
