"""The battle game's Socket.IO client in a browser, against python-socketio's own server and against broken ones."""

import http.server
import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.bot import WAYS
from harness.socket_page import Page
from harness.stock_server import StockServer
from harness.waiting import until

SOON = {"reconnectionDelay": 50, "reconnectionDelayMax": 200}


@pytest.fixture
def stock():
    """Starts stock servers; those that a test leaves running are stopped after it."""
    servers = []

    def start(**settings):
        servers.append(StockServer(**settings))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()


def play(browser, server, way="upgrade", namespace="/", **options):
    page = Page(browser, server.url("/"))
    page.connect(server.url(namespace), {**WAYS[way], **options})
    page.wait("connect")
    if way == "upgrade":
        page.wait("upgrade")
    return page


@pytest.mark.parametrize("namespace", ["/", "/custom"])
@pytest.mark.parametrize("way", WAYS)
def test_events_and_acknowledgements_go_both_ways(browser, stock, way, namespace):
    server = stock()
    page = play(browser, server, way, namespace)
    assert page.log("welcome") == [["welcome", {"sid": page.id()}]], "an event before the acceptance is not lost"
    assert server.transports[page.id()]() == page.browser.js("socket.transport")
    assert page.browser.js("socket.transport") == ("polling" if way == "polling" else "websocket")
    values = ["é€𝄞\n\x1e\"", 1.5, -7, None, True, [], {}, {"deep": [{"er": [1, [2]]}]}]
    page.run("socket.emit('message', ...arguments)", *values)
    assert page.wait("message-back") == [["message-back", *values]]
    script = "new Promise((answer) => socket.emit('ask', 1, {two: 2}, (...all) => answer(all)))"
    assert page.ask(script) == [1, {"two": 2}]
    assert page.ask("socket.emitWithAck('ask', 'only the first', 2)") == "only the first"
    page.run("socket.on('question', (value, answer) => answer(value, 'and more')); socket.emit('question', {n: 3})")
    assert page.wait("answered") == [["answered", {"n": 3}, "and more"]]
    assert browser.complaints() == []


@pytest.mark.parametrize("way", WAYS)
def test_bytes_go_both_ways_also_in_acknowledgements(browser, stock, way):
    page = play(browser, stock(), way)
    # Of a request's body this server reads on aiohttp only what comes in one piece.
    size = 3000 if way == "polling" else 100_000
    script = """(async () => {
      const bytes = new Uint8Array(SIZE).map((_, n) => n * 7);
      const sent = [bytes, { part: bytes.subarray(3, 9), whole: bytes.buffer, empty: new ArrayBuffer(0) }];
      const back = new Promise((answer) => socket.once("message-back", (...all) => answer(all)));
      socket.emit("message", ...sent);
      const acknowledged = new Promise((answer) => socket.emit("ask", ...sent, (...all) => answer(all)));
      const same = (buffer, view) => buffer instanceof ArrayBuffer && String(new Uint8Array(buffer)) === String(view);
      return (await Promise.all([back, acknowledged])).map(([first, { part, whole, empty }]) =>
        [same(first, bytes), same(part, [21, 28, 35, 42, 49, 56]), same(whole, bytes), same(empty, [])]);
    })()""".replace("SIZE", str(size))
    assert page.ask(script) == [[True] * 4] * 2


@pytest.mark.parametrize("way", WAYS)
def test_many_events_keep_their_order_also_while_the_transport_changes(browser, stock, way):
    server = stock()
    page = Page(browser, server.url("/"))
    page.connect(server.url(), WAYS[way])
    page.wait("connect")
    page.run("socket.emit('push', 500); for (let n = 0; n < 200; n += 1) socket.emit('message', n)")
    until(lambda: len(page.log("message-back")) == 200 and len(page.log("number")) == 500, "all of them")
    assert [n for _, n in page.log("number")] == list(range(500))
    assert [n for _, n in page.log("message-back")] == list(range(200))
    assert page.log("disconnect") == []


