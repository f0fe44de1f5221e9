"""`perigee test`: a game's own tests, and the exit status for each way in which they end."""

import json
import re
import subprocess

import pytest

from harness.games import BARE
from harness.server import BINARY
from harness.waiting import PATIENCE

PASSING = 'test("a player is there", function()\n  expect(world.join("ann").login).is("ann")\nend)\n'
FAILING = 'test("a player is elsewhere", function()\n  expect(world.join("ann").x).is(-1)\nend)\n'


def run(*arguments):
    return subprocess.run(
        [str(BINARY), "test", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE)


@pytest.fixture
def game(tmp_path):
    """Writes a game with these files beside those of the bare game, and returns its folder."""
    def write(files):
        for path, text in {**BARE, **files}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path
    return write


def test_all_passed(game):
    result = run(game({"tests/a.lua": PASSING}))
    assert (result.returncode, result.stderr) == (0, "")
    assert "\u001b" not in result.stdout, "colours are for terminals"
    assert "✓ a player is there" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 passed; ")


def test_one_failed(game):
    result = run(game({"tests/a.lua": PASSING + FAILING}))
    assert result.returncode == 1
    assert "tests/a.lua:5: expected -1, got " in result.stdout
    assert "1 passed, 1 failed; " in result.stdout


def test_mistakes_in_the_game_folder_fail_too(game):
    result = run(game({"tests/a.lua": PASSING, "events/fail/index.lua": "--@pubic true\nprint(1)\n"}))
    assert result.returncode == 1
    assert re.search(r"^ +events/fail/index\.lua:1:\d+: unknown annotation", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("files, arguments, words", [
    ({}, [], "has no tests"),
    ({"tests/a.lua": "local x = 1"}, [], "declare no tests"),
    ({"tests/a.lua": PASSING}, ["--filter", "nobody"], 'none of 1 tests has "nobody" in its name'),
    ({"tests/a.lua": PASSING}, ["--time-limit", "0"], "--time-limit"),
    ({"tests/a.lua": PASSING}, ["--seed", "-1"], "seed"),
    ({"tests/a.lua": PASSING}, ["--tap", "--json"], "--json"),
])
def test_nothing_to_run(game, files, arguments, words):
    result = run(game(files), *arguments)
    assert result.returncode == 2
    assert words in result.stderr


def test_no_folder(tmp_path):
    result = run(tmp_path / "nothing")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert str(tmp_path / "nothing") in result.stderr
    assert "perigee test DIR" in result.stderr


def test_tap(game):
    result = run(game({"tests/a.lua": PASSING + FAILING}), "--tap")
    lines = result.stdout.splitlines()
    assert lines[0] == "TAP version 13"
    assert "ok 2 - tests/a.lua: a player is there" in lines
    assert "not ok 3 - tests/a.lua: a player is elsewhere" in lines
    assert lines[-1] == "1..3"
    assert result.returncode == 1


def test_json_and_seed(game):
    folder = game({"tests/a.lua": PASSING.replace("end)", "print(math.random(1e9))\nend)")})
    report = json.loads(run(folder, "--json", "--seed", 5).stdout)
    assert (report["passed"], report["failed"], report["seed"]) == (1, 0, 5)
    again = json.loads(run(folder, "--json", "--seed", 5).stdout)
    other = json.loads(run(folder, "--json", "--seed", 6).stdout)
    printed = [one["tests"][0]["printed"] for one in (report, again, other)]
    assert printed[0] == printed[1] != printed[2]
