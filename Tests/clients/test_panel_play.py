"""The panel's page Play: the game in a frame, and the page template of a Unity build in it (M12, rows 168 to 170)."""

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness.games import bare
from harness.panel import WIDTHS, Panel, make_operator
from harness.waiting import until

#: The script that the requirements add to the template of a WebGL build [M12.1], here after a stand-in for Unity that
#: records what it is sent, and forwards commands as the game's code does [M12.3].
UNITY = """<!doctype html><title>Unity</title><canvas id="unity-canvas" width="300" height="200" tabindex="0"></canvas>
<script>
window.sent = [];
function createUnityInstance() {
  return Promise.resolve({ SendMessage(object, method, value) { window.sent.push([object, method, value]); } });
}
createUnityInstance().then((unityInstance) => {
  // M12.2
  function poll() {
    const map = parent.document.getElementById('map_id');
    if (map && map.value) {
      const place = parent.document.getElementById('perfomance');
      place.innerHTML = '';
      fetch('/server/api/log_perfomance/' + map.value).then((response) => response.text()).then((text) => {
        place.innerHTML = text;
        window.polls = (window.polls || 0) + 1;
      });
    }
  }
  window.poll = poll;
  setInterval(poll, 10000);
  // M12.3
  parent.document.getElementById('unity-api-container').addEventListener('submit', (event) => {
    event.preventDefault();
    const data = {};
    new FormData(event.target).forEach((value, name) => { data[name] = value; });
    data.command_id = Date.now();
    unityInstance.SendMessage('Camera', 'Api', JSON.stringify(data));
  });
  // M12.4
  parent.document.addEventListener('click', (event) => {
    unityInstance.SendMessage('Camera', 'Focus', event.target.id === 'unity-canvas' ? 1 : 0);
  });
});
</script>
"""

GAME = bare(events__say__index="""--@public true
--@param text string
--@param n number = 1
--@param more table = {}
print("said " .. data.text .. " " .. type(data.n) .. " " .. type(data.more))
object.send({ action = "said", text = data.text, n = data.n })
""", events__say__timeout="return 0\n")


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, browser):
    panel = Panel(browser, None)
    panel.resize(request.param)
    panel.width = request.param
    return panel


def open_page(panel, server):
    panel.server = server
    make_operator(server, "vic", "viewer")
    panel.log_in("vic")
    panel.is_at("Maps")
    panel.open("/admin/play?map=1")
    panel.is_at("Play")
    until(lambda: panel.browser.js("document.querySelectorAll('#actions option').length"), "the actions are known")


def fill_action(panel, action):
    field = panel.find("#unity-api-container [name=action]")
    panel.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
    field.clear()
    field.send_keys(action)


def fill(panel, **fields):
    for name, text in fields.items():
        field = panel.find(f"#parameters [name={name}]")
        field.clear()
        field.send_keys(text)


def in_frame(panel, expression):
    return panel.browser.js(f"document.getElementById('unity-canvas').contentWindow.{expression}")


def test_the_template_of_a_unity_build_works_unchanged(panel, serve):
    open_page(panel, serve({**GAME, "client/index.html": UNITY}))
    until(lambda: in_frame(panel, "poll?.name"), "the template runs")
    # M12.2, the figures of the map of #map_id
    in_frame(panel, "poll()")
    until(lambda: in_frame(panel, "polls"), "the template polled")
    until(lambda: "60" in panel.find("#perfomance").text, "the figures in #perfomance")
    # M12.3, with the declared types
    fill_action(panel, "say/index")
    until(lambda: panel.all("#parameters [name=n]"), "the parameters")
    fill(panel, text="5", n="2.5", more='{"a": 1}')
    before = panel.browser.js("Date.now()")
    panel.press("#unity-api-container .buttons button")
    until(lambda: in_frame(panel, "sent.filter(each => each[1] === 'Api').length"), "the command reached Unity")
    object_name, method, text = in_frame(panel, "sent.find(each => each[1] === 'Api')")
    command = json.loads(text)
    assert (object_name, method) == ("Camera", "Api")
    assert before <= command.pop("command_id") <= panel.browser.js("Date.now()")
    assert command == {"action": "say/index", "text": "5", "n": 2.5, "more": {"a": 1}}
    assert in_frame(panel, "sent.filter(each => each[1] === 'Api').length") == 1, "it is sent once"
    assert '"n":2.5' in panel.find("#sent").text
    # M12.4: the frame, and back
    frame = panel.find("#unity-canvas")
    panel.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", frame)
    frame.click()
    focus = "sent.filter(each => each[1] === 'Focus').map(each => each[2])"
    until(lambda: in_frame(panel, focus)[-1:] == [1], "the game has the focus")
    assert "with the game" in panel.find("#focus").text
    panel.find("#unity-api-container [name=action]").click()
    until(lambda: in_frame(panel, focus)[-1:] == [0], "the panel has it again")
    panel.shot(f"play-unity-{panel.width}")
    assert panel.browser.complaints() == []


