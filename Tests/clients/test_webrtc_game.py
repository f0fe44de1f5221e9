"""Players over WebRTC data channels, with aiortc as the client (1-protocol 6); docs/webrtc.md describes them."""

import asyncio
import json
import signal
import time

import pytest

from harness import pages
from harness.games import BARE
from harness.player import Player
from harness.rtc_player import Door, RTCPlayer
from harness.waiting import PATIENCE, until
from harness.webrtc import SDP, Relay, free_udp_port

OFFER = json.dumps({"type": "offer", "sdp": SDP})


def game(settings="webrtc_port: 0\n"):
    return {**BARE, "game.yaml": f"name: Bare\ntick_rate: 60\nsend_rate: 30\nwebrtc: true\n{settings}"}


@pytest.fixture
def server(serve):
    return serve(game())


@pytest.fixture
def relayed(serve):
    """A server whose clients reach its UDP port through a relay only, and the relay."""
    server_port, relay_port = free_udp_port(), free_udp_port()
    relay = Relay(relay_port, server_port)
    yield serve(game(f"webrtc_port: {server_port}\nwebrtc_addresses: ['127.0.0.1:{relay_port}']\n")), relay
    relay.stop()


def play(players, scene):
    """Runs a scene with these players, who leave after it."""

    async def run():
        made = players()
        try:
            return await scene(*made)
        finally:
            for player in made:
                await player.close()

    return asyncio.run(run())


def test_a_player_gets_the_snapshot_and_then_deltas(server):
    answer = server.sign("register", "Ann")

    async def scene(ann):
        snapshot = await ann.enter()
        assert snapshot["player"] == ann.key and ann.record(snapshot)["login"] == "Ann"
        assert ann.take()[0] == snapshot
        ann.send("hit/index", amount=3)
        await ann.hp(7)
        ann.send("move/to", x=100, y=200)
        await ann.message(lambda one: ann.record(one).get("action") == "move", "the move")
        ann.send("load/index")
        await ann.message(lambda one: ann.record(one).get("x") == 100 and ann.record(one).get("y") == 200, "the new place")
        ann.send("secret/index")
        refusal = await ann.message(lambda one: "error" in one, "the refusal")
        assert refusal["code"] == "not_public"

    play(lambda: [RTCPlayer(server, answer)], scene)
    until(lambda: server.metric("perigee_webrtc_peers") == 0, "the client has left")
    until(lambda: server.metric("perigee_sessions") == 0, "the session has ended")
    assert server.metric("perigee_webrtc_opened_total") == 1


def test_players_over_webrtc_and_websockets_see_each_other(server):
    bob = server.join("Bob")
    answer = server.sign("register", "Ann")

    async def scene(ann):
        snapshot = await ann.enter()
        assert bob.key in [record["key"] for record in snapshot["players"]]
        ann.send("hit/index", amount=4)

        def is_hurt():
            return bob.entities.get(ann.key, {}).get("components", {}).get("hp") == 6

        await asyncio.to_thread(bob.wait, is_hurt, "Ann's hp")

    play(lambda: [RTCPlayer(server, answer)], scene)
    bob.wait(lambda: answer["key"] not in bob.entities, "Ann is gone")


def test_the_compact_encoding_is_the_protocol_of_the_channel(server):
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.connect()
        await ann.until(lambda: ann.received["reliable"], "the snapshot")
        first = ann.received["reliable"][0]
        # The kind 1 of a snapshot looks like a part, so it comes as one.
        assert isinstance(first, bytes) and first[:2] == b"\x02\x01"

    play(lambda: [RTCPlayer(server, answer, protocol="perigee.msgpack")], scene)


def test_a_token_is_good_for_one_answered_offer(server):
    answer = server.sign("register", "Ann")
    door = Door(server, answer)
    assert Door(server, answer, token="0" * 48).offer(OFFER).status_code == 401
    malformed = door.offer("no SDP")
    assert malformed.status_code == 400 and malformed.json()["code"] == "bad_offer"
    answered = door.offer(OFFER)
    assert answered.status_code == 200
    again = door.offer(OFFER)
    assert again.status_code == 401 and again.json()["code"] == "bad_token"
    # The token of the answer is for a WebSocket.
    player = Player(server.port, {**answer, "token": answered.json()["token"]})
    player.wait(lambda: player.is_loaded, "the snapshot over a WebSocket")
    player.close()


def test_a_client_that_does_not_connect_is_forgotten_after_10_s(server):
    assert Door(server, server.sign("register", "Ann")).offer(OFFER).status_code == 200
    began = time.monotonic()
    assert server.metric("perigee_webrtc_peers") == 1
    until(lambda: server.metric("perigee_webrtc_peers") == 0, "the client is forgotten")
    assert 8 < time.monotonic() - began < 20
    assert server.metric("perigee_webrtc_opened_total") == 0


