"""Faults of a running server's files; see `faults.py`."""

import os
import shutil
import time

from .waiting import until


def lose_database(lab, served, stop_and_check):
    ways = {
        "deleted": os.unlink,
        "cut": lambda file: os.truncate(file, os.path.getsize(file) // 2),
        "log deleted": lambda file: file.with_name(file.name + "-wal").unlink(),
    }
    for way in lab.dice.sample(sorted(ways), lab.size(1, 3)):
        server = lab.serve()
        with served(lab, server) as crowd:
            # In the first second the server moves the write-ahead log's contents into the database file.
            time.sleep(2)
            ways[way](server.data / "perigee.sqlite")
            until(lambda server=server: server.get("/health").status_code == 503, f"that it is {way} is noticed")
            assert server.sign("register", "newcomer")
            time.sleep(lab.size(2, 10))
        assert server.says("the database was lost")
        server.stop()
        [rescued] = server.data.glob("perigee-rescued-*.sqlite")
        for old in server.data.glob("perigee.sqlite*"):
            old.unlink()
        rescued.rename(server.data / "perigee.sqlite")
        server.start()
        stop_and_check(server, crowd)


def lose_logs(lab, served, stop_and_check):
    server = lab.serve()
    logs = server.data / "logs"
    with served(lab, server) as crowd:
        for _ in range(lab.size(2, 20)):
            shutil.rmtree(logs)
            server.write("events/new/index.lua", f"print({time.monotonic()})\n")
            until(lambda: (logs / "map-1.log").exists(), "the folder is made anew")
        (logs / "map-1.log").unlink()
        os.mkfifo(logs / "map-1.log")
        server.write("events/new/index.lua", f"print({time.monotonic()})\n")
        until(lambda: server.says("lines of a log are lost"), "that a log is a pipe is told")
    stop_and_check(server, crowd)
