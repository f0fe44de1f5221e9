"""Clients that log in or guess passwords all the time.

`python -m harness.logins JSON` prints one line of JSON at its end."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

#: The password of all accounts that tests make.
PASSWORD = "correct horse"


def post(port, kind, login, password, source="127.0.0.1", headers=None, seconds=60):
    """Logs in from a local address and returns the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds, source_address=(source, 0))
    try:
        body = json.dumps({"login": login, "password": password})
        connection.request(
            "POST", f"/server/sign/{kind}/", body, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def keep_logging_in(options, source, name, statuses, end):
    """Logs in again and again, each time over a new connection."""
    while time.monotonic() < end:
        try:
            statuses[post(options["port"], "auth", name, options["password"], source)] += 1
        except OSError:
            statuses["lost"] += 1
        time.sleep(options.get("pause", 0))


def run(options):
    end = time.monotonic() + options["seconds"]
    statuses = Counter()
    threads = [
        threading.Thread(
            target=keep_logging_in, daemon=True,
            args=(options, source, options["names"][n % len(options["names"])], statuses, end))
        for source in options["sources"] for n in range(options["count"])]
    for thread in threads:
        thread.start()
    print(json.dumps({"began": len(threads)}), flush=True)
    for thread in threads:
        thread.join(max(0, end + 20 - time.monotonic()))
    print(json.dumps({str(status): count for status, count in statuses.items()}), flush=True)


@contextmanager
def logging_in(server, seconds=600, **options):
    """Clients that log in all the time, in a process of their own."""
    options = {"port": server.port, "seconds": seconds, **options}
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.logins", json.dumps(options)], cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        assert json.loads(process.stdout.readline())["began"] > 0
        yield process
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
