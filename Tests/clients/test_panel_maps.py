"""The panel's page of maps in a real browser, with real players on the maps (M7, M7.1, M7.6-M7.8; rows 162, 165, 167)."""

import pytest

from harness.games import BARE, MAP
from harness.panel import WIDTHS, Panel, api, make_operator
from harness.player import Player
from harness.server import Server, free_ports
from harness.waiting import until

XSS = "<img src=x onerror=\"document.title='owned'\">"
FILES = {
    **BARE, "maps/2-cave.tmj": MAP,
    "events/go/index.lua": "--@public true\n--@param map number\nobject.map_id = data.map\n",
    "spawn/enemys/goblin.lua": "object.sort = object.sort + 1\nprint('spawned', object.key, object.sort)\n",
}


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, serve, browser):
    server = serve(FILES)
    make_operator(server, "eddie", "editor")
    panel = Panel(browser, server)
    panel.resize(request.param)
    panel.width = request.param
    panel.log_in("eddie")
    panel.is_at("Maps")
    return panel


def text(panel, selector):
    """The text of something that the page renews; empty while it is not there."""
    return panel.driver.execute_script(
        "return document.querySelector(arguments[0])?.innerText.trim() ?? ''", selector)


def say_yes(panel):
    until(lambda: panel.all("dialog[open] button[value=yes]"), "the question")
    panel.find("dialog[open] button[value=yes]").click()


def told(panel, text):
    until(lambda: text in panel.find("#told").text, f"the page says: {text}")


def state(server, map_id=1):
    return next(map["state"] for map in api(server, "GET", "maps") if map["id"] == map_id)


def message(player, **members):
    """A message of a player that is no delta, with these members."""
    return next((each for each in player.others if members.items() <= each.items()), None)


def in_cave(server, login):
    player = server.join(login)
    player.send("go", map=2)
    place = player.wait(lambda: message(player, action="reconnect"), "the way to the cave")
    there = Player(place["port"], {**player.answer, **place})
    server.players.append(there)
    there.wait(lambda: there.is_loaded, "the first snapshot there")
    return there


def samples(panel):
    return int(panel.find("#history").get_attribute("data-samples") or 0)


def is_drawn(panel, index):
    """Whether a chart has pixels that are not transparent."""
    return panel.driver.execute_script("""
        const canvas = document.querySelectorAll(".charts canvas")[arguments[0]];
        if (canvas.width === 0 || canvas.height === 0) return false; // before the page is laid out
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some(value => value !== 0);
        """, index)


