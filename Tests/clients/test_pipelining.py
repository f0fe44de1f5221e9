"""Requests that wait on one TCP connection for the answer to an earlier one."""

import socket

import pytest

from harness.engine import EchoEngine


@pytest.fixture(scope="module")
def engine():
    engine = EchoEngine()
    yield engine
    engine.stop()


@pytest.mark.parametrize("body", [0, 70_000], ids=["", "after a long body"])
def test_thousands_of_requests_that_wait_behind_a_poll_are_answered(engine, body):
    """On a stack that does not grow with them: the server is still there in the end."""
    client = engine.open()
    path = f"{engine.path}?{client.query}"
    poll = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    refused = b"GET /engine.io HTTP/1.1\r\nHost:\r\n\r\n" * 7500
    with engine.raw() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        if body:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {body}\r\n\r\n"
            connection.sendall(head.encode() + b"4" + b"x" * (body - 1))
            assert connection.recv(65536).endswith(b"ok")
            assert [len(packet) for packet in client.take()] == [body]
        # While the first poll waits nothing is read, so the second one comes together with what follows it.
        connection.sendall(poll)
        connection.sendall(poll + refused)
        client.post("4a")
        client.post("4b")
        received = b""
        while received.count(b"HTTP/1.1 ") < 7502 and (chunk := connection.recv(65536)):
            received += chunk
    assert received.count(b"HTTP/1.1 400 ") >= 7500
    assert engine.open().post("4x").text == "ok"
