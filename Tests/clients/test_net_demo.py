"""The game of games/net-demo [T1, T3, T9, T15]: one C program, over UDP natively, and in pages one of which hosts."""

import socket

import pytest
from selenium.webdriver.common.keys import Keys

from harness.c_programs import SANITIZERS, build_demo, free_udp_port, give
from harness.net_demo import DemoPage, Program, files
from harness.waiting import PATIENCE, until


def soon(condition, what):
    return until(condition, what, 3 * PATIENCE)


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    """The native program, with sanitizers."""
    folder = tmp_path_factory.mktemp("native")
    build_demo("native", folder, SANITIZERS)
    return folder / "net-demo"


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """A folder with the program for browsers."""
    folder = tmp_path_factory.mktemp("web")
    build_demo("web", folder)
    return folder


@pytest.fixture
def start(binary, tmp_path_factory):
    """Starts native programs; those that a test leaves running are killed."""
    programs = []

    def start(*words):
        programs.append(Program(tmp_path_factory.mktemp("program"), binary, *words))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def open_page(tmp_path_factory):
    pages = []

    def start(server):
        pages.append(DemoPage(tmp_path_factory.mktemp("profile"), server))
        return pages[-1]

    yield start
    for page in pages:
        page.quit()


@pytest.fixture
def server(serve, web):
    server = serve(files())
    give(server, web)
    return server


def walk_to_the_coin(program):
    """Presses keys until the player has one more coin."""
    me, _, players = program.world()
    before = players[me][2]

    def step():
        _, (x, y), players = program.world()
        at_x, at_y, points = players[me]
        program.press("d" if x > at_x + 8 else "a" if x < at_x - 8 else "s" if y > at_y else "w")
        return points > before

    until(step, "a coin", 6 * PATIENCE, pause=0.1)


def test_the_native_program_plays_over_udp(start):
    """One server and two clients, on real sockets; each sees what the other does."""
    port = free_udp_port()
    host = start("server", port)
    soon(lambda: f"server open {port}" in host.lines(), "the server is open")
    ada, bob = start("client", f"127.0.0.1:{port}"), start("client", f"localhost:{port}")
    for program in (ada, bob):
        soon(lambda: (world := program.world()) and len(world[2]) == 2, "both are there")
    assert {ada.world()[0], bob.world()[0]} == {0, 1}
    id_of_ada = ada.world()[0]
    ada.press("a")
    soon(lambda: bob.world()[2][id_of_ada][0] == 0, "ada is seen at the left edge")
    ada.press("d")
    soon(lambda: bob.world()[2][id_of_ada][0] > 100, "and walks to the right")
    walk_to_the_coin(ada)
    soon(lambda: bob.world()[2][id_of_ada][2] >= 1, "bob sees the points too")
    # A packet that is none of the game's is ignored, and whoever sends one is no player.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for packet in (b"", b"quit", b"move 2 0", b"move 1", b"move 99999999999 1", b"\xff" * 60_000, b"world 1 1"):
            stranger.sendto(packet, ("127.0.0.1", port))
    assert ada.quit() == 0
    soon(lambda: len(bob.world()[2]) == 1, "ada has left")
    # A player that says nothing any more is forgotten.
    bob.kill()
    soon(lambda: sum(line.startswith("server left") for line in host.lines()) >= 2, "bob has left")
    assert host.quit() == 0
    joined = {line.rsplit(" ", 1)[0] for line in host.lines() if "joined" in line}
    assert joined == {"server joined 0", "server joined 1"}, host.lines()


def test_the_native_program_says_what_is_wrong(start):
    port = free_udp_port()
    host = start("host", port)
    soon(lambda: host.world(), "the host plays too")
    for words, status, text in (
        (["server", port], 1, "net-demo: the port of the server: Address already in use"),
        (["client", "127.0.0.1"], 1, "net-demo: 127.0.0.1: Invalid argument"),
        (["server", "0"], 1, "net-demo: 0: Invalid argument"),
        (["watch", port], 2, "usage: net-demo server PORT [TITLE] | client HOST:PORT | host PORT [TITLE]"),
    ):
        program = start(*words)
        assert (program.process.wait(3 * PATIENCE), program.lines()) == (status, [text])
    client = start("client", f"localhost:{free_udp_port()}")
    soon(lambda: "silence" in client.lines(), "nobody answers")


def test_two_pages_play_the_same_program(server, open_page):
    """One page hosts, the other one joins by a click in the list."""
    host, guest = open_page(server), open_page(server)
    host.waits_for(lambda: host.find("#host").is_displayed(), "the lobby")
    title = host.find("#title")
    title.clear()
    title.send_keys("Ada's <b>field</b>")
    host.find("#host button").click()
    host.waits_for(lambda: host.world(), "the host plays")
    guest.waits_for(lambda: guest.browser.js("document.querySelector('#servers b')?.textContent"), "the list")
    assert guest.find("#servers li").text.split("\n")[0] == "Ada's <b>field</b>"
    guest.find("#servers a.join").click()
    for page in (host, guest):
        page.waits_for(lambda: (world := page.world()) and len(world[2]) == 2, "both are there")
    assert (host.world()[0], guest.world()[0]) == (0, 1)
    host.waits_for(
        lambda: server.get("/net/servers").json()["servers"][0]["players"] == 2, "the list has both players")
    for key, is_there in ((Keys.ARROW_LEFT, lambda x: x == 0), (Keys.ARROW_RIGHT, lambda x: x >= 60)):
        guest.hold(key)
        host.waits_for(lambda: is_there(host.world()[2][1][0]), "the guest walks")
        guest.let_go(key)
    guest.waits_for(lambda: guest.color(*guest.world()[2][1][:2])[3] == 255, "it is drawn")
    assert guest.find("#points").text.count("coin") == 2 and "You (2)" in guest.find("#points").text
    # The end: the guest leaves, comes back by its address, and the host closes the server.
    joined = guest.driver.current_url
    assert "#join=" in joined
    guest.find("#leave").click()
    host.waits_for(lambda: len(host.world()[2]) == 1, "the guest has left")
    guest.waits_for(lambda: guest.find("#lobby").is_displayed(), "the lobby again")
    guest.driver.get("about:blank")
    guest.driver.get(joined)
    host.waits_for(lambda: len(host.world()[2]) == 2, "the guest is back")
    host.find("#leave").click()
    host.waits_for(lambda: host.state() == "You have left the game.", "the host has left")
    soon(lambda: server.get("/net/servers").json()["servers"] == [], "the server is not in the list any more")
    guest.waits_for(lambda: guest.state() == "The server does not answer.", "the guest notices")
    assert host.browser.complaints() == [] and guest.browser.complaints() == []


def test_the_page_fits(server, open_page):
    page = open_page(server)
    page.waits_for(lambda: page.find("#host").is_displayed(), "the lobby")
    for width in (1280, 390):
        page.resize(width)
        assert page.fits(), f"the lobby on {width} pixels"
    page.find("#host button").click()
    page.waits_for(lambda: page.world(), "the game")
    for width in (1280, 390):
        page.resize(width)
        assert page.fits(), f"the game on {width} pixels"
        assert page.find("#pad").is_displayed() == (width == 390)
    x = page.world()[2][0][0]
    page.touch("d" if x < 160 else "a")
    page.waits_for(lambda: abs(page.world()[2][0][0] - x) > 20, "a walk by touch")


def test_the_page_says_when_the_program_is_not_built(serve, open_page):
    page = open_page(serve(files()))
    page.waits_for(lambda: "scripts/net-demo web" in page.state(), "what is to be done")
    assert not page.find("#host").is_displayed()
