"""Measures how much CPU time the scripts of Tests/Attacks get before their time limit stops them (scripts/stops)."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .attack_files import files, read
from .server import BINARY

STOPPED_BY_TIME = 3
MEMORY_MB = 64


def cpu_ms(script, limit):
    """The CPU time of one run in milliseconds, or None if the run did not end by its time limit."""
    result = subprocess.run(
        [str(BINARY), "run", script.name, "--time-limit", str(limit), "--memory-limit", str(MEMORY_MB), "--json"],
        cwd=script.parent, capture_output=True, check=False)
    if result.returncode != STOPPED_BY_TIME:
        return None
    return json.loads(result.stdout.splitlines()[-1])["cpu_ms"]


def measure(limit, runs):
    """The CPU times of each script that its time limit stops, by the script's name."""
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in files():
            script = Path(folder) / path.name
            script.write_bytes(read(path)[0])
            for _ in range(runs):
                taken = cpu_ms(script, limit)
                if taken is None:
                    break
                times.setdefault(path.stem, []).append(taken)
    return times


def report(limit, times):
    """Prints a line of figures and the worst scripts; returns whether all times are within the bounds."""
    every = sorted(taken for each in times.values() for taken in each)
    median, worst = statistics.median(every), every[-1]
    most = 20 if limit == 10 else 2 * limit + 2
    late = sum(taken > most for taken in every)
    bounds = f"at most {most}" + (", median at most 13" if limit == 10 else "")
    print(f"limit {limit:4d} ms: {len(every)} stops, median {median:.2f}, p95 {every[int(len(every) * 0.95)]:.2f}, "
          f"p99 {every[int(len(every) * 0.99)]:.2f}, worst {worst:.2f} ({bounds}: {late} over)")
    for name in sorted(times, key=lambda name: -max(times[name]))[:3]:
        print(f"    {max(times[name]):8.2f}  {name}")
    return late == 0 and (limit != 10 or median <= 13)


def main():
    parser = argparse.ArgumentParser(prog="scripts/stops", description=__doc__)
    parser.add_argument("limits", metavar="MS", nargs="*", type=int, default=[1, 10, 50],
                        help="time limits in milliseconds (default: 1 10 50)")
    parser.add_argument("--runs", type=int, default=4, help="runs of each script (default: 4)")
    parser.add_argument("--busy", type=int, default=0, help="endless loops that run beside (default: 0)")
    options = parser.parse_args()
    if min(options.limits) < 1 or options.runs < 1 or options.busy < 0:
        parser.error("MS and --runs are at least 1, --busy at least 0")
    held = True
    with ExitStack() as stack:
        for _ in range(options.busy):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(loop.kill)
        for limit in options.limits:
            held = report(limit, measure(limit, options.runs)) and held
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
