"""`perigee conformance`: stock clients and the page's own client at its Socket.IO server, which echoes (rows 19-24)."""

import threading

import pytest

from harness.bot import WAYS
from harness.engine import PATIENT, EchoEngine
from harness.socket_page import Page
from harness.stock_client import StockClient
from harness.stock_server import StockServer
from harness.waiting import until

BYTES = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def url():
    engine = EchoEngine(*PATIENT)
    yield engine.url
    engine.stop()


class Echo:
    """A stock client that keeps what comes."""

    def __init__(self, url, way, namespaces=("/",), auth=None):
        self.told = []
        self.client = StockClient(reconnection=False)
        for namespace in namespaces:
            self.client.on("*", self.note(namespace), namespace=namespace)
        self.client.connect(url, namespaces=list(namespaces), auth=auth, wait_timeout=20, **WAYS[way])

    def note(self, namespace):
        return lambda *event: self.told.append((namespace, *event))

    def wait(self, *event):
        until(lambda: event in self.told, f"{event}; there was {str(self.told)[:500]}")


@pytest.fixture
def echo(url):
    clients = []

    def connect(way, **options):
        clients.append(Echo(url, way, **options))
        return clients[-1]

    yield connect
    for one in clients:
        one.client.disconnect()


VALUES = [
    [], [1], ["é𝄞\n\x1e", None, True, -0.5, {}, []], [{"deep": [{"er": [1, [2, {"x": "y"}]]}]}], [BYTES],
    [b"", {"a": [BYTES, "text", {"b": b"\x00\x1e\xff"}]}, 7],
]


@pytest.mark.parametrize("values", VALUES, ids=["none", "number", "plain", "nested", "bytes", "nested bytes"])
@pytest.mark.parametrize("way", WAYS)
def test_values_and_bytes_come_back_as_events_and_as_acknowledgements(echo, way, values):
    """B4, row 23: acknowledgements carry values and attachments too."""
    one = echo(way)
    one.client.emit("message", tuple(values))
    one.wait("/", "message-back", *values)
    answer = one.client.call("message-with-ack", tuple(values), timeout=20)
    # This client gives no value as None and several as a tuple.
    assert answer == (None if not values else values[0] if len(values) == 1 else tuple(values))


@pytest.mark.parametrize("way", WAYS)
def test_two_namespaces_share_a_connection(echo, way):
    one = echo(way, namespaces=("/", "/custom"), auth={"token": "123"})
    for namespace in ("/", "/custom"):
        one.wait(namespace, "auth", {"token": "123"})
        one.client.emit("message", namespace, namespace=namespace)
    for namespace in ("/", "/custom"):
        one.wait(namespace, "message-back", namespace)
    one.client.disconnect()
    assert [event for event in one.told if event[1] == "message-back" and event[0] != event[2]] == []


@pytest.mark.parametrize("way", WAYS)
def test_two_hundred_events_keep_their_order_also_while_the_transport_changes(echo, way):
    """Row 20; each carries bytes, so that packets and attachments would mix if they could."""
    one = echo(way)

    def send():
        for n in range(200):
            one.client.emit("message", (n, bytes([n % 256])))
    sender = threading.Thread(target=send)
    sender.start()
    sender.join()
    until(lambda: len([event for event in one.told if event[1] == "message-back"]) == 200, "all of them")
    back = [(event[2], event[3]) for event in one.told if event[1] == "message-back"]
    assert back == [(n, bytes([n % 256])) for n in range(200)]


@pytest.mark.parametrize("way", WAYS)
def test_an_idle_connection_lives_by_its_heartbeat(echo, way):
    """B4, row 21: the server pings every 300 ms here, and gives 200 ms for the answer."""
    one = echo(way)
    threading.Event().wait(2)
    assert one.client.call("message-with-ack", 1, timeout=20) == 1


@pytest.mark.parametrize("way", WAYS)
def test_the_client_of_the_page_is_echoed_too(browser, url, way):
    pages = StockServer().start()
    page = Page(browser, pages.url("/"))
    page.connect(url, WAYS[way])
    page.wait("connect")
    script = """(async () => {
      const bytes = new Uint8Array(50_000).map((_, n) => n * 7);
      const back = new Promise((answer) => socket.once("message-back", (...all) => answer(all)));
      socket.emit("message", bytes, { deep: [bytes.subarray(1, 4)] }, "é");
      const acknowledged = new Promise((answer) => socket.emit("message-with-ack", 1, bytes.subarray(2, 3),
        (...all) => answer(all)));
      const [whole, { deep: [part] }, text] = await back;
      const [one, byte] = await acknowledged;
      return [String(new Uint8Array(whole)) === String(bytes), [...new Uint8Array(part)], text, one,
        [...new Uint8Array(byte)]];
    })()"""
    assert page.ask(script) == [True, [7, 14, 21], "é", 1, [14]]
    page.ask("new Promise((answer) => setTimeout(answer, 1500))")
    assert page.log("disconnect") == [], "it answers pings"
    pages.stop()
