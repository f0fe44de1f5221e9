"""Texts, numbers and booleans as they were given: over the wire, a restart, an export and an import."""

import json
import signal

import pytest

from harness.games import BARE
from harness.server import perigee

FILES = BARE | {
    "components/note.lua": "--@type string\n",
    "components/pack.lua": "--@type json\n",
    "components/open.lua": "--@type boolean\n--@default true\n",
    "events/keep/index.lua": """--@public true
--@param text string
--@param n number
object.components.note = data.text
object.components.pack = { [data.text] = data.text, n = data.n }
object.components.open = false
""",
    "events/name/index.lua": "--@public true\n--@param text string\nobject.prefab = data.text\n",
}
TEXTS = ["a\0b", "\0", "e\u0301 \u00e9 \ufeff\u202e", "\U0001f600\u0000\uffff", "\x01\x1f\x7f\r\n\t\\\"'"]


@pytest.mark.parametrize("text", TEXTS)
def test_values_come_back_as_they_were(serve, tmp_path, text):
    server = serve(FILES)
    ada = server.join("ada")
    wanted = {"note": text, "pack": {text: text, "n": 2**53}, "open": False}

    def kept(player):
        return {name: player.me["components"][name] for name in wanted} == wanted

    assert ada.me["components"]["open"] is True
    ada.send("keep", text=text, n=2**53)
    ada.wait(lambda: kept(ada), "the values")
    assert isinstance(ada.me["components"]["pack"]["n"], int) and ada.me["components"]["open"] is False
    server.stop(signal.SIGTERM)
    server.start()
    again = server.join("ada", kind="auth")
    assert kept(again) and isinstance(again.me["components"]["pack"]["n"], int)
    server.stop(signal.SIGTERM)
    lines, data = tmp_path / "game.jsonl", tmp_path / "other"
    assert perigee("export", lines, "--data", server.data).returncode == 0
    assert any(json.loads(line).get("entity", {}).get("components", {}).get("note") == text
               for line in lines.read_text("utf-8").split("\n") if line)
    imported = perigee("import", lines, "--data", data)
    assert imported.returncode == 0, imported.stderr
    server.data = data
    server.start()
    assert kept(server.join("ada", kind="auth"))


def test_names_refuse_nul(serve):
    server = serve(FILES)
    ada = server.join("ada")
    before = ada.me["prefab"]
    ada.send("name", text="a\0b")
    ada.wait(lambda: server.errors("can't contain the character NUL"), "the error")
    assert ada.me["prefab"] == before
    for login in ("\0", "a\0b", "ada\0"):
        answer = server.post("/server/sign/register/", json={"login": login, "password": "correct horse"})
        assert answer.status_code == 400 and answer.json()["field"] == "login"


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**60, 1e300])
def test_a_command_id_that_a_double_can_not_hold_is_refused(server, number):
    ada = server.join("ada")
    ada.send_text(json.dumps({"action": "pay", "command_id": number}))
    ada.wait(lambda: ada.errors, "the refusal")
    assert ada.errors[0]["code"] == "bad_command" and "2^53" in ada.errors[0]["error"]


def test_a_command_id_up_to_two_to_the_53_comes_back_in_digits(server):
    ada = server.join("ada")
    ada.send("pay", command_id=2**53)
    ada.wait(lambda: "pay" in ada.commands, "the acknowledgement")
    answered = ada.commands["pay"]["command_id"]
    assert answered == 2**53 and isinstance(answered, int)
