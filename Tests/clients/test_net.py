"""Virtual UDP sockets between pages in headless Chromium [T3, T10-T15, rows 25-31]; docs/net.md describes them."""

import pytest

from harness.net_page import game, open_pair
from harness.waiting import until

OWN, FIRST = 0x0A000001, 0x0A000002
EBADF, EWOULDBLOCK, EINVAL, EMSGSIZE = 9, 11, 22, 90
EADDRINUSE, EADDRNOTAVAIL, ENETDOWN, ENETUNREACH = 98, 99, 100, 101


@pytest.fixture
def server(serve):
    return serve(game())


@pytest.fixture
def pair(server, open_net_page):
    return open_pair(server, open_net_page)


def test_two_pages_exchange_datagrams_both_ways(pair):
    """T15, rows 25, 26, 28, 30: the first packet connects, and the answer comes to the port that it came from."""
    host, client, host_key, client_key = pair
    fd = client.socket()
    assert client.send(fd, host_key, 8303, "echo hello") == 10
    assert client.link(host_key) != "open", "the packet waits for the connection"
    client.sends_until(lambda: "hello" in client.texts(), fd, host_key, 8303, "echo hello")
    answer = client.waits_for_text("hello")
    assert (answer["addr"], answer["port"], answer["key"]) == (FIRST, 8303, host_key)
    packet = host.heard()[0]
    assert (packet["text"], packet["addr"], packet["key"]) == ("echo hello", FIRST, client_key)
    # The implicit bind took a free port from 10,000 on, and published it.
    assert 10_000 <= packet["port"] <= 65_535
    assert host.sees(client_key, packet["port"])
    client.gets_echoes(fd, host_key, 8303, 200)
    host.sends_until(lambda: "back" in host.texts(), host.fd, client_key, packet["port"], "echo back")
    assert host.browser.complaints() == [] and client.browser.complaints() == []


def test_all_ports_of_two_pages_share_one_connection(pair):
    """T15.3, T15.6, row 28: each packet comes to the socket of its port, and its sender's port is told."""
    host, client, host_key, client_key = pair
    second = host.socket(8304)
    until(lambda: client.sees(host_key, 8304), "the second port")
    sockets = [client.socket() for _ in range(3)]
    for fd in sockets:
        for port in (8303, 8304):
            text = f"{fd} to {port}"
            client.sends_until(lambda: text in host.texts(), fd, host_key, port, text)
    ports = {}
    for packet in host.heard():
        fd, port = packet["text"].split(" to ")
        assert packet["fd"] == {"8303": host.fd, "8304": second}[port]
        ports.setdefault(fd, set()).add(packet["port"])
    assert [len(own) for own in ports.values()] == [1, 1, 1]
    assert len(set.union(*ports.values())) == 3
    assert (host.js("made"), client.js("made")) == (1, 1)
    channel = client.js(f"""(({{ label, ordered, maxRetransmits, negotiated, id }}) =>
        [label, ordered, maxRetransmits, negotiated, id])(peer.network.links.get({host_key!r}).channel)""")
    assert channel == ["perigee-net", False, 0, True, 0]
    # A packet for a port that nobody has bound is lost.
    before = host.js("peer.network.stats.dropped")
    client.sends_until(
        lambda: host.js("peer.network.stats.dropped") > before, sockets[0], host_key, 9999, "lost")
    client.sends_until(lambda: "found" in host.texts(), sockets[0], host_key, 8303, "found")
    assert "lost" not in host.texts()


