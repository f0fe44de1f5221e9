"""The list of servers [T4, T9, row 32], signalling under attack, and the examples of docs/net.md."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from harness import pages
from harness.games import bare
from harness.net_page import game
from harness.signaller import Signaller
from harness.waiting import PATIENCE, until

ENTRY = {"name": "Iron", "port": 8303, "map": "hill", "mode": "race", "players": 1, "max": 8}


@pytest.fixture
def server(serve):
    return serve(game())


def listed(server, room=""):
    return server.get("/net/servers", params={"room": room}).json()["servers"]


def shown(page, selector):
    """The text of the first such element, or None while there is none."""
    return page.js(f"document.querySelector({selector!r})?.textContent")


def test_one_click_joins(server, open_net_page):
    """T9, row 32: a page hosts, another one opens the list, clicks, and is in the game."""
    host = open_net_page(server)
    key = host.start()
    host.socket(8303)
    host.call("publish", {**ENTRY, "name": "Ada's <b>hill</b>", "players": 0})
    until(lambda: listed(server), "the server is in the list")
    visitor = open_net_page(server)
    visitor.driver.get(server.url("/net/"))
    until(lambda: shown(visitor, "#servers h2") == "Ada's <b>hill</b>", "the page shows it")
    assert shown(visitor, "#state") == "1 server"
    assert shown(visitor, ".about") == "hill · race"
    assert shown(visitor, ".players") == "0 of 8 players"
    visitor.browser.find("a.join").click()
    until(lambda: shown(visitor, "#heard") == "joined", "it has exchanged packets with the host")
    assert visitor.driver.current_url == server.url(f"/play/#join={key}:8303")
    assert set(host.texts()) == {"echo joined"}
    # The entry shows what the host says of itself, and goes with the host.
    host.call("publish", {"name": "Hill", "port": 8303, "players": 1, "max": 8})
    visitor.driver.get(server.url("/net/"))
    until(lambda: shown(visitor, ".players") == "1 of 8 players", "the page shows the change")
    host.quit()
    until(lambda: visitor.browser.find("#empty").is_displayed(), "the page shows that it is gone")
    assert visitor.browser.complaints() == []


def test_an_entry_lives_as_long_as_its_host_refreshes_it(server, open_net_page):
    """T9: 30 s after the last refresh it is gone; a page refreshes its own without doing anything."""
    host = open_net_page(server)
    host.start()
    host.socket(8303)
    host.call("publish", {"name": "page", "port": 8303, "players": 0, "max": 8})
    until(lambda: len(listed(server)) == 1, "the page's entry")
    begin = time.monotonic()
    silent = Signaller(server).bind(1)
    assert silent.ask(type="publish", name="silent", port=1, players=0, max=1)["type"] == "published"
    first = server.post("/net/servers", json={**ENTRY, "name": "native"})
    assert first.status_code == 201
    assert sorted(entry["name"] for entry in listed(server)) == ["native", "page", "silent"]
    until(lambda: len(listed(server)) == 1, "the entries of those who are silent are gone", seconds=60)
    assert time.monotonic() - begin > 29
    assert [entry["name"] for entry in listed(server)] == ["page"]
    assert server.metric("perigee_net_servers") == 1
    # A native server that was away keeps its key.
    again = server.post("/net/servers", json={**ENTRY, **{name: first.json()[name] for name in ("key", "secret")}})
    assert again.status_code == 200 and again.json()["key"] == first.json()["key"]
    assert {"key": again.json()["key"], "address": "127.0.0.1", **ENTRY} in listed(server)
    silent.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_shows_what_anybody_writes_as_text(serve, browser, width, scheme):
    server = serve(game())
    names = ["<img src=x onerror=document.title='pwned'>", "W" * 64, "日本のサーバー " * 8, "a&amp;b"]
    for name in names:
        answer = server.post("/net/servers", json={**ENTRY, "name": name, "map": "<script>", "mode": "M" * 32})
        assert answer.status_code == 201, answer.text
    peer = Signaller(server).bind(7)
    assert peer.ask(type="publish", name="x" * 64, port=7, players=65_535, max=65_535)["type"] == "published"
    driver = browser.driver
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.get(server.url("/net/"))
    until(lambda: len(browser.js("[...document.querySelectorAll('h2')]")) == 5, "all servers are shown")
    shown = browser.js("[...document.querySelectorAll('h2')].map(({ textContent }) => textContent)")
    assert sorted(shown) == sorted([*names, "x" * 64])
    assert driver.title == "Servers"
    assert browser.js("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    boxes = browser.js("""[...document.querySelectorAll('li > *')].map((part) => {
        const { left, right } = part.getBoundingClientRect(); return left >= 0 && right <= innerWidth; })""")
    assert all(boxes)
    ink, paper = browser.js(
        "['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name].match(/\\d+/g).map(Number))")
    assert (sum(ink[:3]) > sum(paper[:3])) == (scheme == "dark")
    # A browser can't join a server with real UDP.
    assert browser.js("[...document.querySelectorAll('a.join')].map((link) => link.hash)") == [f"#join={peer.key}:7"]
    assert [text for text in browser.complaints() if "favicon" not in text] == []
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    peer.close()


def test_links_lead_to_pages_of_the_server_only(serve, browser):
    server = serve(game())
    peer = Signaller(server, "lan").bind(7)
    peer.ask(type="publish", name="x", port=7, players=0, max=1)
    for page, path in (
        ("/play/hill.html?x=1", "/play/hill.html?x=1"), ("https://evil.example/", "/play/"),
        ("//evil.example/", "/play/"), ("javascript:alert(1)", "/play/"), ("\\\\evil.example/", "/play/"),
    ):
        browser.driver.get(server.url("/net/?" + "room=lan&page=" + page.replace("?", "%3F").replace("\\", "%5C")))
        until(lambda: browser.js("document.querySelector('a.join')"), "the server is shown")
        link = browser.js("document.querySelector('a.join').href")
        assert link == server.url(f"{path}#join={peer.key}:7&room=lan"), page
    peer.close()


def test_hostile_peers_disturb_nobody(server):
    """Bad input: garbage, floods, guesses and huge messages cost only those who send them."""
    host, client = Signaller(server).bind(8303), Signaller(server)
    for text in ("", "{", "[]", "null", "1e999", '{"type":"join"}', "\u0000", '{"type":' * 50, '"' * 1000):
        victim = Signaller(server)
        victim.socket.send(text)
        assert victim.receive()["code"] in ("bad_json", "bad_message", "already_joined")
        victim.close()
    for payload in (b"\xff\xfe", "x" * 25_000):
        victim = Signaller(server)
        victim.socket.send(payload)
        try:
            assert victim.receive()["code"] == "bad_json"
        except ConnectionClosed as end:
            assert end.rcvd.code == 1009
        victim.close()
    flooder = Signaller(server)
    with pytest.raises(ConnectionClosed) as end:
        for _ in range(1000):
            flooder.send(type="ice")
        while True:
            flooder.receive()
    assert end.value.rcvd is None or end.value.rcvd.code == 1008
    thief = connect(f"ws://127.0.0.1:{server.port}/net/signal", proxy=None, open_timeout=PATIENCE)
    for secret in ("", "x", client.hello["secret"], host.key):
        thief.send(json.dumps({"type": "join", "key": host.key, "secret": secret}))
        assert json.loads(thief.recv(PATIENCE))["code"] == "bad_secret"
    thief.close()
    client.send(type="offer", to=host.key, port=8303, id=1, sdp="v=0 hello")
    offer = host.receive()
    assert (offer["from"], offer["sdp"]) == (client.key, "v=0 hello")
    host.send(type="answer", to=client.key, id=1, sdp="v=0 hi")
    assert client.receive()["sdp"] == "v=0 hi"
    host.close()
    assert client.receive() == {"type": "gone", "key": host.key}
    client.close()
    until(lambda: server.metric("perigee_net_peers") == 0, "all have left")


def test_addresses_are_bounded(serve):
    server = serve(game("net_peers_per_address: 3\n"))
    peers = [Signaller(server) for _ in range(3)]
    refused = Signaller(server)
    assert (refused.hello["code"], refused.hello["retry"]) == ("full", 10)
    refused.close()
    peers.pop().close()
    until(lambda: server.metric("perigee_net_peers") == 2, "one has left")
    assert Signaller(server).key
    for peer in peers:
        peer.close()


def test_peers_get_time_limited_credentials(serve):
    """T6, T8: the user name is EXPIRY:KEY, the password its HMAC-SHA1 with the secret."""
    settings = 'turn_seconds: 600\nice_servers: ["stun:a.example", "turn:a.example:3478?transport=udp"]\n'
    server = serve(game(settings), environment={"PERIGEE_TURN_SECRET": "north"})
    peer = Signaller(server)
    stun, turn = peer.hello["ice_servers"]
    assert stun == {"urls": ["stun:a.example"]} and turn["urls"] == ["turn:a.example:3478?transport=udp"]
    expiry, user = turn["username"].split(":")
    assert user == peer.key and abs(int(expiry) - time.time() - 600) < 60
    digest = hmac.new(b"north", turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(digest).decode()
    # A changed game.yaml holds for the next peers, and the secret is never told.
    server.write("game.yaml", server.read("game.yaml").replace("stun:a.example", "stun:b.example"))
    server.reload()
    assert peer.ask(type="ice")["ice_servers"][0] == {"urls": ["stun:b.example"]}
    assert "north" not in server.output.read_text()
    peer.close()


def test_without_a_secret_peers_get_no_relay_and_the_operator_is_told(serve):
    server = serve(game('ice_servers: ["turn:a.example"]\n'))
    peer = Signaller(server)
    assert peer.hello["ice_servers"] == []
    assert server.says("peers get no TURN servers, because their secret is missing")
    peer.close()


def test_the_example_of_the_page_runs(serve, open_net_page):
    host, client = [
        text for heading, language, text in pages.blocks("net.md") if (heading, language) == ("A server and a client", "js")
    ]
    page = "<!doctype html><meta charset=utf-8><script type=module>window.isReady = true;\n{}\nwindow.net = net;</script>"
    files = {**bare(), "client/index.html": page.format(client), "client/host.html": page.format(host)}
    server = serve(files)
    hosting = open_net_page(server, "host.html")
    until(lambda: listed(server), "the host is in the list")
    (entry,) = listed(server)
    assert entry["name"] == "Ada's hill"
    joining = open_net_page(server, f"#join={entry['key']}:{entry['port']}")
    until(lambda: joining.js("window.net?.stats().sent") == 1, "the packet is sent")
    until(lambda: hosting.js("net.stats()") == {"sent": 1, "received": 1, "dropped": 0}, "the host has answered")
    until(lambda: joining.js("net.stats().received") == 1, "the answer has come")
