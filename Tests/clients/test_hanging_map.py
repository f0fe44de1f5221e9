"""The server notices a map whose thread hangs, and still ends on SIGTERM."""

import json
import os
import signal
import time

from harness.freeze import ALL_THREADS, frozen, threads
from harness.games import BARE, MAP
from harness.waiting import until


def test_a_start_area_of_a_thousand_million_pixels_is_clipped_to_the_map(serve):
    area = json.loads(MAP)
    area["layers"][0]["objects"][0].update(x=64, y=64, width=999_999_999, height=999_999_999, point=False)
    server = serve({**BARE, "maps/1-bare.tmj": json.dumps(area)})
    # An area that is not clipped would keep the map's thread busy for minutes.
    ada = server.join("ada")
    assert 2 <= ada.me["x"] < 32 and 2 <= ada.me["y"] < 32


def test_health_names_a_map_that_does_not_tick_and_a_stop_ends_without_it(serve):
    server = serve({**BARE, "maps/2-other.tmj": MAP})
    server.join("ada")
    assert server.get("/health").status_code == 200
    tasks = threads(server.process.pid, "NIO-ELT-")
    assert tasks, "the maps' threads"
    with frozen(tasks):
        until(lambda: server.get("/health").status_code == 503, "the map is noticed", seconds=20)
        answer = server.get("/health").json()
        assert answer["code"] == "map_hangs"
        assert answer["error"].startswith("map 1 (bare) has not ticked since "), answer
        assert "map 2" not in answer["error"], "it sleeps"
        page = server.get(
            "/server/api/log_performance/1", headers={"Authorization": f"Bearer {server.operator_key()}"})
        assert page.status_code == 503 and page.json()["code"] == "map_hangs"
    until(lambda: server.get("/health").status_code == 200, "it goes on", seconds=20)
    began = time.monotonic()
    with frozen(tasks):
        server.process.send_signal(signal.SIGTERM)

        def has_ended():
            # A traced thread remains as a zombie until its tracer waits for it.
            for task in tasks:
                try:
                    os.waitpid(task, ALL_THREADS | os.WNOHANG)
                except ChildProcessError:
                    pass
            return server.process.poll() is not None

        until(has_ended, "the server ends", seconds=30)
    assert server.process.returncode == 0
    assert time.monotonic() - began < 25
    assert "map 1 did not stop" in server.output.read_text()
