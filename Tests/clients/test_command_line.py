"""The messages of `perigee serve` when it starts and when it can't start."""

import re
import socket
import subprocess

import pytest

from harness.games import BARE
from harness.server import BINARY, ROOT, free_port, perigee
from harness.waiting import PATIENCE, until


def refusal(server, **options):
    """The single line of error output of a refused start."""
    result = subprocess.run(
        server.command(**options), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    assert result.returncode != 0
    lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


def test_it_says_where_to_play_and_where_operators_log_in(server):
    told = [f":{server.port}/play/", f":{server.port}/admin/", "operator", f":{server.port}/admin/setup#"]
    # It may be told a moment after clients can connect.
    until(lambda: all(text in server.output.read_text() for text in told), "all of it is told")


def test_a_taken_port_is_told_in_one_line(server, tmp_path):
    line = refusal(server, data=tmp_path / "data")
    assert str(server.port) in line
    assert "--port" in line
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pass


def test_a_missing_game_folder_is_told_in_one_line(server, tmp_path):
    line = refusal(server, port=1, game=tmp_path / "nothing", data=tmp_path / "data")
    assert str(tmp_path / "nothing") in line
    assert "--game" in line


def test_a_data_folder_in_use_is_told_in_one_line(server):
    line = refusal(server, port=free_port())
    assert str(server.data) in line


def test_the_operators_key_is_for_its_owner_alone(server):
    assert (server.data / "operator.key").stat().st_mode & 0o077 == 0


def test_health_and_metrics_answer(server):
    assert server.get("/health").status_code == 200
    metrics = server.get("/metrics")
    assert metrics.status_code == 200
    assert "# TYPE" in metrics.text


def test_metrics_are_for_this_machine_and_for_the_operator(server):
    # What a proxy on this machine passes on comes from a loopback address, too.
    passed_on = {"X-Forwarded-For": "203.0.113.9"}
    assert server.get("/metrics", headers=passed_on).status_code == 401
    key = server.operator_key()
    assert server.get("/metrics", headers={**passed_on, "Authorization": f"Bearer {key}"}).status_code == 200
    server.write("game.yaml", "name: Bare\nmetrics: public\n")
    until(lambda: server.get("/metrics", headers=passed_on).status_code == 200, "metrics: public is taken over")


def test_the_database_is_for_its_owner_alone(server):
    server.sign("register", "ada")
    files = list(server.data.glob("perigee.sqlite*"))
    assert {file.name for file in files} >= {"perigee.sqlite", "perigee.sqlite-wal", "perigee.sqlite.lock"}
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {file.name: "0o600" for file in files}


def told(*arguments, status=2, folder=None):
    """The single line of error output of a command that ends with a status."""
    result = perigee(*arguments, folder=folder)
    assert (result.returncode, result.stdout) == (status, ""), result
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    line = lines[0]
    assert line.startswith("perigee: ") or line.startswith("Error: "), line
    return line


@pytest.mark.parametrize("words, says", [
    ("srve", 'no command "srve"; did you mean serve?'),
    ("Serve", "did you mean serve?"),
    ("chek lua", "did you mean check?"),
    ("backpu x.sqlite", "did you mean backup?"),
    ("bench plyers", 'perigee bench has no command "plyers"; did you mean players?'),
    ("help srve", "did you mean serve?"),
    ("version", "did you mean --version?"),
    ("mygame", "did you mean serve mygame?"),
    ("frobnicate", "there are serve, replay, test, run,"),
])
def test_a_mistyped_command_is_told_with_the_near_one(tmp_path, words, says):
    (tmp_path / "mygame").mkdir()
    assert says in told(*words.split(), folder=tmp_path)


@pytest.mark.parametrize("words", [["--version"], ["serve", "--version"]])
def test_it_says_which_version_it_is(words):
    result = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=PATIENCE)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(r"perigee \d+\.\d+\.\d+(-dev)?\n", result.stdout)
    # A version in development is the one that the changelog has no heading for.
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert ("## Unreleased" in changelog) == result.stdout.strip().endswith("-dev")


def test_serve_takes_the_game_folder_as_check_does(serve, tmp_path):
    server = serve()
    server.stop()
    command = server.command()
    at = command.index("--game")
    command[at:at + 2] = [str(server.game)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "Bare is running on one map.\n"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    missing = told("serve", "nothing", "--data", tmp_path / "data", status=1, folder=tmp_path)
    assert '"nothing" does not exist' in missing
    both = subprocess.run([BINARY, "serve", "one", "--game", "two"], capture_output=True, text=True, timeout=PATIENCE)
    assert both.returncode == 2
    assert "one and --game two are two game folders" in both.stderr


@pytest.mark.parametrize("words, says", [
    ("import nofile", 'there is no file "nofile"; name a file that perigee export wrote'),
    ("import empty/nofile", 'there is no file "empty/nofile"'),
    ("import empty", '"empty" is a folder'),
    ("import noise", '"noise" is not UTF-8 text'),
    ("backup copy.sqlite", 'there is no data folder "data"; name'),
    ("backup copy.sqlite --data nodata", 'there is no data folder "nodata"'),
    ("backup copy.sqlite --data empty", 'there is no database "empty/perigee.sqlite"'),
    ("backup noise --data full", '"noise" is there already'),
    ("backup nofolder/copy.sqlite --data full", '/nofolder"; make it'),
    ("export --data nodata", 'there is no data folder "nodata"'),
    ("export nofolder/x --data full", '/nofolder"; make it'),
    ("run nofile", 'there is no file "nofile"; name a Lua file'),
    ("run empty", '"empty" is a folder; name a Lua file'),
    ("replay nofile", 'recording "nofile" can\'t be read (No such file'),
    ("replay empty", 'recording "empty" can\'t be read (it is a folder'),
])
def test_a_file_that_is_not_there_is_named_in_one_line(tmp_path, words, says):
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/perigee.sqlite").touch()
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    assert says in told(*words.split(), folder=tmp_path)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host, says", [
    ("nosuchhost.invalid", 'no address is known for "nosuchhost.invalid"; --host takes'),
    ("127.0.0.1:8080", "without a port"),
    ("http://localhost", "no address is known"),
    ("300.1.1.1", "no address is known"),
    ("192.0.2.1", '"192.0.2.1" is not an address of this machine'),
])
@pytest.mark.parametrize("command", ["serve", "serve --port-per-map", "conformance"])
def test_a_host_that_can_not_be_had_is_told_in_words(tmp_path, command, host, says):
    (tmp_path / "lua/lib").mkdir(parents=True)
    line = told(*command.split(), "--host", host, status=1, folder=tmp_path)
    assert says in line
    assert "errno" not in line and "SocketAddressError" not in line


def test_a_broken_file_is_told_once(serve):
    files = {
        **BARE, "events/half/index.lua": "if object then\n", "events/odd/index.lua": "--@colour red\nprint(1)\n",
        "game.yaml": "name: Bare\ntick_rate: fast\n",
    }
    server = serve(files)
    until(lambda: server.says("events/half/index.lua:2:"), "the script that does not compile is told")

    def counts():
        text = server.output.read_text()
        return [text.count(each) for each in ("events/half/index.lua:2:", "events/odd/index.lua:1:1:", "game.yaml:2:12:")]

    assert counts() == [1, 1, 1]
    # Neither is it told again when another file is saved.
    server.write("events/new/index.lua", "--@public true\nobject.components.hp = = 1\n")
    until(lambda: server.says("events/new/index.lua:2:"), "the new mistake is told")
    assert counts() == [1, 1, 1]