def test_the_figures_of_all_maps_and_a_chart_that_survives_a_reload(panel):
    players = [panel.server.join("ada"), panel.server.join("bob")]
    cave = in_cave(panel.server, "carl")
    row = "#overview tbody tr:nth-child({}) [data-label={}]"
    until(lambda: text(panel, row.format(1, "Players")) == "2" and text(panel, row.format(2, "Players")) == "1",
          "the players of both maps")
    until(lambda: text(panel, row.format(1, "FPS")).startswith(("60.", "59.9")), "60 FPS (M7.6)")
    assert "of 60" in text(panel, row.format(1, "FPS"))
    assert text(panel, row.format(1, "Address")) == f"127.0.0.1:{panel.server.port} /"
    (first, _) = api(panel.server, "GET", "maps")
    figures = first["figures"]
    assert first["state"] == "running" and figures["possible_fps"] > 60, figures
    assert abs(figures["possible_fps"] * figures["tick_p95_ms"] - 1000) < 1, "row 165"
    for player in players:
        player.send("move/to", x=3, y=4)
        player.wait(lambda player=player: player.me["x"] == 3, "the step")
    until(lambda: samples(panel) >= 2, "two samples", seconds=30, pause=0.2)
    assert len(panel.all(".charts canvas")) == 5
    until(lambda: all(is_drawn(panel, index) for index in range(5)), "all charts")
    assert panel.fits()
    before = samples(panel)
    panel.open("/admin/?map=1")
    until(lambda: samples(panel) >= before, "the chart is there again after a reload")
    until(lambda: is_drawn(panel, 0), "the chart")

    def history_of_a_step():
        players[0].send("move/to", x=5, y=4)
        history = api(panel.server, "GET", "maps/1/history")
        return history if max(history["sent_per_second"]) > 0 else None

    history = until(history_of_a_step, "a sample with traffic", seconds=30, pause=0.5)
    assert max(history["players"]) == 2
    panel.press(".figures-table summary")
    until(lambda: panel.all(".figures-table tbody tr"), "the table")
    panel.press(".figures-table summary")
    # Row 167: what each player weighs and gets.
    until(lambda: len(panel.all("#figures tbody tr")) == 2, "the players of map 1")
    until(lambda: "B" in text(panel, "#figures [data-label=Sent]"), "what a player was sent")
    (ada, bob) = api(panel.server, "GET", "maps/1")["players"]
    assert ada["login"] == "ada" and ada["sent_bytes"] > 500 and ada["received_bytes"] > 20 and ada["x"] in (3, 5)
    for is_dark in (False, True):
        panel.dark(is_dark)
        panel.open("/admin/?map=1")
        until(lambda: samples(panel) and is_drawn(panel, 0), "the chart")
        panel.shot(f"maps-top-{'dark' if is_dark else 'light'}-{panel.width}")
        for part in ("figures", "history"):
            panel.driver.execute_script(f"document.getElementById('{part}').scrollIntoView()")
            panel.shot(f"maps-{part}-{'dark' if is_dark else 'light'}-{panel.width}")
        assert panel.fits()
    assert cave.closed is None and panel.browser.complaints() == []


def test_without_the_library_the_last_hour_is_a_table(panel):
    panel.driver.execute_cdp_cmd("Network.enable", {})
    panel.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*chart.min.js*"]})
    panel.server.join("ada")
    panel.open("/admin/?map=1")
    until(lambda: panel.all("#history tbody tr"), "the table", seconds=30, pause=0.2)
    assert not panel.all(".charts canvas") and panel.find("#history table").is_displayed()
    assert panel.fits()
    panel.shot(f"maps-table-{panel.width}")


def test_a_player_is_kicked_and_reads_why(panel):
    bob = panel.server.join("bob")
    bob.send("move/to", x=7, y=9)
    bob.wait(lambda: bob.me["x"] == 7, "the step")
    panel.open("/admin/?map=1")
    until(lambda: panel.all("[data-login=bob]"), "the player's row")
    panel.driver.execute_script("document.querySelector('[data-login=bob]').click()")
    assert panel.find("#kick .name").text == "bob"
    panel.shot(f"maps-kick-{panel.width}")
    panel.find("#kick [name=reason]").send_keys(f"be nice {XSS}")
    panel.find("#kick button.danger").click()
    told(panel, "bob (players_1) is off the map.")
    assert bob.wait_closed() == 4002
    assert bob.errors[-1] == {"error": f"be nice {XSS}", "code": "kicked", "return": False}
    until(lambda: "No player is connected" in text(panel, "#figures"), "the row is gone")
    bob = panel.server.join("bob", kind="auth")
    assert (bob.me["x"], bob.me["y"]) == (7, 9), "the player was saved"
    panel.open("/admin/audit")
    assert "players_1 on map 1" in panel.text() and "be nice <img src=x" in panel.text()
    assert panel.driver.title != "owned"
    for body, status, field in (
            ({"player": "zoe"}, 404, "player"), ({"player": "bob", "reason": "x" * 301}, 400, "reason"),
            (None, 415, None)):
        assert api(panel.server, "POST", "maps/1/kick", body, status).get("field") == field
    assert bob.pump(0.1) is None and bob.closed is None


