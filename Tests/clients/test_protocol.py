"""1-protocol.md 3 and 4: commands, refusals, snapshots and deltas."""

import json
import time

import pytest

from harness.games import bare
from harness.player import KINDS


def test_the_snapshot_has_every_field(server):
    ada = server.join("ada")
    snapshot = ada.snapshot
    assert snapshot["action"] == "load/index"
    assert (snapshot["map_id"], snapshot["player"], snapshot["fps"]) == (1, ada.key, 60)
    assert snapshot["sides"]["center"] == 1
    assert all(isinstance(snapshot[kind], list) for kind in KINDS)
    assert snapshot["timeouts"]["move"]["timeout"] == pytest.approx(0.1)
    assert snapshot["timeouts"]["move"]["actions"] == {"to": True}
    assert not snapshot["timeouts"].get("secret", {}).get("actions", {}).get("index")
    fields = {
        "id", "key", "type", "map_id", "prefab", "x", "y", "z", "sort", "side", "action", "created", "components",
        "events", "login", "sides",
    }
    assert set(ada.me) >= fields
    assert (ada.me["type"], ada.me["login"]) == ("players", "ada")
    assert ada.me["components"]["hp"] == 10
    assert ada.me["components"]["bag"] == {"coins": 3}


def test_everybody_sees_a_player_come_move_and_go(server):
    ada = server.join("ada")
    bob = server.join("bob")
    assert bob.sees(ada)
    ada.wait(lambda: ada.sees(bob), "bob comes")
    ada.send("move/to", x=11, y=12)
    for player in (ada, bob):
        player.wait(lambda: player.sees(ada, x=11, y=12, action="move"), "the move")
    bob.close()
    ada.wait(lambda: not ada.sees(bob), "bob goes")
    assert (bob.key, "remove") in ada.actions


def test_a_delta_carries_what_changed_and_nothing_else(server):
    ada = server.join("ada")
    bob = server.join("bob")
    ada.wait(lambda: ada.sees(bob), "bob comes")
    bob.send("hit")
    message = None
    while message is None or not any(message.get(kind) for kind in KINDS):
        message = ada.pump(10)
    assert [kind for kind in KINDS if kind in message] == ["players"]
    (record,) = message["players"]
    assert record["components"] == {"hp": 9}
    assert set(record) <= {"id", "key", "components", "events"}


def test_components_of_the_owner_alone_reach_nobody_else(server):
    ada = server.join("ada")
    bob = server.join("bob")
    assert "bag" not in bob.entities[ada.key]["components"]
    ada.send("pay")
    ada.wait(lambda: ada.me["components"]["bag"] == {"coins": 4}, "the payment")
    ada.send("move/to", x=2, y=2)
    bob.wait(lambda: bob.sees(ada, x=2), "a change after it")
    assert "bag" not in bob.entities[ada.key]["components"]
    bob.reload()
    assert "bag" not in bob.entities[ada.key]["components"]


def test_deltas_build_the_world_that_a_snapshot_shows(server):
    ada = server.join("ada")
    bob = server.join("bob")
    for step in range(1, 11):
        ada.send("move/to", x=step, y=step)
        ada.send("hit", amount=0.25)
        bob.send("pay")
        ada.wait(lambda: ada.me["x"] == step, "a step")
    ada.send("summon")
    ada.send("later/start", n=5)
    ada.wait(lambda: ada.me["events"].get("later", {}).get("action") == "finish", "the event waits")
    ada.wait(lambda: any(key.startswith("enemys_") for key in ada.entities), "the goblin")
    bob.wait(lambda: bob.sees(ada, x=10) and any(key.startswith("enemys_") for key in bob.entities), "bob sees all")
    for player in (ada, bob):
        player.reload()
        assert player.differences == []


def test_a_command_is_acknowledged_to_its_sender_alone(server):
    ada = server.join("ada")
    bob = server.join("bob")
    ada.send("move/to", x=4, y=4, command_id=1670069589900)
    ada.wait(lambda: ada.commands.get("move", {}).get("command_id") == 1670069589900, "the echo")
    assert 0 <= ada.commands["move"]["wait_time"] < 10
    bob.wait(lambda: bob.sees(ada, x=4), "the move")
    assert bob.commands == {}


