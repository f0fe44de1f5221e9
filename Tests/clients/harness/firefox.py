"""Debian's Firefox without a window, driven over WebDriver BiDi: Debian 12 has no geckodriver, which Selenium needs."""

import itertools
import json
import shutil
import subprocess
import threading
import time

from websockets.exceptions import InvalidHandshake
from websockets.sync.client import connect

from .server import free_port
from .waiting import PATIENCE, until

#: Pages tell each other the addresses of their machine as they are, since there is no name service for `.local`.
#: Firefox asks nothing of the network by itself, and shows no first pages.
PREFERENCES = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """A Firefox in the network namespace of the thread that starts it."""

    def __init__(self, profile):
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines))
        self.log = profile / "output.txt"
        self.port = free_port()
        program = shutil.which("firefox-esr") or "/usr/bin/firefox-esr"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port",
                 str(self.port), "about:blank"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_CRASHREPORTER_DISABLE": "1"})
        self.numbers = itertools.count(1)
        self.socket = None
        #: What pages wrote to the console as errors.
        self.complaints = []
        try:
            until(self.is_ready, "Firefox can be driven", seconds=2 * PATIENCE, pause=0.1)
            self.command("session.new", capabilities={})
            self.command("session.subscribe", events=["log.entryAdded"])
        except BaseException:
            self.quit()
            raise

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Firefox ended with {self.process.returncode}:\n{self.log.read_text()}")
        try:
            self.socket = connect(f"ws://127.0.0.1:{self.port}/session", max_size=None, proxy=None)
        except (OSError, InvalidHandshake):
            return False
        return True

    def command(self, method, **parameters):
        """Sends a command of WebDriver BiDi and returns its result."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = json.loads(self.socket.recv(timeout=max(0, deadline - time.monotonic())))
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.complaints.append(answer["params"]["text"])
            if answer.get("id") == number:
                assert answer["type"] == "success", f"{method}: {answer.get('error')}: {answer.get('message')}"
                return answer["result"]

    def open(self, url):
        """A new window with a page."""
        page = FirefoxPage(self, self.command("browsingContext.create", type="window")["context"])
        page.get(url)
        return page

    def quit(self):
        if self.socket is not None:
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class FirefoxPage:
    """A page, with the functions of Selenium's driver that the tests of pages use."""

    def __init__(self, firefox, context):
        self.firefox = firefox
        self.context = context

    def get(self, url):
        self.firefox.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def execute_script(self, script, *arguments):
        return self.call(f"function () {{ {script} }}", arguments)

    def execute_async_script(self, script, *arguments):
        return self.call(
            f"function (...given) {{ return new Promise((done) => (function () {{ {script} }})(...given, done)) }}",
            arguments)

    def call(self, function, arguments):
        result = self.firefox.command(
            "script.callFunction", target={"context": self.context}, awaitPromise=True,
            functionDeclaration=f"async (given) => JSON.stringify(await ({function})(...JSON.parse(given)))",
            arguments=[{"type": "string", "value": json.dumps(arguments)}])
        assert result["type"] == "success", f"{function}: {result.get('exceptionDetails', {}).get('text')}"
        return json.loads(result["result"].get("value", "null"))

    def js(self, expression):
        return self.execute_script(f"return {expression}")

    def hold_key(self, key, is_down):
        """Presses a key, or lets it go."""
        self.firefox.command(
            "input.performActions", context=self.context,
            actions=[{"type": "key", "id": "keys", "actions": [{"type": "keyDown" if is_down else "keyUp", "value": key}]}])
