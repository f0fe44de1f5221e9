"""Players in the operator's panel, in a real browser and with real clients, at the width of a desk and of a phone."""

import json
import sqlite3
import time

import pytest
from selenium.webdriver.support.ui import Select

from harness.panel import WIDTHS, Panel, api, key, make_operator
from harness.waiting import until

XSS = "<img src=x onerror=\"document.title='owned'\">"
BAN_FORM = "#bans form[data-send]"
MUTE_FORM = "#mute form[data-send]"
ERASE_FORM = ".erase form"


def log_in(server, login, password="correct horse"):
    return server.post("/server/sign/auth/", json={"login": login, "password": password})


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, meadow, browser):
    panel = Panel(browser, meadow)
    panel.resize(request.param)
    panel.width = request.param
    make_operator(meadow, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    return panel


def show(panel, login, player):
    panel.open(f"/admin/players/{player}")
    panel.is_at(login)


def shown(panel, selector):
    """What a part of the page shows; empty while the page is being loaded."""
    return panel.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)


def fits(panel, name):
    for is_dark in (False, True):
        panel.dark(is_dark)
        assert panel.fits(), name
        panel.shot(f"{name}-{'dark' if is_dark else 'light'}-{panel.width}")
    panel.dark(False)


def test_a_playing_client_is_banned_with_a_reason_and_comes_back_after_the_end_of_the_ban(panel):
    server = panel.server
    player = server.join("bob")
    panel.open("/admin/players")
    panel.is_at("Players")
    panel.fill("form[role=search]", q="BO")
    until(lambda: "on map 1" in panel.text(), "the player is shown online")
    fits(panel, "players")
    panel.press(".players a.login")
    panel.is_at("bob")
    panel.reveal(BAN_FORM)
    fits(panel, "player-online")
    panel.fill(BAN_FORM, reason="cheats with <b>bots</b>", until="1 week")
    until(lambda: "cheats with <b>bots</b>" in shown(panel, "#bans"), "the ban is shown as it was typed")
    assert player.wait_closed() == 1008
    assert player.errors[-1]["code"] == "banned" and player.errors[-1]["reason"] == "cheats with <b>bots</b>"
    assert player.errors[-1]["return"] is False
    refused = log_in(server, "bob")
    assert refused.status_code == 403
    assert refused.json()["code"] == "banned" and refused.json()["reason"] == "cheats with <b>bots</b>"
    assert abs(refused.json()["until"] - time.time() - 604800) < 60
    renewal = server.post("/server/sign/token", headers={"Authorization": f"Bearer {player.answer['session']}"})
    assert renewal.status_code == 403
    panel.shot(f"player-banned-{panel.width}")
    server.stop()
    server.start()
    assert log_in(server, "bob").status_code == 403, "the ban survives a restart"
    panel.open("/admin/bans")
    panel.is_at("Bans")
    panel.browser.complaints()  # those of the open page while the server was away
    assert "bob" in panel.text() and "ada" in panel.text()
    fits(panel, "bans")
    panel.press(".bans button[data-call]")
    until(lambda: "Nobody is banned" in panel.text(), "the ban is gone")
    panel.shot(f"bans-empty-{panel.width}")
    server.join("bob", "auth")
    panel.open("/admin/audit")
    until(lambda: "bans.create" in panel.text() and "bans.delete" in panel.text(), "both stand in the audit log")
    assert "player 1" in panel.text()
    assert panel.browser.complaints() == []


def test_a_ban_of_addresses_needs_a_range_that_can_be_and_leaves_the_panel_open(panel):
    server = panel.server
    player = server.join("bob")
    panel.open("/admin/bans")
    panel.is_at("Bans")
    form = "form[data-send]"
    panel.fill(form, addresses="127.0.0.1/8", reason="flood")
    until(lambda: "no range such as" in shown(panel, f"{form} .problem"), "the refusal")
    panel.fill(form, addresses="0.0.0.0/0", reason="flood")
    until(lambda: "large part of the internet" in shown(panel, f"{form} .problem"), "the refusal")
    panel.shot(f"bans-refused-{panel.width}")
    panel.fill(form, addresses="127.0.0.0/8", reason="flood", until="for ever")
    until(lambda: "127.0.0.0/8" in panel.text() and "never" in panel.text(), "the ban is shown")
    assert player.wait_closed() == 1008
    assert log_in(server, "bob").json()["reason"] == "flood"
    registration = server.post("/server/sign/register/", json={"login": "eve", "password": "correct horse"})
    assert registration.status_code == 403
    panel.open("/admin/operators")
    panel.is_at("Operators")
    panel.open("/admin/bans")
    panel.press(".bans button[data-call]")
    until(lambda: "Nobody is banned" in panel.text(), "the ban is gone")
    assert log_in(server, "bob").status_code == 200


