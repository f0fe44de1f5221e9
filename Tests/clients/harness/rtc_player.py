"""A player over WebRTC: the messages of the protocol on the channel `reliable` of an aiortc client."""

import base64
import json

import requests

from .waiting import PATIENCE
from .webrtc import FAST, Client


class Door:
    """Where one client sends its offer, with a token."""

    def __init__(self, server, answer, token=None):
        """`answer` is the server's answer to the login; `token` another token than the one in it."""
        proof = f"{answer['id']}:{token or answer['token']}"
        self.url = server.url(f"/rtc/offer?HTTP_AUTHORIZATION={base64.b64encode(proof.encode()).decode()}")

    def offer(self, body):
        return requests.post(self.url, data=body, timeout=PATIENCE)


class RTCPlayer(Client):
    """Use it inside of `asyncio.run`."""

    def __init__(self, server, answer, token=None, protocol=""):
        super().__init__(Door(server, answer, token))
        self.key = answer["key"]
        self.open("reliable", protocol=protocol)
        self.open("fast", **FAST)
        self.taken = 0
        self.part = b""
        self.messages = []

    def send(self, action, **parameters):
        self.channels["reliable"].send(json.dumps({"action": action, **parameters}))

    def take(self):
        """Reads what has arrived; long messages come in parts, whose first byte says whether another one follows."""
        received = self.received["reliable"]
        while self.taken < len(received):
            message = received[self.taken]
            self.taken += 1
            if isinstance(message, bytes):
                assert message[0] in (1, 2), "only parts of messages are binary"
                self.part += message[1:]
                if message[0] == 1:
                    continue
                message, self.part = self.part.decode(), b""
            self.messages.append(json.loads(message))
        return self.messages

    async def message(self, condition, what):
        """Waits for a message for which the condition is true."""
        await self.until(lambda: any(condition(one) for one in self.take()), what)
        return next(one for one in self.messages if condition(one))

    async def enter(self):
        """Connects, and returns the first snapshot."""
        await self.connect()
        return await self.message(lambda one: one.get("action") == "load/index", "the snapshot")

    async def hp(self, value, of=None):
        """Waits for the delta that gives a player this `hp`; without `of`, this one."""
        await self.message(
            lambda one: "tick" in one and self.record(one, of).get("components", {}).get("hp") == value, f"hp {value}")

    def record(self, message, key=None):
        """The record of a player in a message; without `key`, of this one."""
        wanted = key or self.key
        return next((record for record in message.get("players", []) if record["key"] == wanted), {})
