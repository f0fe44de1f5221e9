"""How pages with virtual UDP sockets connect, and what that costs them [T13, T15]; docs/net.md describes it."""

import pytest

from harness.net_page import game, open_pair
from harness.signaller import Signaller
from harness.waiting import until


@pytest.fixture
def server(serve):
    return serve(game())


@pytest.fixture
def pair(server, open_net_page):
    return open_pair(server, open_net_page)


def test_both_pages_connect_at_the_same_time(pair):
    """Glare: of two offers one holds, and the first packets of both arrive over one channel, sent once."""
    host, client, host_key, client_key = pair
    client.fd = client.socket(50_000)
    until(lambda: host.sees(client_key, 50_000), "both have ports")
    for _ in range(5):
        # Both send before either may have heard of the other's offer.
        for page in (host, client):
            page.js("peer.heard = []")
        at = max(host.js("Date.now()"), client.js("Date.now()")) + 400
        for page, other_key, port in ((host, client_key, 50_000), (client, host_key, 8303)):
            page.driver.execute_script(
                """const [key, port, at, fd] = arguments;
                setTimeout(() => peer.send(fd, key, port, "crossing"), at - Date.now());""",
                other_key, port, at, page.fd)
        for page in (host, client):
            until(lambda: page.texts() == ["crossing"], "the other page's first packet", seconds=60)
        until(lambda: host.link(client_key) == client.link(host_key) == "open", "one connection", seconds=60)
        # What is sent goes both ways over what both believe to be the connection.
        host.sends_until(lambda: "after" in client.texts(), host.fd, client_key, 50_000, "after")
        client.sends_until(lambda: "after" in host.texts(), client.fd, host_key, 8303, "after")
        host.js(f"peer.network.links.get({client_key!r}).close()")
        until(lambda: client.link(host_key) == "idle", "the connection is closed", seconds=60)


def test_all_packets_that_waited_are_sent(pair):
    """They may be more than what may wait in an open channel."""
    host, client, host_key, _ = pair
    client.fd = client.socket()
    client.driver.execute_script(
        """const [fd, key] = arguments;
        for (let n = 0; n < 60; n += 1) peer.send(fd, key, 8303, "x".repeat(4000));""", client.fd, host_key)
    until(lambda: client.js("peer.network.stats.sent") == 60, "all are sent", seconds=60)
    assert client.js("peer.network.stats.dropped") == 0
    until(lambda: host.texts(), "the host gets them", seconds=60)


def test_a_port_that_nobody_has_bound_costs_only_its_own_packets(pair):
    """The first packet's port is not published; the connection is made under that of the second packet."""
    host, client, host_key, _ = pair
    client.fd = client.socket()
    client.driver.execute_script(
        """const [fd, key] = arguments;
        for (const port of [9, 10, 9, 8303]) peer.send(fd, key, port, `to ${port}`);""", client.fd, host_key)
    until(lambda: host.texts() == ["to 8303"], "the packet for the bound port", seconds=60)
    assert client.js("peer.network.stats") == {"sent": 1, "received": 0, "dropped": 3}
    assert "failed" not in client.states()


def test_an_attempt_ends_when_no_port_is_bound(pair):
    host, client, host_key, _ = pair
    client.fd = client.socket()
    client.driver.execute_script(
        """const [fd, key] = arguments;
        for (const port of [1, 2, 3, 4, 5, 6]) peer.send(fd, key, port, "lost");""", client.fd, host_key)
    until(lambda: client.states().count("failed") == 1, "the attempt fails", seconds=60)
    assert client.js("peer.network.stats.dropped") == 6
    assert client.js("made") == 4, "an attempt tries four ports"
    assert host.heard() == []


def test_an_ignored_offer_is_answered_when_ours_is_declined(server, open_net_page):
    """Of two offers at once that of the page holds; it is declined, but the other peer's own offer still stands."""
    page, peer = open_net_page(server), Signaller(server).bind(1)
    key = page.start()
    fd = page.socket(8303)
    until(lambda: page.sees(key, 8303), "the page's port is published", seconds=60)
    page.js("peer.network.key = 'z'.repeat(24)")  # the greatest key there is: its offer holds
    page.send(fd, peer.key, 1, "waits")
    ours = peer.receive()
    assert (ours["type"], ours["from"]) == ("offer", key)
    peer.send(type="offer", to=key, port=8303, id=7, sdp=ours["sdp"])
    peer.send(type="refuse", to=key, id=ours["id"])
    answer = peer.receive()
    assert (answer["type"], answer["id"]) == ("answer", 7)
    assert page.link(peer.key) == "answering"
    assert page.js(f"peer.network.links.get({peer.key!r}).queue.length") == 1, "the packet still waits"
    assert page.states() == ["online"]
    peer.close()


BROKEN = "v=0\r\nthis is no session description"


def test_peers_that_never_connect_leave_nothing_behind(server, open_net_page):
    page, peer = open_net_page(server), Signaller(server)
    key = page.start()
    page.socket(8303)
    until(lambda: page.sees(key, 8303), "the page's port is published", seconds=60)
    assert peer.ask(type="offer", to=key, port=8303, id=1, sdp=BROKEN) == {"type": "refused", "from": key, "id": 1}
    until(lambda: "failed" in page.states(), "the attempt has ended", seconds=60)
    assert page.js("[peer.network.links.links.size, peer.network.links.active.size]") == [0, 0]
    assert page.js("peer.network.addresses.keys") == []
    # What the program has asked for stays.
    address = page.call("resolve", peer.key)
    assert peer.ask(type="offer", to=key, port=8303, id=2, sdp=BROKEN)["type"] == "refused"
    assert page.call("reverseResolve", address) == peer.key
    peer.close()


def test_a_full_page_closes_the_connection_that_is_silent_longest(server, open_net_page):
    page, peer = open_net_page(server), Signaller(server)
    key = page.start()
    page.socket(8303)
    until(lambda: page.sees(key, 8303), "the page's port is published", seconds=60)
    # 256 connections, on all of which packets have just come.
    page.js("""(() => {
      const { active } = peer.network.links;
      window.ended = [];
      window.others = Array.from({ length: 256 }, (_, n) => ({
        heardAt: Infinity,
        close() { active.delete(this); window.ended.push(n); },
      }));
      for (const other of window.others) active.add(other);
    })()""")
    assert peer.ask(type="offer", to=key, port=8303, id=1, sdp=BROKEN)["type"] == "refused"
    assert page.js("window.ended") == [] and "failed" not in page.states(), "all are in use: no attempt is made"
    page.js("(() => { window.others[7].heardAt = -1e9; window.others[9].heardAt = -2e9; })()")
    assert peer.ask(type="offer", to=key, port=8303, id=2, sdp=BROKEN)["type"] == "refused"
    until(lambda: "failed" in page.states(), "an attempt was made", seconds=60)
    assert page.js("window.ended") == [9]
    peer.close()
