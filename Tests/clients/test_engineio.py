"""Engine.IO 4 at `/engine.io/` of `perigee conformance`: what strict clients demand, and what attackers try."""

import base64
import contextlib
import json
import random
import threading
import time

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.engine import SEPARATOR, EchoEngine
from harness.raw import exchange
from harness.waiting import PATIENCE, until

INTERVAL, TIMEOUT = 0.3, 0.2


@pytest.fixture(scope="module")
def engine():
    engine = EchoEngine()
    yield engine
    engine.stop()


def closes(socket):
    """Whether the server closes the WebSocket; packets before that are read."""
    with pytest.raises(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE)
    return True


def opened(socket):
    """The WebSocket, after its open packet."""
    assert socket.recv(timeout=PATIENCE).startswith("0")
    return socket


def next_message(socket):
    """The next packet of the WebSocket other than a ping; pings are answered."""
    while (packet := socket.recv(timeout=PATIENCE)) == "2":
        socket.send("3")
    return packet


# Handshakes


def test_polling_opens_a_connection(engine):
    answer = engine.get("EIO=4&transport=polling")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    packet = json.loads(answer.text[1:])
    assert packet == {
        "sid": packet["sid"], "upgrades": ["websocket"], "pingInterval": 300, "pingTimeout": 200,
        "maxPayload": 1000000}
    assert len(packet["sid"]) == 22


def test_a_web_socket_opens_a_connection(engine):
    with engine.web_socket() as socket:
        packet = json.loads(socket.recv(timeout=PATIENCE)[1:])
        assert packet == {
            "sid": packet["sid"], "upgrades": [], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1000000}


REFUSED = [
    ("GET", "EIO=4", 0), ("GET", "EIO=4&transport=abc", 0), ("GET", "EIO=4&transport=polling&sid=nobody", 1),
    ("POST", "EIO=4&transport=polling&sid=nobody", 1), ("POST", "EIO=4&transport=polling", 2),
    ("PUT", "EIO=4&transport=polling", 2), ("GET", "EIO=4&transport=websocket", 3),
    ("GET", "EIO=4&transport=polling&j=0", 3), ("GET", "transport=polling", 5),
    ("GET", "EIO=abc&transport=polling", 5), ("GET", "EIO=3&transport=polling", 5),
]


@pytest.mark.parametrize(("method", "query", "code"), REFUSED)
def test_a_wrong_request_is_refused_with_the_code_of_the_protocol(engine, method, query, code):
    answer = engine.request(method, query, "4x" if method != "GET" else None)
    assert answer.status_code == 400
    texts = [
        "Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden",
        "Unsupported protocol version"]
    assert answer.json().keys() == {"code", "message"}
    assert answer.json()["code"] == code and answer.json()["message"].startswith(texts[code])


def test_a_client_of_engine_io_3_is_told_what_to_use(engine):
    assert "EIO is 3, and this server speaks EIO=4" in engine.get("EIO=3&transport=polling").json()["message"]


@pytest.mark.parametrize("query", [
    "transport=websocket", "EIO=abc&transport=websocket", "EIO=3&transport=websocket", "EIO=4", "EIO=4&transport=abc",
    "EIO=4&transport=polling", "EIO=4&transport=websocket&sid=nobody"])
def test_a_wrong_web_socket_handshake_is_refused(engine, query):
    with pytest.raises(InvalidStatus) as refused:
        engine.web_socket(query)
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body).keys() == {"code", "message"}


# Messages


BINARY = "b" + base64.b64encode(bytes([1, 2, 3, 4])).decode()


@pytest.mark.parametrize("packets", [
    ["4hello"], ["4test1", "4test2", "4test3"], ["4hello", BINARY], ["4"], ["b"], ["4€𝄞"], ["4b"],
    ["b" + base64.b64encode(bytes(range(count))).decode() for count in range(14)]])
def test_polling_sends_the_same_packets_back_in_one_answer(engine, packets):
    client = engine.open()
    answer = client.post(SEPARATOR.join(packets).encode())
    assert (answer.status_code, answer.text) == (200, "ok")
    assert client.take() == packets


