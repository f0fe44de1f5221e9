"""`--tls-certificate` and `--tls-key`: https and wss, and what is said of files that can't be used."""

import ssl
import subprocess

import pytest
import requests
from websockets.sync.client import connect

from harness.games import BARE
from harness.player import address
from harness.server import BINARY, Server


def certificate(folder, name):
    """A new certificate for 127.0.0.1, signed by itself."""
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
