"""A game page of another origin in a real browser: it logs in, loads the map and music, connects and plays."""

import http.server
import threading

import pytest

from harness.games import bare
from harness.waiting import until

#: A whole client: a page that is served by another program than the game's server.
PAGE = """<!doctype html>
<title>Elsewhere</title>
<script>
const server = new URLSearchParams(location.search).get("server");
window.game = { state: "new", problem: null, snapshot: null, deltas: [], map: null, music: null };
async function ask(path, options) {
  const answer = await fetch(server + path, options);
  const tag = answer.headers.get("ETag");
  if (answer.status === 304) return { tag };
  const text = await answer.text();
  const body = text.startsWith("{") ? JSON.parse(text) : { text };
  if (!answer.ok) throw new Error(`${answer.status} ${body.code}`);
  return { ...body, tag };
}
async function play(kind, password) {
  try {
    const login = await ask(`/server/sign/${kind}/`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login: "ada", password }),
    });
    const headers = { Authorization: `Bearer ${login.session}` };
    game.map = await ask(`/server/sign/get_map/?map_id=${login.map_id}`, { headers });
    game.again = await ask(`/server/sign/get_map/?map_id=${login.map_id}`, {
      headers: { ...headers, "If-None-Match": game.map.tag }, cache: "no-store",
    });
    game.music = (await ask("/music/theme.txt")).text;
    const proof = encodeURIComponent(btoa(`${login.id}:${login.token}`));
    const socket = new WebSocket(`${server.replace("http", "ws")}/?HTTP_AUTHORIZATION=${proof}`);
    socket.onclose = (event) => { game.state = `closed ${event.code}`; };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.action === "load/index") {
        game.snapshot = message;
        game.state = "playing";
        socket.send(JSON.stringify({ action: "move/to", x: 7, y: 8 }));
      } else if (!message.action) game.deltas.push(message);
    };
  } catch (error) {
    game.state = "refused";
    game.problem = `${error.name}: ${error.message}`;
  }
}
</script>
"""


@pytest.fixture
def elsewhere():
    """The origin of a server of web pages, on a port of its own."""

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()


def game(allowed):
    files = bare()
    files["game.yaml"] += f"allowed_origins: {allowed}\n"
    files["music/theme.txt"] = "la la"
    return files


def play(browser, server, elsewhere, kind="register", password="correct horse"):
    browser.driver.get(f"{elsewhere}/?server={server.url('')}")
    browser.driver.execute_script("play(arguments[0], arguments[1])", kind, password)
    until(lambda: browser.js("game.state") != "new", "the page has an answer")


@pytest.mark.parametrize("allowed", ['"*"', '["{elsewhere}"]', "{elsewhere}/"])
def test_a_page_of_an_allowed_origin_plays(serve, elsewhere, browser, allowed):
    server = serve(game(allowed.format(elsewhere=elsewhere)))
    play(browser, server, elsewhere)
    assert browser.js("[game.state, game.problem]") == ["playing", None]
    assert browser.js("game.snapshot.player") == "players_1"
    assert browser.js("game.map.width") == 32
    # The tag can be read, and a map that the page has is not sent again.
    assert browser.js("game.map.tag").startswith('"')
    assert browser.js("game.again") == {"tag": browser.js("game.map.tag")}
    assert browser.js("game.music") == "la la"

    def moved():
        records = browser.js("game.deltas.flatMap((delta) => delta.players ?? [])")
        return any((record.get("x"), record.get("y")) == (7, 8) for record in records)

    until(moved, "the player has moved")
    assert browser.complaints() == []


def test_a_page_reads_why_it_was_refused(serve, elsewhere, browser):
    server = serve(game('"*"'))
    server.sign("register", "ada")
    play(browser, server, elsewhere, "auth", "wrong horse")
    assert browser.js("game.problem") == "Error: 401 bad_credentials"


@pytest.mark.parametrize("allowed", ["[]", '["https://elsewhere.example"]'])
def test_a_page_of_another_origin_can_do_nothing(serve, elsewhere, browser, allowed):
    server = serve(game(allowed))
    play(browser, server, elsewhere)
    assert browser.js("game.problem").startswith("TypeError")
    # The browser did not send the registration after the refused preflight.
    assert server.post("/server/sign/auth/", json={"login": "ada", "password": "correct horse"}).status_code == 401
