"""`perigee replay` runs a recording of `perigee serve --record` again.

Each tick is the same byte by byte, although in another process all addresses and hash seeds differ."""

import json
import os
import signal
import subprocess
import time
import zlib

import pytest

from harness.games import BARE, bare
from harness.server import BINARY
from harness.waiting import PATIENCE, until

#: How long bots play.
SECONDS = 60 if os.environ.get("PERIGEE_SOAK") else 8


def replay(file, *options, status=0):
    """The report of a replay as JSON."""
    result = subprocess.run(
        [BINARY, "replay", file, "--json", *options], capture_output=True, text=True, timeout=SECONDS + 5 * PATIENCE)
    assert result.returncode == status, f"{result.returncode}: {result.stdout}{result.stderr}"
    return json.loads(result.stdout)


def refusal(*arguments):
    result = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 2, f"{result.returncode}: {result.stdout}{result.stderr}"
    return result.stderr


@pytest.fixture
def recording(tmp_path):
    return tmp_path / "session.rec"


def test_a_session_of_20_bots_with_reloads_in_the_middle_is_replayed_identically(serve, recording, tmp_path):
    server = serve(None, "--record", recording, "--unlimited-logins")
    bots = subprocess.Popen(
        [BINARY, "bench", "players", "--players", "20", "--seconds", str(SECONDS), "--port", str(server.port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    changes = 0
    while bots.poll() is None:
        time.sleep(1)
        changes += 1
        server.write("lib/rules.lua", f"{server.read('lib/rules.lua')}\n-- {changes}")
        server.write("events/move/left.lua", f"{server.read('events/move/left.lua')}\n-- {changes}")
    assert server.stop() == 0
    assert changes >= 5

    first = replay(recording)
    assert first["identical"] and first["complete"]
    (meadow, cave) = first["maps"]
    assert meadow["hashes"] >= SECONDS and meadow["ticks"] > SECONDS * 10
    assert cave["difference"] is None
    assert replay(recording) == first, "as often as one likes"

    # The recorded game, extracted and edited: the replay names the first tick in which a client would see a difference.
    folder = tmp_path / "edited"
    subprocess.run([BINARY, "replay", recording, "--extract", folder], check=True, capture_output=True)
    script = folder / "events/move/timeout.lua"
    assert script.read_text() == server.read("events/move/timeout.lua")
    script.write_text(script.read_text().replace("return 1 /", "return 1.01 /"))
    difference = replay(recording, "--game", folder, status=1)["maps"][0]["difference"]
    assert difference["what"] == "value" and "move" in difference["path"]
    assert float(difference["replayed"]) > float(difference["recorded"])


def test_a_killed_server_leaves_a_recording_that_replays_up_to_there(serve, recording):
    server = serve(BARE, "--record", recording)
    ada = server.join("ada")
    ada.send("hit", amount=3)
    ada.wait(lambda: ada.me["components"]["hp"] == 7, "the hit")
    size = recording.stat().st_size
    until(lambda: recording.stat().st_size > size, "more was written")
    time.sleep(1)
    server.stop(signal.SIGKILL)
    report = replay(recording)
    assert report["identical"] and not report["complete"]
    assert report["maps"][0]["ticks"] > 30
    assert "killed" in report["end"]

    log = subprocess.run([BINARY, "replay", recording, "--log"], capture_output=True, text=True, timeout=PATIENCE)
    assert "tick=0 - Bare" in log.stdout
    assert replay(recording, "--until", "5")["maps"][0]["ticks"] == 5


def test_a_players_error_is_in_the_replay_and_gone_with_the_mended_script(serve, recording, tmp_path):
    server = serve(bare(events__hit__index="--@public true\n--@param amount number\nlocal t = nil\nt.x = 1\n"),
                   "--record", recording)
    ada = server.join("ada")
    ada.send("hit", amount=3)
    until(lambda: server.errors("events/hit/index.lua:4"), "the error")
    server.stop()
    shown = subprocess.run([BINARY, "replay", recording, "--log"], capture_output=True, text=True, timeout=PATIENCE)
    assert "events/hit/index.lua:4: attempt to index" in shown.stdout
    folder = tmp_path / "game"
    subprocess.run([BINARY, "replay", recording, "--extract", folder], check=True, capture_output=True)
    (folder / "events/hit/index.lua").write_text("--@public true\n--@param amount number\nlocal mended\n")
    difference = replay(recording, "--game", folder, status=1)["maps"][0]["difference"]
    assert difference["what"] == "line" and difference["replayed"] is None
    assert "attempt to index" in difference["recorded"]


def test_no_secrets_are_in_a_recording(serve, recording):
    server = serve(BARE, "--record", recording)
    answer = server.sign("register", "ada", "my secret password")
    server.stop()
    steps = recording.read_bytes()
    unpacked = steps
    at = 12
    while at + 17 <= len(steps):
        length = int.from_bytes(steps[at + 9:at + 13], "little")
        unpacked += zlib.decompress(steps[at + 17:at + 17 + length])
        at += 17 + length
    assert b"Bare" in unpacked, "it was unpacked"
    assert b"my secret password" not in unpacked
    assert answer["token"].encode() not in unpacked


def test_files_and_options_that_can_not_be_are_told_in_one_line(serve, recording, tmp_path):
    assert "is no recording" in refusal("replay", BINARY)
    assert "can't be read" in refusal("replay", tmp_path / "nothing.rec")
    assert "--record-limit" in refusal("serve", "--record-limit", "0")
    server = serve(BARE, "--record", recording)
    server.stop()
    assert "map 7 is not in the recording" in refusal("replay", recording, "--map", "7")
    newer = recording.read_bytes()
    recording.write_bytes(newer[:8] + b"\x63" + newer[9:])
    assert "format 99" in refusal("replay", recording)
