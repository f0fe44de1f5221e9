"""A process whose wall clock differs from the clock of the machine."""

import struct
import subprocess
from pathlib import Path


class StepClock:
    """A clock for a process that is started with `environment`; see step_clock.c."""

    def __init__(self, folder, seconds=0):
        library, self.offset = folder / "step_clock.so", folder / "offset"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", library, Path(__file__).with_suffix(".c"), "-ldl"], check=True)
        self.offset.write_bytes(struct.pack("q", seconds))
        self.environment = {"LD_PRELOAD": str(library), "STEP_CLOCK": str(self.offset)}

    def step(self, seconds):
        """Sets how many seconds the clock is ahead of that of the machine."""
        with open(self.offset, "r+b", buffering=0) as file:
            file.write(struct.pack("q", seconds))
