"""Meadow in real browsers with positions over WebRTC (docs/webrtc.md): the lane, the switch, and the way back."""

import json
import time

import pytest

from harness.browser import Browser
from harness.server import Server
from harness.waiting import until
from harness.webrtc import Relay, free_udp_port


@pytest.fixture
def browse(tmp_path_factory):
    browsers = []

    def start(server, login):
        browser = Browser(tmp_path_factory.mktemp("profile"))
        browsers.append(browser)
        browser.open(server.url("/play/"))
        browser.enter(login)
        return browser

    yield start
    for browser in browsers:
        browser.quit()


def transport(browser):
    return browser.js("window.perigee.transport")


def take_lane(browser):
    browser.find("#lanes").click()
    until(lambda: transport(browser) == "webrtc" and browser.state() == "playing", "the page plays over WebRTC")


def place(player, key):
    record = player.entities.get(key, {})
    return record.get("x"), record.get("y")


def lanes_of(browser, lane):
    return browser.js(f"window.perigee.latency.samples.{lane}.length")


@pytest.fixture
def relayed(tmp_path):
    """Starts Meadow whose clients are told another port for UDP."""
    server = Server(tmp_path)

    def start(udp_port, told_port):
        settings = (server.game / "game.yaml").read_text()
        server.write("game.yaml", f"{settings}webrtc_port: {udp_port}\nwebrtc_addresses: ['127.0.0.1:{told_port}']\n")
        return server.start()

    yield start
    server.stop()


def test_players_over_both_transports_see_each_other_where_they_are(meadow, browse):
    ada, bob = browse(meadow, "ada"), browse(meadow, "bob")
    assert transport(ada) == "websocket" and ada.find("#lanes").text == "Fast lane: off"
    take_lane(ada)
    assert ada.find("#lanes").text == "Fast lane: on"
    keys = {ada: ada.me()["key"], bob: bob.me()["key"]}
    for watcher, walker in ((bob, ada), (ada, bob)):
        for _ in range(2):
            walker.walk_somewhere()
            until(lambda: watcher.place(keys[walker]) == walker.place(), "both see the same place")
    until(lambda: lanes_of(ada, "fast") > 0, "positions come over the fast lane")
    assert lanes_of(bob, "fast") == 0
    assert meadow.metric("perigee_webrtc_peers") == 1
    # The switch is kept, also when the page is loaded again.
    ada.driver.refresh()
    until(lambda: transport(ada) == "webrtc" and ada.state() == "playing", "the lane again")
    ada.find("#lanes").click()
    until(lambda: transport(ada) == "websocket" and ada.state() == "playing", "a WebSocket again")
    assert ada.complaints() == [] and bob.complaints() == []
    assert meadow.errors() == []


def test_the_page_goes_on_when_its_address_changes_and_after_an_outage(relayed, browse):
    udp_port, relay_port = free_udp_port(), free_udp_port()
    relay = Relay(relay_port, udp_port)
    try:
        server = relayed(udp_port, relay_port)
        ada = browse(server, "ada")
        bob = server.join("bob")
        take_lane(ada)
        key = ada.me()["key"]
        opened = server.metric("perigee_webrtc_opened_total")

        def walks():
            ada.walk_somewhere()
            bob.wait(lambda: place(bob, key) == ada.place(), "bob sees ada")

        walks()
        relay.rebind()
        walks()
        relay.is_cut = True
        time.sleep(3)  # the outage itself
        relay.is_cut = False
        walks()
        assert server.metric("perigee_webrtc_opened_total") == opened, "it is still the same connection"
        assert transport(ada) == "webrtc" and ada.complaints() == []
    finally:
        relay.stop()


def test_the_page_plays_over_a_websocket_when_udp_does_not_come_through(relayed, browse):
    # Nobody is at the port that clients are told.
    server = relayed(free_udp_port(), free_udp_port())
    ada = browse(server, "ada")
    ada.find("#lanes").click()
    until(lambda: ada.find("#lanes").text == "Fast lane: on, but UDP is blocked", "the switch says so")
    until(lambda: ada.state() == "playing" and transport(ada) == "websocket", "the page plays")
    ada.walk_somewhere()
    assert server.errors() == []


POSITIONS = """
const done = arguments[arguments.length - 1];
import('/net/positions.js').then(({ Positions }) => {
  const positions = new Positions();
  const seen = [];
  positions.load({ tick: 10, players: [{ id: 1, key: 'players_1' }], enemys: [{ id: 5, key: 'enemys_5' }] });
  for (const step of arguments[0]) {
    seen.push('fast' in step ? positions.delta(step.fast) : positions.filter(step.reliable));
  }
  done(seen);
});
"""


def test_of_each_entity_the_newest_position_wins(meadow, browse):
    browser = browse(meadow, "ada")
    steps = [
        ({"fast": {"tick": 12, "time": 2, "players": [[1, 3, 4]]}},
         {"tick": 12, "time": 2, "players": [{"id": 1, "key": "players_1", "x": 3, "y": 4}]}),
        # Late, of an unknown entity, and older than the snapshot.
        ({"fast": {"tick": 11, "time": 1, "players": [[1, 2, 2], [9, 1, 1]]}}, None),
        ({"fast": {"tick": 10, "time": 1, "enemys": [[5, 1, 1]]}}, None),
        # A delta that was delayed keeps what is no position.
        ({"reliable": {"tick": 11, "players": [{"id": 1, "key": "players_1", "x": 1, "y": 1, "z": 2, "action": "walk"}]}},
         {"tick": 11, "players": [{"id": 1, "key": "players_1", "action": "walk"}]}),
        ({"reliable": {"tick": 13, "players": [{"id": 1, "key": "players_1", "x": 5, "y": 4}]}},
         {"tick": 13, "players": [{"id": 1, "key": "players_1", "x": 5, "y": 4}]}),
        ({"fast": {"tick": 13, "time": 3, "players": [[1, 4, 4]]}}, None),
        # A height, of another kind.
        ({"fast": {"tick": 14, "time": 4, "players": [[1, 6, 4, 2]], "enemys": [[5, 1.5, -2]]}},
         {"tick": 14, "time": 4, "players": [{"id": 1, "key": "players_1", "x": 6, "y": 4, "z": 2}],
          "enemys": [{"id": 5, "key": "enemys_5", "x": 1.5, "y": -2}]}),
        # What is removed is unknown, and known again when it comes back.
        ({"reliable": {"tick": 15, "enemys": [{"id": 5, "key": "enemys_5", "action": "remove"}]}},
         {"tick": 15, "enemys": [{"id": 5, "key": "enemys_5", "action": "remove"}]}),
        ({"fast": {"tick": 16, "time": 5, "enemys": [[5, 1, 1]]}}, None),
        ({"reliable": {"tick": 17, "enemys": [{"id": 5, "key": "enemys_5", "type": "enemys", "x": 2, "y": 2}]}},
         {"tick": 17, "enemys": [{"id": 5, "key": "enemys_5", "type": "enemys", "x": 2, "y": 2}]}),
        ({"fast": {"tick": 18, "time": 6, "enemys": [[5, 3, 2]]}},
         {"tick": 18, "time": 6, "enemys": [{"id": 5, "key": "enemys_5", "x": 3, "y": 2}]}),
    ]
    seen = browser.driver.execute_async_script(POSITIONS, [given for given, _ in steps])
    assert json.loads(json.dumps(seen)) == [expected for _, expected in steps]
