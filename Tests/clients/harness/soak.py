"""All faults, large, in random order for some time: `python -m harness.soak MINUTES [SEED]`; `scripts/soak` runs it."""

import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from .faults import FAULTS, kill, missing
from .lab import Lab

#: How often a round runs the fault `kill`, which kills the server 25 times.
KILLS = 4


class Row:
    """The results of one fault."""

    def __init__(self):
        self.tried = self.lost = 0
        self.notes = []


def run(minutes, seed):
    dice = random.Random(seed)
    lacking = {fault: missing(fault) for fault in FAULTS}
    for fault, right in lacking.items():
        if right:
            print(f"left out: {fault.__doc__} (needs {right})")
    faults = [fault for fault, right in lacking.items() if not right]
    rows = {fault: Row() for fault in faults}
    began = time.monotonic()
    waiting = []
    is_first_round = True
    # The first round is always run to its end.
    while is_first_round or time.monotonic() - began < minutes * 60:
        if not waiting:
            waiting = faults + [kill] * (KILLS - 1)
            dice.shuffle(waiting)
        attempt(waiting.pop(), rows, dice.randrange(1 << 30), began)
        is_first_round = is_first_round and bool(waiting)
    print_table(rows, seed, time.monotonic() - began)
    return sum(row.lost for row in rows.values())


def attempt(fault, rows, seed, began):
    row = rows[fault]
    minute = int(time.monotonic() - began) // 60
    print(f"{minute:3} min  {fault.__doc__} (seed {seed})", flush=True)
    with tempfile.TemporaryDirectory(prefix="perigee-soak-") as folder, Lab(Path(folder), seed, is_long=True) as lab:
        try:
            fault(lab)
        except Exception:  # after a failed fault the others must still be tried
            row.lost += 1
            traceback.print_exc()
            for server in lab.servers:
                print(server.output.read_text()[-2000:], flush=True)
        row.tried += lab.tried
        row.notes = lab.notes or row.notes


def print_table(rows, seed, seconds):
    width = max(len(fault.__doc__) for fault in rows)
    print(f"\n{'fault':{width}}  tried  survived  lost")
    for fault, row in rows.items():
        notes = "; ".join(row.notes)
        print(f"{fault.__doc__:{width}}  {row.tried:5}  {row.tried - row.lost:8}  {row.lost:4}  {notes}")
    tried, lost = (sum(getattr(row, name) for row in rows.values()) for name in ("tried", "lost"))
    print(f"{'all':{width}}  {tried:5}  {tried - lost:8}  {lost:4}")
    print(f"seed {seed}, {seconds / 60:.0f} minutes", flush=True)


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)) > 0)
