"""Debian's Chromium without a window, playing the game at /play/."""

import shutil

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .waiting import PATIENCE, until

KEYS = {"up": Keys.ARROW_UP, "down": Keys.ARROW_DOWN, "left": Keys.ARROW_LEFT, "right": Keys.ARROW_RIGHT}

# Pages draw 20 times a second instead of 60: without a graphics card a picture of the game takes 10 ms of a processor,
# and several browsers that draw as often as they can take what the servers and other tests need.
SLOW_FRAMES = """(() => {
  const next = requestAnimationFrame.bind(window);
  let callbacks = new Map(), running = new Map(), number = 0, waits = false, last = 0;
  const frame = time => {
    if (time - last < 45) return next(frame);
    [running, callbacks, waits, last] = [callbacks, new Map(), false, time];
    for (const callback of running.values()) {
      try { callback(time); } catch (error) { reportError(error); }
    }
  };
  window.requestAnimationFrame = callback => {
    callbacks.set(++number, callback);
    if (!waits) { waits = true; next(frame); }
    return number;
  };
  window.cancelAnimationFrame = number => { callbacks.delete(number); running.delete(number); };
})()"""


class Browser:
    def __init__(self, profile, *arguments):
        """`arguments`: more options of Chromium."""
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
        for argument in (
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--mute-audio",
            "--window-size=900,700", f"--user-data-dir={profile}", *arguments,
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = shutil.which("chromedriver") or "/usr/bin/chromedriver"
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)
        self._slow_frames()

    def _slow_frames(self):
        """Applies to the pages that this window loads from now on."""
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SLOW_FRAMES})

    def renew(self):
        """Makes it as good as new: one window without any settings, and nothing that pages have stored."""
        former = self.driver.window_handles
        self.driver.switch_to.new_window("window")
        window = self.driver.current_window_handle
        for handle in former:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(window)
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
        self.driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        self.driver.get_log("browser")
        self._slow_frames()

    def quit(self):
        self.driver.quit()

    def open(self, url):
        self.driver.get(url)
        until(lambda: self.find("#card").is_displayed(), "the login card")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def js(self, expression):
        return self.driver.execute_script(f"return {expression}")

    # Playing

    def enter(self, login, password="correct horse", button="register"):
        self.fill(login, password, button)
        until(lambda: self.state() == "playing" and self.me(), f"{login} plays")

    def fill(self, login, password, button):
        for name, value in (("login", login), ("password", password)):
            field = self.find(f"#sign [name={name}]")
            field.clear()
            field.send_keys(value)
        self.find(f"#sign button[name={button}]").click()

    def state(self):
        return self.js("window.perigee && window.perigee.state")

    def me(self):
        return self.js("window.perigee.self() || null")

    def entity(self, key):
        return self.js(f"window.perigee.world.entities.get({key!r}) || null")

    def place(self, key=None):
        record = self.entity(key) if key else self.me()
        return record and (record["x"], record["y"])

    def command(self, action, **parameters):
        return self.driver.execute_script("return window.perigee.send(arguments[0], arguments[1])", action, parameters)

    def walk(self, direction):
        """Holds a key until the player has walked a step; returns False when something is in the way."""
        before = self.place()
        ActionChains(self.driver).key_down(KEYS[direction]).perform()
        try:
            until(lambda: self.place() != before, f"a step {direction}", seconds=2)
            return True
        except AssertionError:
            return False
        finally:
            ActionChains(self.driver).key_up(KEYS[direction]).perform()

    def walk_somewhere(self):
        """Walks a step in the first free direction and returns that direction."""
        for direction in KEYS:
            if self.walk(direction):
                return direction
        raise AssertionError("the player is blocked in all four directions")

    def log(self):
        return self.find("#log").text

    def complaints(self):
        """The errors that the page wrote to the console."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
