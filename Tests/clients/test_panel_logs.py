"""The page of logs in a real browser [M7.3, rows 157 to 160], and its stream over HTTP."""

import json
import time

import pytest
import requests

from harness.games import BARE
from harness.panel import WIDTHS, Panel, key, make_operator
from harness.waiting import until

XSS = "<img src=x onerror=\"document.title='owned'\">"
#: Runs for each player five times a second, and fails each time.
FAULTY = """print('about to fail')
local nothing
object.components.hp = nothing.field
"""
MENDED = "object.components.hp = 7\n"
GAME = {
    **BARE,
    "events/graze/index.lua": "--@repeat true\nobject.components.hp = 5\n",
    "events/graze/timeout.lua": "return 0.2\n",
    "spawn/players.lua": "object.events.add('graze', 'index')\n",
}


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, serve, browser):
    panel = Panel(browser, serve(GAME))
    panel.resize(request.param)
    panel.width = request.param
    return panel


def open_logs(panel, query="", role="editor"):
    make_operator(panel.server, "eddie", role)
    panel.log_in("eddie")
    panel.is_at("Maps")
    panel.open("/admin/logs" + query)
    panel.is_at("Logs")
    until(lambda: panel.find("#state").text == "live", "the stream")


def lines(panel):
    return panel.browser.js("[...document.querySelectorAll('#lines .line .text')].map(line => line.innerText)")


def shown(panel, selector):
    """The text of an element that the page may replace at any moment."""
    return panel.browser.js(f"document.querySelector('{selector}')?.innerText ?? ''")


def groups(panel, style=".group"):
    return panel.browser.js(f"[...document.querySelectorAll('{style}')].map(group => group.querySelector('summary').innerText)")


def graze(script):
    return f"--@repeat true\n{script}"


def test_an_error_arrives_live_is_counted_linked_and_turns_mended_by_a_fix(panel):
    open_logs(panel)
    assert "No errors" in panel.find("#errors").text
    assert panel.fits()
    panel.shot(f"logs-empty-{panel.width}")
    panel.server.join("bob")
    panel.server.join("ada")
    panel.server.write("events/graze/index.lua", graze(FAULTY))
    until(lambda: any("attempt to index" in line for line in lines(panel)), "the error in the live log")
    until(lambda: len(groups(panel)) >= 1 and "events/graze/index.lua:4" in groups(panel)[0], "its group")

    def count():
        return int(shown(panel, ".group .count").rstrip("×"))

    first = count()
    panel.browser.js("document.querySelector('.group').open = true")
    until(lambda: count() > first, "the count grows")
    assert panel.browser.js("document.querySelector('.group').open"), "the entry stays open"
    assert len([group for group in groups(panel) if "attempt to index" in group]) == 1, "two players, one entry"
    until(lambda: {"players_1", "players_2"} <= set(shown(panel, ".group .facts").replace(",", " ").split()), "the entities")
    link = panel.browser.js("document.querySelector('.group .buttons a').href")
    assert link.endswith("/admin/editor?file=events%2Fgraze%2Findex.lua&line=4")
    row = panel.browser.js("document.querySelector('#lines .line.error a').getAttribute('href')")
    assert row == "/admin/editor?file=events%2Fgraze%2Findex.lua&line=4"
    assert panel.fits()
    panel.shot(f"logs-error-{panel.width}")
    panel.dark()
    panel.shot(f"logs-error-dark-{panel.width}")
    panel.dark(False)
    panel.server.write("events/graze/index.lua", graze(MENDED))
    until(lambda: panel.all(".group.mended"), "the entry turns mended", pause=0.1)
    assert panel.find(".group.mended").get_attribute("open"), "the entry stays open"
    assert "mended" in groups(panel, ".group.mended")[0]
    panel.shot(f"logs-mended-{panel.width}")
    panel.press("[data-call='DELETE /server/api/v1/errors?mended=true']")
    until(lambda: not panel.all(".group.mended"), "the mended entry is cleared")
    assert panel.browser.complaints() == []
    panel.open("/admin/audit")
    assert "errors.clear_all" in panel.text()


def test_markup_in_lines_and_messages_stays_text(panel):
    panel.server.write("events/evil/index.lua", f"--@public true\nprint([[{XSS}]])\nerror([[{XSS} lib/x.lua:7]])\n")
    panel.server.reload()
    bob = panel.server.join("bob")
    open_logs(panel)
    bob.send("evil/index")
    until(lambda: any(XSS in line for line in lines(panel)), "the printed line, as it was printed")
    until(lambda: any(XSS in group for group in groups(panel)), "the message, as it is")
    assert panel.driver.title != "owned" and not panel.all("#lines img, .group img")
    panel.open("/admin/logs")
    until(lambda: any(XSS in line for line in lines(panel)), "the line after loading the page again")
    assert panel.driver.title != "owned" and panel.fits()


