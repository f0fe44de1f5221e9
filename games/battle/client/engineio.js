// Engine.IO 4: one connection that carries messages. It begins with HTTP long polling and moves to a WebSocket when
// one can be opened, or uses only one of the two. What the messages mean is not known here.

import { ENGINE, engineText, readEnginePacket, readPayload, takePayload } from "./packets.js";

const PROTOCOL = "4";

// HTTP long polling: a GET waits for what the server sends, a POST brings what we send, each one after the other.
class Polling {
  constructor(url, hooks) {
    this.name = "polling";
    this.url = url;
    this.hooks = hooks; // packet({ type, data }), failed(reason, error), writable()
    this.limit = Infinity; // bytes of a request
    this.controller = new AbortController();
    this.polling = null; // the loop of GETs
    this.posting = null; // the POST that brings packets; until it is answered no other goes out
    this.isPaused = false;
    this.isClosed = false;
  }

  open() {
    this.polling = this.poll();
  }

  get isWritable() { return !this.posting; }

  async poll() {
    try {
      while (!this.isClosed && !this.isPaused) {
        for (const packet of readPayload(await this.ask("GET"))) {
          // A handler may close the connection; what came after is nobody's then.
          if (!this.isClosed) this.hooks.packet(packet);
        }
      }
    } catch (error) {
      this.fail(error);
    }
  }

  write(queue) {
    const body = takePayload(queue, this.limit);
    this.posting = this.ask("POST", { body })
      .catch((error) => this.fail(error))
      .then(() => {
        this.posting = null;
        if (!this.isClosed) this.hooks.writable();
      });
  }

  async ask(method, options = {}) {
    const { signal } = this.controller;
    const answer = await fetch(this.url(), { method, signal, cache: "no-store", ...options });
    const text = await answer.text();
    if (!answer.ok) throw new Error(explain(answer.status, text));
    return text;
  }

  fail(error) {
    if (!this.isClosed) this.hooks.failed("transport error", error);
  }

  // Resolves when no request is under way: then nothing can overtake anything on the next transport.
  async pause() {
    this.isPaused = true;
    await Promise.all([this.polling, this.posting]);
  }

  // `rest`: what the server shall still get, before it is told of the end; without it the end is not told.
  close(rest) {
    this.isClosed = true;
    if (!rest) return this.controller.abort();
    // The server answers the waiting GET when it hears of the end; a GET that we gave up would end our rest with it.
    rest.push({ type: ENGINE.close });
    this.finish(rest).catch(() => {}).then(() => this.controller.abort()); // it is over in any case
  }

  async finish(rest) {
    await this.posting;
    while (rest.length) await this.ask("POST", { body: takePayload(rest, this.limit), keepalive: true });
  }
}

// The server says why it refuses in {"code", "message"}.
function explain(status, text) {
  try {
    return `${JSON.parse(text).message} (HTTP ${status})`;
  } catch {
    return `HTTP ${status}`;
  }
}

class Socket {
  constructor(url, hooks) {
    this.name = "websocket";
    this.url = url;
    this.hooks = hooks; // packet, failed, writable, and opened()
    this.socket = null;
    this.isClosed = false;
  }

  open() {
    try {
      this.socket = new WebSocket(this.url().replace(/^http/, "ws"));
    } catch (error) {
      // A page may not be allowed to open one, or this one. That is told later too, as other failures are.
      queueMicrotask(() => this.fail("transport error", error));
      return;
    }
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => { if (!this.isClosed) this.hooks.opened?.(); };
    this.socket.onmessage = ({ data }) => { if (!this.isClosed) this.receive(data); };
    this.socket.onclose = ({ code }) => this.fail("transport close", new Error(`the WebSocket closed (${code})`));
  }

  get isWritable() { return this.socket?.readyState === WebSocket.OPEN; }

  receive(data) {
    try {
      this.hooks.packet(typeof data === "string" ? readEnginePacket(data) : { type: ENGINE.message, data });
    } catch (error) {
      this.fail("parse error", error);
    }
  }

  write(queue) {
    while (queue.length) {
      const packet = queue.shift();
      this.socket.send(packet.data instanceof ArrayBuffer ? packet.data : engineText(packet));
    }
  }

  fail(reason, error) {
    if (!this.isClosed) this.hooks.failed(reason, error);
  }

  close(rest = []) {
    this.isClosed = true;
    if (this.isWritable) this.write(rest);
    this.socket?.close();
  }
}

