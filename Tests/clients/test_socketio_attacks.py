"""Clients that break the rules of Engine.IO and Socket.IO: each is refused as the protocol says, and the battle goes
on for the others (row 19 to 24)."""

import json
import socket
import threading

import pytest
import requests

from harness.bot import Bot
from harness.games import battle
from harness.lab import memory
from harness.raw_socketio import KINDS, Polling, WebSocket, acknowledgement, address, enter, read_until
from harness.waiting import PATIENCE, until

MEBIBYTE = 1 << 20


@pytest.fixture
def server(serve):
    """A server with the battle, and a player whose game must go on whatever others do."""
    server = serve(battle("drain_seconds: 1\nsend_buffer_bytes: 16384\n"))
    server.player = Bot(server.url(""))
    server.player.wait("new_player")
    yield server
    assert server.player.call("move", {"x": 1, "y": 2}) == {"ok": True}, "the game goes on"
    server.player.sees(server.player.id, x=1, y=2)
    server.player.leave()
    assert server.is_running() and server.errors() == []


@pytest.fixture
def connect(server):
    """Connects by hand and enters the battle."""
    connections = []

    def start(kind, enters=True):
        connections.append(KINDS[kind](server.port))
        if enters:
            connections[-1].socket_id = enter(connections[-1])["sid"]
        return connections[-1]

    yield start
    for connection in connections:
        connection.close()


def get_all(connection):
    """Reads what a newcomer is told, of itself last; after that a poll has nothing to get, and waits."""
    while read_until(connection, "new_player")[0]["id"] != connection.socket_id:
        pass


def refused(answer):
    return answer.status_code, answer.json()["code"], answer.json()["message"]


# Engine.IO

@pytest.mark.parametrize("method, query, expected", [
    ("GET", {"transport": "polling", "EIO": 3}, (400, 5, "Unsupported protocol version")),
    ("GET", {"transport": "carrier-pigeon"}, (400, 0, "Transport unknown")),
    ("GET", {}, (400, 0, "Transport unknown")),
    ("GET", {"transport": "polling", "sid": "nobody"}, (400, 1, "Session ID unknown")),
    ("POST", {"transport": "polling", "sid": "nobody"}, (400, 1, "Session ID unknown")),
    ("GET", {"transport": "polling", "sid": "x" * 5000}, (400, 1, "Session ID unknown")),
    ("POST", {"transport": "polling"}, (400, 2, "Bad handshake method")),
    ("PUT", {"transport": "polling"}, (400, 2, "Bad handshake method")),
    ("GET", {"transport": "websocket"}, (400, 3, "Bad request")),
])
def test_requests_that_break_the_protocol_are_refused_with_its_codes(server, method, query, expected):
    answer = requests.request(method, address(server.port, **query), timeout=PATIENCE)
    status, code, message = refused(answer)
    assert (status, code) == expected[:2] and message.startswith(expected[2]), "a text may go on to say what to do"


@pytest.mark.parametrize("body", ["abc", "", "9", "4\x1e", "b!!", "\x1e", "2", "2probe"])
def test_a_body_that_holds_no_packets_ends_the_connection(server, connect, body):
    polling = connect("polling")
    assert polling.post(body).status_code in (200, 400)
    assert polling.is_over()
    server.player.wait("player_left", {"id": polling.socket_id})


@pytest.mark.parametrize("packet", ["abc", "", "9", "1", "2"])
def test_a_frame_that_holds_no_packet_ends_the_connection(server, connect, packet):
    websocket = connect("websocket")
    websocket.send(packet)
    assert websocket.is_over()
    server.player.wait("player_left", {"id": websocket.socket_id})


