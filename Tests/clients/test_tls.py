"""`--tls-certificate` and `--tls-key`: https and wss, and the errors for files that can't be used."""

import signal
import socket
import ssl
import subprocess
import time

import pytest
import requests
from websockets.sync.client import connect

from harness.games import BARE
from harness.player import address
from harness.server import BINARY, Server


def certificate(folder, name):
    """A new self-signed certificate for 127.0.0.1."""
    files = (folder / f"{name}.pem", folder / f"{name}.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True)
    return files


class SecureServer(Server):
    def __init__(self, folder, files, pair):
        super().__init__(folder, files)
        self.pair = pair
        self.http.verify = str(pair[0])

    def command(self, **options):
        return super().command(**options) + ["--tls-certificate", str(self.pair[0]), "--tls-key", str(self.pair[1])]

    def url(self, path):
        return f"https://127.0.0.1:{self.port}{path}"


@pytest.fixture
def secure(tmp_path):
    server = SecureServer(tmp_path, BARE, certificate(tmp_path, "server"))
    yield server.start()
    server.stop()


@pytest.fixture
def hasty(tmp_path):
    game = {**BARE, "game.yaml": "handshake_seconds: 2\nhttp_idle_seconds: 2\n"}
    server = SecureServer(tmp_path, game, certificate(tmp_path, "server"))
    yield server.start()
    server.stop()


def test_https_and_wss_serve_a_player(secure):
    answer = secure.http.post(
        secure.url("/server/sign/register/"), json={"login": "ada", "password": "secret"}).json()
    assert answer["port"] == secure.port
    context = ssl.create_default_context(cafile=secure.pair[0])
    url = address(secure.port, answer["id"], answer["token"]).replace("ws://", "wss://")
    with connect(url, ssl=context, proxy=None, max_size=None) as socket:
        assert '"action":"load/index"' in socket.recv()
        socket.send('{"action":"move/to","x":3,"y":3}')
        while '"x":3' not in socket.recv(timeout=10):
            pass
    assert "https://" in secure.output.read_text()


def test_who_speaks_plainly_or_an_old_version_is_not_served(secure):
    with pytest.raises(requests.RequestException):
        secure.http.get(f"http://127.0.0.1:{secure.port}/health", timeout=5)
    old = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", "-tls1_1"],
        capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
    assert old.returncode != 0
    assert secure.http.get(secure.url("/health"), timeout=5).status_code == 200


def test_files_that_cannot_be_used_are_named(tmp_path):
    pair = certificate(tmp_path, "one")
    other = certificate(tmp_path, "two")
    for files, told in (
        ((tmp_path / "none.pem", pair[1]), "none.pem: there is no such file"),
        ((pair[0], pair[0]), "can't read a private key from"),
        ((pair[0], other[1]), "does not belong to the certificate"),
    ):
        folder = tmp_path / told[:4].strip()
        folder.mkdir()
        server = SecureServer(folder, BARE, files)
        ended = subprocess.run(server.command(), capture_output=True, text=True, timeout=30)
        assert ended.returncode == 1
        assert told in ended.stderr, ended.stderr


def test_perigee_reload_trusts_the_certificate_that_the_data_folder_names(secure):
    ended = subprocess.run(
        [BINARY, "reload", "--data", secure.data], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, "")


def hello():
    """The first message of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="x")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("part", [0, 3, 50, None], ids=["nothing", "a record's head", "half a hello", "a hello"])
def test_who_does_not_finish_the_tls_handshake_is_cut_off(hasty, part):
    with socket.create_connection(("127.0.0.1", hasty.port), 20) as silent:
        silent.sendall(hello()[:part])
        began = time.monotonic()
        try:
            while silent.recv(65536):
                pass
        except OSError:
            pass
        assert time.monotonic() - began < 10
    assert hasty.http.get(hasty.url("/health"), timeout=5).status_code == 200


def test_a_slow_body_behind_tls_is_cut_off(hasty):
    context = ssl.create_default_context(cafile=hasty.pair[0])
    with socket.create_connection(("127.0.0.1", hasty.port), 20) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
            client.sendall(b"POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n")
            began, answer = time.monotonic(), b""
            while chunk := client.recv(65536):
                answer += chunk
            assert b"HTTP/1.1 408 " in answer
            assert time.monotonic() - began < 5


def test_sigterm_does_not_wait_for_clients_that_answer_nothing(secure):
    context = ssl.create_default_context(cafile=secure.pair[0])
    silent = []
    for n in range(3):
        answer = secure.http.post(
            secure.url("/server/sign/register/"), json={"login": f"ada{n}", "password": "secret"}).json()
        url = address(secure.port, answer["id"], answer["token"])
        plain = socket.create_connection(("127.0.0.1", secure.port), 20)
        client = context.wrap_socket(plain, server_hostname="127.0.0.1")
        path = url.split(str(secure.port), 1)[1]
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        assert b" 101 " in client.recv(65536)
        silent.append(client)
    began = time.monotonic()
    secure.process.send_signal(signal.SIGTERM)
    assert secure.process.wait(20) == 0
    assert time.monotonic() - began < 10
    for client in silent:
        client.close()
