"""The operator's panel in a real browser, at the width of a desk and of a phone."""

import signal

import pytest

from harness.panel import PASSWORD, WIDTHS, Panel, make_operator, setup_links
from harness.waiting import until

LOGIN_FORM = "form[data-call='POST /server/api/v1/session']"
OPERATOR_FORM = "form[data-call='POST /server/api/v1/operators']"
KEY_FORM = "form[data-call='POST /server/api/v1/keys']"
XSS = "<img src=x onerror=\"document.title='owned'\">"

FAULTY = {"events/fail/index.lua": "--@public true\nprint('about to fail')\nerror('a <b>bold</b> mistake')\n"}


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, meadow, browser):
    panel = Panel(browser, meadow)
    panel.resize(request.param)
    panel.width = request.param
    return panel


def test_the_first_account_is_made_by_the_printed_link_and_the_link_is_good_once(panel):
    (link,) = setup_links(panel.server)
    panel.open("/admin/")
    panel.is_at("Log in")
    assert "Nobody has an account yet" in panel.text()
    assert panel.fits()
    panel.shot(f"login-first-{panel.width}")
    panel.open(link)
    panel.is_at("First account")
    panel.shot(f"setup-{panel.width}")
    panel.fill("form.card", login="ada", password="short")
    assert panel.title() == "First account", "the browser checks the length"
    panel.fill("form.card", login="ada", password=PASSWORD)
    panel.is_at("Maps")
    until(lambda: "60 Hz" in panel.text(), "the figures of the map")
    panel.open(link)
    until(lambda: "was made already" in panel.text(), "the link is used up")
    panel.server.stop()
    panel.server.start()
    assert setup_links(panel.server, starts=2) == [link], "no link is printed when there is an account"
    panel.open("/admin/")
    panel.is_at("Maps")


def test_the_link_is_printed_again_while_nobody_has_an_account(server):
    assert len(setup_links(server)) == 1
    server.stop()
    server.start()
    first, second = setup_links(server, starts=2)
    assert first != second
    body = {"login": "ada", "password": PASSWORD}
    for link, status in ((first, 403), (second, 200), (second, 403)):
        answer = server.post("/server/api/v1/setup", json={"secret": link.split("#")[1], **body})
        assert answer.status_code == status, answer.text


def test_an_operator_logs_in_and_out_and_a_wrong_password_is_told(panel):
    make_operator(panel.server, "ada", "owner")
    panel.open("/admin/audit")
    panel.is_at("Log in")
    assert panel.browser.js("document.activeElement.name") == "login", "typing can begin at once"
    panel.fill(LOGIN_FORM, login="ada", password="wrong horse")
    until(lambda: panel.find(f"{LOGIN_FORM} .problem").text == "Wrong login or password.", "the refusal")
    panel.shot(f"login-wrong-{panel.width}")
    panel.fill(LOGIN_FORM, login="ada", password=PASSWORD)
    panel.is_at("Audit log")
    assert "wrong login or password" in panel.text()
    assert panel.fits()
    panel.shot(f"audit-{panel.width}")
    if panel.width < 500:
        assert not panel.find("#navigation").is_displayed()
        panel.find("button.menu").click()
        until(lambda: panel.find("#navigation").is_displayed(), "the navigation")
        panel.shot(f"menu-{panel.width}")
    panel.find("#navigation button[data-call]").click()
    panel.is_at("Log in")
    panel.open("/admin/")
    panel.is_at("Log in")
    assert all("401" in message for message in panel.browser.complaints()), "no script failed"


