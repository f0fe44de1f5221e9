"""C programs with UDP sockets, natively and compiled by Emscripten [T1, T12-T15]: clients/emscripten."""

import socket
import subprocess

import pytest

from harness import pages
from harness.browser import Browser
from harness.c_programs import ERRORS, ERRORS_PAGE, SANITIZERS, build_native, build_web, free_udp_port, give, run
from harness.games import bare
from harness.net_page import OPTIONS, game
from harness.waiting import PATIENCE, until


@pytest.fixture
def own_browser(tmp_path_factory):
    """A browser whose addresses other pages can use."""
    browser = Browser(tmp_path_factory.mktemp("profile"), *OPTIONS)
    yield browser
    browser.quit()


@pytest.fixture
def example(tmp_path):
    """The program of docs/net.md, as a file, and its page's script."""
    blocks = {language: text for heading, language, text in pages.blocks("net.md") if heading == "C and Emscripten"}
    source = tmp_path / "echo.c"
    source.write_text(blocks["c"])
    return source, blocks["js"]


def test_errors_are_the_same_natively_and_in_a_page(serve, own_browser, tmp_path):
    """T12, T15.4: the same calls of the same source have the same results and the same errno."""
    # Without AddressSanitizer, which would stop the wrong pointers on their way to the kernel.
    build_native(ERRORS, tmp_path / "net-errors", "-fsanitize=undefined", "-fno-sanitize-recover=all")
    native = run(tmp_path / "net-errors").splitlines()
    assert len(native) > 50
    build_web(ERRORS, tmp_path / "web/net-errors.js")
    server = serve({**bare(), "client/index.html": ERRORS_PAGE})
    give(server, tmp_path / "web")
    own_browser.driver.get(server.url("/play/"))
    lines = until(lambda: own_browser.js("window.lines"), "the programs have ended", 3 * PATIENCE)
    assert lines["posix"] == native
    assert "bind: ENETDOWN" in lines["before"]
    # 64 sockets: those of the programs before are closed.
    assert lines["virtual"] == [
        "16,383 bytes: 16383", "16,384 bytes: EMSGSIZE", "nobody: ENETUNREACH", "nobody's name: ENETUNREACH",
        "no key: EHOSTUNREACH", "a key: 0", f"its address: {0x0A000002}", "its name: 0",
        "AAAAAAAAAAAAAAAAAAAAAAAA:65535", "publish without a port: EINVAL", "one more: EMFILE", "sockets: 64"]
    assert own_browser.complaints() == []


def test_the_example_echoes_natively(example, tmp_path):
    source, _ = example
    port = free_udp_port()
    source.write_text(source.read_text().replace("8303", str(port)))
    build_native(source, tmp_path / "echo", *SANITIZERS.split())
    program = subprocess.Popen([tmp_path / "echo"])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(0.2)
            until(lambda: echo(peer, port) == b"hello", "the echo", 3 * PATIENCE)
    finally:
        program.kill()
        program.wait()


def echo(peer, port):
    """Sends a packet, and returns what comes back; None when it is lost."""
    try:
        peer.sendto(b"hello", ("127.0.0.1", port))
        return peer.recv(100)
    except OSError:
        return None


def test_the_example_echoes_in_a_page(example, serve, own_browser, open_net_page, tmp_path):
    """T3, T13: a page runs the program as a server, and another one finds it in the list."""
    source, script = example
    build_web(source, tmp_path / "web/echo.js")
    script = script.replace('"./echo.js"', '"./built/echo.js"')
    page = f'<!doctype html><link rel="icon" href="data:,"><script type="module">{script}</script>'
    server = serve({**game(), "client/echo.html": page})
    give(server, tmp_path / "web")
    own_browser.driver.get(server.url("/play/echo.html"))
    (entry,) = until(lambda: server.get("/net/servers").json()["servers"], "it is in the list", 3 * PATIENCE)
    assert entry == {
        "name": "Ada's hill", "map": "hill", "mode": "race", "key": entry["key"], "port": 8303, "players": 0, "max": 8}
    visitor = open_net_page(server)
    visitor.start()
    fd = visitor.socket()
    visitor.sends_until(lambda: "hello" in visitor.texts(), fd, entry["key"], 8303, "hello")
    assert own_browser.complaints() == []
