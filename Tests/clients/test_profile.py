"""The cost of scripts, as operators see it: totals by script, and samples by function and line."""

from harness.games import BARE
from harness.waiting import until

BUSY = """--@public true
local function step(n)
  local sum = 0
  for i = 1, n do sum = sum + i end
  return sum
end
object.components.hp = step(20000) % 100
object.events.add("busy", "index")
"""


def profile(server, **query):
    return server.get(
        "/server/api/profile/1", params=query, headers={"Authorization": f"Bearer {server.operator_key()}"})


def test_a_profile_names_functions_and_lines(serve):
    server = serve({**BARE, "events/busy/index.lua": BUSY, "events/busy/timeout.lua": "return 0.01\n"})
    server.join("ada").send("busy")

    def stacks():
        response = profile(server, seconds=1)
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        rows = [line.rsplit(" ", 1) for line in response.text.splitlines()]
        return [(stack, int(count)) for stack, count in rows if stack.startswith("events/busy/index.lua:main:7;")]

    found = until(stacks, "samples of the busy script")
    assert any(stack.split(";")[1].startswith("events/busy/index.lua:step:") for stack, _ in found)


def test_each_script_has_its_calls_percentiles_cpu_time_and_memory(server):
    ada = server.join("ada")
    for n in range(1, 6):
        ada.send("move/to", x=n, y=2)
        ada.wait(lambda: ada.me["x"] == n, "a move")
    (cost,) = [row for row in server.diagnostics()["scripts"] if row["script"] == "events/move/to.lua"]
    current = cost["current"]
    assert current["count"] == 5 and "former" not in cost
    assert 0 <= current["p50_ms"] <= current["p95_ms"] <= current["p99_ms"] <= current["p999_ms"]
    assert 0 < current["mean_ms"] <= current["max_ms"]
    assert 0 < current["cpu_ms"]
    assert current["allocated_bytes"] > 0
    assert cost["last_minute"]["count"] == 5 and 0 < cost["last_minute"]["mean_ms"] <= cost["last_minute"]["max_ms"]


def test_a_profile_is_for_operators_alone_and_not_for_ever(server):
    assert server.get("/server/api/profile/1").status_code == 401
    assert profile(server, seconds=31).status_code == 400
    assert profile(server, seconds="x").status_code == 400