def test_pages_fit_and_have_their_help_in_the_corner(panel):
    make_operator(panel.server, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    panel.server.join("bob")
    until(lambda: "1 player" in panel.find(".tabs").text or panel.open("/admin/"), "the player is counted", pause=0.3)
    for path, name in (("/admin/", "maps"), ("/admin/operators", "operators"), ("/admin/audit", "audit"),
                       ("/admin/help", "help")):
        for is_dark in (False, True):
            panel.dark(is_dark)
            panel.open(path)
            assert panel.fits(), path
            corner = panel.find("a.help").rect
            assert panel.width - corner["x"] - corner["width"] < 40 and corner["y"] < 30, "the top right corner"
            panel.shot(f"{name}-{'dark' if is_dark else 'light'}-{panel.width}")
    assert panel.browser.complaints() == []


def test_a_viewer_sees_no_button_and_is_refused(panel):
    make_operator(panel.server, "ada", "owner")
    make_operator(panel.server, "vic", "viewer")
    panel.log_in("vic")
    panel.is_at("Maps")
    assert not panel.all("[data-call='POST /server/api/reload']")
    assert "Audit" not in panel.find("#navigation").get_attribute("textContent")
    panel.open("/admin/audit")
    panel.is_at("Not allowed")
    assert "vic is a viewer; this needs the role editor" in panel.text()
    links = [link.get_attribute("textContent") for link in panel.all("#navigation > a")]
    assert links[0] == "Maps" and "Audit" not in links, "the way to the other pages is there"
    panel.shot(f"refused-{panel.width}")
    status = panel.driver.execute_async_script("""
        const [done] = arguments, token = document.querySelector("meta[name=perigee-token]")?.content ?? "";
        fetch("/server/api/reload", {method: "POST", headers: {"X-Perigee-Token": token}}).then(answer => done(answer.status));
        """)
    assert status == 403
    panel.open("/admin/operators")
    assert not panel.all(OPERATOR_FORM) and "You are vic, a viewer." in panel.text()


def test_an_owner_makes_operators_and_keys_and_their_names_are_never_html(panel):
    make_operator(panel.server, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    panel.open("/admin/operators")
    panel.fill(OPERATOR_FORM, login=XSS, password=PASSWORD, role="viewer")
    until(lambda: XSS in panel.text(), "the name, as it was typed")
    panel.reveal(OPERATOR_FORM)
    panel.fill(OPERATOR_FORM, login="ADA", password=PASSWORD, role="viewer")
    until(lambda: "is taken" in panel.find(f"{OPERATOR_FORM} .problem").text, "the refusal")
    panel.fill(KEY_FORM, name="scraper", role="viewer")
    until(lambda: panel.find("#secret").is_displayed(), "the key")
    secret = panel.find("#secret .secret").text
    panel.shot(f"key-{panel.width}")
    panel.find("#secret button").click()
    until(lambda: panel.all("[aria-label='Revoke scraper']"), "the key's row", pause=0.1)
    assert secret not in panel.driver.page_source
    authorization = {"Authorization": f"Bearer {secret}"}
    assert panel.server.get("/server/api/log_performance/1", headers=authorization).status_code == 200
    assert panel.server.post("/server/api/reload", headers=authorization).status_code == 403
    # The first operator is the only owner.
    panel.press("[data-dialog=operator-1]")
    panel.shot(f"operator-{panel.width}")
    panel.find("#operator-1 button[data-call^=DELETE]").click()
    until(lambda: "Delete the account of ada?" in panel.all("dialog[open]")[-1].text, "the question")
    panel.all("dialog[open]")[-1].find_element("css selector", "button[value=yes]").click()
    until(lambda: "last owner" in panel.find("#operator-1").text, "the refusal")
    panel.find("#operator-1 [data-close]").click()
    panel.shot(f"operators-filled-{panel.width}")
    panel.open("/admin/audit")
    assert XSS in panel.text() and "last owner" in panel.text()
    assert panel.driver.title != "owned" and panel.fits()
    panel.shot(f"audit-filled-{panel.width}")


def test_maps_show_a_new_error_keep_it_open_and_reload_the_game(panel):
    make_operator(panel.server, "eddie", "editor")
    panel.log_in("eddie")
    panel.is_at("Maps")
    for path, text in FAULTY.items():
        panel.server.write(path, text)
    bob = panel.server.join("bob")
    until(lambda: bob.send("fail/index") or panel.server.errors("mistake"), "the mistake", pause=0.3)
    until(lambda: "a <b>bold</b> mistake" in panel.text(), "the page shows it without being loaded again")
    panel.browser.js("document.querySelector('details.error').open = true")
    before = panel.find("#map .numbers").id
    until(lambda: panel.find("#map .numbers").id != before, "the figures were renewed")
    assert panel.find("details.error").get_attribute("open"), "the entry stays open"
    assert panel.fits()
    panel.shot(f"maps-error-{panel.width}")
    panel.server.write("events/broken/index.lua", "local x = \n")
    panel.find("[data-call='POST /server/api/reload']").click()
    until(lambda: "events/broken/index.lua:" in panel.find("#reloaded").text, "the reload's result")
    panel.shot(f"maps-reload-{panel.width}")


def test_the_header_fits_every_width_with_all_entries(meadow, browser):
    make_operator(meadow, "ada", "owner")
    panel = Panel(browser, meadow)
    panel.resize(1280)
    panel.log_in("ada")
    panel.is_at("Maps")
    # The edges of what is shown in the header, from left to right.
    edges = """[...document.querySelectorAll('header .brand, header .menu, header .help, header nav > *')]
        .filter(part => part.checkVisibility({visibilityProperty: true})).map(part => part.getBoundingClientRect())
        .sort((a, b) => a.left - b.left).map(({left, right}) => [left, right])"""
    for width in (1280, 1241, 1240, 1024, 761):
        panel.resize(width)
        assert panel.fits(), width
        places = panel.browser.js(edges)
        assert all(before[1] <= after[0] + 0.5 for before, after in zip(places, places[1:])), (width, places)
        panel.shot(f"header-{width}")
    panel.press("button.menu")
    assert panel.find("header nav > a:last-of-type").is_displayed() and panel.fits()


def test_a_server_that_is_away_is_told_at_once_and_the_page_recovers(panel):
    make_operator(panel.server, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    panel.server.stop()
    until(lambda: panel.find("#away").is_displayed(), "the banner", seconds=6)
    panel.shot(f"away-{panel.width}")
    panel.server.start()
    until(lambda: not panel.find("#away").is_displayed(), "the banner goes", seconds=10)
    assert panel.title() == "Maps", "the session survived the restart"


def test_a_server_that_is_silent_is_noticed_as_well(panel):
    make_operator(panel.server, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    panel.server.process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: panel.find("#away").is_displayed(), "the banner", seconds=12)
    finally:
        panel.server.process.send_signal(signal.SIGCONT)
    until(lambda: not panel.find("#away").is_displayed(), "the banner goes", seconds=12)
    before = panel.find("#map .numbers").id
    until(lambda: panel.find("#map .numbers").id != before, "the figures are renewed again")


def test_logging_out_everywhere_ends_the_session_of_a_copied_cookie(panel):
    make_operator(panel.server, "ada", "owner")
    panel.log_in("ada")
    panel.is_at("Maps")
    panel.open("/admin/operators")
    cookie = {"Cookie": f"perigee_operator={panel.driver.get_cookie('perigee_operator')['value']}"}
    agent = {"User-Agent": panel.browser.js("navigator.userAgent")}
    assert panel.server.get("/server/api/v1/session", headers={**cookie, **agent}).status_code == 200
    panel.press("[data-call='DELETE /server/api/v1/sessions']")
    panel.all("dialog[open]")[-1].find_element("css selector", "button[value=yes]").click()
    panel.is_at("Log in")
    assert panel.server.get("/server/api/v1/session", headers={**cookie, **agent}).status_code == 401
