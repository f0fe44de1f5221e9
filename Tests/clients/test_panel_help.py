"""The help of the panel in a real browser [M0.2]: reading, searching, and without a mouse."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness.panel import WIDTHS, Panel
from harness.waiting import until

XSS = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, server, browser):
    panel = Panel(browser, server)
    panel.resize(request.param)
    panel.width = request.param
    return panel


def search(panel, words):
    field = panel.find("form.search input")
    field.clear()
    field.send_keys(words, Keys.ENTER)
    panel.is_at("Search the help")


def test_every_page_fits_and_shows_its_pictures(panel):
    panel.open("/admin/help")
    panel.is_at("The operator's panel")
    paths = [link.get_attribute("href") for link in panel.all("#documents a")]
    assert len(paths) > 15
    for path in paths:
        panel.open(path)
        assert panel.fits(), path
        panel.driver.execute_script("document.querySelectorAll('article img').forEach(img => img.loading = 'eager')")
        until(lambda: panel.browser.js("[...document.images].every(img => img.complete)"), "the pictures are loaded")
        assert panel.browser.js("[...document.images].every(img => img.naturalWidth > 0)"), path
    assert panel.browser.complaints() == []


def test_the_help_looks_like_the_panel(panel):
    for path, name in (("panel/start", "start"), ("lua/reference#objectsnearx-y-radius--type", "reference"),
                       ("performance#players", "performance"), ("lua/tutorial", "tutorial"),
                       ("architecture", "architecture"), ("nothing", "nothing")):
        for is_dark in (False, True):
            panel.dark(is_dark)
            panel.open(f"/admin/help/{path}")
            until(lambda: panel.text(), "the page")
            assert panel.fits(), name
            panel.shot(f"help-{name}-{'dark' if is_dark else 'light'}-{panel.width}")
    for is_dark in (False, True):
        panel.dark(is_dark)
        panel.open("/admin/help?q=events.add")
        assert panel.all(".results a") and panel.fits()
        panel.shot(f"help-search-{'dark' if is_dark else 'light'}-{panel.width}")


def test_a_page_is_found_and_opened_at_its_section(panel):
    panel.open("/admin/login")
    panel.find("a.help").click()
    panel.is_at("Operators")
    search(panel, "objects.near")
    assert panel.find(".results mark").text.lower() == "objects.near"
    assert panel.fits()
    panel.find(".results a").click()
    panel.is_at("Reference")
    heading = panel.find("#objectsnearx-y-radius--type")
    until(lambda: panel.browser.js(
        "(top => top > 50 && top < 300)(document.getElementById('objectsnearx-y-radius--type').getBoundingClientRect().top)"),
        "the section is below the header")
    assert heading.text == "objects.near(x, y, radius [, type])"
    search(panel, "zebra crossing")
    assert "Nothing in the help has all of these words: zebra crossing" in panel.text()
    panel.shot(f"help-found-nothing-{panel.width}")


def test_searching_for_markup_runs_nothing(panel):
    panel.open("/admin/help")
    search(panel, XSS)
    assert XSS in panel.text()
    assert panel.find("form.search input").get_attribute("value") == XSS
    assert panel.driver.title == "Search the help - Perigee"
    assert not panel.all("main img")


def test_the_lists_are_used_without_a_mouse(panel):
    panel.open("/admin/help/protocol")
    pages, contents = panel.find("#documents"), panel.find("#contents")
    if panel.width > 1100:
        assert pages.is_displayed() and contents.is_displayed()
        panel.find("#contents li:last-child a").send_keys(Keys.ENTER)
        until(lambda: panel.find("#contents li:last-child a").get_attribute("aria-current") == "true",
              "the last section is marked")
        assert panel.browser.js("(link => { const bar = document.getElementById('contents').getBoundingClientRect(), "
                                "place = link.getBoundingClientRect(); return place.top >= bar.top && place.bottom <= bar.bottom + 1; })"
                                "(document.querySelector('#contents a[aria-current]'))"), "the mark is in view"
        return
    assert not pages.is_displayed() and not contents.is_displayed()
    first, second = panel.all(".toggles button")
    first.send_keys(Keys.ENTER)
    assert pages.is_displayed() and first.get_attribute("aria-expanded") == "true"
    panel.shot(f"help-pages-{panel.width}")
    second.send_keys(Keys.ENTER)
    assert contents.is_displayed() and not pages.is_displayed()
    panel.find("#contents a").send_keys(Keys.ESCAPE)
    assert not contents.is_displayed()
    assert panel.driver.switch_to.active_element == second
    second.send_keys(Keys.ENTER)
    contents.find_element(By.TAG_NAME, "a").send_keys(Keys.ENTER)
    assert not contents.is_displayed()
    assert panel.fits()


def test_without_scripts_the_lists_are_open_and_the_search_works(panel):
    panel.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        panel.open("/admin/help/replay")
        assert panel.find("#documents").is_displayed()
        panel.find("form.search input").send_keys("replay")
        panel.find("form.search button").click()
        until(lambda: panel.all(".results a"), "the results")
        assert "replay" in panel.find(".results a").get_attribute("href")
    finally:
        panel.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