def test_two_polls_at_once_end_the_connection(server, connect):
    """The one that waits is told with a close packet, the second is refused."""
    polling = connect("polling")
    get_all(polling)
    first = []
    waiting = threading.Thread(target=lambda: first.append(requests.get(polling.url(), timeout=PATIENCE)))
    waiting.start()
    statuses = []

    def refused_or_over():
        # Until the first one waits, this one may be it, or get what is on its way.
        statuses.append(requests.get(polling.url(), timeout=PATIENCE).status_code)
        return statuses[-1] != 200
    until(refused_or_over, "a poll is refused")
    waiting.join(PATIENCE)
    assert statuses[-1] in (400, 500) and first[0].status_code in (200, 400, 500)
    assert polling.is_over()
    server.player.wait("player_left", {"id": polling.socket_id})


def test_a_poll_that_is_given_up_ends_the_connection(server, connect):
    polling = connect("polling")
    get_all(polling)
    with socket.create_connection(("127.0.0.1", server.port)) as waiting:
        waiting.sendall(f"GET {polling.url().split(str(server.port))[1]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        server.player.emit("move", {"x": 3, "y": 3})  # so that it has an answer, if nothing was waiting before
        assert waiting.recv(65536).startswith(b"HTTP/1.1 200")
        waiting.sendall(f"GET {polling.url().split(str(server.port))[1]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        waiting.settimeout(0.3)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
    server.player.wait("player_left", {"id": polling.socket_id})
    assert polling.get().status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_larger_than_the_server_takes_is_refused(server, connect, kind):
    connection = connect(kind)
    limit = connection.opening["maxPayload"]
    huge = f'42["move",{{"x":"{"9" * limit}"}}]'
    if kind == "polling":
        assert connection.post(huge).status_code == 413
    else:
        connection.send(huge)
        assert connection.is_over()
        server.player.wait("player_left", {"id": connection.socket_id})


def test_a_body_that_claims_to_be_huge_is_refused_before_it_comes(server, connect):
    polling = connect("polling")
    path = polling.url().split(str(server.port))[1]
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as liar:
        liar.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {1 << 40}\r\n\r\n4".encode())
        assert b" 413 " in liar.recv(65536).split(b"\r\n")[0]


def test_a_poll_that_is_never_collected_is_ended(server, connect):
    """What waits for it is bounded by send_buffer_bytes, and it is given drain_seconds to collect it."""
    polling = connect("polling")
    mover = Bot(server.url(""))

    def moved():
        mover.call("move", {"x": 1, "y": 1})
        return ("player_left", {"id": polling.socket_id}) in server.player.events("player_left")
    until(moved, "it is given up", seconds=60)
    assert polling.get().status_code == 400
    mover.leave()


def test_a_websocket_that_reads_nothing_is_ended(server):
    with socket.socket() as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect(("127.0.0.1", server.port))
        websocket = WebSocket(server.port, sock=small, max_queue=1)
        gone = enter(websocket)["sid"]
        mover = Bot(server.url(""), "websocket")

        def moved():
            for n in range(20):
                mover.emit("move", {"x": n, "y": 1e-9 * n})
            mover.call("attack", {})
            return ("player_left", {"id": gone}) in server.player.events("player_left")
        until(moved, "it is given up", seconds=90, pause=0.5)
        mover.leave()


def test_a_second_websocket_for_a_connection_is_closed(server, connect):
    polling = connect("polling")
    upgrade = WebSocket(server.port, polling.opening["sid"])
    upgrade.send("2probe")
    assert upgrade.read() == "3probe"
    upgrade.send("5")
    upgrade.send('427["move",{"x":3,"y":4}]')
    assert acknowledgement(upgrade, 7) == [{"ok": True}]
    assert polling.get().status_code == 400
    second = WebSocket(server.port, polling.opening["sid"])
    second.send("2probe")
    assert second.is_over()
    upgrade.send('428["move",{"x":4,"y":4}]')
    assert acknowledgement(upgrade, 8) == [{"ok": True}], "the first one goes on"
    upgrade.close()


def test_a_probe_that_is_no_probe_leaves_the_polling_alone(server, connect):
    polling = connect("polling")
    for packet in ("2no", "42[\"move\",{}]", "nonsense"):
        upgrade = WebSocket(server.port, polling.opening["sid"])
        upgrade.send(packet)
        assert upgrade.is_over()
    polling.send('427["move",{"x":3,"y":4}]')
    assert acknowledgement(polling, 7) == [{"ok": True}]


# Socket.IO

MALFORMED = [
    "4", "49", "4abc", "42", "42{}", "42[]", '42["a"', "42abc", '42["a"]x', '42[null,"a"]', '42["a\x00', "43", "437",
    "43[1]", '437{"a":1}', "41{}", '42/nowhere,["move",{}]', "451[]", '45["a",{"_placeholder":true,"num":0}]',
    '450-["a"]x', '4599999999999999999999-["a"]', '4599999-["a"]', '42["connect"]', '42["disconnect"]',
    '42["connect_error"]', "42" + "[" * 2000 + "]" * 2000, '42["a",' + '{"a":' * 500 + "1" + "}" * 500 + "]",
    '42999999999999999999999["move"]', "40", '44{"message":"no"}', '42["move",{"x":NaN,"y":0}]',
]


@pytest.mark.parametrize("packet", MALFORMED, ids=range(len(MALFORMED)))
@pytest.mark.parametrize("kind", KINDS)
def test_a_packet_that_breaks_the_protocol_ends_the_connection(server, connect, kind, packet):
    connection = connect(kind)
    if kind == "polling":
        assert connection.post(packet).status_code in (200, 400)
    else:
        connection.send(packet)
    assert connection.is_over()
    server.player.wait("player_left", {"id": connection.socket_id})


@pytest.mark.parametrize("kind", KINDS)
def test_events_before_the_namespace_is_connected_end_the_connection(server, connect, kind):
    connection = connect(kind, enters=False)
    connection.send('42["move",{"x":1,"y":1}]')
    assert connection.is_over()


@pytest.mark.parametrize("kind", KINDS)
def test_a_namespace_that_is_not_there_is_refused_and_others_go_on(server, connect, kind):
    connection = connect(kind)
    connection.send("40/nowhere,")
    while not (packet := connection.read()).startswith("44"):
        pass
    assert packet == '44/nowhere,{"message":"Invalid namespace"}'
    connection.send('427["attack",{}]')
    (answer,) = acknowledgement(connection, 7)
    assert answer["ok"] is True
    connection.send("41")
    server.player.wait("player_left", {"id": connection.socket_id})
    assert enter(connection)["sid"] != connection.socket_id, "the connection outlives its namespace"


BYTES = {"polling": "bAAEC", "websocket": b"\x00\x01\x02"}


@pytest.mark.parametrize("kind", KINDS)
def test_attachments_that_never_come_end_the_connection_with_the_next_text(server, connect, kind):
    connection = connect(kind)
    connection.send('452-["move",{"x":{"_placeholder":true,"num":0},"y":{"_placeholder":true,"num":1}}]', BYTES[kind])
    connection.post('42["attack",{}]') if kind == "polling" else connection.send('42["attack",{}]')
    assert connection.is_over()
    server.player.wait("player_left", {"id": connection.socket_id})
    assert server.player.events("player_attacked") == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_attachment_without_its_packet_ends_the_connection(server, connect, kind):
    connection = connect(kind)
    connection.post(BYTES[kind]) if kind == "polling" else connection.send(BYTES[kind])
    assert connection.is_over()
    server.player.wait("player_left", {"id": connection.socket_id})


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_with_attachments_is_refused_by_scripts_and_the_client_stays(server, connect, kind):
    connection = connect(kind)
    connection.send('451-7["move",{"x":{"_placeholder":true,"num":0},"y":1}]', BYTES[kind])
    (answer,) = acknowledgement(connection, 7)
    assert answer["code"] == "bad_parameter" and "binary" in answer["error"]
    connection.send('428["move",{"x":8,"y":9}]')
    assert acknowledgement(connection, 8) == [{"ok": True}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_is_refused_and_the_others_play_on(server, connect, kind):
    """command_rate and command_burst hold here too; many refusals end the connection."""
    connection = connect(kind)
    packets = [f'42{n}["move",{{"x":{n},"y":0}}]' for n in range(1000)]
    for start in range(0, len(packets), 10):
        if kind == "polling" and connection.post(*packets[start:start + 10]).status_code != 200:
            break
        if kind == "websocket":
            connection.send(*packets[start:start + 10])
    server.player.wait("player_left", {"id": connection.socket_id})
    moves = [one for _, one in server.player.events("player_moved") if one["id"] == connection.socket_id]
    assert 100 <= len(moves) < 500, "the burst, and what came in its time"


def test_a_body_with_thousands_of_packets_is_bounded(server, connect):
    polling = connect("polling")
    polling.post(*["42[\"a\"]"] * 50_000)
    polling.post(*["3"] * 200_000)
    assert server.player.call("attack", {})["ok"] is True


def test_unknown_events_are_answered_to_those_who_ask(server, connect):
    connection = connect("websocket")
    for name in ("dance", "../connect", "connect.lua", "toString", "__index", "x" * 1000, "é"):
        connection.send(f"42{json.dumps([name, {}])}", f"427{json.dumps([name, {}])}")
        (answer,) = acknowledgement(connection, 7)
        assert answer["code"] == "unknown_event", name


def test_thousands_of_handshakes_that_go_no_further_cost_others_nothing(server):
    """Each is a connection without a namespace; a client is told when there are too many of its address."""
    statuses = set()
    with requests.Session() as http:
        for _ in range(2000):
            statuses.add(http.get(address(server.port, transport="polling"), timeout=PATIENCE).status_code)
    assert statuses <= {200, 429, 503}
    assert server.player.call("attack", {})["ok"] is True


def test_the_heads_of_handshakes_are_bounded_and_not_kept(server):
    url, before, count = address(server.port, transport="polling"), memory(server), 2000
    with requests.Session() as http:
        for _ in range(count):
            fields = {"X-First": "x" * 15_000, "X-Second": "x" * 15_000}
            assert http.get(url, headers=fields, timeout=PATIENCE).status_code == 200
    assert memory(server) - before < count * 15_000 / MEBIBYTE, "less than half of what was sent"
    assert requests.get(url, headers={"X": "x" * 17_000}, timeout=PATIENCE).status_code == 431
    refusal = requests.get(f"{url}&x={'x' * 9000}", timeout=PATIENCE)
    assert refusal.status_code == 414 and refused(refusal)[1] == 3


def test_thousands_of_requests_that_wait_behind_a_poll_are_answered(server, connect):
    polling = connect("polling")
    get_all(polling)
    poll = f"GET {polling.url().split(str(server.port))[1]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    others = [b"GET /socket.io HTTP/1.1\r\nHost:\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as many:
        many.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MEBIBYTE)
        many.sendall(poll)
        many.sendall(poll + others[0] * 3000 + others[1] * 100 + others[0] * 3000)
        received = b""
        while received.count(b"HTTP/1.1 ") < 6102:
            if received.count(b"HTTP/1.1 200 ") < 2:
                server.player.emit("move", {"x": 3, "y": 3})  # so that the next poll has an answer
            received += many.recv(65536)
    assert received.count(b"HTTP/1.1 400 ") == 6000


def test_raw_clients_can_play(server, connect):
    """So that the tests above fail for what they name."""
    for kind in KINDS:
        connection = connect(kind)
        connection.send('421["move",{"x":5,"y":6}]')
        assert read_until(connection, "player_moved") == [
            {"id": connection.socket_id, "position": {"x": 5, "y": 6, "hp": 100}}]
        server.player.sees(connection.socket_id, x=5, y=6)
