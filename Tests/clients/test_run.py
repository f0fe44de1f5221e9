"""`perigee run`: one script in the sandbox, its output, and the exit status for each way in which it ends."""

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import time

import pytest

from harness import waiting
from harness.server import BINARY
from harness.waiting import PATIENCE, until


def run(*arguments, stdin=""):
    return subprocess.run(
        [str(BINARY), "run", *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a script and returns its name, which is short because Lua cuts long names in its messages."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "script.lua").write_text(text)
        return "script.lua"
    return write


def test_what_is_printed_and_returned_goes_to_the_output(script):
    result = run(script('print("hi", 1, nil) return 1, "a", nil, {}, true'))
    assert result.stdout == "hi\t1\tnil\n=> 1\ta\tnil\ttable\ttrue\n"
    assert result.stderr == ""
    assert result.returncode == 0


def test_a_script_that_returns_nothing_says_nothing(script):
    result = run(script("local x = 1"))
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


ENDINGS = [
    ("error('no')", 1, "runtime"),
    ("return +", 1, "syntax"),
    ("while true do end", 3, "time"),
    ("pcall(function() while true do end end) return 1", 3, "time"),
    ("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end", 4, "memory"),
    ("return (\"x\"):rep(1e9)", 4, "memory"),
]


@pytest.mark.parametrize("text, status, kind", ENDINGS)
def test_the_exit_status_tells_how_it_ended(script, text, status, kind):
    path = script(text)
    result = run(path, "--time-limit", 2000, "--memory-limit", 16) if status == 4 else run(path, "--time-limit", 50)
    assert result.returncode == status
    assert result.stdout == ""
    assert result.stderr.startswith(f"{path}:1: ")


def test_an_error_has_its_traceback(script):
    result = run(script("local function f(x)\n  return x.y.z\nend\nf({})"))
    assert result.returncode == 1
    assert ":2: attempt to index field 'y' (a nil value)\n" in result.stderr
    assert "stack traceback:" in result.stderr
    assert ":2: in function 'f'" in result.stderr


def test_what_was_printed_before_an_error_is_not_lost(script):
    result = run(script("for i = 1, 3 do print(i) end error('no')"))
    assert result.stdout == "1\n2\n3\n"


def test_a_script_pays_nothing_for_the_time_in_which_the_process_was_stopped(script):
    # The limit is 300 ms of CPU time and ten times as much wall-clock time, which goes on while the process is stopped.
    path = script("local till = os.clock() + 0.25 while os.clock() < till do end return 'done'")
    process = subprocess.Popen(
        [str(BINARY), "run", path, "--time-limit", "300"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: cpu_seconds(process.pid) >= 0.12, "the script runs")
    process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    until(lambda: time.monotonic() - stopped > 3.3, "the clock passes the limit")
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=PATIENCE) == ("=> done\n", "")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_time_limit_is_kept(script):
    path = script("while true do end")
    answer = json.loads(run(path, "--time-limit", 100, "--json").stdout)
    assert 95 <= answer["cpu_ms"] <= 2 * 100 + 2
    assert answer["cpu_ms"] <= answer["wall_ms"] + 1


def test_json_has_everything_in_one_object(script):
    path = script('print("a", 1) print("b") return 1, "x", nil, true, {}')
    result = run(path, "--json")
    answer = json.loads(result.stdout)
    assert answer["values"] == [1, "x", None, True, "table"]
    assert answer["printed"] == ["a\t1", "b"]
    assert answer["error"] is None
    assert answer["cpu_ms"] >= 0 and answer["wall_ms"] >= 0
    assert 0 < answer["used_bytes"] <= answer["peak_bytes"]


@pytest.mark.parametrize("text, status, kind", ENDINGS)
def test_json_tells_the_error(script, text, status, kind):
    path = script(text)
    result = run(path, "--json", "--memory-limit", 16, "--time-limit", 2000 if status == 4 else 50)
    assert result.returncode == status
    assert result.stderr == ""
    error = json.loads(result.stdout)["error"]
    assert (error["kind"], error["file"], error["line"]) == (kind, path, 1)
    assert error["message"].startswith(f"{path}:1: ")
    assert kind == "syntax" or "stack traceback:" in error["traceback"]


@pytest.mark.parametrize("arguments", [
    ["--bogus"], ["nothing-here.lua"], ["a.lua", "b.lua"], ["a.lua", "--time-limit", "0"],
    ["a.lua", "--time-limit", "x"], ["a.lua", "--memory-limit", "0"], ["--json"],
])
def test_a_wrong_command_line_ends_with_2(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.strip()


def test_there_is_no_world_and_no_file_system(script):
    result = run(script("return objects, map, io, os and os.execute, require, load, dofile, string.dump"))
    assert result.stdout == "=> " + "\t".join(["nil"] * 8) + "\n"


# The prompt


def test_piped_lines_run_one_by_one():
    result = run(stdin="return 1+1\nx = 20\nx * 2\n= 1, nil\nfor i = 1, 2 do\nprint(i)\nend\n")
    assert result.stdout == "=> 2\n=> 40\n=> 1\tnil\n1\n2\n"
    assert result.stderr == ""
    assert result.returncode == 0


def test_a_piped_line_that_fails_gives_the_exit_status_and_the_next_one_runs():
    result = run("--time-limit", "50", stdin="x = 1\nwhile true do end\nerror('no')\nx\nlocal a =")
    assert result.returncode == 3
    assert result.stdout == "=> 1\n"
    assert "time limit of 50 ms" in result.stderr
    assert "near '<eof>'" in result.stderr


def test_a_terminal_gets_a_prompt_with_editing_and_history():
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(str(BINARY), [str(BINARY), "run", "--time-limit", "50"])
    seen = b""

    def until(text):
        nonlocal seen
        deadline = time.monotonic() + PATIENCE
        while text not in seen:
            ready, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
            assert ready, seen
            seen += os.read(terminal, 4096)
        seen = seen[seen.index(text) + len(text):]

    until(b"> ")
    os.write(terminal, b"6 * 7\n")
    until(b"=> 42")
    until(b"> ")
    os.write(terminal, b"while true do end\n")
    until(b"time limit")
    until(b"\n> ")
    os.write(terminal, b"for i = 1, 2 do\n")
    until(b">> ")
    os.write(terminal, b"print('line ' .. i) end\n")
    until(b"line 2\r\n")
    until(b"> ")
    # Four times "up" goes back to the line `6 * 7`; ^A goes to its start, "delete" removes the 6, and 5 replaces it.
    os.write(terminal, b"\x1b[A\x1b[A\x1b[A\x1b[A\x01\x1b[3~5\n")
    until(b"=> 35")
    until(b"> ")

    def has_ended():
        # The line editor writes its prompt before it sets up the terminal. A ^D that comes between is lost or stays in
        # the line, where the next ^D is no end of input: ^U empties the line.
        with contextlib.suppress(OSError):
            os.write(terminal, b"\x15\x04")
        ended, status = os.waitpid(pid, os.WNOHANG)
        return ended and [status]

    [status] = waiting.until(has_ended, "the prompt ends", pause=0.2)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0


def test_without_a_timer_for_the_time_limit_no_script_runs(script):
    """M8.4.2: when the time limit can't be enforced the script is refused, not run without a limit."""
    name = script("print('ran')")
    # Timers count against the limit of pending signals, so with a limit of 0 the kernel refuses to make one.
    limited = ["prlimit", "--sigpending=0:0", str(BINARY), "run", name]
    result = subprocess.run(limited, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    assert "ran" not in result.stdout
    assert "ulimit -i" in result.stderr, result.stderr
