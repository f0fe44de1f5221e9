"""Perigee over Socket.IO: players whose commands are events, and who get snapshots, deltas and messages as events."""

import socket
import threading

import pytest
import socketio

from harness.bot import WAYS
from harness.games import battle
from harness.stock_client import StockClient
from harness.waiting import until


class Player:
    """A stock client as a player; it keeps the world that `load/index` and `delta` tell of."""

    def __init__(self, server, auth, way="websocket", namespace="/", reconnection=False):
        self.namespace = namespace
        self.lock = threading.Lock()
        self.told = []
        self.entities = {}
        self.errors = []
        self.client = StockClient(reconnection=reconnection)
        self.client.on("*", self.take, namespace=namespace)
        self.client.on("connect_error", self.errors.append, namespace=namespace)
        self.client.connect(server.url(""), auth=auth, namespaces=[namespace], wait_timeout=20, **WAYS[way])
        self.wait("load/index")

    def take(self, event, *values):
        with self.lock:
            self.told.append((event, *values))
            if event == "load/index":
                self.entities = {one["key"]: one for one in values[0]["players"]}
            elif event == "delta":
                for one in values[0].get("players", []):
                    if one.get("action") == "remove":
                        self.entities.pop(one["key"], None)
                    else:
                        self.merge(self.entities.setdefault(one["key"], {}), one)

    def merge(self, entity, record):
        for name, value in record.items():
            if name == "components" and name in entity:
                entity[name].update(value)
            else:
                entity[name] = value

    @property
    def key(self):
        return self.wait("load/index")[0]["player"]

    def events(self, name):
        with self.lock:
            return [entry[1] for entry in self.told if entry[0] == name]

    def wait(self, name, count=1):
        return until(
            lambda: len(self.events(name)) >= count and self.events(name), f"{count} × {name}; there was {self.told}")

    def sees(self, key, **fields):
        until(
            lambda: all(self.entities.get(key, {}).get(name) == value for name, value in fields.items()),
            f"{key} is {fields}")

    def emit(self, name, *values):
        self.client.emit(name, values, namespace=self.namespace)

    def call(self, name, *values):
        return self.client.call(name, values, namespace=self.namespace, timeout=20)

    def leave(self):
        self.client.disconnect()


@pytest.fixture
def join():
    players = []

    def start(*arguments, **options):
        players.append(Player(*arguments, **options))
        return players[-1]

    yield start
    for player in players:
        player.leave()


def proofs(server, name):
    """The three ways to say who one is, for an account that is made here."""
    answer = server.sign("register", name)
    return {
        "token": {"id": answer["id"], "token": answer["token"]},
        "session": {"session": answer["session"]},
        "password": {"login": name, "password": "correct horse"},
    }


def refusal(server, auth, namespace="/"):
    """What a client is told that may not connect."""
    told = []
    client = StockClient(reconnection=False)
    client.on("connect_error", told.append, namespace=namespace)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server.url(""), auth=auth, namespaces=[namespace], wait_timeout=5, **WAYS["websocket"])
    client.disconnect()
    return told[0]


@pytest.mark.parametrize("proof", ["token", "session", "password"])
@pytest.mark.parametrize("way", WAYS)
def test_a_player_connects_with_each_proof_and_gets_the_world(server, join, way, proof):
    ada = join(server, proofs(server, "ada")[proof], way)
    snapshot, = ada.wait("load/index")
    assert snapshot["action"] == "load/index" and snapshot["player"] == "players_1"
    assert snapshot["players"][0]["login"] == "ada"
    assert ada.client.transport() == ("polling" if way == "polling" else "websocket")


@pytest.mark.parametrize("namespace", ["/", "/perigee"])
def test_commands_are_events_and_are_acknowledged(server, join, namespace):
    ada = join(server, proofs(server, "ada")["session"], namespace=namespace)
    bob = join(server, proofs(server, "bob")["session"], "polling", namespace)
    eve = server.join("eve")  # over a WebSocket of Perigee's own protocol
    answer = ada.call("move/to", {"x": 3, "y": 4})
    assert answer["ok"] is True and 0 <= answer["wait_time"] <= 0.1
    for watcher in (ada, bob):
        watcher.sees(ada.key, x=3, y=4, action="move")
    eve.wait(lambda: eve.entities[ada.key]["x"] == 3, "eve sees it too")
    assert ada.call("hit")["ok"] is True, "GROUP alone is GROUP/index"
    until(lambda: bob.entities[ada.key]["components"]["hp"] == 9, "bob sees the hit")
    ada.emit("hit/index", {"amount": 4})
    until(lambda: bob.entities[ada.key]["components"]["hp"] == 5, "without an acknowledgement too")
    confirmed = [delta["commands"] for delta in ada.events("delta") if "commands" in delta]
    assert set(confirmed[0]["move"]) == {"command_id", "wait_time"}, "the deltas say it too"


@pytest.mark.parametrize("name, values, code", [
    ("move/to", [{"x": 1}], "missing_parameter"), ("move/to", [{"x": 1, "y": "2"}], "bad_parameter"),
    ("move/to", [{"x": 1, "y": 2, "z": 3}], "unknown_parameter"), ("move/to", [], "missing_parameter"),
    ("move/to", ["far"], "bad_command"), ("move/to", [[1, 2]], "bad_command"), ("move/to", [1, 2], "bad_command"),
    ("dance", [], "unknown_event"), ("move/sideways", [], "unknown_event"), ("secret/index", [], "not_public"),
    ("", [], "bad_command"), ("a/b/c", [], "bad_command"),
])
def test_wrong_commands_are_refused_in_the_acknowledgement_or_as_an_event(server, join, name, values, code):
    ada = join(server, proofs(server, "ada")["session"])
    answer = ada.call(name, *values)
    assert answer["code"] == code and answer["error"] and "ok" not in answer
    assert ada.events("error") == []
    ada.emit(name, *values)
    (error,) = ada.wait("error")
    assert error["code"] == code
    assert ada.call("move/to", {"x": 5, "y": 5})["ok"] is True