def test_base64_without_padding_is_read(engine):
    client = engine.open()
    assert client.post("bAQIDBA").text == "ok"
    assert client.take() == [BINARY]


def test_a_web_socket_sends_the_same_messages_back(engine):
    with engine.web_socket() as socket:
        opened(socket)
        for message in ("4hello", "4", "4" + "€" * 100_000, bytes([1, 2, 3, 4]), b"", bytes(300_000)):
            socket.send(message)
            assert next_message(socket) == message


@pytest.mark.parametrize("body", [
    b"abc", b"", b"7", b"0{}", b"2", b"4a\x1e", b"\x1e", b"4\xff", b"b*", b"bAQ=", b"bA", b"\x00", b"d=4hello", b"B"])
def test_a_bad_packet_ends_a_polling_connection(engine, body):
    client = engine.open()
    with contextlib.suppress(requests.ConnectionError):
        assert client.post(body).status_code == 400
    assert client.poll().status_code == 400


@pytest.mark.parametrize("text", ["abc", "", "2", "0{}", "b" + "AQIDBA=="])
def test_a_bad_packet_closes_a_web_socket(engine, text):
    with engine.web_socket() as socket:
        opened(socket).send(text)
        assert closes(socket)


def test_of_two_polls_the_first_gets_a_close_packet_and_the_second_is_refused(engine):
    client = engine.open()
    with client.hold() as held:
        assert client.poll().status_code == 400
        head, body = held.recv(65536).split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 ") and body == b"1"
    assert client.poll().status_code == 400


@pytest.mark.parametrize("how", ["close", "half", "reset"])
def test_a_poll_that_is_aborted_ends_the_connection(engine, how):
    client = engine.open()
    with client.hold() as held:
        if how == "half":
            held.shutdown(1)
            assert held.recv(100) == b""
        elif how == "reset":
            held.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SO_LINGER of 0 s
    began = time.monotonic()
    until(client.is_unknown, "the connection has ended")
    assert time.monotonic() - began < INTERVAL + TIMEOUT


def test_a_close_packet_ends_a_polling_connection_and_a_poll_that_waits_gets_a_noop(engine):
    client = engine.open()
    with client.hold() as held:
        answer = client.post("1")
        assert (answer.status_code, answer.text) == (200, "ok")
        assert held.recv(65536).endswith(b"\r\n\r\n6")
    assert client.poll().status_code == 400


def test_a_close_packet_closes_a_web_socket(engine):
    with engine.web_socket() as socket:
        opened(socket).send("1")
        assert closes(socket)
        assert socket.close_code == 1000


# Heartbeat


def test_polling_clients_are_pinged(engine):
    client = engine.open()
    for _ in range(3):
        answer = client.poll()
        assert (answer.status_code, answer.text) == (200, "2")
        assert client.post("3").status_code == 200


def test_a_polling_client_that_does_not_answer_is_forgotten(engine):
    began = time.monotonic()
    client = engine.open()
    assert client.poll().text == "2"
    assert time.monotonic() - began >= INTERVAL
    assert client.poll().text == "1"
    assert time.monotonic() - began >= INTERVAL + 0.9 * TIMEOUT
    assert client.poll().status_code == 400


def test_a_client_that_does_nothing_is_forgotten_in_time(engine):
    client = engine.open()
    threading.Event().wait(INTERVAL + TIMEOUT)  # the protocol's own suite waits exactly this long
    assert client.poll().status_code == 400


def test_web_socket_clients_are_pinged(engine):
    with engine.web_socket() as socket:
        opened(socket)
        for _ in range(3):
            assert socket.recv(timeout=PATIENCE) == "2"
            socket.send("3")


def test_a_web_socket_client_that_does_not_answer_is_closed(engine):
    with engine.web_socket() as socket:
        opened(socket)
        began = time.monotonic()
        assert closes(socket)
        assert time.monotonic() - began < 5 * (INTERVAL + TIMEOUT)


# Upgrades


def probe(client):
    """The WebSocket of an upgrade, up to `3probe`."""
    socket = client.web_socket()
    socket.send("2probe")
    assert next_message(socket) == "3probe"
    return socket