def test_the_viewer_takes_commands_and_log_and_figures_are_beside_it(panel, serve):
    open_page(panel, serve(GAME))
    panel.driver.switch_to.frame("unity-canvas")
    for name, value in (("login", "ada"), ("password", "correct horse")):
        panel.driver.find_element(By.CSS_SELECTOR, f"#sign [name={name}]").send_keys(value)
    panel.driver.find_element(By.CSS_SELECTOR, "#sign button[value=register]").send_keys(Keys.ENTER)
    until(lambda: panel.browser.js("window.perigee.state") == "playing", "ada plays in the frame")
    panel.driver.switch_to.default_content()
    fill_action(panel, "say")
    fill(panel, text="hello", n="x")
    panel.press("#unity-api-container .buttons button")
    until(lambda: 'n is "x"; type a number' in panel.find("#unity-api-container .problem").text, "the form's refusal")
    fill(panel, n="7")
    panel.press("#unity-api-container .buttons button")
    until(lambda: "said hello number table" in panel.find("#log").text, "the log", seconds=20)
    until(lambda: "60" in panel.find("#perfomance").text, "the figures")
    # A parameter that is not declared, of a type that there is not, then one that there is.
    panel.reveal("#another")
    panel.find("#another [name=name]").send_keys("speed")
    field = panel.find("#another [name=type]")
    field.clear()
    field.send_keys("vector")
    panel.press("#another button")
    until(lambda: "no type vector; the types are number, string, boolean, table, any"
          in panel.find("#another .problem").text, "what is allowed")
    field.clear()
    field.send_keys("number")
    panel.press("#another button")
    fill(panel, speed="3")
    panel.press("#unity-api-container .buttons button")
    until(lambda: '"speed":3' in panel.find("#sent").text, "it was sent")
    panel.driver.switch_to.frame("unity-canvas")
    until(lambda: "speed" in panel.browser.js("document.querySelector('#messages .refused')?.textContent ?? ''"),
          "the server's refusal, in the game")
    panel.driver.switch_to.default_content()
    panel.press("[aria-label='Remove the parameter speed']")
    assert not panel.all("#parameters [name=speed]") and panel.all("#parameters [name=n]"), "it is taken away again"
    assert panel.fits()
    for is_dark in (False, True):
        panel.dark(is_dark)
        panel.shot(f"play-{'dark' if is_dark else 'light'}-{panel.width}")
    assert panel.browser.complaints() == []


def test_a_page_that_takes_no_commands_is_told(panel, serve):
    open_page(panel, serve({**GAME, "client/index.html": "<title>Plain</title><p>a page"}))
    fill_action(panel, "hit")
    panel.press("#unity-api-container .buttons button")
    until(lambda: "did not take the command" in panel.find("#sent").text, "the hint")


def test_the_bundled_client_takes_commands(panel, meadow):
    open_page(panel, meadow)
    panel.driver.switch_to.frame("unity-canvas")
    until(lambda: panel.all("#sign [name=login]") and panel.find("#sign [name=login]").is_displayed(), "the login")
    panel.browser.fill("ada", "correct horse", "register")
    until(lambda: panel.browser.state() == "playing" and panel.browser.me(), "ada plays")
    panel.driver.switch_to.default_content()
    fill_action(panel, "chat/say")
    panel.find("#parameters [name=text]").send_keys("from the panel")
    panel.press("#unity-api-container .buttons button")
    panel.driver.switch_to.frame("unity-canvas")
    until(lambda: "from the panel" in panel.browser.log(), "the chat")
    panel.driver.switch_to.default_content()
    assert "did not take" not in panel.find("#sent").text
    panel.shot(f"play-meadow-{panel.width}")
