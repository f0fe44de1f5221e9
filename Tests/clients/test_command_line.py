"""The messages of `perigee serve` when it starts and when it can't start."""

import socket
import subprocess

from harness.server import free_port
from harness.waiting import PATIENCE


def refusal(server, **options):
    """The single line of error output of a refused start."""
    result = subprocess.run(
        server.command(**options), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    assert result.returncode != 0
    lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    assert len(lines) == 1, lines
    return lines[0]


def test_it_says_where_to_play_and_where_operators_log_in(server):
    output = server.output.read_text()
    assert f":{server.port}/play/" in output
    assert f":{server.port}/admin/" in output
    assert "operator" in output


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
