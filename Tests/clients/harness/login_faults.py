"""Faults of a server's logins; see `faults.py`."""

import time

from .lab import served, stop_and_check
from .logins import PASSWORD, logging_in, post

#: Two addresses whose clients log in without a pause, with correct passwords.
CROWDED = ["127.0.7.1", "127.0.7.2"]


def login_flood(lab):
    """two addresses that log in with the right password all the time, 60 at once each"""
    server = lab.serve()
    names = [f"flood{n}" for n in range(10)]
    for name in [*names, "innocent"]:
        server.sign("register", name)
    with served(lab, server) as crowd:
        with logging_in(server, sources=CROWDED, count=60, names=names, password=PASSWORD):
            time.sleep(1)
            waits = []
            for _ in range(lab.size(5, 40)):
                began = time.monotonic()
                status = post(server.port, "auth", "innocent", PASSWORD)
                waits.append(time.monotonic() - began)
                assert status == 200, f"a login from another address got {status}, not 200"
    lab.note(f"slowest login {max(waits) * 1000:.0f} ms")
    stop_and_check(server, crowd)


def guessed_name(lab):
    """strangers at many addresses who guess the password of a player"""
    server = lab.serve()
    server.sign("register", "victim")
    strangers = [f"127.0.9.{n}" for n in range(1, lab.size(20, 100))]
    with served(lab, server) as crowd:
        with logging_in(server, sources=strangers, count=1, names=["victim"], password="wrong horse", pause=0.2):
            time.sleep(lab.size(2, 20))
            refused = post(server.port, "auth", "victim", "wrong horse", source="127.0.9.1")
            assert refused in (401, 429, 503), refused
            for _ in range(lab.size(3, 20)):
                status = post(server.port, "auth", "victim", PASSWORD)
                assert status == 200, f"the owner got {status}"
    stop_and_check(server, crowd)
