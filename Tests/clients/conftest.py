import pytest
from selenium.common.exceptions import WebDriverException

from harness.bot import Bot
from harness.browser import Browser
from harness.games import BARE, battle
from harness.net_page import NetPage
from harness.server import BINARY, Server
from harness.webrtc import EchoChannels, RelayedEcho


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there; build it with scripts/build", returncode=3)


@pytest.fixture
def serve(tmp_path_factory):
    """Starts servers; those that a test leaves running are stopped after it."""
    servers = []

    def start(files=BARE, *options, **settings):
        server = Server(tmp_path_factory.mktemp("server"), files, options, **settings)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def browsers(tmp_path_factory):
    """The browser that tests use one after the other, in a list; empty before the first one."""
    browsers = []
    yield browsers
    for browser in browsers:
        browser.quit()


@pytest.fixture
def browser(browsers, tmp_path_factory):
    """A browser without any memory of other tests. Starting one takes seconds, so it is used again."""
    try:
        for browser in browsers:
            browser.renew()
    except WebDriverException:  # the last test left it in a state that it does not come out of
        browsers.pop().quit()
    if not browsers:
        browsers.append(Browser(tmp_path_factory.mktemp("profile")))
    return browsers[0]


@pytest.fixture
def server(serve):
    """A server with the bare game."""
    return serve()


@pytest.fixture
def meadow(serve):
    """A server with a copy of the bundled game."""
    return serve(None)


@pytest.fixture
def battle_server(serve):
    """A server with a copy of the battle, which must write no errors."""
    server = serve(battle())
    yield server
    assert server.errors() == []


@pytest.fixture
def join_battle():
    """Connects bots to the battle; those that a test leaves are disconnected after it."""
    connected = []

    def connect(server, way="upgrade", **options):
        connected.append(Bot(server.url(""), way, **options))
        return connected[-1]

    yield connect
    for bot in connected:
        bot.leave()


@pytest.fixture
def open_net_page(tmp_path_factory):
    """Opens pages with virtual UDP sockets, each in a browser of its own; those are closed after the test."""
    pages = []

    def start(server, query=""):
        pages.append(NetPage(tmp_path_factory.mktemp("profile"), server, query))
        return pages[-1]

    yield start
    for page in pages:
        page.quit()


@pytest.fixture(scope="module")
def echo_channels():
    """A server that echoes over WebRTC data channels."""
    server = EchoChannels()
    yield server
    server.stop()


@pytest.fixture
def relayed():
    """The same, reached through a relay only."""
    relayed = RelayedEcho()
    yield relayed
    relayed.stop()