def test_a_muted_player_is_not_heard_until_the_mute_ends(panel):
    server = panel.server
    bob, eve = server.join("bob"), server.join("eve")
    show(panel, "bob", 1)
    panel.reveal(MUTE_FORM)
    panel.fill(MUTE_FORM, until="1 hour", reason="shouts")
    until(lambda: "Muted until" in shown(panel, "#mute") and "shouts" in shown(panel, "#mute"), "the mute")
    panel.shot(f"player-muted-{panel.width}")
    bob.send("chat/say", text="can you hear me")
    bob.wait(lambda: any("muted" in str(m.get("text")) for m in bob.others), "bob is told")
    panel.press("#mute button[data-call]")
    until(lambda: "Not muted" in shown(panel, "#mute"), "the mute ended")

    def is_heard():
        # Meadow's chat has a timeout after each text.
        bob.send("chat/say", text="and now")
        try:
            return eve.wait(lambda: any(m.get("text") == "and now" for m in eve.others), "eve hears it", seconds=0.5)
        except AssertionError:
            return eve.closed is not None

    until(is_heard, "eve hears it")
    assert eve.closed is None
    assert not any(m.get("text") == "can you hear me" for m in eve.others)


def test_a_player_is_moved_online_and_offline(panel):
    server = panel.server
    other = 2  # the cave
    player = server.join("bob")
    show(panel, "bob", 1)
    form = Select(panel.find("#move select"))
    form.select_by_value(str(other))
    panel.press("#move button")
    player.wait(lambda: any(m.get("action") == "reconnect" for m in player.others), "the client is sent there")
    moved = [m for m in player.others if m.get("action") == "reconnect"][-1]
    assert moved["map_id"] == other
    player.socket.close()
    until(lambda: log_in(server, "bob").json()["map_id"] == other, "the next login leads there")
    until(lambda: api(server, "GET", "players/1").get("online") is None, "bob is away")
    api(server, "PUT", "players/1/map", {"map_id": 1})
    assert log_in(server, "bob").json()["map_id"] == 1


def test_an_offline_players_saved_values_are_edited_and_the_player_sees_them(panel):
    server = panel.server
    player = server.join("bob")
    show(panel, "bob", 1)
    panel.press("#saved a")
    panel.is_at("World")
    until(lambda: shown(panel, "#inspector-title") == "players_1", "the link leads to the player's entity")
    player.socket.close()

    def is_editable():
        panel.open("/admin/players/1")
        return panel.all("#saved form")

    until(is_editable, "the entity left the map", pause=0.5)
    form = "#saved form"
    panel.fill(form, score="much")
    until(lambda: "must be a number" in shown(panel, f"{form} .problem"), "the browser refuses a text")
    bag = panel.find(f"{form} [name=bag]")
    bag.clear()
    bag.send_keys("5")
    panel.fill(form, score="77")
    until(lambda: "bag" in shown(panel, f"{form} .problem"), "the server refuses another type")
    panel.shot(f"player-saved-refused-{panel.width}")
    panel.open("/admin/players/1")
    panel.fill(form, score="77", side="up")
    value = "return document.querySelector('#saved [name=score]')?.defaultValue"
    until(lambda: panel.driver.execute_script(value) == "77", "the value is saved")
    fits(panel, "player-saved")
    again = server.join("bob", "auth")
    own = again.entities["players_1"]
    assert own["components"]["score"] == 77 and own["side"] == "up"
    panel.open("/admin/audit")
    until(lambda: "players.edit" in panel.text() and '"components.score":77' in panel.text(), "the change is logged")


