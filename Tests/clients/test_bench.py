"""`perigee bench`: small runs of each subcommand, the form of table and JSON, and exit codes."""

import functools
import json
import os
import re
import resource
import signal
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from harness.server import BINARY, ROOT, free_port
from harness.waiting import until

#: A run starts a server and measures for a second or two; a busy machine takes longer.
PATIENCE = 120

RUNS = {
    "players": ["--players", "6", "--seconds", "1"],
    # With fewer players, how moves fall into ticks changes the bytes of a change by several percent.
    "view": ["--players", "100", "--seconds", "1", "--floor"],
    "npcs": ["--npcs", "10", "--seconds", "1"],
    "idle": ["--players", "5", "--seconds", "1"],
    "joins": ["--players", "5", "--within", "1", "--present", "2"],
    "maps": ["--players", "4", "--seconds", "1"],
    "ticks": ["--players", "2", "--seconds", "1", "--most", "20"],
    # A program that was built for debugging takes longer for a tick.
    "reload": ["--players", "3", "--seconds", "10", "--game", ROOT / "lua", "--max-tick-ms", "10000"],
}


def bench(*arguments, **settings):
    return subprocess.run(
        [str(BINARY), "bench", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
        stdin=subprocess.DEVNULL, **settings)


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
    runs = [run for run in answer["runs"] if run["label"] not in ("highest", "ratio")]
    assert runs
    for run in runs:
        assert run["server_cpu_percent"] >= 0, run
        assert run["generator_cpu_percent"] >= 0, run
    for target in answer["targets"]:
        assert set(target) == {"name", "most", "measured", "reached"}


def test_each_benchmark_measures_what_it_says():
    view = measured("view")["runs"][0]
    assert view["players"] == 100 and view["p99_ms"] > 0 and view["server_cpu_us_per_player_second"] > 0
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
    reload = measured("reload")["runs"][0]
    assert reload["players"] == 3 and reload["saves"] >= 5 and reload["changes_taken_over"] > 0
    assert reload["longest_tick_ms"] > 0


def test_the_floor_sends_as_many_bytes_for_a_change_as_the_server():
    server, floor, ratio = measured("view")["runs"]
    assert [run["label"] for run in (server, floor, ratio)] == ["Perigee", "floor", "ratio"]
    assert 0.9 <= ratio["bytes_per_change"] <= 1.1, (server, floor)


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


def test_as_many_players_come_back_as_the_system_allows_files_not_as_the_shell_does():
    files = (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    result = bench("joins", "--players", 150, "--present", 1, "--restart", "--json",
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, files))
    assert result.returncode == 0, result
    assert json.loads(result.stdout)["runs"][0]["back"] == 150


class Started:
    """A benchmark that runs, with a folder of its own for its temporary files, and its server."""

    def __init__(self, folder, *arguments):
        self.process = subprocess.Popen(
            [str(BINARY), "bench", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(folder)})
        # From here on the server listens, and clients are connected.
        for line in self.process.stderr:
            if line.startswith("measuring"):
                break
        self.servers = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/status") if self.is_parent(path)]

    def is_parent(self, status):
        try:
            return f"\nPPid:\t{self.process.pid}\n" in status.read_text()
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)


def cores(pid):
    """The cores that each thread of a process may use."""
    found = set()
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("Cpus_allowed_list:")]
        found.add(line.split()[1])
    return found


def as_list(numbers):
    """Numbers of cores in the kernel's form: `0-2,5`."""
    ranges = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core is shared by all")
@pytest.mark.parametrize("name", ["npcs", "reload"])
@pytest.mark.parametrize("options", [[], ["--no-pin"]])
def test_server_and_generator_have_cores_of_their_own_unless_no_pin_is_given(name, options, tmp_path):
    every = sorted(os.sched_getaffinity(0))
    with Started(tmp_path, name, *RUNS[name], "--seconds", 60, *options) as bench:
        (server,) = bench.servers
        if options:
            assert cores(server) == cores(bench.process.pid) == {as_list(every)}
        else:
            assert cores(server) == {as_list(every[:-1])}
            assert cores(bench.process.pid) == {as_list(every[-1:])}