def test_an_acknowledgement_that_does_not_come_is_an_error_in_time(browser, stock):
    page = play(browser, stock())
    script = "new Promise((answer) => socket.timeout(100).emit('silence', (error) => answer(error.message)))"
    assert page.ask(script) == "no acknowledgement in time"
    assert page.ask("socket.timeout(100).emitWithAck('silence')") == "Error: no acknowledgement in time"
    assert page.ask("new Promise((a) => socket.timeout(9000).emit('ask', 5, (...all) => a(all)))") == [None, 5]
    page.run("socket.emit('silence', () => {}); window.lost = socket.timeout(60000).emitWithAck('silence')")
    page.run("window.lost.catch((error) => { window.lost = error.message; }); socket.disconnect()")
    until(lambda: browser.js("window.lost") == "the socket was disconnected", "the promise ends with the connection")


def test_auth_reaches_the_server_and_a_refusal_reaches_the_page(browser, stock):
    server = stock()
    page = play(browser, server, auth={"name": "ada"})
    assert server.connected[page.id()] == {"name": "ada"}
    page.run(
        """
        window.second = io(arguments[0], { auth: (done) => setTimeout(() => done({ name: "bob" }), 20) });
        window.second.on("connect", () => {});
        """, server.url())
    until(lambda: {"name": "bob"} in server.connected.values(), "a function gives the object later")
    page.connect(server.url("/custom"), {"auth": {"refuse": {"code": 7}}, **SOON}, "refused")
    assert page.wait("connect_error", name="refused") == [["connect_error", {"message": "no entry", "data": {"code": 7}}]]
    assert page.browser.js("[refused.active, refused.connected]") == [False, False], "no attempt follows a refusal"
    page.connect(server.url("/nowhere"), SOON, "nowhere")
    (_, error), = page.wait("connect_error", name="nowhere")
    assert "nowhere" in error["message"] or "Unable" in error["message"] or "namespace" in error["message"]


@pytest.mark.parametrize("way", WAYS)
def test_a_farewell_reaches_the_server_at_once_and_after_what_was_sent(browser, stock, way):
    server = stock(ping_interval=300, ping_timeout=300)
    page = play(browser, server, way)
    first = page.id()
    page.run("socket.emit('message', 'last words'); socket.disconnect()")
    assert page.log("disconnect") == [["disconnect", "io client disconnect", None]]
    assert server.wait_left(first) == "client disconnect"
    assert page.browser.js("[socket.id, socket.connected, socket.active]") == [None, False, False]
    page.run("socket.connect()")
    page.wait("connect", 2)
    assert page.id() != first


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_sends_a_client_away_is_not_bothered_again(browser, stock, way):
    page = play(browser, stock(), way, **SOON)
    page.run("socket.emit('kick')")
    assert page.wait("disconnect")[0][1] == "io server disconnect"
    assert page.browser.js("socket.active") is False
    page.run("socket.connect()")
    page.wait("connect", 2)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_restarts_finds_its_clients_again(browser, stock, way):
    server = stock()
    page = play(browser, server, way, **SOON)
    first = page.id()
    server.stop()
    assert page.wait("disconnect")[0][1] in ("transport close", "transport error")
    page.wait("reconnecting", 3)
    page.run("socket.volatile.emit('message', 'never'); socket.emit('message', 'waited')")
    server.start()
    page.wait("connect", 2)
    assert page.wait("message-back") == [["message-back", "waited"]], "what was sent meanwhile, but for the volatile"
    assert page.id() != first and page.browser.js("socket.recovered") is False