def test_errors_are_those_of_posix(server, open_net_page):
    """Row 29 and the errors of the sockets: -1 and errno."""
    page = open_net_page(server)

    def fails(errno, name, *values):
        page.js("peer.network.errno = 0")
        assert page.call(name, *values) == -1
        assert page.errno() == errno, (name, values)

    fd = page.call("socket")
    assert fd >= 3
    fails(ENETDOWN, "bind", fd, {"port": 8303})
    fails(ENETDOWN, "sendto", fd, [1], 1, {"addr": FIRST, "port": 1})
    fails(ENETDOWN, "recvfrom", fd, [0], 1)
    assert page.call("local_key") is None and page.call("resolve", "x") == 0
    key = page.start()
    assert page.call("local_key") == key
    assert page.call("resolve", key) == OWN and page.call("reverseResolve", OWN) == key
    for name, values in (("bind", ({"port": 1},)), ("sendto", ([1], 1, {})), ("recvfrom", ([0], 1)), ("close", ())):
        fails(EBADF, name, 99, *values)
    for addr in (FIRST, 1, 0x7F000001):
        fails(EADDRNOTAVAIL, "bind", fd, {"addr": addr, "port": 8303})
    fails(EINVAL, "bind", fd, {"port": 65_536})
    assert page.call("bind", fd, {"addr": OWN, "port": 8303}) == 0
    fails(EINVAL, "bind", fd, {"port": 8304})
    other = page.call("socket")
    fails(EADDRINUSE, "bind", other, {"port": 8303})
    fails(EWOULDBLOCK, "recvfrom", fd, [0], 1)
    fails(ENETUNREACH, "sendto", fd, [1], 1, {"addr": FIRST, "port": 1})
    fails(ENETUNREACH, "sendto", fd, [1], 1, {"addr": 0, "port": 1})
    fails(EINVAL, "sendto", fd, [1], 1, {"addr": OWN, "port": 0})
    sizes = page.js("""[16_383, 16_384].map((size) =>
        peer.network.sendto(%d, new Uint8Array(size), size, { addr: 0x0a000001, port: 8303 })
    ).concat(peer.network.errno)""" % fd)
    assert sizes == [16_383, -1, EMSGSIZE]
    assert page.call("close", fd) == 0 and page.call("bind", other, {"port": 8303}) == 0
    assert page.call("bind", page.call("socket"), {"addr": 0, "port": 0}) == 0
    # The module's own functions are those of one network, with errno beside them.
    assert page.js("[net.recvfrom(7, new Uint8Array(1), 1), net.errno, net.EBADF]") == [-1, EBADF, EBADF]


def test_packets_to_oneself_are_truncated_and_queued_by_port(server, open_net_page):
    """T15.2, T15.4: queues of ports, truncation, the callback; 10.0.0.1 is the page itself."""
    page = open_net_page(server)
    page.start()
    page.call("recvCallback", None)
    assert page.js("""(() => {
      const { network } = peer, one = peer.open(1), two = peer.open(2), from = {};
      const own = (port) => ({ addr: 0x0a000001, port });
      network.sendto(one, new Uint8Array([1, 2, 3, 4]), 4, own(2));
      network.sendto(one, new Uint8Array([5]), 1, own(2));
      const buffer = new Uint8Array(3);
      return [
        network.recvfrom(one, buffer, 3), network.recvfrom(two, buffer, 3, from), [...buffer], from.addr, from.port,
        network.recvfrom(two, buffer, 3), buffer[0], network.recvfrom(two, buffer, 3), network.errno,
      ];
    })()""") == [-1, 3, [1, 2, 3], OWN, 1, 1, 5, -1, EWOULDBLOCK]
    # A full queue loses what comes last; the program is called back once for what came at once.
    assert page.js("""(() => {
      const { network } = peer, fd = peer.open(3);
      for (let n = 0; n < 2000; n += 1) network.sendto(fd, new Uint8Array(200), 200, { addr: 0x0a000001, port: 3 });
      let count = 0;
      while (network.recvfrom(fd, new Uint8Array(200), 200) >= 0) count += 1;
      return [count, network.stats.dropped];
    })()""") == [1024, 976]
    page.js("""(() => {
      peer.called = 0;
      peer.network.recvCallback(() => { peer.called += 1; peer.drain(); });
      const fd = peer.open(4);
      for (let n = 0; n < 5; n += 1) {
        peer.network.sendto(fd, new TextEncoder().encode(`n${n}`), 2, { addr: 0x0a000001, port: 4 });
      }
    })()""")
    until(lambda: page.texts() == ["n0", "n1", "n2", "n3", "n4"], "the callback")
    assert page.js("peer.called") == 1


def test_either_side_connects_again_after_a_loss(pair):
    """T15.7: the implicit bind lets the server make the connection anew with its next sendto."""
    host, client, host_key, client_key = pair
    client.sends_until(lambda: "first" in host.texts(), client.socket(), host_key, 8303, "first")
    port = host.waits_for_text("first")["port"]
    client.js(f"peer.network.links.get({host_key!r}).close()")
    until(lambda: host.link(client_key) == "idle", "the host notices")
    host.sends_until(lambda: "from the host" in client.texts(), host.fd, client_key, port, "from the host")
    assert client.waits_for_text("from the host")["port"] == 8303
    assert (host.js("made"), client.js("made")) == (2, 2)


