"""The bundled game in two real browsers, and a player that speaks the protocol."""

import signal

import pytest
from selenium.webdriver.common.keys import Keys

from harness.browser import Browser
from harness.server import Server, free_ports
from harness.waiting import until
from test_reload import HOP


@pytest.fixture
def browse(tmp_path_factory):
    browsers = []

    def start(server):
        browser = Browser(tmp_path_factory.mktemp("profile"))
        browsers.append(browser)
        browser.open(server.url("/play/"))
        return browser

    yield start
    for browser in browsers:
        browser.quit()


def test_two_browsers_and_a_client_see_each_other_move(meadow, browse):
    ada = browse(meadow)
    ada.enter("ada")
    bob = browse(meadow)
    bob.enter("bob")
    eve = meadow.join("eve")
    key = ada.me()["key"]
    for watcher, other in ((ada, bob.me()["key"]), (bob, key), (ada, eve.key), (bob, eve.key)):
        until(lambda: watcher.entity(other), f"{other} is in sight")
    for _ in range(2):
        ada.walk_somewhere()
        # The key is released, so ada stops here; the last step may still be on its way.
        until(lambda: bob.place(key) == ada.place(), "bob sees ada where she is")
        eve.wait(lambda: (eve.entities[key]["x"], eve.entities[key]["y"]) == ada.place(), "eve sees the same")
    bob.walk_somewhere()
    until(lambda: ada.place(bob.me()["key"]) == bob.place(), "ada sees bob where he is")
    assert ada.complaints() == []
    assert bob.complaints() == []


def test_a_wrong_password_is_told_and_the_right_one_brings_back(meadow, browse):
    browser = browse(meadow)
    browser.enter("ada")
    place = browser.place()
    browser.find("#leave").click()
    until(lambda: browser.find("#card").is_displayed(), "the login card again")
    browser.fill("ada", "wrong horse", "auth")
    until(lambda: browser.find("#problem").text, "the refusal is told")
    assert browser.state() == "login"
    browser.enter("ada", button="auth")
    assert browser.place() == place


def test_a_new_name_and_enter_offers_to_create_the_player(meadow, browse):
    browser = browse(meadow)
    browser.fill("newcomer", "correct horse", "auth")
    until(lambda: "New here? Create newcomer with it." in browser.find("#problem").text, "the offer")
    create = browser.find("#sign button[name=register]")
    assert create.text == "Create newcomer" and create == browser.driver.switch_to.active_element
    browser.find("#sign [name=login]").send_keys("s")
    assert create.text == "Create player", "the offer was for another name"
    browser.find("#sign [name=login]").send_keys(Keys.BACKSPACE, Keys.ENTER)
    until(lambda: create.text == "Create newcomer", "the offer again")
    create.send_keys(Keys.ENTER)
    until(lambda: browser.state() == "playing" and browser.me(), "newcomer plays")


def test_a_page_that_is_loaded_again_goes_on_until_its_player_logs_out(meadow, browse):
    browser = browse(meadow)
    browser.enter("returning")
    key = browser.me()["key"]
    for restart in (False, True):
        if restart:
            meadow.stop(signal.SIGKILL)
            meadow.start()
        browser.driver.refresh()
        until(lambda: browser.state() == "playing" and browser.me(), "the game goes on without a login")
        assert browser.me()["key"] == key
        assert not browser.find("#card").is_displayed()
    browser.find("#leave").click()
    until(lambda: browser.find("#card").is_displayed(), "the login card")
    browser.driver.refresh()
    until(lambda: browser.find("#card").is_displayed(), "the login card, also after a reload")
    assert browser.state() == "login"
    assert browser.find("#sign [name=login]").get_attribute("value") == "returning"


def test_a_changed_script_acts_in_open_browsers(meadow, browse):
    ada = browse(meadow)
    ada.enter("ada")
    bob = browse(meadow)
    bob.enter("bob")
    meadow.write("events/move/to.lua", HOP)

    def hopped():
        ada.command("move/to", x=21, y=26)
        return ada.place() == (21, 26) and ada.me()["action"] == "hop"

    until(hopped, "the changed script acts", pause=0.2)
    until(lambda: bob.place(ada.me()["key"]) == (21, 26), "bob sees it")
    assert (ada.state(), bob.state()) == ("playing", "playing")
    assert "lost" not in ada.log() + bob.log()


def test_a_browser_follows_its_player_to_maps_with_ports_of_their_own(tmp_path, browse):
    server = Server(tmp_path, None, ("--port-per-map",))
    server.port = free_ports(2)
    try:
        ada = browse(server.start())
        ada.enter("ada")
        server.write("events/move/to.lua", "--@public true\n--@param x number\n--@param y number\nobject.map_id = 2\n")

        def moved():
            ada.command("move/to", x=1, y=1)
            return (ada.me() or {}).get("map_id") == 2
        until(moved, "the browser is on the other map", pause=0.3)
        assert ada.state() == "playing"
        assert ada.complaints() == []
    finally:
        server.stop()


def test_a_restarted_server_finds_its_players_again(meadow, browse):
    ada = browse(meadow)
    ada.enter("ada")
    ada.walk_somewhere()
    place = ada.place()
    meadow.stop()
    until(lambda: ada.state() == "reconnecting", "the browser notices")
    until(lambda: ada.js("window.perigee.comesBack"), "an attempt to come back is due")
    meadow.start()
    until(lambda: ada.state() == "playing" and ada.place(), "the browser is back", seconds=40)
    assert abs(ada.place()[0] - place[0]) + abs(ada.place()[1] - place[1]) <= 1, "where it was, or a last step further"


def test_a_player_whose_map_is_closed_reads_why_and_goes_on_when_it_opens(meadow, browse):
    ada = browse(meadow)
    ada.enter("ada")
    path = meadow.game / "maps/1-meadow.tmj"
    content = path.read_text()
    meadow.stop()
    path.write_text("{")
    meadow.start()
    until(lambda: "maps/1-meadow.tmj" in ada.find("#banner").text, "the reason")
    assert not ada.find("#card").is_displayed()
    path.write_text(content)
    until(lambda: ada.state() == "playing" and ada.me(), "the game goes on", seconds=40)
    assert ada.me()["map_id"] == 1


def test_a_second_window_takes_the_game_over(meadow, browse):
    first = browse(meadow)
    first.enter("ada")
    second = browse(meadow)
    second.enter("ada", button="auth")
    until(lambda: first.state() == "replaced", "the first window is told")
    assert second.state() == "playing"


def test_a_player_who_was_taken_off_comes_back_by_a_button_only(meadow, browse):
    meadow.write("events/disconnect/timeout.lua", "return 2\n")
    ada = browse(meadow)
    ada.enter("ada")
    until(lambda: ada.state() == "removed", "the page is told")
    assert ada.find("#banner").text.startswith("You are out of the game: you sent no command for 2 s.")
    sessions = meadow.metric("perigee_sessions_opened_total")
    assert ada.js("window.perigee.comesBack") is False, "no attempt to come back is due"
    assert meadow.metric("perigee_sessions_opened_total") == sessions
    ada.find("#banner button").click()
    until(lambda: ada.state() == "playing", "the button brings ada back")
    assert ada.complaints() == [], "no token was tried that is dead"


def test_what_players_write_is_never_taken_for_html(meadow, browse):
    ada = browse(meadow)
    ada.enter("ada")
    eve = meadow.join("eve")
    eve.send("chat/say", text="<img src=x onerror=\"document.title='owned'\"><b>hi</b>")
    until(lambda: "<b>hi</b>" in ada.log(), "the message, as it was written")
    assert ada.driver.title != "owned"
