"""`perigee bench socketio`: small runs of both workloads, the comparison with python-socketio, and wrong arguments."""

import functools
import json
import subprocess
import sys

import pytest

from harness.server import BINARY, ROOT

#: A search starts servers again and again; a busy machine takes longer.
PATIENCE = 300

#: So long an event takes on no machine: what is looked for is the form of the outcome, not speed.
LENIENT = ["--limit-ms", 10_000]


def bench(*arguments):
    return subprocess.run(
        [str(BINARY), "bench", "socketio", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
        stdin=subprocess.DEVNULL, cwd=ROOT)


@functools.cache
def outcome(*arguments, status=0):
    result = bench(*arguments, "--json")
    assert result.returncode == status, result
    return json.loads(result.stdout)


def labels(answer):
    return [run["label"] for run in answer["runs"]]


def test_players_over_socketio_cost_beside_those_over_websockets():
    answer = outcome("--workload", "broadcast", "--broadcast-players", 6, "--seconds", 1)
    assert answer["bench"] == "socketio" and answer["problems"] == []
    plain, socketio, ratio = answer["runs"]
    assert labels(answer) == ["WebSocket", "Socket.IO", "ratio"]
    for run in (plain, socketio):
        assert run["players"] == 6 and run["result"] is True
        assert run["server_cpu_us_per_message"] is not None
        assert run["report"]["commands"]["acknowledged"] >= 20
        assert run["report"]["moves"]["missed"] == run["report"]["moves"]["clients_behind"] == 0
    assert 0.9 < socketio["bytes_per_change"] / plain["bytes_per_change"] < 1.5, "little more than the same"
    (target,) = answer["targets"]
    assert target["most"] == 1.3
    assert target["measured"] == ratio["server_cpu_us_per_message"]


def test_everyone_sees_every_move_of_the_battle_and_the_floor_sends_the_same():
    answer = outcome("--workload", "battle", "--players", 8, "--seconds", 1, "--floor", *LENIENT)
    assert answer["problems"] == []
    perigee, floor, ratio = answer["runs"]
    assert labels(answer) == ["Perigee", "floor", "ratio"]
    for run in (perigee, floor):
        report = run["report"]
        assert run["players"] == report["joined"] == 8
        assert report["moves"]["sent"] >= 20 and report["moves"]["skipped"] == 0
        assert report["own_ms"]["count"] == report["moves"]["sent"]
        assert report["others_ms"]["count"] == 7 * report["moves"]["sent"], "each move is an event for each client"
        assert report["events"]["missing"] == report["events"]["strange"] == 0
        assert 0 < run["p50_ms"] <= run["p99_ms"] and 0 < run["others_p50_ms"] <= run["others_p99_ms"]
        assert run["server_cpu_us_per_delivery"] >= 0 and run["generator_cpu_percent"] >= 0
    assert 0.9 <= ratio["bytes_per_event"] <= 1.1, (perigee, floor)
    (target,) = answer["targets"]
    assert target["reached"] is True and target["most"] == 10_000


def test_a_series_of_the_battle_is_a_table_and_a_picture(tmp_path):
    picture = tmp_path / "battle.svg"
    result = bench("--workload", "battle", "--players", "2,4", "--seconds", 1, "--plot", picture, *LENIENT)
    assert result.returncode == 0, result
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["Perigee", "Perigee"]
    assert "µs/event" in table[0] and "own p99 ms" in table[0] and "others' p99 ms" in table[0]
    assert "The battle over Socket.IO" in picture.read_text()


def test_the_most_players_of_perigee_and_of_python_are_compared():
    answer = outcome(
        "--workload", "battle", "--against", "python", "--python", sys.executable, "--players", 2, "--most", 4,
        "--seconds", 1, *LENIENT)
    assert answer["problems"] == []
    runs = answer["runs"]
    assert labels(answer) == [
        "python-socketio", "python-socketio", "Perigee", "Perigee", "Perigee, most", "python-socketio, most"]
    assert [run["players"] for run in runs] == [2, 4, 2, 4, 4, 4]
    for run in runs[:4]:
        assert run["held"] == 1
        assert run["report"]["others_ms"]["count"] == (run["players"] - 1) * run["report"]["moves"]["sent"] > 0
        assert run["server_cpu_us_per_delivery"] is not None
    (target,) = answer["targets"]
    assert (target["least"], target["measured"], target["reached"]) == (5, 1, False)
    assert any("Perigee held all of the 4 players that --most allows" in note for note in answer["notes"])


def test_too_many_players_are_too_many_and_no_problem_of_the_run():
    """Within 1 ms no tick of the game answers."""
    answer = outcome(
        "--workload", "battle", "--against", "python", "--python", sys.executable, "--players", 1, "--most", 1,
        "--seconds", 1, "--limit-ms", 1, status=1)
    perigee = [run for run in answer["runs"] if run["label"] == "Perigee"]
    assert [run["held"] for run in perigee] == [0, 0], "tried twice"
    assert "Perigee: not even 1 player was held" in answer["problems"]


def test_an_opponent_that_can_not_start_is_an_error():
    answer = outcome("--workload", "battle", "--against", "python", "--python", "/no/python", "--seconds", 1, status=1)
    assert answer["problems"] == ["python-socketio did not start: there is no file /no/python"]
    assert answer["runs"] == []


def test_a_folder_without_a_game_is_named(tmp_path):
    result = bench("--workload", "battle", "--game", tmp_path, "--seconds", 1)
    assert (result.returncode, result.stdout) == (2, ""), result
    assert f'--game is "{tmp_path}", where no game.yaml is; name the folder of the battle' in result.stderr


@pytest.mark.parametrize("words, says", [
    ("--players 0", "--players is 0; allowed: 1 to 5000"),
    ("--players 5001", "--players is 5001; allowed: 1 to 5000"),
    ("--broadcast-players 0", "--broadcast-players is 0; allowed: 1 to 20000"),
    ("--moves-per-second 51", "--moves-per-second is 51.0; allowed: above 0, up to 50"),
    ("--seconds 0", "--seconds is 0; allowed: 1 to 600"),
    ("--limit-ms 0", "--limit-ms is 0; allowed: 1 to 10000"),
    ("--most 5001", "--most is 5001; allowed: 1 to 5000"),
    ("--precision 0", "--precision is 0; allowed: 1 to 100"),
    ("--workload chat", "chat"),
    ("--against node", "node"),
    ("--against python --players 5,6", "--against begins its search with --players; give one number"),
    ("--against python --players 9 --most 8", "not more than --most (8)"),
    ("--against python --workload broadcast", "--against belongs to the battle"),
])
def test_wrong_arguments_are_named_and_exit_with_2(words, says):
    result = bench(*words.split())
    assert (result.returncode, result.stdout) == (2, ""), result
    assert says in result.stderr