@pytest.mark.parametrize("name", ["npcs", "reload"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_process_and_no_folder_behind(name, number, tmp_path):
    with Started(tmp_path, name, *RUNS[name], "--seconds", 60) as bench:
        (server,) = bench.servers
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith("perigee-bench-")]
        bench.process.send_signal(number)
        assert bench.process.wait(PATIENCE) == 128 + number
        until(lambda: not Path(f"/proc/{server}").exists(), "the server is gone")
        assert list(tmp_path.iterdir()) == []


def test_settings_reach_the_game():
    result = bench("players", *RUNS["players"], "--setting", "tick_rate: 10", "--setting", "send_rate: 10")
    # The map ticks at 10 Hz where this benchmark expects 30: the load is not the one that it promises.
    assert result.returncode == 1
    assert "instead of 30" in result.stdout


def test_a_load_that_is_not_reached_says_so_and_exits_with_1():
    answer = outcome("idle", "--players", 5, "--seconds", 1, "--view", "with", "--setting", "max_sessions: 2",
                     "--join-seconds", 3, status=1)
    (problem,) = answer["problems"]
    # All but one come at the same time.
    assert re.fullmatch(
        "the server refused the WebSocket of bench[1-5]: HTTP/1.1 503 Service Unavailable, "
        "the server has no room for another player", problem)
    port = free_port()
    result = bench("players", "--port", port, "--players", 1, "--seconds", 1)
    assert result.returncode == 1
    assert (f"no server answers at 127.0.0.1:{port} (Connection refused); start it first, or name its --port"
            in result.stderr)


@pytest.mark.parametrize("words, says", [
    ("players --players 0", "--players is 0; allowed: 1 to 20000"),
    ("players --players 5,x", "--players"),
    ("players --host 127.0.0.2", "--host belongs to a server that runs; use it together with --port"),
    ("players --server-pid 1", "--server-pid belongs to a server that runs; use it together with --port"),
    ("players --login-prefix a", "--login-prefix belongs to a server that runs; use it together with --port"),
    ("players --password secret", "--password belongs to a server that runs; use it together with --port"),
    ("players --port 80 --setting a:1", "--setting belongs to the game of the bench; use it without --port"),
    ("players --port 80 --annotation a", "--annotation belongs to the game of the bench; use it without --port"),
    ("players --game lua --setting a:1", "--setting belongs to the game of the bench; use it without --game"),
    ("players --game lua --annotation a", "--annotation belongs to the game of the bench; use it without --game"),
    ("ticks --game lua --setting a:1", "--setting belongs to the game of the bench; use it without --game"),
    ("ticks --game lua --annotation a", "--annotation belongs to the game of the bench; use it without --game"),
    ("players --port 80 --host example.org", "--host is example.org; allowed: a loopback address"),
    ("reload --seconds 9", "--seconds is 9; allowed: 10 to 600"),
    ("reload --players 0", "--players is 0; allowed: 1 to 20000"),
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
    ("ticks --game lua --npcs 5", "--npcs belongs to the game of the bench; use it without --game"),
    ("view --setting nonsense", "--setting is \"nonsense\""),
    ("ticks --plot x.svg", "--plot"),
])
def test_wrong_arguments_are_named_and_exit_with_2(words, says):
    result = bench(*words.split())
    assert (result.returncode, result.stdout) == (2, ""), result
    assert says in result.stderr


def test_the_script_that_measures_all_refuses_an_unknown_name(tmp_path):
    folder = tmp_path / "results"
    result = subprocess.run(
        [str(ROOT / "scripts/performance"), str(folder), "view", "vew"], capture_output=True, text=True,
        timeout=PATIENCE, stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr == (
        'scripts/performance: there is no benchmark "vew"; allowed are players view npcs idle idle-whole joins '
        "restart maps ticks ticks-npcs broadcast battle battle-python webrtc loss\n")
    assert not folder.exists()
