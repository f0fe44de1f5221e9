"""`/metrics`: what Prometheus reads is right, and counts exactly what was done (1-protocol.md 5; docs/metrics.md)."""

import json
import os
import re
import time

import pytest
import requests

from harness.games import BARE, MAP
from harness.metrics import Scrape, promtool
from harness.server import ROOT, perigee
from harness.waiting import PATIENCE, until


DASHBOARD = json.loads((ROOT / "docs/grafana-dashboard.json").read_text())


def queries():
    """What the dashboard asks Prometheus."""
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


def scrape(server):
    answer = server.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Scrape(answer.text)


def settled(server, name, value, **labels):
    """A scrape in which a metric has reached a value."""

    def reached():
        now = scrape(server)
        return now if now.value(name, **labels) == value else None

    return until(reached, f"{name} {labels} is {value}")


@pytest.fixture
def played(serve):
    """A server on which somebody has played, so that every metric has a series, and the player."""
    server = serve({**BARE, "game.yaml": BARE["game.yaml"] + "webrtc: true\n"})
    ada = server.join("ada")
    ada.send("move/to", x=3, y=4)
    ada.send("fail")
    ada.wait(lambda: ada.me["x"] == 3, "the step")
    settled(server, "perigee_map_events_total", 2, map="1")
    settled(server, "perigee_map_script_errors_total", 1, map="1")
    return server, ada


def test_promtool_finds_no_fault(played):
    server, _ = played
    assert promtool("check", "metrics", text=scrape(server).text) == (0, "")


def test_promtool_finds_the_fault_that_it_is_shown():
    status, output = promtool("check", "metrics", text="# TYPE a_count counter\na_count 1\n")
    assert status != 0 and "a_count" in output


def test_a_scrape_has_every_metric_of_the_documentation(played):
    server, _ = played
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    assert len(rows) > 50
    assert scrape(server).kinds == dict(rows)


def test_each_metric_of_the_dashboard_is_in_a_scrape(played):
    server, _ = played
    texts = queries() + [variable["query"] for variable in DASHBOARD["templating"]["list"]]
    names = {name for text in texts for name in re.findall(r"\b(?:perigee|process)_\w+", text)}
    assert len(names) > 25
    now = scrape(server)
    assert sorted(name for name in names if now.value(name) is None) == []


def test_promtool_understands_the_queries_of_the_dashboard(tmp_path):
    # Grafana fills in its variables before it asks.
    rules = [
        {"record": f"panel{n}", "expr": query.replace("$__rate_interval", "1m").replace("$map", ".+")}
        for n, query in enumerate(queries())
    ]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    status, output = promtool("check", "rules", str(file))
    assert status == 0 and f"{len(rules)} rules found" in output, output


def test_counters_grow_by_exactly_what_was_done(played):
    server, ada = played
    before = scrape(server)
    for n in range(5):
        ada.send("hit", amount=1)
        ada.wait(lambda n=n: ada.me["components"]["hp"] == 9 - n, "the hit")
    for n in range(3):
        ada.send("fail")
        settled(server, "perigee_script_errors_total", 2 + n, script="events/fail/index.lua")
    ada.send("no_such_group")
    after = settled(server, "perigee_commands_refused_total", before.value("perigee_commands_refused_total") + 1)

    def grown(name, **labels):
        return after.value(name, **labels) - (before.value(name, **labels) or 0)

    assert grown("perigee_script_calls_total", script="events/hit/index.lua", map="1") == 5
    assert grown("perigee_script_calls_total", script="events/fail/index.lua", map="1") == 3
    assert grown("perigee_script_errors_total", script="events/hit/index.lua") == 0
    assert 0 < grown("perigee_script_cpu_seconds_total", script="events/hit/index.lua") < 1
    assert grown("perigee_messages_received_total") == 9
    assert grown("perigee_received_bytes_total") == sum(
        len(json.dumps(message)) for message in
        [{"action": "hit", "amount": 1}] * 5 + [{"action": "fail"}] * 3 + [{"action": "no_such_group"}])
    assert grown("perigee_sessions") == 0 and grown("perigee_logins_total") == 0
    assert grown("perigee_messages_sent_total") > 0 and grown("perigee_sent_bytes_total") > 0


def test_a_map_shows_its_ticks_events_and_memory(played):
    server, ada = played
    before = scrape(server)
    ada.send("later/start", n=1)
    ada.send("hit", amount=1)
    ada.wait(lambda: ada.me["components"]["hp"] == 9, "the hit")
    after = settled(server, "perigee_map_events_total", before.value("perigee_map_events_total") + 2, map="1")
    assert after.value("perigee_map_players", map="1") == 1
    assert after.value("perigee_map_entities", map="1") == 1
    assert after.value("perigee_map_events_pending") == before.value("perigee_map_events_pending") + 1
    assert after.value("perigee_map_events_waiting") == 0
    assert 10_000 < after.value("perigee_map_lua_memory_bytes") < after.value("perigee_map_lua_memory_limit_bytes")
    ticks = after.value("perigee_map_tick_duration_seconds_count", map="1")
    # The histogram counts at once; the status, which has the other count, is published four times a second.
    assert ticks - 60 < after.value("perigee_map_ticks_total", map="1") <= ticks
    assert after.value("perigee_map_tick_duration_seconds_bucket", map="1", le="+Inf") == ticks
    bounds = [
        value for name, labels, value in after.samples if name == "perigee_map_tick_duration_seconds_bucket"
    ]
    assert bounds == sorted(bounds)
    assert 0 < after.value("perigee_map_tick_duration_seconds_sum", map="1") < ticks