def test_attempts_come_later_and_later_spread_by_chance_until_they_end(browser, stock):
    server = stock()
    page = Page(browser, server.url("/"))
    server.stop()
    page.connect(server.url(), {"reconnectionDelay": 40, "reconnectionDelayMax": 200, "reconnectionAttempts": 6})
    page.wait("reconnect_failed")
    waits = [wait for _, _, wait in page.log("reconnecting")]
    assert [attempt for _, attempt, _ in page.log("reconnecting")] == list(range(1, 7))
    for wait, pause in zip(waits, (40, 80, 160, 200, 200, 200)):
        assert pause * 0.5 - 1 <= wait <= min(pause * 1.5 + 1, 200)
    assert len(page.log("connect_error")) == 7 and page.browser.js("socket.active") is False


@pytest.mark.parametrize("way", WAYS)
def test_heartbeats_keep_an_idle_connection(browser, stock, way):
    server = stock(ping_interval=1, ping_timeout=1)
    page = play(browser, server, way)
    page.ask("new Promise((answer) => setTimeout(answer, 3500))")  # without a pong it would end after 2 s
    assert page.log("disconnect") == [] and server.left == {}


@pytest.mark.parametrize("settings", [{"allow_upgrades": False}, {"transports": ["polling"]}])
def test_a_server_without_websockets_is_used_by_polling(browser, stock, settings):
    page = Page(browser, (server := stock(**settings)).url("/"))
    page.connect(server.url(), WAYS["upgrade"])
    page.wait("connect")
    assert page.ask("socket.emitWithAck('ask', 1)") == 1
    assert page.browser.js("socket.transport") == "polling"


def test_a_page_of_another_origin_connects(browser, stock):
    elsewhere, server = stock(), stock()
    page = Page(browser, elsewhere.url("/"))
    page.connect(server.url(), WAYS["upgrade"])
    page.wait("upgrade")
    assert page.ask("socket.emitWithAck('ask', 1)") == 1


def test_a_handler_that_fails_disturbs_neither_the_others_nor_the_connection(browser, stock):
    page = play(browser, stock(), "polling")
    page.run(
        """
        window.seen = [];
        const first = () => { window.seen.push("first"); throw new Error("on purpose"); };
        socket.on("number", first);
        socket.on("number", () => window.seen.push("second"));
        socket.once("number", () => window.seen.push("once"));
        socket.emit("push", 1);
        """)
    until(lambda: browser.js("seen") == ["first", "second", "once"], "all handlers ran")
    page.run("socket.off('number'); socket.emit('push', 1)")
    assert page.ask("socket.emitWithAck('ask', 1)") == 1
    assert browser.js("seen") == ["first", "second", "once"]
    assert any("on purpose" in text for text in browser.complaints()), "the console has the error"


# Servers that break the protocol

OPEN = {"sid": "abc", "upgrades": ["websocket"], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1000}


class Script:
    """A polling server whose answers to GET are given; after them it holds its tongue. It notes what is posted."""

    def __init__(self, *answers):
        script = self
        self.answers = list(answers)
        self.posts = []
        self.websockets = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if parse_qs(urlsplit(self.path).query).get("transport") == ["websocket"]:
                    script.websockets += 1
                    self.answer(400, '{"code":3,"message":"Bad request"}')
                elif script.answers:
                    self.answer(*script.answers.pop(0))
                else:
                    script.silent.wait(30)
                    self.answer(200, "6")

            def do_POST(self):
                script.posts.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer(200, "ok")

            def answer(self, status, text):
                body = text.encode()
                self.send_response(status)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.silent = threading.Event()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/"

    def stop(self):
        self.silent.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def scripted():
    servers = []

    def start(*answers):
        servers.append(Script(*answers))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def opened(*rest, **changes):
    return (200, "0" + json.dumps({**OPEN, **changes})), (200, '40{"sid":"s1"}'), *rest