def test_the_filter_and_pause(panel):
    panel.server.write("events/say/index.lua", "--@public true\n--@param text string\nprint(data.text)\n")
    panel.server.reload()
    bob = panel.server.join("bob")

    def say(text):
        bob.send("say/index", text=text)

    open_logs(panel)
    for text in ("apple one", "pear", "apple two"):
        say(text)
        until(lambda: any(text in line for line in lines(panel)), text)
    panel.find("#filter [name=text]").send_keys("APPLE")
    until(lambda: len(lines(panel)) == 2 and "apple two" in lines(panel)[0], "only matching lines, the newest first")
    assert "text=APPLE" in panel.driver.current_url
    panel.shot(f"logs-filter-{panel.width}")
    panel.find("#pause").click()
    say("apple three")
    until(lambda: panel.find("#state").text == "paused, 1 new", "the line waits")
    assert len(lines(panel)) == 2
    panel.find("#pause").click()
    until(lambda: len(lines(panel)) == 3, "the line after the pause")
    panel.open("/admin/logs?map=1&level=error")
    until(lambda: panel.find("#state").text == "live", "the stream")
    until(lambda: panel.find("#nothing").is_displayed(), "nothing of that level")
    assert panel.find(".tabs [aria-current]").text.startswith("1 ")
    assert panel.all("a[download]"), "a map's log can be downloaded"


def test_after_a_restart_earlier_lines_are_there_and_a_stop_is_not_delayed(panel):
    panel.server.write("events/say/index.lua", "--@public true\nprint('before the restart')\nerror('an old mistake')\n")
    panel.server.reload()
    bob = panel.server.join("bob")
    open_logs(panel)
    bob.send("say/index")
    until(lambda: any("before the restart" in line for line in lines(panel)), "the line")
    began = time.monotonic()
    panel.server.stop()
    assert time.monotonic() - began < 5, "an open stream does not delay the stop"
    until(lambda: panel.find("#away").is_displayed(), "the banner", seconds=6)
    panel.shot(f"logs-away-{panel.width}")
    panel.server.start()
    until(lambda: panel.find("#state").text == "live", "the stream is back")
    until(lambda: any("before the restart" in line for line in lines(panel)), "the line from the file")
    until(lambda: any("an old mistake" in group for group in groups(panel)), "the group from the file")


def test_a_viewer_sees_all_and_clears_nothing(panel):
    open_logs(panel, role="viewer")
    panel.server.write("events/graze/index.lua", graze(FAULTY))
    panel.server.join("bob")
    until(lambda: groups(panel), "the group")
    assert not panel.all("[data-call^=DELETE][data-call*=errors]")


def test_a_flood_of_lines_neither_freezes_the_page_nor_slows_the_map(panel):
    panel.server.write(
        "events/flood/index.lua", "--@public true\nfor n = 1, 60 do print('line ' .. n) end\nobject.events.add('flood', 'index')\n")
    panel.server.write("events/flood/timeout.lua", "return 0.1\n")
    panel.server.reload()
    bob = panel.server.join("bob")
    open_logs(panel)
    bob.send("flood/index")
    count = lambda: panel.browser.js("document.querySelectorAll('#lines .line').length")  # texts of 1,000 take seconds
    until(lambda: count() > 900, "many lines")
    began = time.monotonic()
    assert count() <= 1000
    panel.find("#filter [name=text]").send_keys("zq")  # each key is a turn of the page
    until(lambda: not count(), "the filter works meanwhile")
    assert time.monotonic() - began < 30, "a frozen page would take much longer"
    assert panel.server.diagnostics()["status"]["tick_rate_hz"] > 50


def events(response):
    """The events of a stream, as (event, id, data)."""
    event = {}
    for line in response.iter_lines(decode_unicode=True):
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            yield event["event"], event.get("id"), json.loads(event["data"])
            event = {}


def test_programs_follow_the_log_and_continue_after_the_last_event(server):
    headers = key(server)
    path = server.url("/server/api/v1/logs/stream?level=error")
    bob = server.join("bob")
    bob.send("fail/index")
    with requests.get(path, headers=headers, stream=True, timeout=20) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        found = events(response)
        assert next(found)[0] == "start"
        kind, last, entries = next(found)
        assert kind == "lines" and "attempt to index" in entries[0]["text"] and entries[0]["line"] == 3
    with requests.get(path, headers={**headers, "Last-Event-ID": last}, stream=True, timeout=20) as response:
        found = events(response)
        assert next(found)[2]["resumed"]
        until(lambda: bob.send("fail/index") or True, "another error")
        _, _, again = next(found)
        assert all(entry["number"] > entries[-1]["number"] for entry in again)
    assert server.get("/server/api/v1/logs/stream").status_code == 401
    file = server.get("/server/api/v1/maps/1/logs/errors", headers=headers)
    assert file.status_code == 200 and "attempt to index" in file.text