def test_suspended_pages_are_not_called_and_not_found(pair):
    """suspend and resume: no callbacks, no published ports; what is connected goes on."""
    host, client, host_key, client_key = pair
    fd = client.socket()
    client.sends_until(lambda: "before" in host.texts(), fd, host_key, 8303, "before")
    assert host.call("suspend") == 0
    calls = host.js("peer.calls")
    until(lambda: not client.sees(host_key, 8303), "the port is not published")
    client.sends_until(
        lambda: host.js("!peer.network.ports.get(8303).isEmpty"), fd, host_key, 8303, "meanwhile")
    assert host.js("peer.calls") == calls and "meanwhile" not in host.texts()
    assert host.call("resume") == 0
    host.waits_for_text("meanwhile")
    until(lambda: client.sees(host_key, 8303), "the port is published again")
    # A new connection is refused while the page is suspended.
    host.js(f"peer.network.links.get({client_key!r}).close()")
    until(lambda: client.link(host_key) == "idle", "the connection is closed")
    host.call("suspend")
    until(lambda: not client.sees(host_key, 8303), "the port is gone again")
    client.send(fd, host_key, 8303, "nobody hears this")
    until(lambda: "failed" in client.states(), "the client's attempt fails")
    assert "nobody hears this" not in host.texts()


def test_a_page_that_closes_is_gone(pair, server):
    host, client, host_key, _ = pair
    fd = client.socket()
    client.sends_until(lambda: "here" in client.texts(), fd, host_key, 8303, "echo here")
    host.driver.get("about:blank")
    until(lambda: client.link(host_key) == "idle", "the connection ends with the page")
    until(lambda: not client.sees(host_key, 8303), "the server notices too", seconds=60)
    # UDP tells nobody that a packet is lost.
    assert client.send(fd, host_key, 8303, "lost") == 4
    until(lambda: "failed" in client.states(), "the attempt fails")
    assert client.browser.complaints() == []
    until(lambda: server.metric("perigee_net_peers") == 1, "the server has forgotten the page")


def test_connections_outlive_the_server_and_keys_outlive_connections(pair, server):
    host, client, host_key, client_key = pair
    fd = client.socket()
    client.sends_until(lambda: "one" in client.texts(), fd, host_key, 8303, "echo one")
    # Only the signalling breaks: each page has its key and its ports again.
    host.js("peer.network.signalling.socket.close()")
    until(lambda: host.states()[-2:] == ["offline", "online"], "the host is back")
    assert host.call("local_key") == host_key
    until(lambda: client.sees(host_key, 8303), "the port is published again", seconds=60)
    server.stop()
    until(lambda: client.states()[-1] == "offline", "the server is away")
    client.sends_until(lambda: "two" in client.texts(), fd, host_key, 8303, "echo two")
    server.start()
    for page, former in ((host, host_key), (client, client_key)):
        until(lambda: page.states()[-1] == "online", "the page is back")
        # A server that was started anew has no proof of former keys.
        assert page.call("local_key") != former
    until(lambda: client.sees(host.call("local_key"), 8303), "the port is published under the new key")
    client.sends_until(lambda: "three" in client.texts(), fd, host_key, 8303, "echo three")


def test_rooms_are_apart(server, open_net_page):
    """T10: one virtual network for each room."""
    host, client = open_net_page(server, "?room=one"), open_net_page(server, "?room=two")
    host_key = host.start()
    client.start()
    host.socket(8303)
    assert not client.sees(host_key, 8303)
    client.send(client.socket(), host_key, 8303, "hello")
    until(lambda: "failed" in client.states(), "nobody is there")
    assert host.heard() == []
    visitor = client.driver.execute_async_script(
        """const [key, done] = arguments;
        window.other = new Peer("one");
        other.start().then(() => {
          const fd = other.open();
          const knock = () => other.send(fd, key, 8303, "echo visitor");
          knock();
          setInterval(knock, 500);
          other.network.recvCallback(() => { other.drain(); done(other.heard[0].text); });
        });""", host_key)
    assert visitor == "visitor"
