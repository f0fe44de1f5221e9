"""coturn on this machine, as `scripts/turn` starts it."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess

from aioice.turn import create_turn_endpoint

from .server import ROOT
from .waiting import until

#: How long a browser may take to connect or to give up, which takes it 20 s.
LONG = 90.0


def run_turn(folder, *options, **settings):
    """Starts `scripts/turn`, whose temporary files are in `folder`."""
    environment = {name: value for name, value in os.environ.items() if name != "PERIGEE_TURN_SECRET"}
    # A process that was started in the background ignores SIGINT, and so would the script.
    command = ["env", "--default-signal=INT", str(ROOT / "scripts/turn"), *map(str, options)]
    return subprocess.Popen(
        command, env={**environment, "TMPDIR": str(folder)}, stdin=subprocess.DEVNULL, **settings)


class Turn:
    """A running coturn. It reads what `scripts/turn` prints, as its users do."""

    def __init__(self, folder, *options):
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.output, self.errors = folder / "output.txt", folder / "errors.txt"
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = run_turn(self.temporary, *options, stdout=output, stderr=errors)
        try:
            self.secret = until(lambda: self.printed(r"^PERIGEE_TURN_SECRET=(\S+)\n"), "coturn runs", seconds=LONG)
            #: What is to be written into `game.yaml`.
            self.urls = json.loads(self.printed(r"^ice_servers: (\[.*\])\n"))
            self.port = int(self.printed(r"^coturn is at 127\.0\.0\.1:(\d+),"))
        except AssertionError:
            self.stop()
            raise

    def printed(self, pattern):
        """The group of a pattern in what was printed; nothing while that is not there."""
        assert self.process.poll() is None, self.errors.read_text()
        match = re.search(pattern, self.output.read_text(), re.MULTILINE)
        return match and match[1]

    def answers(self, key):
        """What coturn, started with `--verbose`, has answered to the credentials that the server gave to a peer: when
        they expire, in Unix seconds, and the answer."""
        found = re.findall(rf"user <(\d+):{key}>: incoming packet (.*)", self.errors.read_text())
        return [(int(expiry), answer) for expiry, answer in found]

    def stop(self, how=signal.SIGTERM):
        """Ends it and returns the exit status of the script."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(LONG)

    def allocate(self, name, secret=None, transport="udp"):
        """Asks coturn for a relay and gives it back; returns its address. The password is made with `secret`, by
        default coturn's own. A refusal is an exception (`aioice.stun.TransactionFailed`)."""
        digest = hmac.new((secret or self.secret).encode(), name.encode(), hashlib.sha1).digest()
        password = base64.b64encode(digest).decode()

        async def run():
            relay, _ = await create_turn_endpoint(
                asyncio.DatagramProtocol, ("127.0.0.1", self.port), name, password, transport=transport)
            address = relay.get_extra_info("sockname")
            relay.close()
            return address

        return asyncio.run(run())
