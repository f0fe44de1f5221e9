"""The battle's page [B15-B18, row 181] in headless Chromium: on Perigee, and on the sample of the description."""

import pytest
from selenium.webdriver.common.keys import Keys

from harness.battle_page import Page
from harness.browser import Browser
from harness.games import battle
from harness.sample_battle import SampleBattle
from harness.waiting import until


@pytest.fixture
def open_page(tmp_path_factory):
    browsers = []

    def start(server, query=""):
        browsers.append(Browser(tmp_path_factory.mktemp("profile")))
        return Page(browsers[-1], server, query)

    yield start
    for browser in browsers:
        browser.quit()


def test_two_pages_fight(battle_server, open_page):
    """Rows 174-181: both see the other come, move, be hit and leave, by the keys of B18."""
    ada, bob = open_page(battle_server), open_page(battle_server)
    for page in (ada, bob):
        page.waits_for(lambda: {ada.id, bob.id} <= set(page.players()), "both are there")
    assert ada.players() == bob.players()
    until(lambda: "WebSocket" in ada.text("#state"), "the upgrade is shown")
    x, y = ada.place()
    steps = [(Keys.ARROW_RIGHT, 5, 0), (Keys.ARROW_DOWN, 0, 5), (Keys.ARROW_LEFT, -5, 0), (Keys.ARROW_UP, 0, -5)]
    for key, dx, dy in steps:
        x, y = x + dx, y + dy
        ada.press(key)
        for page in (ada, bob):
            page.waits_for(lambda: page.place(ada.id) == (x, y), f"ada at {x}, {y}")
    # They meet: bob walks to ada's place, a step at a time, and the keys may be faster than the server's answers.
    goal, here = ada.place(), bob.place()
    keys = [Keys.ARROW_RIGHT if goal[0] > here[0] else Keys.ARROW_LEFT] * (abs(goal[0] - here[0]) // 5)
    keys += [Keys.ARROW_DOWN if goal[1] > here[1] else Keys.ARROW_UP] * (abs(goal[1] - here[1]) // 5)
    bob.press(*keys)
    ada.waits_for(
        lambda: max(abs(one - other) for one, other in zip(ada.place(bob.id), ada.place())) < 5, "bob is beside ada")
    ada.press(Keys.SPACE)
    for page in (ada, bob):
        until(lambda: page.players()[bob.id]["hp"] == 90, "bob is hit")
        until(lambda: page.text("#log") == f"player {bob.id} attacked, remaining hp 90", "the message of B16")
    until(lambda: bob.text("#health") == "90 hp" and ada.text("#health") == "100 hp", "the health of each")
    for _ in range(9):
        ada.press(Keys.SPACE)
    until(lambda: bob.text("#health") == "0 hp: dead", "bob is dead")
    bob.press(Keys.SPACE)
    until(lambda: ada.text("#health") == "90 hp", "and fights on")
    left = bob.id
    bob.browser.js("battle.socket.disconnect()")
    ada.waits_for(lambda: left not in ada.players(), "bob has left")
    assert ada.browser.complaints() == [] and bob.browser.complaints() == []


def test_the_page_draws_what_it_knows(battle_server, open_page, join_battle):
    """B15, B17: a canvas of 500 × 500, a square of 10 × 10 for each player at its x and y, and nothing else there."""
    page = open_page(battle_server)
    canvas = page.browser.find("#field")
    assert (canvas.get_property("width"), canvas.get_property("height")) == (500, 500)
    other = join_battle(battle_server)
    other.emit("move", {"x": 300, "y": 200})
    page.waits_for(lambda: page.place(other.id) == (300, 200), "the bot at its place")
    page.browser.js("battle.socket.emit('move', {x: 400, y: 101})")
    page.waits_for(lambda: page.place() == (400, 101), "ourselves")
    until(lambda: page.color(400, 101) != page.color(395, 101), "drawn")
    for x, y in ((300, 200), (400, 101)):
        square = [page.color(x + dx, y + dy) for dx in (0, 9) for dy in (0, 9)]
        assert square == [square[0]] * 4 and square[0][3] == 255
        around = [page.color(*at) for at in ((x - 1, y), (x + 10, y), (x, y - 1), (x, y + 10), (x - 1, y + 10))]
        assert square[0] not in around
    assert page.color(300, 200) != page.color(400, 101), "others look different"
    other.leave()
    until(lambda: page.color(305, 205)[3] == 0, "the square is gone")


def test_the_page_works_with_the_sample_too(open_page, join_battle):
    """B19: there a newcomer knows nobody, itself included, until somebody moves."""
    server = SampleBattle().start()
    page = open_page(server)
    assert page.players() == {}
    other = join_battle(server)
    page.waits_for(lambda: list(page.players()) == [other.id], "the bot comes")
    page.press(Keys.ARROW_RIGHT, Keys.SPACE)
    page.browser.js("battle.socket.emit('move', {x: 5, y: 5})")
    page.waits_for(lambda: page.place() == (5, 5), "we are told of ourselves")
    page.press(Keys.ARROW_RIGHT)
    page.waits_for(lambda: page.place() == (10, 5), "and can move")
    other.emit("move", {"x": 10, "y": 10})
    page.waits_for(lambda: page.place(other.id) == (10, 10), "the bot is near")
    page.press(Keys.SPACE)
    # 80 if the bot was near at the first attack too, where chance had put both.
    assert other.wait("player_attacked")[-1] in [{"id": other.id, "hp": 90}, {"id": other.id, "hp": 80}]
    server.stop()


def test_a_page_comes_back_after_its_server_was_away(battle_server, open_page, join_battle):
    """B4, row 22: what it knew of the former battle is forgotten."""
    page = open_page(battle_server)
    other = join_battle(battle_server)
    page.waits_for(lambda: other.id in page.players(), "the bot")
    first = page.id
    battle_server.stop()
    until(lambda: page.browser.find("#state").get_attribute("data-state") == "waiting", "the loss is shown")
    battle_server.start()
    page.waits_for(lambda: page.id not in (None, first), "the page is back")
    page.waits_for(lambda: list(page.players()) == [page.id], "alone")
    assert page.browser.find("#state").get_attribute("data-state") == "playing"


def test_a_page_of_another_origin_plays(battle_server, open_page, join_battle):
    """B7, B15: the page may come from another server, and connects to the one that it is told."""
    pages = SampleBattle().start()
    page = open_page(pages, f"?server={battle_server.url('')}")
    other = join_battle(battle_server)
    page.waits_for(lambda: set(page.players()) == {page.id, other.id}, "both are on Perigee")
    assert pages.players == {}
    pages.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_can_be_played_by_touch(battle_server, open_page, join_battle, width, scheme):
    page = open_page(battle_server)
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": width < 500})
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    assert page.browser.js("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    ink, paper = page.browser.js(
        "['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name].match(/\\d+/g).map(Number))")
    assert (sum(ink[:3]) > sum(paper[:3])) == (scheme == "dark")
    assert page.browser.find("#pad").is_displayed() == (width < 500)
    assert page.browser.find("#help").is_displayed() == (width > 500)
    if width > 500:
        return
    x, y = page.place()
    for direction, dx, dy in (("right", 5, 0), ("down", 0, 5), ("left", -5, 0), ("up", 0, -5)):
        x, y = x + dx, y + dy
        page.browser.find(f"[data-move={direction}]").click()
        page.waits_for(lambda: page.place() == (x, y), f"a step {direction}")
    other = join_battle(battle_server)
    other.emit("move", {"x": x, "y": y})
    page.waits_for(lambda: page.place(other.id) == (x, y), "the bot is here")
    page.browser.find("#attack").click()
    assert other.wait("player_attacked") == [{"id": other.id, "hp": 90}]
