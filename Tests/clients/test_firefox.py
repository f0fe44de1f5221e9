"""Firefox with WebRTC: Meadow with positions on `fast` (docs/webrtc.md), and virtual UDP sockets (docs/net.md) [T1, T15].

Firefox makes no WebRTC connection to the loopback address, so the server and Firefox are in two network namespaces with a
link between them; `impaired_link` describes it.
"""

import pytest

from harness.browser import KEYS
from harness.firefox import Firefox
from harness.impaired_link import SERVER, ImpairedLink
from harness.net_page import NetPage, game, open_pair
from harness.waiting import until


@pytest.fixture
def link():
    """The link; all that a test does is done at the server's end."""
    link = ImpairedLink(loss=0, delay=0)
    with link.inside("server"):
        yield link
    link.stop()


@pytest.fixture
def firefox(link, tmp_path):
    with link.inside("clients"):
        firefox = Firefox(tmp_path)
    yield firefox
    firefox.quit()


def url(server, path="/play/"):
    return f"http://{SERVER}:{server.port}{path}"


def enter(page, login):
    """Makes a player in the form of Meadow, and waits until it is on the map."""
    page.execute_script(
        """const form = document.querySelector("#sign");
        [form.login.value, form.password.value] = [arguments[0], "correct horse"];
        form.register.click();""", login)
    until(lambda: page.js("perigee.state === 'playing' && perigee.self()?.key"), f"{login} plays")


def place(page):
    return tuple(page.js("[perigee.self().x, perigee.self().y]"))


def walk_somewhere(page):
    """Holds a key until the player has walked a step, in the first direction that is free."""
    before = place(page)
    for key in KEYS.values():
        page.hold_key(key, True)
        try:
            return until(lambda: place(page) != before, "a step", seconds=2)
        except AssertionError:
            continue
        finally:
            page.hold_key(key, False)
    raise AssertionError("the player is blocked in all four directions")


def test_meadow_is_played_with_positions_on_the_fast_lane_and_with_the_switch_off_over_a_websocket(
        link, firefox, serve):
    server = serve(None, host="0.0.0.0")
    page, bob = firefox.open(url(server)), server.join("bob")
    enter(page, "ada")
    key = page.js("perigee.self().key")

    def plays(transport):
        until(lambda: page.js("perigee.transport") == transport and page.js("perigee.state") == "playing", transport)
        for _ in range(2):
            walk_somewhere(page)
            bob.wait(
                lambda: tuple(bob.entities.get(key, {}).get(name) for name in "xy") == place(page), "bob sees ada's place")

    def switch():
        page.js("document.querySelector('#lanes').click()")

    plays("websocket")
    switch()
    plays("webrtc")
    until(lambda: page.js("perigee.latency.samples.fast.length") > 0, "positions come over the fast lane")
    assert server.metric("perigee_webrtc_peers") == 1
    switch()
    plays("websocket")
    until(lambda: server.metric("perigee_webrtc_peers") == 0, "the lanes are closed")
    assert firefox.complaints == [] and server.errors() == []


class FirefoxNetPage(NetPage):
    """A page with virtual UDP sockets, in a window of its own."""

    def __init__(self, firefox, server):
        self.browser = self.driver = firefox.open(url(server))
        until(lambda: self.js("window.isReady"), "the page is loaded")


def test_two_pages_exchange_datagrams_both_ways(link, firefox, serve):
    """T15, row 28."""
    host, client, host_key, client_key = open_pair(
        serve(game(), host="0.0.0.0"), lambda server: FirefoxNetPage(firefox, server))
    fd = client.socket()
    client.gets_echoes(fd, host_key, 8303, 200)
    port = host.heard()[0]["port"]
    host.sends_until(lambda: "back" in host.texts(), host.fd, client_key, port, "echo back")
    assert host.heard()[0]["key"] == client_key and client.heard()[0]["key"] == host_key
    assert firefox.complaints == []