def test_messages_reach_the_players_of_one_map_and_of_all(panel):
    ada, carl = panel.server.join("ada"), in_cave(panel.server, "carl")
    panel.open("/admin/?map=2")
    panel.press("[data-dialog=message]")
    panel.find("#message [name=text]").send_keys(f"To the cave {XSS}")
    panel.shot(f"maps-message-{panel.width}")
    panel.find("#message button").click()
    told(panel, "Sent to 1 player.")
    told_cave = {"action": "notice", "text": f"To the cave {XSS}", "from": "operator"}
    carl.wait(lambda: message(carl, **told_cave), "the message in the cave")
    panel.press("[data-dialog=message-all]")
    panel.find("#message-all [name=text]").send_keys("To all")
    panel.find("#message-all button").click()
    told(panel, "Sent to 2 players.")
    for player in (ada, carl):
        player.wait(lambda player=player: message(player, action="notice", text="To all"), "the message to all")
    assert message(ada, **told_cave) is None, "that was for the other map"
    assert "at most 1000" in api(panel.server, "POST", "message", {"text": "x" * 1001}, 400)["error"]


def test_a_map_is_stopped_with_its_players_saved_and_started_again(panel):
    server = panel.server
    bob, carl = server.join("bob"), in_cave(server, "carl")
    bob.send("move/to", x=7, y=9)
    bob.wait(lambda: bob.me["x"] == 7, "the step")
    bob.send("summon")
    bob.wait(lambda: any(key.startswith("enemys") for key in bob.entities), "the goblin")
    panel.open("/admin/?map=1")
    panel.press("[data-call='POST /server/api/v1/maps/1/stop']")
    say_yes(panel)
    bob.wait(lambda: message(bob, action="pause", map_id=1, reason="map 1 is closed (an operator stopped it)"), "why")
    until(lambda: "an operator stopped it" in text(panel, "#overview"), "the page shows it")
    until(lambda: text(panel, "#overview .tag.still") == "stopped", "the state")
    assert panel.fits()
    panel.shot(f"maps-stopped-{panel.width}")
    # Nothing is wrong with the server, and other maps go on.
    health = server.get("/health")
    assert health.status_code == 200 and health.json() == {"status": "ok", "maps": 1, "stopped_maps": [1]}
    carl.send("move/to", x=5, y=5)
    carl.wait(lambda: carl.me["x"] == 5, "the other map goes on")
    refused = server.post("/server/sign/auth/", json={"login": "bob", "password": "correct horse"})
    assert refused.status_code == 503 and refused.json()["code"] == "map_starting"
    assert "map 1 is closed (an operator stopped it)" in refused.json()["error"]
    bob.send("move/to", x=1, y=1)
    bob.wait(lambda: any(error["code"] == "busy" for error in bob.errors), "commands are refused")
    # It stays stopped when the game changes.
    server.write("events/new/index.lua", "--@public true\nobject.send({ new = true })\n")
    server.reload()
    assert state(server) == "stopped" and bob.closed is None
    snapshots = bob.snapshots
    panel.open("/admin/?map=1")
    panel.press("#content .title [data-call='POST /server/api/v1/maps/1/start']")
    bob.wait(lambda: bob.snapshots > snapshots, "the first snapshot of the map that was started")
    assert (bob.me["x"], bob.me["y"]) == (7, 9), "the player has its place"
    assert any(record["prefab"] == "goblin" for record in bob.entities.values()), "entities were saved"
    bob.send("new")
    bob.wait(lambda: message(bob, new=True), "the game as it is now")
    until(lambda: state(server) == "running", "it runs")
    # A restart is the same in one step.
    snapshots = bob.snapshots
    panel.open("/admin/?map=1")
    panel.press("[data-call='POST /server/api/v1/maps/1/restart']")
    say_yes(panel)
    bob.wait(lambda: message(bob, action="pause", reason="map 1 is closed (it is being restarted)"), "why")
    bob.wait(lambda: bob.snapshots > snapshots, "the first snapshot after the restart")
    assert bob.me["x"] == 7
    panel.open("/admin/audit")
    for action in ("maps.stop", "maps.start", "maps.restart"):
        assert action in panel.text()