def test_ticks_that_take_too_long_are_counted(serve):
    server = serve({**BARE, "game.yaml": "name: Slow\ntick_rate: 60\nevent_limit_ms: 100\n"})
    ada = server.join("ada")
    ada.send("spin")
    until(lambda: server.errors("events/spin/index.lua"), "the script was stopped")
    settled(server, "perigee_map_ticks_overrun_total", 1, map="1")
    assert scrape(server).value("perigee_map_ticks_missed_total", map="1") >= 1


def test_logins_are_counted_by_their_answer(server):
    server.sign("register", "ada")
    server.sign("auth", "ada")
    for login, password in (("ada", "wrong"), ("ada", "wrong again")):
        assert server.post("/server/sign/auth/", json={"login": login, "password": password}).status_code == 401
    assert server.post("/server/sign/register/", json={"login": "Ada", "password": "x" * 9}).status_code == 409
    assert server.post("/server/sign/auth/", data=b"{").status_code == 400
    now = scrape(server)
    assert now.value("perigee_logins_total") == 2
    assert now.value("perigee_logins_refused_total", reason="bad_credentials") == 2
    assert now.value("perigee_logins_refused_total", reason="login_taken") == 1
    assert now.value("perigee_logins_refused_total", reason="bad_request") == 1
    assert now.value("perigee_logins_refused_total") == 4
    # The taken login is no failure of the store.
    assert now.value("perigee_storage_failures_total") == 0
    assert now.value("perigee_storage_duration_seconds_count", operation="write") >= 1
    assert now.value("perigee_storage_duration_seconds_sum", operation="write") > 0


def test_a_handshake_without_a_token_is_counted(server):
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    # Only the first request of a connection can become a WebSocket.
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(server.url("/"), headers=upgrade, timeout=PATIENCE).status_code == 401
    now = scrape(server)
    assert now.value("perigee_handshakes_refused_total", reason="bad_token") == 1
    assert now.value("perigee_handshakes_refused_total") == 1


def test_reloads_are_counted_by_how_they_ended(server):
    # The start reads the folder once more than the game was loaded; the watcher reads it after each saved file, too.
    server.reload()
    before = scrape(server)
    assert before.value("perigee_reloads_total", result="failed") == 0
    server.reload()
    server.reload()
    assert scrape(server).value("perigee_reloads_total", result="ok") == before.value(
        "perigee_reloads_total", result="ok") + 2
    server.write("events/hit/index.lua", "--@public true\nobject.x = = 3\n")
    until(lambda: scrape(server).value("perigee_reloads_total", result="failed") > 0, "the broken file is counted")


def test_a_deleted_script_and_a_closed_map_take_their_metrics_with_them(serve):
    server = serve({**BARE, "maps/2-cellar.tmj": MAP})
    ada = server.join("ada")
    ada.send("pay")
    until(lambda: scrape(server).value("perigee_script_calls_total", script="events/pay/index.lua"), "it ran")
    calls = scrape(server).value("perigee_script_calls_total", script="events/pay/index.lua")
    server.write("events/pay/index.lua", BARE["events/pay/index.lua"] + "-- changed\n")
    server.reload()
    ada.send("pay")
    # A new version goes on with the count.
    settled(server, "perigee_script_calls_total", calls + 1, script="events/pay/index.lua")
    (server.game / "events/pay/index.lua").unlink()
    server.reload()
    assert scrape(server).value("perigee_script_calls_total", script="events/pay/index.lua") is None
    assert scrape(server).labels("perigee_map_tick_duration_seconds_count", "map") == {"1", "2"}
    (server.game / "maps/2-cellar.tmj").unlink()
    server.reload()
    now = scrape(server)
    assert not any(labels.get("map") == "2" for _, labels, _ in now.samples)
    assert promtool("check", "metrics", text=now.text) == (0, "")


def test_the_process_shows_what_the_system_says(server):
    start = time.time()
    now = scrape(server)
    process = server.process.pid
    assert now.value("process_open_fds") == pytest.approx(len(os.listdir(f"/proc/{process}/fd")), abs=2)
    assert now.value("process_threads") == pytest.approx(len(os.listdir(f"/proc/{process}/task")), abs=4)
    assert now.value("process_max_fds") >= now.value("process_open_fds")
    assert 4 << 20 < now.value("process_resident_memory_bytes") < now.value("process_virtual_memory_bytes")
    assert start - 120 < now.value("process_start_time_seconds") < start + 1
    assert 0 < now.value("process_cpu_seconds_total") < 120
    version = perigee("--version").stdout.split()[-1]
    assert now.value("perigee_build_info", version=version) == 1