def test_a_blackout_of_3_s_loses_nothing(relayed):
    server, relay = relayed
    bob = server.join("Bob")
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.enter()
        relay.is_cut = True
        ann.send("hit/index", amount=3)
        for hp in (9, 8, 7):
            bob.send("hit/index", amount=1)
            await asyncio.to_thread(bob.wait, lambda hp=hp: bob.me["components"]["hp"] == hp, f"hp {hp}")
            await asyncio.sleep(1)
        relay.is_cut = False
        await ann.hp(7)
        for hp in (9, 8, 7):
            await ann.hp(hp, of=bob.key)
        assert [one.get("action") for one in ann.messages].count("load/index") == 1
        assert server.metric("perigee_sessions_opened_total") == 2

    play(lambda: [RTCPlayer(server, answer)], scene)


def test_a_client_whose_address_changes_goes_on(relayed):
    server, relay = relayed
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.enter()
        relay.rebind()
        ann.send("hit/index", amount=3)
        await ann.hp(7)
        ann.send("hit/index", amount=3)
        await ann.hp(4)
        assert server.metric("perigee_webrtc_moves_total") == 1
        assert server.metric("perigee_sessions_opened_total") == 1

    play(lambda: [RTCPlayer(server, answer)], scene)


def test_a_stop_of_the_server_is_told_with_the_close_code(server):
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.enter()
        server.process.send_signal(signal.SIGTERM)
        await ann.until(lambda: ann.take()[-1].get("action") == "close", "the close message")
        reason, close = ann.messages[-2:]
        assert reason["code"] == "shutting_down" and reason["return"] is True
        assert close == {"action": "close", "code": 1001, "reason": reason["error"]}
        await ann.until(lambda: ann.channels["reliable"].readyState == "closed", "the end of the channel")

    play(lambda: [RTCPlayer(server, answer)], scene)
    assert server.process.wait(PATIENCE) == 0


def test_a_client_comes_back_with_the_token_of_its_snapshot(relayed):
    server, relay = relayed
    answer = server.sign("register", "Ann")

    async def scene(first):
        resume = (await first.enter())["resume"]["token"]
        first.send("hit/index", amount=3)
        await first.hp(7)
        second = RTCPlayer(server, answer, token=resume)
        try:
            snapshot = await second.enter()
            assert second.record(snapshot)["components"]["hp"] == 7
            assert snapshot["resume"]["token"] != resume
            replaced = await first.message(lambda one: one.get("code") == "replaced", "the older one is replaced")
            assert replaced["return"] is False
            await first.message(lambda one: one.get("action") == "close" and one["code"] == 4001, "the close message")
        finally:
            await second.close()
        assert Door(server, answer, token=resume).offer(OFFER).status_code == 401

    play(lambda: [RTCPlayer(server, answer)], scene)


def test_a_message_over_the_limit_ends_the_session_with_its_code(server):
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.enter()
        ann.send("hit/index", pad="x" * 20_000)
        reason = await ann.message(lambda one: "error" in one, "the reason")
        assert reason["code"] == "too_big"
        await ann.message(lambda one: one.get("action") == "close" and one["code"] == 1009, "the close message")

    play(lambda: [RTCPlayer(server, answer)], scene)


def test_long_snapshots_come_in_parts(serve):
    files = game()
    files["events/crowd/index.lua"] = """--@public true
for n = 1, 200 do objects.add("objects", { prefab = "stone", x = n, y = n }) end
"""
    files["events/crowd/timeout.lua"] = "return 0\n"
    server = serve(files)
    answer = server.sign("register", "Ann")

    async def scene(ann):
        await ann.enter()
        ann.send("crowd/index")
        ann.send("load/index")
        snapshot = await ann.message(
            lambda one: one.get("action") == "load/index" and len(one["objects"]) == 200, "the long snapshot")
        assert len(json.dumps(snapshot)) > 4096
        assert any(isinstance(one, bytes) for one in ann.received["reliable"])

    play(lambda: [RTCPlayer(server, answer)], scene)


def test_without_the_setting_no_offers_are_taken(serve):
    server = serve()
    refused = Door(server, server.sign("register", "Ann")).offer(OFFER)
    assert refused.status_code == 404 and "webrtc: true" in refused.json()["error"]


def test_a_taken_udp_port_is_told(serve):
    first = serve(game(""))
    with pytest.raises(AssertionError, match=f"UDP port {first.port}.*is taken.*webrtc_port"):
        serve(game(f"webrtc_port: {first.port}\n"))


def test_the_example_of_the_page_runs_in_a_browser(serve, browser):
    (example,) = [
        text for heading, language, text in pages.blocks("webrtc.md") if (heading, language) == ("A client", "js")
    ]
    page = f"""<!doctype html><meta charset=utf-8><script type=module>
window.log = [];
console.log = (message) => window.log.push(message);
{example}</script>"""
    server = serve({**game(), "client/index.html": page})
    server.sign("register", "ada", "secret")
    browser.driver.get(server.url("/play/"))
    until(lambda: browser.js("(window.log ?? []).some(one => one.action === 'load/index')"), "the snapshot")
    until(lambda: browser.js("log.some(one => one.players?.some(record => record.action === 'move'))"), "the move")
    server.stop()
    until(lambda: browser.js("log.at(-1) === 'the connection has ended'"), "the page knows the end")
    assert browser.js("log.some(one => one.code === 'shutting_down')")