def test_spawn_hooks_run_again_for_entities_that_are_there(panel):
    bob = panel.server.join("bob")
    for count in (1, 2):
        bob.send("summon")
        bob.wait(lambda count=count: sum(key.startswith("enemys") for key in bob.entities) == count, "the goblins")
    panel.server.write("spawn/enemys/goblin.lua", "object.sort = 40\nprint('again', object.key)\n")
    panel.server.reload()
    panel.open("/admin/?map=1")
    panel.press("[data-dialog=spawn-hooks]")
    panel.find("#spawn-hooks [name=prefab]").send_keys("dragon")
    panel.find("#spawn-hooks button").click()
    until(lambda: "there are: players Player, enemys goblin" in panel.find("#spawn-hooks .problem").text, "the refusal")
    panel.shot(f"maps-hooks-{panel.width}")
    panel.find("#spawn-hooks [name=prefab]").clear()
    panel.find("#spawn-hooks [name=prefab]").send_keys("goblin")
    panel.find("#spawn-hooks button").click()
    told(panel, "Spawn hooks run again for")
    bob.wait(lambda: all(record["sort"] == 40 for key, record in bob.entities.items() if key.startswith("enemys")), "sort")
    log = [line["text"] for line in panel.server.diagnostics()["log"]]
    assert any(line.startswith("spawn hooks ran again for") for line in log), log


def test_a_viewer_changes_nothing_and_unknown_maps_are_refused(panel):
    make_operator(panel.server, "vic", "viewer")
    key = api(panel.server, "POST", "keys", {"name": "scraper", "role": "viewer"})["secret"]
    headers = {"Authorization": f"Bearer {key}"}
    for action in ("maps/1/stop", "maps/1/restart", "maps/1/kick", "maps/1/message", "message", "maps/1/spawn_hooks"):
        answer = panel.server.post(f"/server/api/v1/{action}", headers=headers, json={"text": "x", "player": "bob"})
        assert answer.status_code == 403 and "needs the role editor" in answer.json()["error"]
    assert state(panel.server) in ("asleep", "running")
    assert panel.server.get("/server/api/v1/maps", headers=headers).status_code == 200
    for action in ("stop", "start", "restart"):
        api(panel.server, "POST", f"maps/9/{action}", status=404)
    assert api(panel.server, "POST", "maps/1/start", status=409)["code"] == "running"
    panel.open("/admin/audit?refused=true")
    assert "maps.stop" in panel.text() and "key scraper is a viewer" in panel.text()


def test_maps_with_ports_of_their_own_show_them_and_players_wait_there(tmp_path):
    server = Server(tmp_path, FILES, ("--port-per-map",))
    server.port = free_ports(2)
    server.start()
    try:
        assert [map["address"] for map in api(server, "GET", "maps")] == [
            f"127.0.0.1:{server.port + 1}", f"127.0.0.1:{server.port + 2}"]
        answer = server.sign("register", "bob")
        bob = Player(answer["port"], answer)
        server.players.append(bob)
        bob.wait(lambda: bob.is_loaded, "the first snapshot")
        stopped = api(server, "POST", "maps/1/stop")
        assert stopped["state"] == "stopped" and stopped["has_own_port"]
        server.reload()
        # The port of a map whose file is gone closes after 6 s.
        bob.wait(lambda: message(bob, action="pause"), "why")
        assert bob.pump(8) is None and bob.closed is None, "the player waits at the map's port"
        snapshots = bob.snapshots
        api(server, "POST", "maps/1/start")
        bob.wait(lambda: bob.snapshots > snapshots, "the map runs again")
    finally:
        server.stop()
