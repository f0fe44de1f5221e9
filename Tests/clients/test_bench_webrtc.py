"""`perigee bench webrtc`: small runs, the comparison with aiortc, and wrong arguments."""

import json
import subprocess
import sys

import pytest

from harness.server import BINARY, ROOT

PATIENCE = 300


def bench(*arguments):
    return subprocess.run(
        [str(BINARY), "bench", "webrtc", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
        stdin=subprocess.DEVNULL, cwd=ROOT)


def outcome(*arguments, status=0):
    result = bench(*arguments, "--json")
    assert result.returncode == status, result
    return json.loads(result.stdout)


ECHO = ["--workload", "echo"]


def test_echoes_of_perigee_cost_beside_those_of_aiortc():
    answer = outcome(
        *ECHO, "--clients", 3, "--in-flight", 2, "--seconds", 1, "--against", "aiortc", "--python", sys.executable)
    assert answer["bench"] == "webrtc" and answer["problems"] == []
    perigee, aiortc, ratio = answer["runs"]
    assert [run["label"] for run in answer["runs"]] == ["Perigee", "aiortc", "ratio"]
    for run in (perigee, aiortc):
        assert run["clients"] == 3 and run["result"] is True
        assert run["round_trips_per_second"] > 20
        assert 1 < run["datagrams_per_round_trip"] < 8
        assert run["server_cpu_us_per_round_trip"] > run["server_cpu_us_per_datagram"] > 0
        assert 0 < run["p50_ms"] <= run["p99_ms"]
        assert run["report"]["disconnects"] == 0
    assert ratio["round_trips_per_core_second"] > 1, "aiortc is Python"


def test_a_series_is_a_table():
    result = bench(*ECHO, "--clients", "1,2", "--seconds", 1)
    assert result.returncode == 0, result
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["Perigee", "Perigee"]
    assert "µs/echo" in table[0] and "µs/datagram" in table[0]


@pytest.mark.parametrize("opponent, option", [("aiortc", "python"), ("pion", "pion")])
def test_an_opponent_that_can_not_start_is_an_error(opponent, option):
    answer = outcome(
        *ECHO, "--clients", 1, "--seconds", 1, "--against", opponent, f"--{option}", "/no/program", status=1)
    assert answer["problems"] == [f"{opponent} did not start: there is no file /no/program"]


def test_players_over_webrtc_have_their_positions_beside_those_over_websockets():
    answer = outcome("--workload", "players", "--players", 12, "--seconds", 2)
    assert answer["problems"] == []
    plain, lanes, ratio = answer["runs"]
    assert [run["label"] for run in answer["runs"]] == ["WebSocket", "WebRTC", "ratio"]
    for run in (plain, lanes):
        assert run["players"] == 12 and run["result"] is True
        assert 0 < run["position_age_p50_ms"] <= run["position_age_p99_ms"]
        assert run["report"]["commands"]["acknowledged"] >= 80
    assert plain["datagrams_per_second"] is None and lanes["datagrams_per_second"] > 2
    fast = lanes["report"]["fast"]
    assert fast["moved_ticks"] > 80 and fast["held_ticks"] > 0.9 * fast["moved_ticks"]
    assert ratio["server_cpu_us_per_player_second"] is not None
    (target,) = answer["targets"]
    assert (target["least"], target["measured"]) == (99, lanes["held_percent"])


@pytest.mark.parametrize("words, says", [
    ("--clients 0", "--clients is 0; allowed: 1 to 1000"),
    ("--clients 1,1001", "--clients is 1001; allowed: 1 to 1000"),
    ("--in-flight 65", "--in-flight is 65; allowed: 1 to 64"),
    ("--bytes 7", "--bytes is 7; allowed: 8 to 1100"),
    ("--seconds 0", "--seconds is 0; allowed: 1 to 600"),
    ("--players 1001", "--players is 1001; allowed: 1 to 1000"),
    ("--moves-per-second 51", "--moves-per-second is 51.0; allowed: above 0, up to 50"),
    ("--workload chat", "chat"),
    ("--against libdatachannel", "libdatachannel"),
    ("--against aiortc --workload players", "--against belongs to the echo"),
])
def test_wrong_arguments_are_named_and_exit_with_2(words, says):
    result = bench(*words.split())
    assert (result.returncode, result.stdout) == (2, ""), result
    assert says in result.stderr