// One connection from its handshake to its end; a new one is made for each attempt to connect.
export class Engine {
  // `url` of the server's Engine.IO path. `transports`: of "polling" and "websocket", the first of them begins.
  // `hooks`: opened(), message(text or ArrayBuffer), upgraded(), closed(reason, error), which comes once and last.
  constructor(url, { transports, upgrade = true }, hooks) {
    this.base = url;
    this.mayUpgrade = upgrade && transports.includes("websocket");
    this.hooks = hooks;
    this.sid = null;
    this.queue = []; // packets that no transport has taken
    this.isOpen = false;
    this.isClosed = false;
    this.isSwitching = false; // from polling to WebSocket: nothing may be sent meanwhile
    this.probe = null; // the WebSocket that is tried
    this.heartbeat = 0;
    this.silence = Infinity; // ms after which the server counts as gone
    const Kind = transports[0] === "websocket" ? Socket : Polling;
    this.transport = new Kind(() => this.address(transports[0]), {
      packet: (packet) => this.take(packet),
      failed: (reason, error) => this.end(reason, error),
      writable: () => this.flush(),
    });
    this.transport.open();
  }

  address(transport) {
    const url = new URL(this.base);
    url.searchParams.set("EIO", PROTOCOL);
    url.searchParams.set("transport", transport);
    if (this.sid) url.searchParams.set("sid", this.sid);
    return url.href;
  }

  send(data) {
    this.put({ type: ENGINE.message, data });
  }

  put(packet) {
    if (this.isClosed) return;
    this.queue.push(packet);
    this.flush();
  }

  flush() {
    if (this.isOpen && !this.isClosed && !this.isSwitching && this.queue.length && this.transport.isWritable) {
      this.transport.write(this.queue);
    }
  }

  take({ type, data }) {
    if (this.isClosed) return;
    this.listen();
    switch (type) {
      case ENGINE.open: this.opened(JSON.parse(data)); break;
      case ENGINE.ping: this.put({ type: ENGINE.pong, data }); break;
      case ENGINE.message: this.hooks.message(data); break;
      case ENGINE.close: this.end("transport close"); break;
    }
  }

  opened({ sid, upgrades, pingInterval, pingTimeout, maxPayload }) {
    this.sid = sid;
    this.silence = pingInterval + pingTimeout;
    if (maxPayload) this.transport.limit = maxPayload;
    this.isOpen = true;
    this.listen();
    this.hooks.opened();
    // A handler may have closed the connection already.
    const canUpgrade = this.mayUpgrade && this.transport.name === "polling" && upgrades.includes("websocket");
    if (canUpgrade && !this.isClosed) this.tryWebSocket();
  }

  // The server pings every `pingInterval`. Its silence for longer, and for the time that it grants, is its end.
  listen() {
    clearTimeout(this.heartbeat);
    if (this.silence < Infinity) this.heartbeat = setTimeout(() => this.end("ping timeout"), this.silence);
  }

  // Opens a WebSocket beside the polling; only when an echo has come back over it does the connection move there. A
  // WebSocket that fails before is no loss: the polling goes on.
  tryWebSocket() {
    const giveUp = (reason, error) => {
      // Once the polling has ended for it, it is the connection.
      if (this.isSwitching || this.transport === probe) return this.end(reason, error);
      this.probe = null;
      probe.close();
    };
    const probe = new Socket(() => this.address("websocket"), {
      opened: () => probe.write([{ type: ENGINE.ping, data: "probe" }]),
      packet: (packet) => {
        if (this.transport === probe) this.take(packet);
        else if (packet.type === ENGINE.pong && packet.data === "probe") this.switchTo(probe);
        else giveUp();
      },
      failed: giveUp,
      writable: () => {},
    });
    this.probe = probe;
    probe.open();
  }

  async switchTo(probe) {
    this.isSwitching = true;
    await this.transport.pause(); // the server ends the waiting GET with a noop
    if (this.isClosed) return;
    this.transport = probe;
    this.probe = null;
    probe.write([{ type: ENGINE.upgrade }]);
    this.isSwitching = false;
    this.hooks.upgraded?.();
    this.flush();
  }

  // Ends the connection after what was sent.
  close() {
    this.end("forced close");
  }

  end(reason, error) {
    if (this.isClosed) return;
    const isFarewell = reason === "forced close" && this.isOpen;
    this.isClosed = true;
    clearTimeout(this.heartbeat);
    this.probe?.close();
    this.transport.close(isFarewell ? this.queue : undefined);
    this.hooks.closed(reason, error);
  }
}
