"""The game of games/net-demo, natively and in headless Chromium."""

import re
import subprocess

from selenium.webdriver.common.action_chains import ActionChains

from .browser import Browser
from .net_page import OPTIONS
from .server import ROOT
from .waiting import PATIENCE, until

GAME = ROOT / "games/net-demo"


def files():
    """The game's folder without what is built."""
    pages = (path for path in GAME.glob("client/*") if path.is_file())
    return {str(path.relative_to(GAME)): path.read_text() for path in (GAME / "game.yaml", *pages)}


def read_world(lines):
    """The last of the lines that are worlds: the player's id, the coin, and {id: (x, y, points)}; or None."""
    for line in reversed(lines):
        match = re.fullmatch(r"world (\d+) coin (\d+),(\d+)((?: \d+:\d+,\d+,\d+)*)", line)
        if match:
            players = re.findall(r"(\d+):(\d+),(\d+),(\d+)", match[4])
            return int(match[1]), (int(match[2]), int(match[3])), {
                int(player): (int(x), int(y), int(points)) for player, x, y, points in players}
    return None


class Program:
    """The native program; keys go to its standard input."""

    def __init__(self, folder, binary, *words):
        self.output = folder / "output.txt"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [binary, *map(str, words)], stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)

    def lines(self):
        # The last line may not be complete yet.
        return self.output.read_text().split("\n")[:-1]

    def world(self):
        assert self.process.poll() is None, self.output.read_text()
        return read_world(self.lines())

    def press(self, keys):
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def quit(self):
        """Leaves; returns the exit status."""
        self.press("q")
        return self.process.wait(3 * PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


class DemoPage:
    """The game's page, in a Chromium of its own."""

    def __init__(self, profile, server):
        self.browser = Browser(profile, *OPTIONS)
        self.driver = self.browser.driver
        self.driver.get(server.url("/play/"))

    def quit(self):
        self.browser.quit()

    def find(self, selector):
        return self.browser.find(selector)

    def state(self):
        return self.find("#state").text

    def lines(self):
        return self.browser.js("window.demo.game.lines")

    def world(self):
        return read_world(self.lines())

    def hold(self, key):
        ActionChains(self.driver).key_down(key).perform()

    def let_go(self, key):
        ActionChains(self.driver).key_up(key).perform()

    def touch(self, key):
        """Puts a finger on a button of the cross."""
        self.driver.execute_script(
            "document.querySelector(arguments[0]).dispatchEvent(new PointerEvent('pointerdown', {pointerId: 1}))",
            f"#pad [data-key={key}]")

    def resize(self, width):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": width < 500})

    def fits(self):
        return self.browser.js("document.documentElement.scrollWidth <= innerWidth")

    def color(self, x, y):
        """The colour of a place of the field."""
        return self.browser.js(
            f"[...document.querySelector('#field').getContext('2d').getImageData({2 * x}, {2 * y}, 1, 1).data]")

    def waits_for(self, condition, what):
        try:
            return until(condition, what, 3 * PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.state()}; {self.lines()[-5:]}") from None
