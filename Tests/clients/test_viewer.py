"""The built-in viewer at /play/: a game from an empty folder is played in a browser, with mouse and keyboard."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness.games import MAP
from harness.panel import WIDTHS, Panel
from harness.waiting import until

GREET = """--@public true
--@param text string
--@param times number = 1
--@param loud boolean = false
--@param more table = {}
object.components.mood = data.text
print("greeted " .. data.text)
object.send({ action = "heard", text = data.text, times = data.times, loud = data.loud, more = data.more })
"""


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def view(request, serve, browser):
    """A browser at a server whose game is an empty folder."""
    panel = Panel(browser, serve({}))
    panel.resize(request.param)
    panel.width = request.param
    return panel


def enter(view, login="ada", kind="register"):
    for name, value in (("login", login), ("password", "correct horse")):
        field = view.find(f"#sign [name={name}]")
        field.clear()
        field.send_keys(value)
    view.press(f"#sign button[value={kind}]")
    until(lambda: view.browser.js("window.perigee?.state") == "playing", f"{login} plays")


def messages(view):
    return view.find("#messages").get_attribute("textContent")


def form(action):
    return f"#events form[data-action='{action}']"


def test_a_game_from_an_empty_folder_is_played_before_a_client_exists(view):
    server = view.server
    view.open("/play/")
    until(lambda: view.find("#card").is_displayed(), "the login form")
    assert view.fits()
    view.shot(f"viewer-login-{view.width}")
    enter(view)
    until(lambda: "no public event" in view.find("#events").text, "the empty state")
    view.shot(f"viewer-empty-{view.width}")
    server.write("components/mood.lua", "--@type string\n")
    server.write("events/greet/index.lua", GREET)
    server.write("events/greet/timeout.lua", "return 0\n")
    until(lambda: view.all(form("greet/index")), "the event appears without a reload of the page")
    # Typed values, one of them wrong first.
    greet = form("greet/index")
    view.find(f"{greet} [name=text]").send_keys("<b>hi</b>")
    view.find(f"{greet} [name=times]").send_keys("many")
    view.press(f"{greet} button")
    until(lambda: "times is \"many\"; type a number" in view.find(f"{greet} .problem").text, "the refusal of the form")
    assert view.browser.js("document.activeElement.name") == "times"
    view.shot(f"viewer-problem-{view.width}")
    for name, text in (("times", "2.5"), ("more", '{"a": [1, 2]}')):
        view.find(f"{greet} [name={name}]").clear()
        view.find(f"{greet} [name={name}]").send_keys(text)
    view.browser.js(f"document.querySelector(\"{greet} [name=loud]\").value = 'true'")
    view.find(f"{greet} [name=times]").send_keys(Keys.ENTER)
    until(lambda: '"action":"heard"' in messages(view), "the game's answer")
    said = messages(view)
    assert '"times":2.5' in said and '"loud":true' in said and '"more":{"a":[1,2]}' in said
    assert '"text":"<b>hi</b>"' in said and not view.all("#messages b")
    until(lambda: "greet: round trip" in messages(view) and "waited" in messages(view), "the wait time")
    until(lambda: "<b>hi</b>" in view.find("#you").text, "the own component")
    assert view.fits()
    assert view.browser.complaints() == []
    view.shot(f"viewer-{view.width}")


def test_the_map_others_and_a_click_that_fills_x_and_y(view):
    server = view.server
    server.write("maps/1-field.tmj", MAP)
    server.write("events/move/to.lua",
                 "--@public true\n--@param x number\n--@param y number\nobject.x, object.y = data.x, data.y\n")
    server.write("events/move/left.lua", "--@public true\nobject.x = object.x - 1\n")
    server.write("events/move/timeout.lua", "return 0\n")
    view.open("/play/")
    enter(view)
    bob = server.join("bob")
    until(lambda: "bob" in view.find("#around").text and "2 players" in view.find("#count").text, "bob is listed")
    bob.send("move/to", x=3, y=4)
    until(lambda: view.browser.js("window.perigee.world.entities.get('players_2')?.x") == 3, "bob moves")
    until(lambda: view.browser.js("window.perigee.view.geometry?.width"), "the map is drawn")
    canvas = view.find("#map")
    view.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    canvas.click()
    until(lambda: "ada" in view.find("#spot").text, "the own entity is in the middle")
    x = float(view.find(f"{form('move/to')} [name=x]").get_attribute("value"))
    assert x == view.browser.js("window.perigee.world.self.x")
    canvas.send_keys(Keys.ARROW_LEFT)
    until(lambda: view.browser.js("window.perigee.world.self.x") == x - 1, "the arrow key walks")
    view.press(f"{form('move/to')} button")
    until(lambda: view.browser.js("window.perigee.world.self.x") == x, "the command walks")
    view.shot(f"viewer-map-{view.width}")
    view.dark()
    view.shot(f"viewer-map-dark-{view.width}")
    server.stop()
    until(lambda: view.find("#banner").is_displayed(), "the banner")
    server.start()
    until(lambda: view.browser.js("window.perigee.state") == "playing", "it comes back", seconds=30)
    view.press("#leave")
    until(lambda: view.find("#card").is_displayed(), "logged out")
    enter(view, kind="auth")


def test_a_wrong_password_and_a_taken_name_are_told(view):
    view.server.sign("register", "eve")
    view.open("/play/")
    for kind, said in (("register", "taken"), ("auth", "wrong login or password")):
        for name, value in (("login", "eve"), ("password", "wrong horse")):
            view.find(f"#sign [name={name}]").clear()
            view.find(f"#sign [name={name}]").send_keys(value)
        view.press(f"#sign button[value={kind}]")
        until(lambda: said in view.find("#sign .problem").text, "the refusal")


def test_a_refusal_of_the_server_is_shown_and_a_client_folder_takes_over(view):
    server = view.server
    server.write("events/pay/index.lua", "--@public true\n--@param n number\nprint(data.n)\n")
    view.open("/play/")
    enter(view)
    until(lambda: view.all(form("pay/index")), "the form")
    # The page's form does not let this through, so it is sent as the panel would.
    view.driver.execute_script("window.postMessage({perigeeCommand: {action: 'pay/index', n: 'x', command_id: 1}}, '*')")
    until(lambda: "pay/index" in messages(view) and view.all("#messages .refused"), "the server's refusal")
    server.write("client/index.html", "<title>Own</title><p id='card'>the game's own client</p>")
    view.open("/play/")
    assert view.driver.title == "Own"
    assert server.get("/play/viewer.js").status_code == 404
    assert view.driver.find_element(By.ID, "card").is_displayed()