def test_an_upgrade(engine):
    client = engine.open()
    with probe(client) as socket:
        assert client.take() == ["6"]
        socket.send("5")
        socket.send("4hello")
        assert next_message(socket) == "4hello"


def test_polls_after_an_upgrade_are_refused(engine):
    client = engine.open()
    with client.web_socket() as socket:
        socket.send("2probe")
        socket.send("5")
        assert next_message(socket) == "3probe"
        assert client.poll().status_code == 400
        assert client.post("4x").status_code == 400
        socket.send("4hello")
        assert next_message(socket) == "4hello"


def test_a_second_web_socket_completes_its_handshake_and_is_closed(engine):
    client = engine.open()
    with client.web_socket() as socket:
        socket.send("2probe")
        socket.send("5")
        with client.web_socket() as second:
            assert closes(second)
        assert next_message(socket) == "3probe"
        socket.send("4hello")
        assert next_message(socket) == "4hello"


def test_a_poll_that_waits_during_an_upgrade_gets_a_noop(engine):
    client = engine.open()
    with client.hold() as held, client.web_socket() as socket:
        socket.send("2probe")
        assert next_message(socket) == "3probe"
        assert held.recv(65536).endswith(b"\r\n\r\n6")
        assert client.take() == ["6"]
        socket.send("5")
        socket.send("4x")
        assert next_message(socket) == "4x"


def test_an_abandoned_upgrade_leaves_the_connection_polling(engine):
    client = engine.open()
    with probe(client):
        pass
    assert client.post("4x").text == "ok"
    assert client.take() == ["4x"]
    with client.web_socket() as socket:
        socket.send("nonsense")
        assert closes(socket)
    assert client.post("4y").text == "ok"
    assert client.take() == ["4y"]


@pytest.mark.parametrize("seed", range(5))
def test_an_upgrade_under_load_loses_and_reorders_nothing(engine, seed):
    dice = random.Random(seed)
    client = engine.open()
    received, sent = [], 200
    paused, stopped = threading.Event(), threading.Event()

    def keep(packets):
        for packet in packets:
            if packet == "2":
                pings.append(packet)
            elif packet != "6":
                received.append(packet)

    def poll():
        while not paused.is_set():
            answer = client.poll()
            assert answer.status_code == 200, answer.text
            keep(answer.text.split(SEPARATOR))
        stopped.set()

    pings = []
    threading.Thread(target=poll, daemon=True).start()
    number, upgrade_at = 0, dice.randrange(100)
    while number < upgrade_at:
        count = min(dice.randrange(1, 20), upgrade_at - number)
        body = SEPARATOR.join(["3"] * len(pings) + [f"4{n}" for n in range(number, number + count)])
        pings.clear()
        assert client.post(body).text == "ok"
        number += count
    with client.web_socket() as socket:
        socket.send("2probe")
        assert next_message(socket) == "3probe"
        # What is posted before the upgrade is complete counts as well.
        assert client.post(f"4{number}").text == "ok"
        number += 1
        paused.set()
        assert stopped.wait(PATIENCE)
        socket.send("5")
        for n in range(number, sent):
            socket.send(f"4{n}")
        while len(received) < sent:
            keep([next_message(socket)])
    assert received == [f"4{n}" for n in range(sent)]


# HTTP


