"""`perigee conformance`: RFC 6455 and RFC 7692 at the echo endpoint, by a client library and by raw frames."""

import random
import subprocess

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

from harness.raw import RawWebSocket, exchange, frame
from harness.server import BINARY

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def port():
    process = subprocess.Popen(
        [str(BINARY), "conformance", "--port", "0"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    assert line.startswith("ws://127.0.0.1:") and line.endswith("/echo\n"), line
    yield int(line.split(":")[2].split("/")[0])
    assert process.poll() is None, "the echo server ended"
    process.kill()
    process.wait()


def echo(port, **options):
    return connect(f"ws://127.0.0.1:{port}/echo", max_size=None, proxy=None, **options)


@pytest.fixture
def raw(port):
    with RawWebSocket(f"ws://127.0.0.1:{port}/echo?") as socket:
        yield socket


def texts(seed):
    """Messages that compress well and messages that don't."""
    dice = random.Random(seed)
    yield ""
    yield "héllo wörld €𝄞 " * 10
    for size in (1, 125, 126, 127, 65_535, 65_536, 200_000):
        yield "a" * size
        yield "".join(dice.choice("{}\":,0123456789abcxyz€") for _ in range(size))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65_535, 65_536, MEBIBYTE, 16 * MEBIBYTE])
def test_messages_of_every_length_come_back(port, size):
    with echo(port, compression=None) as socket:
        for payload in ("*" * size, bytes(range(256)) * (size // 256) + b"\xfe" * (size % 256)):
            socket.send(payload)
            assert socket.recv() == payload


@pytest.mark.parametrize("size", [64, 256, 1024, 65_536, MEBIBYTE])
def test_four_mebibytes_in_fragments_of_every_size_come_back(port, size):
    payload = bytes(range(256)) * (4 * MEBIBYTE // 256)
    with echo(port, compression=None) as socket:
        socket.send(payload[at:at + size] for at in range(0, len(payload), size))
        assert socket.recv() == payload


OFFERS = [
    {},
    {"server_no_context_takeover": True},
    {"client_no_context_takeover": True},
    {"server_no_context_takeover": True, "client_no_context_takeover": True},
    {"server_max_window_bits": 9},
    {"server_max_window_bits": 15, "client_max_window_bits": 9},
    {"server_no_context_takeover": True, "server_max_window_bits": 10, "client_max_window_bits": 12},
]


@pytest.mark.parametrize("offer", OFFERS, ids=str)
def test_compressed_messages_come_back_whatever_was_agreed(port, offer):
    with echo(port, compression=None, extensions=[ClientPerMessageDeflateFactory(**offer)]) as socket:
        answer = socket.response.headers["Sec-WebSocket-Extensions"]
        assert answer.startswith("permessage-deflate")
        for parameter in ("server_no_context_takeover", "server_max_window_bits"):
            assert (parameter in answer) == (parameter in offer)
        for text in texts(7):
            for payload in (text, text.encode()):
                socket.send(payload)
                assert socket.recv() == payload


def test_a_decompression_bomb_closes_the_connection(port):
    with echo(port, compression="deflate") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.send(b"\0" * (17 * MEBIBYTE))
            socket.recv()
        assert closed.value.rcvd.code == 1009


def test_pings_are_answered_also_between_fragments_and_in_order(raw):
    raw.send(frame(9, b""))
    assert raw.read_frame() == (10, b"")
    raw.send(frame(1, b"one ", fin=False))
    raw.send(frame(9, b"x" * 125))
    raw.send(frame(0, b"two"))
    assert raw.read_frame() == (10, b"x" * 125)
    assert raw.read_frame() == (1, b"one two")
    raw.send(frame(10, b"nobody asked"))
    raw.send(frame(2, b"\x00"))
    assert raw.read_frame() == (2, b"\x00")


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
def test_a_close_is_answered_with_its_code(raw, code):
    raw.send(frame(8, code.to_bytes(2, "big") + b"bye"))
    assert raw.read_close() == code
    assert raw.ended()


@pytest.mark.parametrize(
    "payload", [b"", (1000).to_bytes(2, "big") + "é".encode() * 61, (1000).to_bytes(2, "big")])
def test_closes_without_a_code_and_with_the_longest_reason_are_answered(raw, payload):
    raw.send(frame(8, payload))
    assert raw.read_close() == (1000 if payload else 1005)
    assert raw.ended()


BROKEN = {
    "reserved bit 1": (1002, frame(1, b"x", reserved=0x40)),
    "reserved bit 2": (1002, frame(1, b"x", reserved=0x20)),
    "reserved bit 3": (1002, frame(9, b"", reserved=0x10)),
    "reserved opcode 3": (1002, frame(3, b"")),
    "reserved opcode 7": (1002, frame(7, b"x")),
    "reserved opcode 11": (1002, frame(11, b"")),
    "reserved opcode 15": (1002, frame(15, b"")),
    "a ping of 126 bytes": (1002, frame(9, b"x" * 126)),
    "a fragmented ping": (1002, frame(9, b"x", fin=False)),
    "a continuation of nothing": (1002, frame(0, b"x")),
    "a new message within one": (1002, frame(1, b"x", fin=False) + frame(1, b"y")),
    "an unmasked frame": (1002, frame(1, b"x", mask=False)),
    "half a close code": (1002, frame(8, b"\x03")),
    "a close reason that is not UTF-8": (1007, frame(8, b"\x03\xe8\xff")),
    "text that is not UTF-8": (1007, frame(1, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80")),
    "a character cut at the end": (1007, frame(1, b"\xe2\x82")),
    "text that goes wrong in an unfinished message": (1007, frame(1, b"ok\xff", fin=False)),
    "text that goes wrong in an unfinished frame": (1007, frame(1, b"\xf4\x90" + b"x" * 50)[:20]),
    "a message of 16 MiB and a byte": (1009, frame(2, b"", length=16 * MEBIBYTE + 1)),
} | {
    f"close code {code}": (1002, frame(8, code.to_bytes(2, "big")))
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_protocol_is_closed_with_its_code(raw, name):
    code, data = BROKEN[name]
    raw.send(frame(1, b"first"))
    raw.send(data)
    assert raw.read_frame() == (1, b"first")
    assert raw.read_close() == code
    assert raw.ended()


def test_text_cut_into_single_bytes_comes_back(raw):
    text = "κόσμε €𝄞".encode()
    for byte in frame(1, text):
        raw.send(bytes([byte]))
    assert raw.read_frame() == (1, text)
    for at in range(len(text)):
        raw.send(frame(1 if at == 0 else 0, text[at:at + 1], fin=at == len(text) - 1))
    assert raw.read_frame() == (1, text)


def test_other_paths_are_told_where_the_echo_is(port):
    answer = exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404 ") and b"/echo" in answer


def test_a_taken_port_is_an_error_with_a_way_out(port):
    ended = subprocess.run(
        [str(BINARY), "conformance", "--port", str(port)], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr and "--port" in ended.stderr
