"""`perigee conformance` by raw frames that fuzzing clients send and client libraries don't (RFC 6455, RFC 7692)."""

import random
import time
import zlib

import pytest

from harness.attackers import packed
from harness.raw import RawWebSocket, frame
from test_conformance import MEBIBYTE, port  # noqa: F401: a fixture

COMPRESSED = 0x40


@pytest.fixture
def raw(port):  # noqa: F811
    with RawWebSocket(f"ws://127.0.0.1:{port}/echo?") as socket:
        yield socket


@pytest.fixture
def deflated(port):  # noqa: F811
    with RawWebSocket(f"ws://127.0.0.1:{port}/echo?", "permessage-deflate") as socket:
        yield socket


class Unpacker:
    """The receiving side of a compressed connection, its window included."""

    def __init__(self, bits=15):
        self.stream = zlib.decompressobj(-bits)

    def take(self, payload):
        return self.stream.decompress(payload + b"\0\0\xff\xff")


def pieces(payload, size):
    """A message in fragments of one size."""
    cuts = range(0, len(payload), size)
    return b"".join(
        frame(2 if at == 0 else 0, payload[at:at + size], fin=at + size >= len(payload)) for at in cuts)


@pytest.mark.parametrize(("size", "piece"), [(4 * MEBIBYTE, 64), (16 * MEBIBYTE, 256), (16 * MEBIBYTE, 4096)])
def test_time_grows_with_the_bytes_whatever_the_fragments(raw, size, piece):
    payload = random.Random(3).randbytes(size)
    data = pieces(payload, piece)
    raw.socket.settimeout(30)
    began = time.monotonic()
    raw.send(data)
    assert raw.read_frame() == (2, payload)
    # A server that copies the whole message so far at each fragment would take minutes.
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("chop", [1, 7, 997])
def test_frames_cut_anywhere_by_the_network_come_back(raw, chop):
    text = ("κόσμε €𝄞 " * 40).encode()
    data = frame(1, text) + frame(9, b"p" * 125) + pieces(text, 3).replace(b"\x02", b"\x01", 1)
    for at in range(0, len(data), chop):
        raw.send(data[at:at + chop])
    assert raw.read_frame() == (1, text)
    assert raw.read_frame() == (10, b"p" * 125)
    assert raw.read_frame()[1] == text


def test_ten_thousand_small_messages_and_pings_come_back_in_order(raw):
    for block in range(100):
        numbers = range(block * 100, block * 100 + 100)
        raw.send(b"".join(frame(1 if n % 2 else 9, b"%d" % n) for n in numbers))
        for n in numbers:
            assert raw.read_frame() == (1 if n % 2 else 10, b"%d" % n)


@pytest.mark.parametrize("between", [frame(9, b"now"), frame(10, b""), frame(9, b"a") + frame(9, b"b")])
def test_control_frames_between_all_fragments_change_nothing(raw, between):
    text = "a€b".encode()
    raw.send(frame(1, b"", fin=False) + between)
    for byte in text:
        raw.send(frame(0, bytes([byte]), fin=False) + between)
    raw.send(frame(0, b""))
    answers = [raw.read_frame() for _ in range(between.count(b"\x89") * (len(text) + 1) + 1)]
    assert answers[-1] == (1, text)
    assert {opcode for opcode, _ in answers[:-1]} <= {10}


def test_what_comes_after_a_close_is_not_answered(raw):
    raw.send(frame(8, b"\x03\xe8") + frame(1, b"late") + frame(9, b"late"))
    assert raw.read_frame() == (8, b"\x03\xe8")
    assert raw.ended()


def test_a_message_before_a_violation_is_answered_and_nothing_after_it(raw):
    raw.send(frame(1, b"x" * 70_000) + frame(1, b"y", reserved=0x20) + frame(9, b"late"))
    assert raw.read_frame() == (1, b"x" * 70_000)
    assert raw.read_close() == 1002


def test_a_close_in_the_middle_of_a_message_ends_it(raw):
    raw.send(frame(1, b"half", fin=False) + frame(8, b"\x03\xe8"))
    assert raw.read_close() == 1000
    assert raw.ended()


SEQUENCES = {
    "an overlong slash": b"\xc0\xaf", "an overlong e0": b"\xe0\x80\xaf", "an overlong f0": b"\xf0\x80\x80\xaf",
    "an overlong f8": b"\xf8\x80\x80\x80\xaf", "a surrogate": b"\xed\xa0\x80", "a pair of surrogates":
    b"\xed\xa0\x80\xed\xb0\x80", "beyond the last": b"\xf4\x90\x80\x80", "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80", "a lone continuation": b"\x80", "fe": b"\xfe", "ff": b"\xff",
    "a start in a character": b"\xe2\x82\x41",
}


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("split", [False, True])
def test_text_that_is_not_utf_8_fails_at_once(raw, name, split):
    text = b"ok " + SEQUENCES[name]
    if split:
        for n, byte in enumerate(text):
            raw.send(frame(0 if n else 1, bytes([byte]), fin=False))
    else:
        raw.send(frame(1, text, fin=False))
    assert raw.read_close() == 1007