def test_a_command_sent_while_the_timeout_runs_is_executed_when_it_ends(server):
    """M0.7, M11.3: of the waiting commands only the newest runs."""
    ada = server.join("ada")
    ada.send("move/to", x=1, y=1)
    ada.wait(lambda: ada.me["x"] == 1, "the first move")
    first = ada.time
    for x in (2, 3, 4):
        ada.send("move/to", x=x, y=1)
    ada.wait(lambda: ada.me["x"] == 4, "the last of three")
    assert ada.time - first >= 0.05, "not before the timeout of 0.1 s was over, give or take what a delta waits"


def test_parameters_may_stand_under_data_and_frames_may_be_binary(server):
    ada = server.join("ada")
    ada.send_text(json.dumps({"action": "move/to", "data": {"x": 5, "y": 6}}).encode())
    ada.wait(lambda: (ada.me["x"], ada.me["y"]) == (5, 6), "the move")


def test_a_group_alone_means_its_index_event(server):
    ada = server.join("ada")
    ada.send("hit")
    ada.wait(lambda: ada.me["components"]["hp"] == 9, "hit means hit/index, and amount its default")
    ada.send("load")
    ada.wait(lambda: ada.snapshots == 2, "load means load/index")


def test_a_script_sends_to_one_player(server):
    ada = server.join("ada")
    bob = server.join("bob")
    ada.send("tell", what=[1, {"b": "ž"}])
    ada.wait(lambda: ada.others, "the message")
    assert ada.others == [{"action": "told", "what": [1, {"b": "ž"}], "nested": {"list": [1, 2]}}]
    ada.send("move/to", x=3, y=3)
    bob.wait(lambda: bob.sees(ada, x=3), "a change after it")
    assert bob.others == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "bad_json"),
        ("[1]", "bad_json"),
        ("{", "bad_json"),
        ("{}", "bad_command"),
        ('{"action":7}', "bad_command"),
        ('{"action":"a/b/c"}', "bad_command"),
        ('{"action":"move/to","command_id":"now"}', "bad_command"),
        ('{"action":"jump/up"}', "unknown_event"),
        ('{"action":"move/up"}', "unknown_event"),
        ('{"action":"secret/index"}', "not_public"),
        ('{"action":"later/finish","n":1}', "not_public"),
        ('{"action":"move/to","x":1,"y":1,"z":1}', "unknown_parameter"),
        ('{"action":"move/to","x":"1","y":1}', "bad_parameter"),
        ('{"action":"move/to","x":1}', "missing_parameter"),
    ],
)
def test_a_refused_command_changes_nothing_and_says_why(server, text, code):
    ada = server.join("ada")
    before = dict(ada.me)
    ada.send_text(text)
    ada.wait(lambda: ada.errors or ada.closed, "the refusal")
    assert ada.errors[0]["code"] == code
    assert len(ada.errors[0]["error"]) > 10
    ada.reload()
    assert (ada.me["x"], ada.me["components"]) == (before["x"], before["components"])


def test_a_message_that_is_too_big_is_refused_before_it_is_read(server):
    ada = server.join("ada")
    bob = server.join("bob")
    ada.send("move/to", x=1, y=1, note="n" * 20_000)
    assert ada.wait_closed() == 1009
    assert [error["code"] for error in ada.errors] == ["too_big"], "the reason comes first"
    bob.send("move/to", x=6, y=6)
    bob.wait(lambda: bob.me["x"] == 6, "bob plays on")


def test_a_refusal_names_the_command(server):
    ada = server.join("ada")
    ada.send("secret/index", command_id=17)
    ada.wait(lambda: ada.errors, "the refusal")
    assert (ada.errors[0]["action"], ada.errors[0]["command_id"]) == ("secret/index", 17)


def test_who_goes_on_being_refused_is_closed_and_others_notice_nothing(server):
    ada = server.join("ada")
    bob = server.join("bob")
    for _ in range(40):
        try:
            ada.send("secret/index")
        except Exception:  # closed while sending
            break
    assert ada.wait_closed() == 1008
    bob.send("move/to", x=6, y=6)
    bob.wait(lambda: bob.me["x"] == 6, "bob plays on")
    assert bob.errors == []


