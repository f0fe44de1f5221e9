"""A page with virtual UDP sockets (docs/net.md), in a Chromium of its own or in one that other pages use too."""

from .browser import Browser
from .games import bare
from .waiting import PATIENCE, until

#: Addresses of the page's machine are given to the other page as they are: there is no name service for `.local`.
#: Everything else is Chromium as people have it.
OPTIONS = ("--disable-features=WebRtcHideLocalIpsWithMdns",)

#: `peer` is one peer; `log` has what happened to it. A page that the list of servers opened joins at once.
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Peer</title>
<link rel="icon" href="data:,">
<p id="heard"></p>
<script>
window.made = 0;
window.iceErrors = [];
const Original = RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...values) {
    super(...values);
    window.made += 1;
    this.addEventListener("icecandidateerror", ({ errorCode }) => window.iceErrors.push(errorCode));
  }
};
</script>
<script type="module">
import * as net from "/net/perigee-net.js";

const text = (bytes) => new TextDecoder().decode(bytes);
const bytes = (value) => new TextEncoder().encode(value);

class Peer {
  constructor(room) {
    this.network = new net.PeerNetwork();
    this.log = [];
    this.heard = [];
    this.calls = 0;
    this.room = room;
  }

  async start(options = {}, ice = {}) {
    const onstate = (state, detail) => this.log.push([state, detail?.message ?? detail ?? null]);
    this.network.recvCallback(() => this.drain());
    return this.network.init({ room: this.room, onstate, ...options }, ice);
  }

  open(port) {
    const fd = this.network.socket();
    if (port !== undefined && this.network.bind(fd, { port }) < 0) throw new Error(net.strerror(this.network.errno));
    return fd;
  }

  send(fd, key, port, value) {
    const address = { addr: this.network.resolve(key), port };
    const packet = bytes(value);
    return this.network.sendto(fd, packet, packet.length, address);
  }

  drain() {
    this.calls += 1;
    for (const [fd, port] of this.network.sockets) {
      const packet = new Uint8Array(20_000), from = {};
      for (let count; port && (count = this.network.recvfrom(fd, packet, packet.length, from)) >= 0;) {
        const value = text(packet.subarray(0, count));
        this.heard.push({
          fd, text: value, addr: from.addr, port: from.port, key: this.network.reverseResolve(from.addr),
        });
        if (value.startsWith("echo ")) this.network.sendto(fd, bytes(value.slice(5)), count - 5, from);
      }
    }
  }
}

window.net = net;
window.Peer = Peer;
const target = net.joinTarget();
window.peer = new Peer(target?.room ?? new URLSearchParams(location.search).get("room") ?? "");
if (target) {
  const { peer } = window;
  await peer.start();
  const fd = peer.open();
  const knock = () => peer.heard.length || peer.send(fd, target.key, target.port, "echo joined");
  knock();
  setInterval(knock, 1000); // a packet may be lost
  setInterval(() => { document.querySelector("#heard").textContent = peer.heard[0]?.text; }, 50);
}
window.isReady = true;
</script>
"""

#: What a failed test shows of a page.
SUMMARY = """[
  peer.network.key, peer.heard.map(({ text }) => text), peer.log, peer.network.stats,
  [...peer.network.links.values()].map((link) => [
    link.key, link.state, link.attempt, link.peer?.connectionState, link.peer?.iceConnectionState,
    link.peer?.signalingState, link.channel?.readyState, link.queue.length,
  ]),
]"""


def game(settings=""):
    """A game whose page is a peer; `settings` are lines for its `game.yaml`."""
    files = {**bare(), "client/index.html": PAGE}
    files["game.yaml"] += settings
    return files


def open_pair(server, open_page):
    """A page that has bound port 8303, and one that has not; with the keys of both."""
    host, client = open_page(server), open_page(server)
    keys = host.start(), client.start()
    host.fd = host.socket(8303)
    until(lambda: client.sees(keys[0], 8303), "the port is published")
    return host, client, *keys


class NetPage:
    def __init__(self, profile, server, query=""):
        self.server = server
        self.browser = Browser(profile, *OPTIONS)
        self.driver = self.browser.driver
        self.open(query)

    def open(self, query=""):
        self.driver.get("about:blank")  # a page that is only given another #… would stay
        self.driver.get(self.server.url("/play/" + query))
        until(lambda: self.js("window.isReady"), "the page is loaded")

    def quit(self):
        self.browser.quit()

    def js(self, expression):
        return self.browser.js(expression)

    def call(self, name, *values):
        """Calls a function of `peer.network`; bytes and addresses are made of lists and tuples."""
        return self.driver.execute_script(
            "const [name, ...values] = arguments; return peer.network[name](...values)", name, *values)

    def errno(self):
        return self.js("peer.network.errno")

    def start(self, ice=None, **options):
        """Joins with an RTCConfiguration and options of `init`; returns the page's key."""
        key = self.driver.execute_async_script(
            """const [options, ice, done] = arguments;
            peer.start(options, ice).then(done, (error) => done(String(error)));""", options, ice or {})
        assert len(key) == 24, key
        return key

    def socket(self, port=None):
        return self.driver.execute_script("return peer.open(arguments[0] ?? undefined)", port)

    def send(self, fd, key, port, text):
        return self.driver.execute_script("return peer.send(...arguments)", fd, key, port, text)

    def sends_until(self, arrived, fd, key, port, text):
        """Sends a packet again and again until it has arrived, as programs with UDP do."""
        until(lambda: arrived() or self.send(fd, key, port, text) and arrived(), text, pause=0.3)

    def gets_echoes(self, fd, key, port, count, seconds=PATIENCE):
        """Sends numbered packets to a page that echoes, again and again until the answers to all have come."""
        numbers = {str(n) for n in range(count)}

        def have_arrived():
            for n in sorted(numbers - set(self.texts())):
                self.send(fd, key, port, f"echo {n}")
            return numbers <= set(self.texts())

        until(have_arrived, "all answers", seconds=seconds, pause=0.5)

    def heard(self):
        return self.js("peer.heard")

    def texts(self):
        return [packet["text"] for packet in self.heard()]

    def states(self):
        return [state for state, _ in self.js("peer.log")]

    def link(self, key):
        return self.js(f"peer.network.links.get({key!r})?.state ?? 'none'")

    def sees(self, key, port):
        """Whether the server tells the page that a peer has a port (`look`)."""
        return self.driver.execute_async_script(
            """const [key, port, done] = arguments, { signalling } = peer.network;
            const former = signalling.on.message;
            signalling.on.message = (message) => {
              if (message.type !== "seen") return former(message);
              signalling.on.message = former;
              done(message.is_there);
            };
            signalling.send({ type: "look", key, port });""", key, port)

    def candidate(self, key):
        """The page's own candidate of the open connection to a peer: its type, and how it reaches its relay."""
        return self.driver.execute_async_script(
            """const [key, done] = arguments;
            peer.network.links.get(key).peer.getStats().then((stats) => {
              const transport = [...stats.values()].find(({ type }) => type === "transport");
              const pair = stats.get(transport.selectedCandidatePairId);
              const { candidateType, relayProtocol } = stats.get(pair.localCandidateId);
              done({ type: candidateType, relayProtocol: relayProtocol ?? null });
            });""", key)

    def ice_errors(self):
        """The error codes of STUN and TURN servers, in the order in which they came."""
        return self.js("iceErrors")

    def waits_for_text(self, text):
        try:
            return until(lambda: [packet for packet in self.heard() if packet["text"] == text], text)[0]
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.js(SUMMARY)}") from None
