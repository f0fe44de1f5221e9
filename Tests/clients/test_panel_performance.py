"""The page of costs in a real browser [M7.5, M7.6, rows 161, 162, 166, 168]."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from harness.games import BARE
from harness.panel import WIDTHS, Panel, api, key, make_operator
from harness.waiting import until

SCRIPT = "events/work/index.lua"


def work(count):
    return f"""--@repeat true
local function step(n)
  local sum = 0
  for i = 1, n do sum = sum + i % 7 end
  return sum
end
object.components.hp = step({count})
"""


GAME = {
    **BARE,
    SCRIPT: work(200),
    "events/work/timeout.lua": "return 0.02\n",
    "events/idle/index.lua": "--@repeat true\nobject.components.mood = 'calm'\n",
    "events/idle/timeout.lua": "return 0.2\n",
    "spawn/players.lua": "object.events.add('work', 'index')\nobject.events.add('idle', 'index')\n",
}


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, serve, browser):
    panel = Panel(browser, serve(GAME))
    panel.resize(request.param)
    panel.width = request.param
    make_operator(panel.server, "vic", "viewer")
    panel.log_in("vic")
    panel.is_at("Maps")
    panel.open("/admin/performance")
    panel.is_at("Performance")
    return panel


def costs(server, path=""):
    return api(server, "GET", f"maps/1/performance{path}")


def script(server, name=SCRIPT):
    return next((row for row in costs(server)["scripts"] if row["script"] == name), None)


def rows(panel):
    return panel.browser.js("[...document.querySelectorAll('#costs tbody tr')].map(row => row.dataset.key)")


def row(panel, name=SCRIPT):
    return panel.browser.js(f"document.querySelector('#costs tr[data-key=\"{name}\"]')?.innerText ?? ''")


def test_a_slowed_script_has_its_former_version_beside_it_and_a_mark_in_the_chart(panel):
    assert "No script has run yet" in panel.text()
    assert panel.fits()
    panel.shot(f"performance-empty-{panel.width}")
    panel.server.join("bob")
    until(lambda: SCRIPT in rows(panel), "the script's row, without loading the page again")
    until(lambda: script(panel.server)["current"]["count"] > 100, "some runs")
    before = script(panel.server)
    assert "former" not in before
    panel.server.write(SCRIPT, work(100000))
    until(lambda: script(panel.server)["version"] != before["version"], "the reload")
    until(lambda: script(panel.server)["last_ten_seconds"]["count"] > 50, "runs of the slow version")
    after = script(panel.server)
    assert after["former_version"] == before["version"]
    assert after["current"]["mean_ms"] > 5 * after["former"]["mean_ms"]
    assert after["share"] > after["former_share"] > 0
    recent = after["last_ten_seconds"]
    assert 0 < recent["p50_ms"] <= recent["p95_ms"] <= recent["p99_ms"] <= recent["max_ms"]
    until(lambda: "was 0." in row(panel) and panel.all(f"tr[data-key='{SCRIPT}'] .was.worse"), "before and after")
    until(lambda: f"reloaded {SCRIPT}" in panel.find("#history .marks").text, "the mark's line")
    assert panel.fits()
    panel.shot(f"performance-{panel.width}")
    panel.dark()
    panel.shot(f"performance-dark-{panel.width}")
    panel.dark(False)
    for window in ("10s", "1m"):
        panel.press(f"[data-window='{window}']")
        until(lambda: row(panel) and "was" not in row(panel), f"the window {window}")
        assert panel.fits()
    assert panel.browser.complaints() == []


def test_the_chart_has_a_mark_at_a_reload(panel):
    if not panel.browser.js("!!window.Chart"):
        pytest.skip("libjs-chart.js is not installed")
    panel.server.join("bob")
    until(lambda: SCRIPT in rows(panel), "the script runs")
    panel.server.write(SCRIPT, work(300))
    marks = "Chart.getChart(document.querySelector('#history canvas'))?.options.plugins.reloads.marks.length"
    until(lambda: panel.browser.js(marks) == 1, "the mark in the chart", pause=0.2)
    panel.browser.js("document.getElementById('history').scrollIntoView()")
    panel.shot(f"performance-chart-{panel.width}")
    assert panel.fits()
    assert panel.browser.complaints() == []


def test_the_table_is_sorted_by_mouse_keyboard_and_list(panel):
    panel.server.join("bob")
    until(lambda: len(rows(panel)) >= 3, "the rows")

    def is_sorted(column, descending):
        values = panel.browser.js(
            f"[...document.querySelectorAll('#costs tbody tr')].map(row => row.children[{column}].dataset.value)")
        values = values if column == 0 else [float(value) for value in values]
        return values == sorted(values, reverse=descending)

    until(lambda: is_sorted(7, True), "by the share of ticks")
    if panel.width < 500:
        panel.browser.js("(order => { order.value = 'script'; order.dispatchEvent(new Event('change')) })(document.getElementById('order'))")
        until(lambda: is_sorted(0, False), "by name")
        return
    panel.press("[data-sort='calls']")
    until(lambda: is_sorted(1, True), "by calls")
    assert panel.browser.js("document.querySelector('[aria-sort]').innerText").strip() == "calls"
    panel.browser.js("document.querySelector('[data-sort=script]').focus()")
    ActionChains(panel.driver).send_keys(Keys.ENTER).perform()
    until(lambda: is_sorted(0, False), "by name, with the keyboard")
    ActionChains(panel.driver).send_keys(Keys.SPACE).perform()
    until(lambda: is_sorted(0, True), "the other direction")
    before = until(lambda: panel.find("#costs table").get_attribute("data-tick"), "the table")
    until(lambda: panel.find("#costs table").get_attribute("data-tick") != before, "the figures were renewed")
    assert is_sorted(0, True), "the order stays"
    assert panel.browser.js("document.activeElement.dataset.sort") == "script", "the focus stays"


def test_the_flame_graph_and_the_slowest_ticks(panel):
    panel.server.write(SCRIPT, work(20000))
    panel.server.join("bob")
    until(lambda: SCRIPT in rows(panel), "the script runs")
    panel.press("#sample")
    until(lambda: panel.all("#flame svg g"), "the graph after ten seconds", seconds=25, pause=0.2)
    names = panel.browser.js("[...document.querySelectorAll('#flame svg title')].map(title => title.textContent)")
    assert any(name.startswith(f"{SCRIPT}:main:") for name in names)
    assert any(name.startswith(f"{SCRIPT}:step:4") for name in names)
    panel.browser.js("document.querySelector('#flame').scrollIntoView()")
    panel.shot(f"performance-flame-{panel.width}")
    panel.browser.js("[...document.querySelectorAll('#flame svg g')].find(part => part.textContent.includes(':step:')).dispatchEvent(new Event('click'))")
    until(lambda: "step" in panel.find("#flame .about").text, "the chosen part")
    link = panel.browser.js("document.querySelector('#flame .about a').getAttribute('href')")
    assert link.startswith("/admin/editor?file=events%2Fwork%2Findex.lua&line=")
    until(lambda: SCRIPT in panel.find("#slow").text, "a slow tick with its scripts", pause=0.2)
    # The slowest tick may be one in which the machine did something else.
    slowest = next(tick for tick in costs(panel.server, "/ticks") if tick["scripts"])
    assert slowest["ms"] > 0 and slowest["scripts"][0]["runs"] >= 1
    assert panel.fits()
    panel.browser.js("document.querySelector('#slow').scrollIntoView()")
    panel.shot(f"performance-slow-{panel.width}")
    assert panel.browser.complaints() == []


def test_the_fragment_for_game_pages_stays_as_it_is_without_scripts(server):
    headers = key(server)
    for name in ("log_perfomance", "log_performance"):
        fragment = server.get(f"/server/api/{name}/1", headers=headers)
        assert fragment.headers["Content-Type"].startswith("text/html")
        assert "<script" not in fragment.text and "<html" not in fragment.text and "tick rate" in fragment.text