@pytest.mark.parametrize(
    "text", [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf", b"\xef\xbf\xbe", b"\xef\xbf\xbf",
             b"\x00", b"\x7f", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"])
def test_the_borders_of_utf_8_are_text(raw, text):
    raw.send(frame(1, text))
    assert raw.read_frame() == (1, text)


# Compression


def test_a_compressed_message_in_fragments_with_pings_between(deflated):
    text = b"compress me, compress me, compress me" * 100
    payload = packed(text)
    deflated.send(frame(1, payload[:5], fin=False, reserved=COMPRESSED) + frame(9, b"p"))
    deflated.send(frame(0, payload[5:9], fin=False) + frame(0, b"", fin=False) + frame(0, payload[9:]))
    assert deflated.read_frame() == (10, b"p")
    assert Unpacker().take(deflated.read_frame()[1]) == text


@pytest.mark.parametrize("data", [
    frame(1, b"", fin=False, reserved=COMPRESSED) + frame(0, b"x", reserved=COMPRESSED),
    frame(9, b"", reserved=COMPRESSED),
    frame(8, b"", reserved=COMPRESSED),
    frame(1, b"", reserved=0x60),
], ids=["continuation", "ping", "close", "another bit"])
def test_the_mark_of_compression_is_for_first_frames_of_messages(deflated, data):
    deflated.send(data)
    assert deflated.read_close() == 1002


def test_compressed_and_plain_messages_may_take_turns(deflated):
    stream, unpacker = zlib.compressobj(9, zlib.DEFLATED, -15), Unpacker()
    for n in range(20):
        text = f"message {n} is much like the one before".encode()
        payload = (stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]
        deflated.send(frame(1, payload, reserved=COMPRESSED))
        assert unpacker.take(deflated.read_frame()[1]) == text
        deflated.send(frame(1, b"plain"))
        opcode, answer = deflated.read_frame()
        assert (opcode, unpacker.take(answer)) == (1, b"plain")


def test_blocks_of_every_kind_are_understood(deflated):
    hello = {
        "shared window": bytes.fromhex("f248cdc9c90700"),
        "stored": bytes.fromhex("000500faff48656c6c6f00"),
        "final": bytes.fromhex("f348cdc9c9070000"),
        "two blocks": bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")),
    }
    unpacker = Unpacker()
    for name, payload in hello.items():
        deflated.send(frame(1, payload, reserved=COMPRESSED))
        assert unpacker.take(deflated.read_frame()[1]) == b"Hello", name
    deflated.send(frame(1, b"\x00", reserved=COMPRESSED))
    assert unpacker.take(deflated.read_frame()[1]) == b""


@pytest.mark.parametrize(("code", "data"), [
    (1007, frame(2, b"\xff" * 20, reserved=COMPRESSED)),
    (1007, frame(1, packed(b"\xff\xfe"), reserved=COMPRESSED)),
    (1009, frame(2, packed(b"\0" * (16 * MEBIBYTE + 1)), reserved=COMPRESSED)),
], ids=["not deflate", "not UTF-8", "a bomb"])
def test_what_can_not_be_decompressed_closes(deflated, code, data):
    deflated.send(data)
    assert deflated.read_close() == code


@pytest.mark.parametrize(("offer", "answer"), [
    ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
    ("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
    ('permessage-deflate; server_max_window_bits="10"', "permessage-deflate; server_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate"),
    ("permessage-deflate; unknown, permessage-deflate; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover"),
    ("x-webkit-deflate-frame, permessage-deflate; client_no_context_takeover",
     "permessage-deflate; client_no_context_takeover"),
    ("permessage-deflate; server_max_window_bits=16", None),
    ("permessage-deflate; server_max_window_bits=09", None),
    ("permessage-deflate; server_max_window_bits", None),
    ("permessage-deflate; client_max_window_bits=7", None),
    ("permessage-deflate; server_no_context_takeover=1", None),
    ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", None),
    ("permessage-bzip2", None),
])
def test_offers_are_taken_or_declined_by_their_parameters(port, offer, answer):  # noqa: F811
    with RawWebSocket(f"ws://127.0.0.1:{port}/echo?", offer) as socket:
        fields = [
            line.split(": ", 1)[1] for line in socket.head.split("\r\n")
            if line.lower().startswith("sec-websocket-extensions:")]
        assert fields == ([answer] if answer else [])


@pytest.mark.parametrize("bits", range(9, 16))
@pytest.mark.parametrize("takeover", [True, False])
def test_the_server_keeps_to_the_window_that_was_agreed(port, bits, takeover):  # noqa: F811
    offer = f"permessage-deflate; server_max_window_bits={bits}" + ("" if takeover else "; server_no_context_takeover")
    dice = random.Random(bits)
    unpacker = Unpacker(bits)
    with RawWebSocket(f"ws://127.0.0.1:{port}/echo?", offer) as socket:
        for size in (10, 600, 5000, 70_000):
            text = bytes(dice.choice(b"abcdefgh ") for _ in range(size)) * 3
            socket.send(frame(2, packed(text), reserved=COMPRESSED))
            if not takeover:
                unpacker = Unpacker(bits)
            # The decompressor raises an error when the data refer to bytes further back than the window.
            assert unpacker.take(socket.read_frame()[1]) == text
