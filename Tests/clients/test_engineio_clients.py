"""Engine.IO 4 with a stock client, python-engineio: over polling, over a WebSocket, and with an upgrade."""

import threading

import engineio
import pytest

from harness.engine import PATIENT, EchoEngine
from harness.waiting import PATIENCE, until

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}


@pytest.fixture(scope="module")
def engine():
    engine = EchoEngine(*PATIENT)
    yield engine
    engine.stop()


class StockClient:
    def __init__(self, engine, transports):
        self.received = []
        self.ended = threading.Event()
        self.client = engineio.Client()
        self.client.on("message", self.received.append)
        self.client.on("disconnect", lambda *_: self.ended.set())
        self.client.connect(engine.url, transports=TRANSPORTS[transports])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.disconnect()

    def wait(self, count):
        until(lambda: len(self.received) >= count or self.ended.is_set(), f"{count} messages")
        assert not self.ended.is_set(), "the client was disconnected"


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_messages_come_back_in_order(engine, transports):
    with StockClient(engine, transports) as stock:
        assert stock.client.transport() == ("polling" if transports == "polling" else "websocket")
        messages = [f"message {number}" if number % 3 else bytes([number]) * number for number in range(200)]
        for message in messages:
            stock.client.send(message)
        stock.wait(len(messages))
        assert stock.received == messages


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_an_idle_client_stays_connected_and_can_close(engine, transports):
    with StockClient(engine, transports) as stock:
        assert not stock.ended.wait(2)
        stock.client.send("still here")
        stock.wait(1)
    assert stock.ended.wait(PATIENCE)


def test_many_clients_at_once(engine):
    stocks = [StockClient(engine, kind) for kind in TRANSPORTS for _ in range(5)]
    try:
        for number in range(50):
            for stock in stocks:
                stock.client.send(str(number))
        for stock in stocks:
            stock.wait(50)
            assert stock.received == [str(number) for number in range(50)]
    finally:
        for stock in stocks:
            stock.client.disconnect()
