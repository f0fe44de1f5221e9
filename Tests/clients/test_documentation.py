"""Follows the instructions of docs/ with a real server: the example client, and the tutorial with its page."""

import re
import subprocess
import sys

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness import pages
from harness.games import battle
from harness.waiting import PATIENCE, until


def test_the_complete_client_of_the_protocol_page_logs_in_and_walks(meadow, tmp_path):
    source = pages.python("protocol.md", "A complete client")
    client = tmp_path / "client.py"
    client.write_text(source)
    command = [sys.executable, str(client), f"127.0.0.1:{meadow.port}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 2)
    assert result.returncode == 0, result.stderr
    assert re.search(r"^\d+ entities on map 1$", result.stdout, re.MULTILINE), result.stdout
    assert re.search(r"^round trip -?\d+ ms$", result.stdout, re.MULTILINE), result.stdout
    assert "refused" not in result.stdout
    assert "\nat 25 26\n" in result.stdout, "it came where it wanted to go"


def test_the_example_of_the_socketio_page_plays_the_battle(serve):
    server = serve(battle())
    source = pages.python("socketio.md", "Connect").replace("localhost:5000", f"127.0.0.1:{server.port}")
    result = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 0, result.stderr
    assert "'new_player'" in result.stdout and "{'ok': True, 'hits': 0}" in result.stdout


def sign_in(browser, login):
    for name in ("login", "password"):
        browser.find(f"#{name}").send_keys(login + "-secret" if name == "password" else login)
    browser.find("#sign button").click()
    until(lambda: place(browser), f"{login} is on the page's map")


def place(browser):
    """The position of the page's player in the page's world."""
    return browser.js("[...world.values()].filter(e => e.login).map(e => [e.x, e.y])[0] || null")


def press(browser, key):
    browser.driver.find_element(By.TAG_NAME, "body").send_keys(key)


def test_the_tutorial_from_an_empty_folder_to_its_last_page(serve, browser):
    server = serve({})
    steps = list(pages.files("lua/tutorial.md"))

    def write(*numbers):
        for heading, path, text in steps:
            if heading.startswith(tuple(f"{number}." for number in numbers)):
                server.write(path, text)

    def log():
        return (server.data / "logs/map-1.log").read_text()

    write(1)
    until(lambda: "loaded spawn/players.lua" in log(), "the log tells of the new file")
    write(2)
    browser.driver.get(server.url("/play/"))
    sign_in(browser, "ada")
    assert place(browser) == [16, 16]
    until(lambda: "spawn/players.lua ada is here" in log(), "the spawn hook prints")
    press(browser, Keys.ARROW_RIGHT)
    refusal = "there is no event group move; public groups: none"
    until(lambda: refusal in browser.find("#log").text, "the refusal is shown")

    # The page stays open, and saved files take effect in it.
    write(3)

    def walks():
        press(browser, Keys.ARROW_RIGHT)
        return place(browser)[0] > 16

    until(walks, "the arrow keys work")

    write(4, 5, 6, 7, 8, 9)
    until(lambda: "loaded events/cheat/index.lua" in log(), "all files are taken over")
    server.write("events/hunt/timeout.lua", "return 60\n")  # the player is not chased while the test looks at the page
    until(lambda: "reloaded events/hunt/timeout.lua" in log(), "the wolf waits")
    browser.driver.get(server.url("/play/"))
    sign_in(browser, "ada")

    def scores():
        return browser.js("[...document.querySelectorAll('#scores td')].map(cell => cell.textContent)")

    until(lambda: scores() == ["ada", "0"], "the table of scores")

    def finds_the_coin():
        press(browser, Keys.ARROW_RIGHT)
        return scores() == ["ada", "1"]

    until(finds_the_coin, "the coin two steps to the right")
    browser.driver.execute_script("socket.send(JSON.stringify({ action: 'cheat', coins: 'ten' }))")
    complaint = "parameter 'coins' of cheat/index must be a number, got string"
    until(lambda: browser.find("#notice").text == complaint, "a wrong parameter is refused")
    browser.driver.execute_script("socket.send(JSON.stringify({ action: 'cheat', coins: 10 }))")
    until(lambda: browser.find("#notice").text == "ada has won!", "the winner is told")
    until(lambda: scores() == ["ada", "0"], "a new round begins")
    assert server.errors() == []
    # The browser logs the 409 that tells the page that the account exists, and the missing icon; both are expected.
    assert [text for text in browser.complaints() if "409" not in text and "favicon" not in text] == []
