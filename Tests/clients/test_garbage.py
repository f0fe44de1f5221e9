"""Garbage sent to every endpoint: errors are clear, nothing crashes, other players are not affected."""

import random
import re
import socket
import struct

import pytest

from harness.player import address
from harness.raw import RawWebSocket, exchange, frame

PATHS = [
    "/", "/health", "/metrics", "/play/", "/play/index.html", "/play/../../etc/passwd",
    "/play/%2e%2e/%2e%2e/etc/passwd",
    "/play/%00", "/admin/", "/admin/nothing", "/server/sign/auth/", "/server/sign/register/", "/server/signin/auth",
    "/server/sign/get_map/", "/server/sign/get_map/?map_id=x", "/server/sign/get_map/?side=%ff",
    "/server/api/log_perfomance/1", "/server/api/log_perfomance/99", "/server/api/log_perfomance/x",
    "/server/api/log_perfomance/99999999999999999999", "/socket.io/", "/nothing", "/" + "a" * 5000, "/%", "//",
    "/?" + "q" * 5000,
]


POST = b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def witness(server):
    """A player who must be able to play on at the end, whatever the test sends."""
    player = server.join("witness")
    process = server.process.pid
    yield player
    for x in (3, 4, 5):
        player.send("move/to", x=x, y=9)
        player.wait(lambda: (player.me["x"], player.me["y"]) == (x, 9), "the witness plays on", seconds=5)
    assert player.errors == []
    assert player.closed is None
    assert server.is_running() and server.process.pid == process
    assert server.get("/health").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
def test_every_method_on_every_path(server, witness, method):
    for path in PATHS:
        for body in (b"", b"{", bytes(range(256))):
            # Sent as raw bytes, because client libraries would correct the path.
            request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            answer = exchange(server.port, request.encode() + body)
            assert answer.startswith(b"HTTP/1.1 "), (method, path, answer[:80])
            status = int(answer[9:12])
            assert 200 <= status < 500 or status == 501, (method, path, answer[:200])
            assert b"root:" not in answer


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 1000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 200,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"H%d: %s\r\n" % (n, b"v" * 500) for n in range(500)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"v" * 200_000 + b"\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["zeros", "tls", "version", "no path", "negative", "both lengths", "huge chunk", "many fields", "long field",
         "h2"],
)
def test_bytes_that_are_no_request(server, witness, data):
    answer = exchange(server.port, data)
    # The server closes the connection without an answer, or answers that it refuses.
    assert answer == b"" or answer.startswith(b"HTTP/1."), answer[:80]
    assert answer == b"" or 400 <= int(answer[9:12]) <= 505 and int(answer[9:12]) != 500, answer[:80]


@pytest.mark.parametrize(
    "data",
    [
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a b/c\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX",
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        POST + b"Content-Length: 5, 5\r\n\r\nabcde",
        b"POST /server/sign/auth/ HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        POST + b"Content-Length: 50\r\n\r\nlogin=ada&password=correct+horse",
    ],
    ids=["no host", "two hosts", "bad host", "bad chunk", "bad end of chunk", "other coding", "length and coding",
         "two lengths", "list of lengths", "coding in 1.0", "folded field", "blank before colon", "zero byte",
         "no host in the second", "half a body"],
)
def test_requests_that_proxies_may_read_in_another_way_get_400_and_a_close(server, witness, data):
    answer = exchange(server.port, data)
    assert re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)[-1] == b"400", answer
    assert b"connection: close" in answer.lower()


def test_an_upload_that_does_not_come_is_the_clients_affair(serve):
    server = serve({"game.yaml": "name: Hasty\nhandshake_seconds: 1\n"})
    for kind in ("auth", "register"):
        head = f"POST /server/sign/{kind}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", server.port), 20) as slow:
            slow.sendall(head + b"login=ada&password=correct+horse")
            assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")
            assert slow.recv(1) == b""
    # The server did not register an account from the incomplete body.
    assert server.post("/server/sign/auth/", json={"login": "ada", "password": "correct horse"}).status_code == 401
    assert server.stop() == 0
    assert " error " not in server.output.read_text()


def test_random_bytes(server, witness):
    noise = random.Random(20)
    for _ in range(100):
        exchange(server.port, noise.randbytes(noise.randrange(1, 3000)), seconds=0.05)


def test_bodies_without_end_are_cut(server, witness):
    head = (
        b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 900000000\r\n\r\n")
    answer = exchange(server.port, head + b"[" * 3_000_000)
    assert answer.startswith(b"HTTP/1.1 4"), answer[:80]


def test_many_silent_connections_hinder_nobody(server, witness):
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        assert server.get("/health").status_code == 200
        witness.send("move/to", x=20, y=20)
        witness.wait(lambda: witness.me["x"] == 20, "the witness moves")
    finally:
        for connection in silent:
            connection.close()


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (frame(1, b"{}", mask=False), {1002}),
        (frame(1, b"{}", reserved=0x70), {1002}),
        (frame(3, b"x"), {1002}),
        (frame(0, b"x"), {1002}),
        (frame(1, b"a", fin=False) + frame(1, b"b"), {1002}),
        (frame(9, b"p" * 126), {1002}),
        (frame(9, b"p", fin=False), {1002}),
        (frame(8, b"\x03"), {1002}),
        (frame(8, struct.pack(">H", 999)), {1002}),
        (frame(1, b"", length=1 << 40), {1009, 1002}),
        (frame(1, b"\xff\xfe"), {1007}),
    ],
    ids=["unmasked", "reserved bits", "opcode", "lonely continuation", "interleaved", "long ping", "split ping",
         "short close", "close code", "too long", "no utf-8"],
)
def test_broken_framing_is_closed_with_its_code(server, witness, data, codes):
    with RawWebSocket(address(server.port, *credentials(server, "broken"))) as raw:
        raw.read_text()
        raw.send(data)
        assert raw.read_close() in codes


def test_random_frames(server, witness):
    noise = random.Random(21)
    for n in range(30):
        kind = "auth" if n else "register"
        with RawWebSocket(address(server.port, *credentials(server, "noise", kind))) as raw:
            raw.send(noise.randbytes(noise.randrange(1, 2000)))


def test_deep_and_wide_json(server, witness):
    with RawWebSocket(address(server.port, *credentials(server, "deep"))) as raw:
        raw.read_text()
        for text in (b'{"action":' + b"[" * 8000, b'{"action":"move/to","x":' + b'{"a":' * 2000, b'{"a":"\\ud800"}'):
            raw.send(frame(1, text))
            assert "error" in raw.read_error_or_close()


def credentials(server, login, kind="register"):
    answer = server.sign(kind, login)
    return answer["id"], answer["token"]
