import pytest

from harness.browser import Browser
from harness.games import BARE
from harness.server import BINARY, Server


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


@pytest.fixture
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture
def server(serve):
    """A server with the bare game."""
    return serve()


@pytest.fixture
def meadow(serve):
    """A server with a copy of the bundled game."""
    return serve(None)