def test_an_owner_exports_and_erases_a_player_and_nothing_comes_back(panel):
    server = panel.server
    player = server.join("kilroy")
    answer = server.get("/server/api/v1/players/1/export", headers=key(server))
    export = json.loads(answer.text)
    assert export["account"]["login"] == "kilroy" and export["entity"]["login"] == "kilroy"
    assert export["sessions"] and "hash" not in answer.text and "argon" not in answer.text
    show(panel, "kilroy", 1)
    panel.reveal(ERASE_FORM)
    panel.shot(f"player-erase-{panel.width}")
    panel.fill(ERASE_FORM, login="Kilroy")
    until(lambda: "not the login of this player" in shown(panel, f"{ERASE_FORM} .problem"), "the refusal")
    panel.fill(ERASE_FORM, login="kilroy")
    panel.is_at("Players")
    assert player.wait_closed() == 1008
    assert player.errors[-1]["code"] == "erased"
    assert log_in(server, "kilroy").status_code == 401
    erased = server.diagnostics()["status"]["tick"]

    def is_saved():
        # The map saves each second, and the store after it; a map that sleeps has nothing to save.
        return (server.diagnostics()["status"]["tick"] >= erased + 90
                or api(server, "GET", "maps")[0]["state"] == "asleep")

    until(is_saved, "the map and the store have saved", pause=0.1)
    server.stop()
    database = sqlite3.connect(server.data / "perigee.sqlite")
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in database.execute(f'SELECT * FROM "{table}"'):
            assert "kilroy" not in str(row), table
    database.close()
    server.start()
    assert log_in(server, "kilroy").status_code == 401
    assert server.sign("register", "kilroy")["id"] == 2, "the number is not used again"
    panel.open("/admin/audit")
    until(lambda: "players.erase" in panel.text() and "player 1" in panel.text(), "the log knows the number")


def test_sessions_are_ended_passwords_reset_and_accounts_made(panel):
    server = panel.server
    player = server.join("bob")
    show(panel, "bob", 1)
    panel.press("#sessions td.actions button")
    assert player.wait_closed() == 1008 and player.errors[-1]["code"] == "ended"
    until(lambda: "connection" not in (shown(panel, "#sessions") or "connection"), "the connection is gone")
    panel.fill("#account form[data-call^=PUT]", password="another horse")
    until(lambda: "No connection" in shown(panel, "#sessions"), "all sessions are ended")
    assert log_in(server, "bob").status_code == 401
    assert log_in(server, "bob", "another horse").status_code == 200
    panel.open("/admin/players")
    panel.fill("form[data-call='POST /server/api/v1/players']", login=XSS, password="secret")
    panel.is_at(XSS)
    fits(panel, "player-new")
    assert panel.driver.title != "owned" and not panel.all("main img")
    panel.open("/admin/players?q=onerror")
    until(lambda: XSS in panel.text(), "the login, as it was typed")
    assert not panel.all("main img") and panel.fits()
    panel.open("/admin/players?q=nobody-has-this")
    assert "No player fits" in panel.text()
    panel.shot(f"players-none-{panel.width}")
    assert panel.browser.complaints() == []


def test_a_viewer_only_looks_and_a_change_without_the_sessions_token_is_refused(panel):
    server = panel.server
    server.join("bob")
    api(server, "POST", "bans", {"addresses": "192.0.2.7", "reason": "r"})
    forged = panel.driver.execute_async_script("""
        const [done] = arguments;
        fetch("/server/api/v1/bans", {method: "POST", headers: {"Content-Type": "application/json"},
          body: JSON.stringify({player: 1, reason: "forged"})}).then(answer => done(answer.status));
        """)
    assert forged == 403
    assert log_in(server, "bob").status_code == 200
    make_operator(server, "vic", "viewer")
    panel.driver.delete_all_cookies()
    panel.log_in("vic")
    panel.is_at("Maps")
    for path, title in (("/admin/players", "Players"), ("/admin/players/1", "bob"), ("/admin/bans", "Bans")):
        panel.open(path)
        panel.is_at(title)
        assert not panel.all("main [data-send], main [data-saved], main [data-call]"), path
    status = panel.driver.execute_async_script("""
        const [done] = arguments;
        fetch("/server/api/v1/players/1/export").then(answer => done(answer.status));
        """)
    assert status == 403