def test_a_silent_server_is_left(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    page.connect(scripted(*opened()).url, {**WAYS["polling"], "reconnection": False})
    page.wait("connect")
    assert page.wait("disconnect")[0][1] == "ping timeout"


def test_a_server_that_answers_nothing_is_given_up(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    page.connect(scripted().url, {"timeout": 200, "reconnection": False})
    assert page.wait("connect_error") == [["connect_error", {"message": "timeout", "data": None}]]


@pytest.mark.parametrize("text, reason", [
    ("4abc", "parse error"), ("42{}", "parse error"), ("42[", "parse error"),
    ("43[1]", "parse error"), ("451[]", "parse error"), ("49", "parse error"), ("42[\"a\"]trailing", "parse error"),
    ('452-["a",{"_placeholder":true,"num":0}]\x1e42["b"]', "parse error"),
    ('451-["a",{"_placeholder":true,"num":1}]\x1ebAAAA', "parse error"), ("bAAAA", "parse error"),
    ("9", "transport error"), ("", "transport error"), ("b!", "transport error"), ("1", "transport close"),
])
def test_what_breaks_the_protocol_ends_the_connection(browser, stock, scripted, text, reason):
    page = Page(browser, stock().url("/"))
    page.connect(scripted(*opened((200, text), pingInterval=30_000)).url, {**WAYS["polling"], "reconnection": False})
    page.wait("connect")
    assert page.wait("disconnect")[0][1] == reason
    assert page.log("number", "welcome") == []


def test_the_reason_of_a_refused_handshake_is_told(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    page.connect(
        scripted((400, '{"code":5,"message":"Unsupported protocol version"}')).url, {"reconnection": False})
    (_, error), = page.wait("connect_error")
    assert error["message"] == "Unsupported protocol version (HTTP 400)"


def test_a_websocket_that_can_not_be_opened_leaves_the_polling_alone(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    server = scripted(*opened((200, '42["number",1]'), (200, '42["number",2]'), pingInterval=30_000))
    page.connect(server.url, WAYS["upgrade"])
    until(lambda: server.websockets == 1, "the attempt")
    page.wait("number", 2)
    assert page.log("upgrade", "disconnect") == [] and page.browser.js("socket.transport") == "polling"


@pytest.mark.parametrize("way", ["websocket", "upgrade"])
def test_a_page_that_may_open_no_websocket_hears_of_it(browser, stock, way):
    page = Page(browser, (server := stock()).url("/"))
    page.run("window.WebSocket = class { constructor() { throw new Error('not allowed'); } }")
    page.connect(server.url(), {**WAYS[way], "reconnection": False})
    if way == "websocket":
        assert page.wait("connect_error")[0][1]["message"] == "not allowed"
    else:
        page.wait("connect")
        assert page.ask("socket.emitWithAck('ask', 1)") == 1, "polling goes on"


def test_requests_are_no_larger_than_the_server_takes(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    server = scripted(*opened(pingInterval=30_000, upgrades=[]))
    page.connect(server.url, WAYS["polling"])
    page.wait("connect")
    page.run("for (let n = 0; n < 40; n += 1) socket.emit('a', n, '€'.repeat(n === 0 ? 2000 : 60))")
    until(lambda: sum(post.count('["a"') for post in server.posts) == 40, "all events")
    for post in server.posts:
        packets = post.split("\x1e")
        assert len(packets) <= 16 and (len(packets) == 1 or len(post.encode()) <= 1000)


def test_a_client_that_comes_back_says_where_it_was(browser, stock, scripted):
    page = Page(browser, stock().url("/"))
    welcome = (200, '40{"sid":"s1","pid":"p1"}')
    server = scripted(
        (200, "0" + json.dumps(OPEN)), welcome, (200, '42["number",1,"o1"]\x1e42["number",2,"o2"]'), (500, "gone"),
        (200, "0" + json.dumps(OPEN)), (200, '40{"sid":"s1","pid":"p1"}\x1e42["number",3,"o3"]'))
    page.connect(server.url, {**WAYS["polling"], **SOON, "auth": {"name": "ada"}})
    page.wait("number", 3)
    connects = [json.loads(post[2:]) for post in server.posts if post.startswith("40")]
    assert connects == [{"name": "ada"}, {"pid": "p1", "offset": "o2", "name": "ada"}]
    assert page.browser.js("socket.recovered") is True
