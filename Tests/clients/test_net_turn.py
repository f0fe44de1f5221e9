"""Virtual UDP sockets over a TURN server [T6, T8]: coturn, with the credentials that the server gives to pages."""

import json
import time

import pytest

from harness.net_page import game
from harness.step_clock import StepClock
from harness.turn import LONG, Turn
from harness.waiting import until

DAY = 86_400


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    turn = Turn(tmp_path_factory.mktemp("turn"), "--port", 0, "--verbose")
    yield turn
    turn.stop()


@pytest.fixture
def connect(turn, serve, open_net_page):
    """Opens two pages of a server that knows coturn, one of which has bound port 8303; returns both with their keys."""

    def connect(policy, *urls, **environment):
        settings = f"ice_servers: {json.dumps(urls or turn.urls)}\n"
        server = serve(game(settings), environment={"PERIGEE_TURN_SECRET": turn.secret, **environment})
        host, client = open_net_page(server), open_net_page(server)
        # A busy machine may take long to get a relay.
        keys = [page.start({"iceTransportPolicy": policy}, gatherTime=15_000) for page in (host, client)]
        host.socket(8303)
        until(lambda: client.sees(keys[0], 8303), "the port is published")
        return host, client, *keys

    return connect


def exchange(host, client, host_key):
    """Sends packets to the host until the answers to all of them have come."""
    client.gets_echoes(client.socket(), host_key, 8303, 100, seconds=LONG)
    assert {f"echo {n}" for n in range(100)} <= set(host.texts())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_pages_exchange_datagrams_through_coturn(turn, connect, transport):
    host, client, host_key, client_key = connect("relay", f"turn:127.0.0.1:{turn.port}?transport={transport}")
    exchange(host, client, host_key)
    for page, key, other_key in ((host, host_key, client_key), (client, client_key, host_key)):
        assert page.candidate(other_key) == {"type": "relay", "relayProtocol": transport}
        assert "ALLOCATE processed, success" in [answer for _, answer in turn.answers(key)]
        assert 401 not in page.ice_errors()


def test_pages_that_reach_each_other_need_no_relay(connect):
    host, client, host_key, client_key = connect("all")
    exchange(host, client, host_key)
    for page, other_key in ((host, client_key), (client, host_key)):
        assert page.candidate(other_key)["type"] != "relay"


def late(tmp_path):
    """A server whose clock is a day late, so that its credentials are half a day too old."""
    return StepClock(tmp_path, -DAY).environment


def wrong(_):
    """A server that has another secret than coturn."""
    return {"PERIGEE_TURN_SECRET": "another"}


@pytest.mark.parametrize("change", [late, wrong])
def test_coturn_refuses_expired_and_wrong_credentials(turn, connect, tmp_path, change):
    host, client, *keys = connect("relay", f"turn:127.0.0.1:{turn.port}", **change(tmp_path))
    host_key, client_key = keys
    client.socket(8303)
    until(lambda: host.sees(client_key, 8303), "the other port is published")
    for page, sender, key in ((client, client.socket(), host_key), (host, host.socket(), client_key)):
        page.send(sender, key, 8303, "hello")
        until(lambda: "failed" in page.states(), "the attempt fails", seconds=LONG)
        (detail,) = [detail for state, detail in page.js("peer.log") if state == "failed"]
        assert detail["key"] == key
        assert detail["reason"].startswith("this side found no address, not even that of a relay")
    for page, key in zip((host, client), keys):
        assert 401 in page.ice_errors()
        answers = turn.answers(key)
        assert {answer for _, answer in answers} == {"message processed, error 401: Unauthorized"}
        assert all((expiry < time.time()) == (change is late) for expiry, _ in answers)
    assert host.heard() == []
