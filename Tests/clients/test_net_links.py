"""How pages with virtual UDP sockets connect, and what that costs them [T13, T15]; docs/net.md describes it."""

import pytest

from harness.net_page import game, open_pair
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
