"""`perigee conformance` over WebRTC data channels, with aiortc as the client (T1, T5)."""

import asyncio
import json
import random
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from harness.waiting import PATIENCE, until
from harness.webrtc import FAST, SDP, UNRELIABLE, Client, EchoChannels

KINDS = {
    "reliable": {}, "unordered": {"ordered": False}, "fast": FAST, "unreliable": UNRELIABLE,
    "ordered fast": {"maxPacketLifeTime": 100},
}


@pytest.fixture(scope="module")
def server(echo_channels):
    return echo_channels


def with_client(server, channels, play):
    """Plays with a client that has these channels open."""

    async def run():
        client = Client(server)
        try:
            for label, options in channels.items():
                client.open(label, **options)
            await client.connect()
            return await play(client)
        finally:
            await client.close()

    return asyncio.run(run())


def test_messages_of_all_forms_come_back_on_all_kinds_of_channels(server):
    async def play(client):
        for label in KINDS:
            for message in ("text é𝄞", b"\x00\xff bytes", "", b"", "x" * 1100):
                await client.echo(label, message)

    with_client(server, KINDS, play)


@pytest.mark.parametrize("size", [1100, 1200, 16_384, 65_535, 65_536])
def test_large_messages_come_back(server, size):
    async def play(client):
        await client.echo("reliable", "x" * size)
        await client.echo("reliable", bytes(range(256)) * (size // 256) + b"\xfe" * (size % 256))

    with_client(server, {"reliable": {}}, play)


@pytest.mark.parametrize("label", ["reliable", "fast", "unreliable"])
def test_thousands_of_messages_come_back(server, label):
    async def play(client):
        channel, received = client.channels[label], client.received[label]
        for n in range(3000):
            await client.until(lambda n=n: n - len(received) < 32, "the echoes")
            channel.send(f"message {n}")
        await client.until(lambda: len(received) == 3000, "all echoes")
        assert sorted(received) == sorted(f"message {n}" for n in range(3000))
        if label == "reliable":
            assert received == [f"message {n}" for n in range(3000)]

    with_client(server, {label: KINDS[label]}, play)


def test_a_closed_channel_is_closed_on_both_sides_and_others_go_on(server):
    async def play(client):
        await client.echo("a", "before")
        client.channels["a"].close()
        await client.until(lambda: client.channels["a"].readyState == "closed", "the server's answer")
        await client.echo("b", "after")
        client.open("c")
        await client.until(lambda: client.channels["c"].readyState == "open", "another channel")
        await client.echo("c", "new")

    with_client(server, {"a": {}, "b": {}}, play)


def test_a_client_that_leaves_is_forgotten_at_once(server):
    peers = server.counts()["peers"]

    async def play(client):
        await client.echo("a", "here")
        assert server.counts()["peers"] == peers + 1

    with_client(server, {"a": {}}, play)
    until(lambda: server.counts()["peers"] == peers, "the end of the peer")


def test_many_clients_at_once(server):
    async def one(n):
        client = Client(server)
        client.open("a")
        await client.connect()
        for round in range(20):
            await client.echo("a", f"{n} {round}")
        await client.close()

    async def run():
        await asyncio.gather(*(one(n) for n in range(10)))

    asyncio.run(run())


def test_a_client_whose_address_changes_goes_on(relayed):
    """The client does not know it, as behind NAT: its next check, after 4 to 6 s, is what moves it."""

    async def play(client):
        await client.echo("a", "before")
        relayed.relay.rebind()
        await client.echo("a", "after")
        await client.echo("a", "and again")
        counts = await asyncio.to_thread(relayed.server.counts)
        assert counts["moves"] == 1 and counts["peers"] == 1

    with_client(relayed.server, {"a": {}}, play)


def test_messages_that_must_arrive_survive_a_blackout_of_3_s(relayed):
    async def play(client):
        await client.echo("a", "before")
        relayed.relay.is_cut = True
        began = time.monotonic()
        sent = []
        while time.monotonic() - began < 3:
            sent.append(f"{len(sent)}")
            client.channels["a"].send(sent[-1])
            await asyncio.sleep(1 / 30)
        relayed.relay.is_cut = False
        await client.until(lambda: len(client.received["a"]) == len(sent) + 1, "all echoes")
        assert client.received["a"][1:] == sent

    with_client(relayed.server, {"a": {}}, play)


# Bad input


@pytest.mark.parametrize(
    "body", [
        "", "{", "{}", "[]", "null", '{"type":"offer"}', '{"type":"offer","sdp":7}', '{"type":"answer","sdp":"v=0"}', "v=0",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", SDP.replace("a=mid:0", "a=mid:"), SDP.replace("sha-256", "sha-1"),
        SDP.replace("actpass", "passive"), "\x00" * 1000, "v=0\r\n" + "a=x\r\n" * 5000,
    ])
def test_bad_offers_are_refused_with_a_reason(server, body):
    answer = server.offer(body)
    assert answer.status_code == 400
    assert len(answer.text.strip()) > 20
    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_offer_may_be_plain_sdp(server):
    answer = server.offer(SDP)
    assert answer.status_code == 200
    assert answer.json()["type"] == "answer" and "a=ice-lite" in answer.json()["sdp"]


def test_other_requests_for_offers(server):
    assert server.offer("x" * 300_000).status_code == 413
    assert requests.get(f"{server.url}/rtc/offer", timeout=PATIENCE).status_code == 405
    preflight = requests.options(f"{server.url}/rtc/offer", timeout=PATIENCE)
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]


def test_random_damage_of_offers_is_refused_or_answered(server):
    dice = random.Random(17)
    for _ in range(200):
        text = list(SDP)
        for _ in range(dice.randrange(1, 6)):
            text[dice.randrange(len(text))] = chr(dice.randrange(1, 256))
        assert server.offer(json.dumps({"type": "offer", "sdp": "".join(text)})).status_code in (200, 400, 503)


def test_a_request_without_credentials_gets_its_address(server):
    """The UDP port is a STUN server too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", server.udp_port()))
        transaction = bytes(range(12))
        client.send(struct.pack("!HHI", 1, 0, 0x2112A442) + transaction)
        answer = client.recv(1000)
        kind, length, cookie = struct.unpack("!HHI", answer[:8])
        assert (kind, length, cookie, answer[8:20]) == (0x0101, 12, 0x2112A442, transaction)
        attribute, size, _, family, port, address = struct.unpack("!HHBBHI", answer[20:])
        assert (attribute, size, family) == (0x20, 8, 1)
        assert port ^ 0x2112 == client.getsockname()[1]
        assert address ^ 0x2112A442 == 0x7F000001


def test_floods_of_junk_get_no_long_answers_and_disturb_nobody(server):
    dice = random.Random(18)
    port = server.udp_port()
    sent = received = 0

    async def play(client):
        nonlocal sent, received
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            flood.connect(("127.0.0.1", port))
            flood.setblocking(False)
            for n in range(20_000):
                datagram = junk(dice, n)
                try:
                    sent += flood.send(datagram)
                except BlockingIOError:
                    pass
                try:
                    received += len(flood.recv(4096))
                except BlockingIOError:
                    pass
                if n % 1000 == 0:
                    await client.echo("a", f"{n}")
        await client.echo("a", "the end")

    before = server.memory()
    with_client(server, {"a": {}}, play)
    # A quarter are checks without the right password, each with an error that is less than half as long.
    assert sent > 1_000_000 and received <= sent / 10
    assert server.memory() < before + 50


def junk(dice, n):
    """Random bytes, and bytes that look like STUN, DTLS or a check without the right password."""
    random_bytes = dice.randbytes(dice.randrange(20, 300))
    match n % 4:
        case 0: return random_bytes
        case 1: return bytes([22, 254, 253]) + random_bytes
        case 2:
            username = struct.pack("!HH", 6, 9) + b"abcd:efgh" + bytes(3)
            attributes = username + struct.pack("!HH", 8, 20) + dice.randbytes(20)
            return struct.pack("!HHI", 1, len(attributes), 0x2112A442) + dice.randbytes(12) + attributes
        case _:
            size = len(random_bytes) & ~3
            return struct.pack("!HHI", 1, size, 0x2112A442) + dice.randbytes(12) + random_bytes[:size]


def test_offers_without_a_client_are_bounded_and_forgotten():
    """Half-open peers end after 10 s."""
    server = EchoChannels()
    try:
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda _: server.offer(SDP).status_code, range(700)))
        # After a second, further offers take the place of those without a client.
        assert set(codes) <= {200, 503} and codes.count(200) >= 512
        assert server.counts()["peers"] <= 512
        assert server.memory() < 400
        until(lambda: server.counts()["peers"] == 0, "the end of all peers", seconds=30, pause=0.5)
        assert server.offer(SDP).status_code == 200
    finally:
        server.stop()
