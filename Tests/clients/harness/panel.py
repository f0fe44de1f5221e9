"""The operator's panel in a browser."""

import os
import re
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from .waiting import until

PASSWORD = "correct horse battery"
#: The widths at which pages must be readable: a desk and a phone.
WIDTHS = {1280: 860, 390: 844}


def setup_links(server, starts=1):
    """The links for the first account that the server printed in its first starts, in their order."""
    until(lambda: server.output.read_text().count("  operator  ") >= starts, "the addresses are printed")
    return re.findall(r"https?://\S+/admin/setup#\w+", server.output.read_text())


def api(server, method, path, body=None, status=200):
    """A request of a program that is an owner, below /server/api/v1; returns the JSON of its answer."""
    options = {} if body is None else {"json": body}
    answer = server.http.request(
        method, server.url(f"/server/api/v1/{path}"), timeout=30, headers=key(server), **options)
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json()


def key(server):
    """The headers of a program that is an owner."""
    return {"Authorization": f"Bearer {server.operator_key()}"}


def make_operator(server, login, role):
    """Makes an operator with the usual password."""
    api(server, "POST", "operators", {"login": login, "password": PASSWORD, "role": role})


class Panel:
    """A browser on the panel's pages; `shot` writes pictures into the folder PERIGEE_SHOTS, if that is set."""

    def __init__(self, browser, server):
        self.browser = browser
        self.driver = browser.driver
        self.server = server

    def resize(self, width):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": WIDTHS.get(width, 800), "deviceScaleFactor": 1, "mobile": width < 500})

    def dark(self, is_dark=True):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, path):
        self.driver.get(path if path.startswith("http") else self.server.url(path))

    def title(self):
        return self.browser.js("document.querySelector('h1')?.innerText")

    def find(self, selector):
        return self.browser.find(selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self):
        """What the page shows; empty while it is being loaded."""
        return self.browser.js("document.querySelector('main')?.innerText ?? ''")

    def fill(self, form, **fields):
        """Fills a form's fields and sends it."""
        self.reveal(form)
        for name, value in fields.items():
            field = self.find(f"{form} [name={name}]")
            if field.tag_name == "select":
                Select(field).select_by_visible_text(value)
            else:
                field.clear()
                field.send_keys(value)
        self.press(f"{form} button")

    def press(self, selector):
        """Clicks a button; first it is scrolled to the middle, where no frame of the page covers it."""

        def click():
            button = self.find(selector)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            return True

        until(click, f"{selector} is pressed")

    def reveal(self, selector):
        """Opens the closed parts of the page in which something is."""
        self.driver.execute_script(
            "for (let part = arguments[0]; part; part = part.parentElement) if (part.matches('details')) part.open = true",
            self.find(selector))

    def log_in(self, login, password=PASSWORD):
        self.open("/admin/login")
        self.fill("form[data-call='POST /server/api/v1/session']", login=login, password=password)

    def is_at(self, title):
        until(lambda: self.title() == title, f"the page {title}", pause=0.05)

    def fits(self):
        """Whether the page is no wider than the window, so that nothing has to be scrolled sideways."""
        return self.browser.js("document.documentElement.scrollWidth <= innerWidth")

    def shot(self, name):
        folder = os.environ.get("PERIGEE_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(f"{folder}/{name}.png")
