"""Connections that can send bytes that no client library would send."""

import base64
import json
import os
import socket
import struct
from urllib.parse import urlsplit

from .waiting import PATIENCE


def exchange(port, data, seconds=PATIENCE):
    """Sends bytes, ends its own side, and returns what comes back until the server closes or `seconds` pass."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        received = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has already closed; its answer can still be read
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except OSError:
            pass
        return received


def frame(opcode, payload, fin=True, mask=True, reserved=0, length=None):
    """A client's frame; the arguments also allow frames that break the protocol."""
    head = bytes([(0x80 if fin else 0) | reserved | opcode])
    size = len(payload) if length is None else length
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    key = b"\x01\x02\x03\x04"
    if not mask:
        return head + payload
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


class RawWebSocket:
    """A WebSocket after a correct handshake; any bytes may be sent over it."""

    def __init__(self, url, extensions=None):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        offer = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        self.socket.sendall(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"{offer}\r\n".encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        assert head.startswith(b"HTTP/1.1 101"), head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def receive(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("closed without a close frame")
        self.buffer += chunk

    def read_frame(self):
        """The next frame's opcode and payload; a server's frames are not masked."""
        while len(self.buffer) < 2:
            self.receive()
        length, start = self.buffer[1] & 0x7F, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            while len(self.buffer) < 2 + size:
                self.receive()
            length, start = int.from_bytes(self.buffer[2:2 + size], "big"), 2 + size
        while len(self.buffer) < start + length:
            self.receive()
        opcode, payload = self.buffer[0] & 0x0F, self.buffer[start:start + length]
        self.buffer = self.buffer[start + length:]
        return opcode, payload

    def ended(self):
        """Whether the server ends the connection without sending anything more."""
        try:
            return not self.buffer and self.socket.recv(1) == b""
        except OSError:
            return False

    def read_text(self):
        while True:
            opcode, payload = self.read_frame()
            if opcode == 1:
                return payload.decode()

    def read_close(self):
        """The code with which the server closes; deltas and errors before the close are skipped."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005

    def read_error_or_close(self):
        """The next error message as an object, or the close code when the server closes first."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0] if payload else 1005
            if opcode == 1 and "error" in (message := json.loads(payload)):
                return message
