"""C programs with UDP sockets: compiled natively and by Emscripten."""

import os
import shutil
import socket
import subprocess

from .server import ROOT
from .waiting import PATIENCE

LIBRARY = ROOT / "clients/emscripten"
ERRORS = ROOT / "Tests/clients/harness/net_errors.c"
SANITIZERS = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"
STRICT = ["-O2", "-Wall", "-Wextra", "-Werror"]

#: A page that runs the program of net_errors.c: before the network is there, and afterwards.
ERRORS_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Errors</title>
<link rel="icon" href="data:,">
<script type="module">
import * as net from "/net/perigee-net.js";
import start from "./built/net-errors.js";

const run = (...words) => new Promise((resolve) => {
  const lines = [];
  const print = (line) => lines.push(line);
  start({ arguments: words, perigeeNet: net, print, printErr: print, onExit: () => resolve(lines) });
});
const before = await run();
await net.init();
window.lines = { before, posix: await run(), virtual: await run("virtual") };
</script>
"""


def build_native(source, program, *flags):
    """Compiles one file for this machine."""
    run("cc", "-std=c11", "-D_DEFAULT_SOURCE", *STRICT, *flags, "-I", LIBRARY, "-o", program, source,
        LIBRARY / "perigee_net_native.c")


def build_web(source, module):
    """Compiles one file for pages; `module` ends in `.js`."""
    module.parent.mkdir(exist_ok=True)
    run(LIBRARY / "perigee-emcc", *STRICT, "-sMODULARIZE", "-sEXPORT_ES6", "-sENVIRONMENT=web", "-o", module, source)


def build_demo(how, folder, flags=""):
    """Builds the program of games/net-demo: `native` or `web`."""
    run(ROOT / "scripts/net-demo", how, folder, environment={"CFLAGS": flags})


def run(*command, environment=None):
    """Runs a command to its end; returns what it printed."""
    ended = subprocess.run(
        [str(word) for word in command], env={**os.environ, **(environment or {})}, capture_output=True, text=True,
        timeout=10 * PATIENCE, stdin=subprocess.DEVNULL)
    assert ended.returncode == 0, f"{command[0]}: {ended.stdout}{ended.stderr}"
    return ended.stdout


def give(server, built):
    """Puts what was built for pages into the game's folder of a server."""
    shutil.copytree(built, server.game / "client/built")


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
