"""The scripts of Tests/Attacks, each run with `perigee run`, as a user might run a script from a stranger."""

import resource
import subprocess

import pytest

from harness.attack_files import files, read
from harness.server import BINARY

STATUS = {"value": 0, "runtime": 1, "syntax": 1, "time": 3, "memory": 4}
# A stop may come at twice the limit plus 2 ms. This factor allows for a busy machine and a debug build.
SLACK = 5
START_MS = 500


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_an_attack_ends_with_its_exit_status_in_its_time(path, tmp_path):
    source, header = read(path)
    outcome, _, text = header["expect"].partition(" ")
    limit = int(header.get("limit", 100 if outcome == "time" else 5000))
    script = tmp_path / path.name
    script.write_bytes(source)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [str(BINARY), "run", path.name, "--time-limit", str(limit), "--memory-limit", header.get("memory", "16")],
        cwd=tmp_path, capture_output=True, timeout=60 + limit / 100)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = ended.stderr.decode(errors="replace")[:2000]
    if "source" in header and len(source) > 64 * 1024:
        # The sandbox's test compiles this attack with a higher limit of the source's length than `perigee run` has.
        assert ended.returncode == 1 and "at most 65536 are allowed" in told, told
        return
    assert ended.returncode == STATUS[outcome], told
    if outcome == "value":
        # A script without a result counts as `nil` in the header; `perigee run` then prints nothing.
        told = ended.stdout.decode(errors="replace")
        assert told.endswith(f"=> {text}\n") or (text, told) == ("nil", ""), told[-200:]
    else:
        assert text in told
    taken = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
    assert taken <= START_MS + SLACK * (2 * limit + 2), f"{taken:.0f} ms of CPU time"
