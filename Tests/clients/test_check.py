"""`perigee check` and `perigee stubs`: exit statuses, JSON, and files for editors."""

import json
import shutil

import pytest

from harness.server import ROOT, perigee


@pytest.fixture
def game(tmp_path):
    """A folder in which lua/ is a copy of the bundled game."""
    shutil.copytree(ROOT / "lua", tmp_path / "lua")
    return tmp_path


def test_the_bundled_game_is_clean(game):
    result = perigee("check", folder=game)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr.startswith("perigee: 0 errors, 0 warnings in ")


def test_an_error_is_a_line_that_editors_can_open_and_exit_status_1(game):
    (game / "lua/events/chat/wave.lua").write_text('object.action = "wave"\nobject.events.add("chta", "say")\n')
    result = perigee("check", folder=game)
    assert result.stdout == (
        "lua/events/chat/wave.lua:2:19: error: there is no event group 'chta'; did you mean 'chat'?\n")
    assert result.stderr.startswith("perigee: 1 error, 0 warnings in ")
    assert result.returncode == 1
    inside = perigee("check", ".", folder=game / "lua")
    assert inside.stdout.startswith("events/chat/wave.lua:2:19: ")
    assert inside.returncode == 1


def test_warnings_alone_are_exit_status_0(game):
    (game / "lua/events/chat/wave.lua").write_text("--@param times number\nobject.action = 'wave'\n")
    result = perigee("check", "lua/", folder=game)
    assert result.stdout == "lua/events/chat/wave.lua:1:10: warning: parameter times is declared and never read\n"
    assert result.returncode == 0


def test_json_has_the_same_findings(game):
    (game / "lua/events/chat/wave.lua").write_text("object.foo = (1\n")
    result = perigee("check", "--json", folder=game)
    found = json.loads(result.stdout)
    assert (found["errors"], found["warnings"]) == (1, 0)
    assert found["findings"] == [{
        "file": "lua/events/chat/wave.lua", "line": 2, "column": 1, "severity": "error",
        "message": "')' expected (to close '(' at line 1) near '<eof>'"}]
    assert result.returncode == 1


@pytest.mark.parametrize("command", ["check", "stubs"])
def test_a_folder_that_is_not_there_or_an_unknown_option_is_exit_status_2(command, game):
    missing = perigee(command, "nothing", folder=game)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert '"nothing"' in missing.stderr
    assert perigee(command, "--colour", folder=game).returncode == 2


def test_stubs_are_written_and_told_when_they_are_out_of_date(game):
    assert perigee("stubs", "--check", folder=game).returncode == 0
    (game / "lua/components/luck.lua").write_text("--@type number\n--@default 1\n")
    stale = perigee("stubs", "--check", folder=game)
    assert stale.returncode == 1
    assert "lua/stubs/game.lua is out of date" in stale.stdout
    assert perigee("stubs", folder=game).stdout == "wrote lua/stubs/game.lua\n"
    assert "---@field luck number\n" in (game / "lua/stubs/game.lua").read_text()
    assert perigee("stubs", "--check", folder=game).returncode == 0
    assert perigee("check", folder=game).returncode == 0
