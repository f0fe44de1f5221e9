"""Stops single threads of another process, as if each were in a system call that never returns."""

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
ALL_THREADS = 0x40000000  # __WALL


def threads(pid, begin, end=""):
    """The ids of a process's threads whose names begin with `begin` and end with `end`."""
    names = {int(task.name): (task / "comm").read_text().strip() for task in Path(f"/proc/{pid}/task").iterdir()}
    return sorted(task for task, name in names.items() if name.startswith(begin) and name.endswith(end))


@contextmanager
def frozen(tasks):
    """Stops threads for the time of a `with` block. Their process must be a child of this one, or one that the user may
    debug."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ptrace(request, task):
        if libc.ptrace(request, task, None, None) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace({request}, {task})")

    for task in tasks:
        ptrace(SEIZE, task)
        ptrace(INTERRUPT, task)
        os.waitpid(task, ALL_THREADS)
    try:
        yield
    finally:
        for task in tasks:
            if Path(f"/proc/{task}").exists():
                libc.ptrace(DETACH, task, None, None)
