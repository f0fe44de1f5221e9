"""docs/msgpack.md: clients of the compact encoding get what JSON clients get."""

import copy
import json
import pathlib
import shutil
import subprocess

import pytest

from harness.compact import Reader, pack
from harness.games import bare
from harness.player import KINDS, Player, differences

JAVASCRIPT = """
import { Reader } from "HARNESS/compact.mjs";
const reader = new Reader();
for (const line of (await import("node:fs")).readFileSync(0, "utf8").trim().split("\\n"))
  console.log(JSON.stringify(reader.message(Uint8Array.from(Buffer.from(line, "hex")))));
"""


class JSONPlayer(Player):
    """Keeps all messages."""

    def __init__(self, port, answer, **options):
        self.messages = []
        super().__init__(port, answer, **options)

    def read(self, frame):
        message = super().read(frame)
        self.messages.append(copy.deepcopy(message))  # the player changes the records of its own copy
        return message


class CompactPlayer(Player):
    """Keeps all frames and messages."""

    def __init__(self, port, answer):
        self.reader, self.frames, self.messages = Reader(), [], []
        super().__init__(port, answer, subprotocols=["perigee.msgpack"])

    def read(self, frame):
        assert isinstance(frame, bytes), "the server sends binary frames"
        self.frames.append(frame)
        message = self.reader.message(frame)
        self.messages.append(copy.deepcopy(message))
        return message

    def send(self, action, **parameters):
        self.socket.send(pack({"action": action, **parameters}))


GAMES = {
    "whole": bare(),
    "rounded": {**bare(), "game.yaml": "name: Bare\nsend_rate: 30\nposition_decimals: 2\n"},
    "view": {**bare(), "game.yaml": "name: Bare\nsend_rate: 30\nview_distance: 8\n"},
}


@pytest.mark.parametrize("game", GAMES)
def test_deltas_and_snapshots_are_those_of_a_json_client(serve, game):
    server = serve(GAMES[game])
    ada = server.join("ada", make=CompactPlayer)
    json_client = server.join("bob", make=JSONPlayer)
    compact = server.join("eve", make=CompactPlayer)
    for n in range(12):
        ada.send("move/to", x=28 + n / 3, y=28 - n / 8, command_id=1_700_000_000_000 + n)
        ada.send("hit", amount=n)
        ada.send("pay")
        if n == 5:
            ada.send("summon")
            ada.send("later/start", n=1)
        ada.wait(lambda: ada.commands.get("move", {}).get("command_id") == 1_700_000_000_000 + n, "the move")
    assert ada.me["components"]["bag"]["coins"] == 15
    for player in (json_client, compact):
        player.wait(lambda: player.tick >= ada.tick or player.sees(ada, x=ada.me["x"], y=ada.me["y"]), "the last move")
    shared = [
        {message["tick"]: message for message in player.messages if "action" not in message and "tick" in message}
        for player in (json_client, compact)
    ]
    ticks = [tick for tick in shared[0] if tick in shared[1]]
    assert len(ticks) >= 10
    for tick in ticks:
        assert shared[0][tick] == shared[1][tick]
    for player in (ada, compact):
        player.send("load")
        player.wait(lambda: player.snapshots == 2, "the second snapshot")
        assert not player.differences and not differences(player.entities, player.entities)
        assert set(player.snapshot) == set(json_client.snapshot)


def test_what_is_no_snapshot_and_no_delta_is_one_map(server):
    ada = server.join("ada", make=CompactPlayer)
    ada.send("tell", what=[1, {"a": True}, "é", 1.5])
    ada.wait(lambda: ada.others, "the message")
    assert ada.others[0] == {"action": "told", "what": [1, {"a": True}, "é", 1.5], "nested": {"list": [1, 2]}}
    ada.send("secret")
    ada.wait(lambda: ada.errors, "the refusal")
    assert ada.errors[0]["code"] == "not_public"
    ada.socket.send('{"action":"pay"}')
    ada.wait(lambda: ada.me["components"]["bag"]["coins"] == 4, "a command in JSON")


@pytest.mark.parametrize("frame", [b"\xdf\xff\xff\xff\xff", b"\x91" * 9000, b"\x81\xa6action", b"\xc1", b"\x05"])
def test_bad_frames_are_refused_and_the_connection_stays(server, frame):
    ada = server.join("ada", make=CompactPlayer)
    ada.socket.send(frame)
    ada.wait(lambda: ada.errors, "the refusal")
    assert ada.errors[0]["code"] == "bad_json" and "MessagePack" in ada.errors[0]["error"]
    ada.send("pay")
    ada.wait(lambda: ada.me["components"]["bag"]["coins"] == 4, "the next command")


def test_the_javascript_reader_reads_the_same(serve, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    server = serve(GAMES["rounded"])
    ada = server.join("ada", make=CompactPlayer)
    bob = server.join("bob", make=CompactPlayer)
    for n in range(20):
        ada.send("move/to", x=28 + n / 3, y=28 - n / 8, command_id=n + 1)
        bob.send("hit", amount=0.5)
        ada.wait(lambda: ada.commands.get("move", {}).get("command_id") == n + 1, "the move")
    ada.send("tell", what={"ü": -1})
    ada.wait(lambda: ada.others, "the message")
    script = tmp_path / "read.mjs"
    script.write_text(JAVASCRIPT.replace("HARNESS", str(pathlib.Path(__file__).parent / "harness")))
    lines = "\n".join(frame.hex() for frame in ada.frames)
    output = subprocess.run([node, script], input=lines, capture_output=True, text=True, check=True, timeout=60).stdout
    assert [json.loads(line) for line in output.splitlines()] == ada.messages
    assert all(kind in ada.messages[0] for kind in KINDS)
