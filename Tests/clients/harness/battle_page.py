"""The page of the battle in a browser."""

from selenium.webdriver.common.action_chains import ActionChains

from .waiting import until

PAGE = "/play/index.html"


class Page:
    """A page with the battle, played by its keys."""

    def __init__(self, browser, server, query=""):
        self.browser = browser
        self.driver = browser.driver
        self.driver.get(server.url(PAGE + query))
        until(lambda: browser.js("window.battle?.socket.connected"), "the page is connected")

    @property
    def id(self):
        return self.browser.js("battle.socket.id")

    def players(self):
        return self.browser.js("Object.fromEntries(battle.game.players)")

    def place(self, player_id=None):
        player = self.players().get(player_id or self.id)
        return player and (player["x"], player["y"])

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def text(self, selector):
        return self.browser.find(selector).text

    def color(self, x, y):
        """The colour that the canvas has at a place, as red, green, blue and opacity."""
        return self.browser.js(
            f"[...document.querySelector('#field').getContext('2d').getImageData({x}, {y}, 1, 1).data]")

    def waits_for(self, condition, what):
        return until(condition, f"{what}; {self.players()}, {self.text('#state')}")
