"""`perigee bench`: small runs of each subcommand, the form of table and JSON, and exit codes."""

import functools
import json
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness.server import BINARY, free_port

#: A run starts a server and measures for a second or two; a busy machine takes longer.
PATIENCE = 120

RUNS = {
    "players": ["--players", "6", "--seconds", "1"],
    "view": ["--players", "9", "--seconds", "1"],
    "npcs": ["--npcs", "10", "--seconds", "1"],
    "idle": ["--players", "5", "--seconds", "1"],
    "joins": ["--players", "5", "--within", "1", "--present", "2"],
    "maps": ["--players", "4", "--seconds", "1"],
    "ticks": ["--players", "2", "--seconds", "1", "--most", "20"],
}


def bench(*arguments):
    return subprocess.run(
        [str(BINARY), "bench", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
        stdin=subprocess.DEVNULL)


def outcome(*arguments, status=0):
    result = bench(*arguments, "--json")
    assert result.returncode == status, result
    return json.loads(result.stdout)


@functools.cache
def measured(name):
    """The outcome of a small run of a subcommand, which several tests look at."""
    return outcome(name, *RUNS[name])


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_one_json_object_with_figures_and_the_generators_cpu(name):
    answer = measured(name)
    assert answer["bench"] == name
    assert answer["problems"] == []
    assert answer["machine"]["cores"] >= 1
    runs = [run for run in answer["runs"] if run["label"] != "highest"]
    assert runs
    for run in runs:
        assert run["server_cpu_percent"] >= 0, run
        assert run["generator_cpu_percent"] >= 0, run
    for target in answer["targets"]:
        assert set(target) == {"name", "most", "measured", "reached"}


def test_each_benchmark_measures_what_it_says():
    view = measured("view")["runs"][0]
    assert view["players"] == 9 and view["p99_ms"] > 0 and view["server_cpu_us_per_player_second"] > 0
    npcs = measured("npcs")["runs"][0]
    assert npcs["npcs"] == 10 and npcs["server_cpu_ms_per_tick"] > 0 and 28 < npcs["tick_rate_hz"] < 32
    idle = measured("idle")["runs"]
    assert [run["label"] for run in idle] == ["no view", "view 7"]
    joins = measured("joins")["runs"][0]
    assert joins["joined"] == 5 and 0.5 < joins["join_seconds"] < 20
    maps = measured("maps")["runs"]
    assert [(run["label"], run["players"]) for run in maps] == [("one map", 2), ("2 maps", 4), ("one map", 4)]
    ticks = measured("ticks")["runs"]
    assert ticks[-1]["label"] == "highest" and 1 <= ticks[-1]["rate_hz"] <= 20


def test_all_come_back_after_a_kill_and_a_new_start():
    (run,) = outcome("joins", "--players", 8, "--within", 1, "--present", 1, "--restart")["runs"]
    assert run["back"] == 8
    assert 0 < run["listening_seconds"] <= run["back_seconds"] < 20


def test_a_series_with_a_floor_is_a_table_with_ratios_and_a_picture(tmp_path):
    picture = tmp_path / "players.svg"
    result = bench("players", "--players", "3,6", "--seconds", 1, "--floor", "--plot", picture)
    assert result.returncode == 0, result
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["Perigee", "floor", "ratio"] * 2
    assert len({len(line) for line in table}) == 1, "the columns stand below each other"
    assert "server CPU %" in table[0] and "generator CPU %" in table[0]
    root = ElementTree.parse(picture).getroot()
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"players", "p99, ms", "Perigee", "floor"} <= set(words)
    assert "ratio" not in words


def test_no_pin_leaves_the_processes_where_they_are():
    assert outcome("npcs", *RUNS["npcs"], "--no-pin")["machine"]["pinned"] is False


def test_settings_reach_the_game():
    result = bench("players", *RUNS["players"], "--setting", "tick_rate: 10", "--setting", "send_rate: 10")
    # The map ticks at 10 Hz where this benchmark expects 30: the load is not the one that it promises.
    assert result.returncode == 1
    assert "instead of 30" in result.stdout


def test_a_load_that_is_not_reached_says_so_and_exits_with_1():
    answer = outcome("idle", "--players", 5, "--seconds", 1, "--view", "with", "--setting", "max_sessions: 2",
                     "--join-seconds", 3, status=1)
    (problem,) = answer["problems"]
    assert "player" in problem or "session" in problem
    result = bench("players", "--port", free_port(), "--players", 1, "--seconds", 1)
    assert result.returncode == 1
    assert "no server answers" in result.stderr


@pytest.mark.parametrize("words, says", [
    ("players --players 0", "--players is 0; allowed: 1 to 20000"),
    ("players --players 5,x", "--players"),
    ("players --port 80 --floor", "--port measures a server that runs"),
    ("players --players 5,6 --port 80", "--port measures a server that runs"),
    ("players --seconds 0", "--seconds is 0"),
    ("view --players 20001", "--players is 20001; allowed: 1 to 20000"),
    ("view --view-distance 0", "--view-distance is 0; allowed: 1 to 100"),
    ("view --moves-per-second 0", "--moves-per-second is 0.0; allowed: above 0, up to 50"),
    ("npcs --npcs 0", "--npcs is 0; allowed: 1 to 50000"),
    ("npcs --tick-rate 241", "--tick-rate is 241; allowed: 1 to 240"),
    ("idle --view sometimes", "sometimes"),
    ("joins --within 0", "--within is 0; allowed: 1 to 600"),
    ("joins --present 0", "--present is 0; allowed: 1 to 1000"),
    ("maps --players 1", "--players is 1; allowed: 2 to 20000"),
    ("ticks --most 0", "--most is 0; allowed: 1 to 240"),
    ("ticks --game lua --npcs 5", "--npcs belongs to the game of the bench"),
    ("view --setting nonsense", "--setting is \"nonsense\""),
    ("ticks --plot x.svg", "--plot"),
])
def test_wrong_arguments_are_named_and_exit_with_2(words, says):
    result = bench(*words.split())
    assert (result.returncode, result.stdout) == (2, ""), result
    assert says in result.stderr