def test_a_command_that_a_later_one_replaces_is_told_so(server, join):
    """A group has room for one pending event."""
    ada = join(server, proofs(server, "ada")["session"])
    answers = []
    for n in range(3):
        ada.client.emit("move/to", {"x": n, "y": 0}, callback=answers.append)
    until(lambda: len(answers) == 3, "three answers")
    assert sum(answer.get("ok", False) for answer in answers) >= 1
    assert all(answer.get("ok") or answer["code"] == "replaced" for answer in answers)
    ada.sees(ada.key, x=2)


def test_messages_of_scripts_and_loads_are_events(server, join):
    ada = join(server, proofs(server, "ada")["session"])
    assert ada.call("tell", {"what": {"deep": [1, "é"]}})["ok"] is True
    assert ada.wait("message") == [{"action": "told", "what": {"deep": [1, "é"]}, "nested": {"list": [1, 2]}}]
    assert ada.call("load")["ok"] is True
    assert len(ada.wait("load/index", 2)) == 2


def test_clients_that_do_not_say_who_they_are_are_refused(server):
    token = proofs(server, "ada")["token"]
    for auth, code in [
        (None, "unauthorized"), ({}, "unauthorized"), ({"session": "x" * 43}, "unauthorized"),
        ({"login": "ada", "password": "wrong horse"}, "bad_credentials"), ({"login": "ada"}, "bad_request"),
        ({"id": 1, "token": "x" * 40}, "bad_token"), ({"token": token["token"]}, "bad_request"),
        ({"session": ["x"]}, "bad_request"), ({"session": "x" * 5000}, "bad_request"),
    ]:
        told = refusal(server, auth)
        assert told["data"]["code"] == code, f"{auth}: {told}"
        assert told["message"] == told["data"]["error"]
    assert refusal(server, token, "/nowhere")["message"] == "Invalid namespace"


def test_a_token_opens_one_connection_once(server, join):
    token = proofs(server, "ada")["token"]
    join(server, token).leave()
    assert refusal(server, token)["data"]["code"] == "bad_token"


def test_a_second_connection_takes_the_player_over(server, join):
    """As over a WebSocket: the first one is told, and its client does not fight back."""
    session = proofs(server, "ada")["session"]
    first = join(server, session, reconnection=True)
    second = join(server, session, "polling")
    (told,) = first.wait("error")
    assert told["code"] == "replaced"
    until(lambda: not first.client.connected, "the first one is disconnected")
    assert second.call("move/to", {"x": 1, "y": 1})["ok"] is True
    assert len(second.events("error")) == 0


def test_a_broken_connection_resumes_with_the_token_of_the_snapshot(server, join):
    ada = join(server, proofs(server, "ada")["token"])
    answer = ada.wait("load/index")[0]
    ada.call("move/to", {"x": 7, "y": 8})
    ada.client.eio.ws.sock.shutdown(socket.SHUT_RDWR)  # without a word
    again = join(server, {"id": answer["players"][0]["id"], "token": answer["resume"]["token"]})
    again.sees(ada.key, x=7, y=8)


def test_players_of_a_scripted_game_have_a_namespace_of_their_own(serve):
    """`/` belongs to the scripts; both are used over one connection."""
    server = serve(battle(events__move__to="--@public true\n--@param x number\n--@param y number\nobject.x = data.x\n"))
    auth = proofs(server, "ada")["session"]
    told = []
    client = StockClient(reconnection=False)
    client.on("*", lambda *event: told.append(event))
    client.on("*", lambda *event: told.append(event), namespace="/perigee")
    client.connect(server.url(""), auth=auth, namespaces=["/", "/perigee"], wait_timeout=20)
    until(lambda: {"new_player", "load/index"} <= {event[0] for event in told}, "both worlds")
    assert client.call("move", {"x": 1, "y": 2}) == {"ok": True}
    assert client.call("move/to", {"x": 3, "y": 4}, namespace="/perigee")["ok"] is True
    client.disconnect()


def test_a_scripted_game_without_guests_wants_accounts(serve):
    files = battle()
    files["game.yaml"] = files["game.yaml"].replace("socket_guests: true", "socket_guests: false")
    files["sockets/connect.lua"] += 'socket.emit("you", socket.login, socket.player_id)\n'
    server = serve(files)
    assert refusal(server, None)["data"]["code"] == "unauthorized"
    told = []
    client = StockClient(reconnection=False)
    client.on("you", lambda *values: told.append(values))
    client.connect(server.url(""), auth=proofs(server, "ada")["password"], wait_timeout=20)
    until(lambda: told == [("ada", 1)], "the script knows who it is")
    client.disconnect()


def test_a_server_that_stops_says_so(server, join):
    ada = join(server, proofs(server, "ada")["session"])
    server.stop()
    until(lambda: not ada.client.connected, "the connection ends")
    assert ada.wait("error")[-1]["code"] == "shutting_down"