def test_who_floods_is_told_so_and_others_notice_nothing(server):
    ada = server.join("ada")
    bob = server.join("bob")
    for n in range(1000):
        try:
            ada.send("move/to", x=n % 30, y=1)
        except Exception:
            break
    ada.wait(lambda: ada.errors, "a refusal")
    assert ada.errors[0]["code"] == "rate_limited"
    bob.send("move/to", x=6, y=6)
    bob.wait(lambda: bob.me["x"] == 6, "bob plays on")


def test_a_spawn_hook_runs_when_a_player_enters(serve):
    hook = "object.components.mood = 'awake'\nobject.events.add('hit', 'index', { amount = 3 })\n"
    server = serve(bare(spawn__players=hook))
    ada = server.join("ada")
    ada.wait(lambda: ada.me["components"]["hp"] == 7, "the event that the hook hung on")
    assert ada.me["components"]["mood"] == "awake"


def test_the_map_is_served_to_who_has_a_session(server):
    ada = server.sign("register", "ada")
    assert server.get("/server/sign/get_map/?map_id=1").status_code == 401
    headers = {"Authorization": f"Bearer {ada['session']}"}
    response = server.get("/server/sign/get_map/?map_id=1", headers=headers)
    assert response.status_code == 200
    assert (response.json()["width"], response.json()["height"]) == (32, 32)
    again = server.get("/server/sign/get_map/?map_id=1", headers={**headers, "If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert server.get("/server/sign/get_map/?map_id=99", headers=headers).status_code == 404


@pytest.mark.parametrize("send_rate", [60, 30, 10])
def test_a_message_about_a_new_entity_follows_the_entity(serve, send_rate):
    game = bare(
        events__spawn__index="--@public true\nmap.broadcast({ action = 'born', key = "
        "objects.add('enemys', { x = 5, y = 6 }).key })\n",
        events__spawn__timeout="return 0\n")
    server = serve({**game, "game.yaml": f"tick_rate: 60\nsend_rate: {send_rate}\n"})
    ada = server.join("ada")
    bob = server.join("bob")
    born = {ada: [], bob: []}
    for _ in range(12):
        ada.send("spawn")
        for player, keys in born.items():
            heard = len(keys)
            while len(keys) == heard:
                message = player.pump(10)
                assert message is not None, "the message comes"
                if message.get("action") == "born":
                    assert message["key"] in player.entities, "its record came before"
                    keys.append(message["key"])
    assert born[ada] == born[bob]
    assert len(set(born[ada])) == 12


def test_a_list_arrives_as_the_data_of_an_object(serve):
    server = serve(bare(
        events__list__index="--@public true\nobject.send({ 1, 'two', { 3 } }) map.broadcast(array({}))\n"))
    ada = server.join("ada")
    ada.send("list")
    ada.wait(lambda: len(ada.others) == 2, "both lists")
    assert ada.others == [{"data": [1, "two", [3]]}, {"data": []}]


@pytest.mark.parametrize("scale", [1, 1000], ids=["seconds", "milliseconds"])
def test_the_clock_of_a_command_comes_back_shifted_by_the_wait(server, scale):
    ada = server.join("ada")
    bob = server.join("bob")
    shifts = []
    for _ in range(3):
        sent = time.time()
        ada.send("move/to", x=11, y=12, unixtime=sent * scale)
        message = {}
        while "unixtime" not in message:
            message = ada.pump(10)
            assert message is not None, "the clock comes back"
        assert "tick" in message and "action" not in message
        received = time.time()
        shifts.append(message["unixtime"] / scale - sent)
        assert -0.001 <= shifts[-1] <= received - sent + 0.001
    # A command waits for its tick, and its answer for the delta.
    assert max(shifts) > 0.0001
    bob.reload()
    assert all("unixtime" not in other for other in bob.others)


def test_a_measured_ping_is_kept_for_scripts_also_after_a_restart(serve):
    server = serve(bare(
        events__ask__index="--@public true\nobject.send({ action = 'ping', ping = object.ping or 'none' })\n",
        events__ask__timeout="return 0\n"))
    ada = server.join("ada")

    def answer(player, **parameters):
        heard = len(player.others)
        player.send("ask", **parameters)
        player.wait(lambda: len(player.others) > heard, "the answer")
        return player.others[-1]["ping"]

    assert answer(ada) == "none"
    assert answer(ada, ping=0.031) == 0.031
    assert answer(ada) == 0.031
    ada.close()
    server.stop()
    server.start()
    assert answer(server.join("ada", kind="auth")) == 0.031