def test_pages_of_every_origin_may_poll_but_never_with_credentials(engine):
    answer = engine.get("EIO=4&transport=polling", headers={"Origin": "http://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "http://elsewhere.example"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers
    answer = engine.request(
        "OPTIONS", "EIO=4&transport=polling",
        headers={"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


def test_one_tcp_connection_carries_many_requests_and_others_between_them(engine):
    with requests.Session() as http:
        sid = json.loads(http.get(f"{engine.url}/engine.io/?EIO=4&transport=polling").text[1:])["sid"]
        url = f"{engine.url}/engine.io/?EIO=4&transport=polling&sid={sid}"
        for number in range(20):
            assert http.post(url, f"4{number}").text == "ok"
            packets = http.get(url).text.split(SEPARATOR)
            assert [packet for packet in packets if packet != "2"] == [f"4{number}"]
        assert http.get(f"{engine.url}/other").status_code == 404


def test_pipelined_requests_are_answered_in_order(engine):
    client = engine.open()
    path = f"{engine.path}?{client.query}"
    with engine.raw() as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n4a"
            f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\nGET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    answers = [part.split(b"\r\n\r\n")[1] for part in received.split(b"HTTP/1.1 ")[1:]]
    # On a slow machine the first ping comes with the message, and the last poll waits for the end.
    assert answers in ([b"ok", b"4a", b"2"], [b"ok", b"2\x1e4a", b"1"])


def test_a_chunked_body_is_read_up_to_the_largest_payload(engine):
    client = engine.open()
    assert client.post(iter([b"4", b"a" * 400_000, b"a" * 599_999])).text == "ok"
    assert client.take() == ["4" + "a" * 999_999]
    with contextlib.suppress(requests.ConnectionError):
        answer = client.post(iter([b"4", b"a" * 400_000, b"a" * 600_000]))
        assert answer.status_code == 413


def test_a_body_that_is_too_long_is_refused_before_it_arrives(engine):
    client = engine.open()
    with engine.raw() as connection:
        path = f"{engine.path}?{client.query}"
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n".encode())
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413 ") and b"maxPayload" in answer
    assert client.post(b"4" + b"x" * 999_999).text == "ok"


def test_a_message_that_is_too_long_closes_a_web_socket(engine):
    with engine.web_socket() as socket:
        opened(socket).send("4" + "x" * 1_000_000)
        assert closes(socket)


def test_a_request_and_the_end_of_input_still_get_an_answer(engine):
    answer = exchange(engine.port, b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ") and b'0{"sid":' in answer


# Floods


def test_two_posts_at_once_end_the_connection(engine):
    client = engine.open()
    with engine.raw() as connection:
        path = f"{engine.path}?{client.query}"
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n4".encode())
        until(client.is_unknown, "the connection has ended")


def test_a_flood_of_small_packets_is_answered_in_portions_with_little_memory(engine):
    client = engine.open()
    count = 100_000
    before = engine.memory()
    assert client.post(SEPARATOR.join(["4"] * count)).text == "ok"
    received = 0
    while received < count // 100:
        packets = client.take()
        assert len(packets) <= 16 and set(packets) == {"4"}
        received += len(packets)
    assert engine.memory() - before < 120


def test_what_is_never_collected_is_bounded_and_forgotten(engine):
    before = engine.memory()
    clients = [engine.open() for _ in range(10)]
    body = b"4" + b"x" * 999_990
    for client in clients:
        # The echo of the second request is more than may wait, so the third one gets no answer before the end.
        for _ in range(3):
            with contextlib.suppress(requests.ConnectionError):
                if client.post(body).status_code == 400:
                    break
    for client in clients:
        until(client.is_unknown, "the connection has ended")
    assert engine.memory() - before < 120


def test_a_web_socket_client_that_does_not_read_is_bounded(engine):
    before = engine.memory()
    with engine.web_socket(max_queue=1) as socket:
        opened(socket)
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            socket.socket.settimeout(2)
            for _ in range(100):
                socket.send(b"x" * 900_000)
    assert engine.memory() - before < 120


def test_handshakes_that_nobody_continues_are_forgotten(engine):
    clients = [engine.open() for _ in range(300)]
    assert len({client.sid for client in clients}) == 300
    until(clients[-1].is_unknown, "the last one has ended")


def test_garbage_does_not_harm_others(engine):
    dice = random.Random(1)
    client = engine.open()
    for _ in range(50):
        noise = bytes(dice.randrange(256) for _ in range(dice.randrange(200)))
        exchange(engine.port, b"POST /engine.io/?EIO=4&transport=polling&sid=" + noise, seconds=0.2)
        exchange(
            engine.port, b"GET /engine.io/?" + noise.hex().encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n", seconds=0.2)
        if client.post("3").status_code == 400:
            client = engine.open()
    assert engine.open().post("4x").text == "ok"
