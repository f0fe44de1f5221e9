// The WebSocket to the server, over which peers find each other (docs/net.md). It joins, comes back with the same key
// after a loss, and knows nothing of sockets and packets.

const FIRST_PAUSE = 500; // ms before the first attempt to come back; doubles with each one
const LONGEST_PAUSE = 10_000;
const PROBE_TIME = 5000; // ms for the server to answer, before the connection counts as lost
const REPLACED = 4001; // the close code when another connection has our key

// A later attempt with the same room would be refused in the same way.
const FINAL = ["bad_message", "bad_json", "already_joined"];

/** What a failed attempt to join says. */
export class SignallingError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class Signalling {
  /**
   * `on.hello(message)` follows each join, `on.message(message)` gets everything else, `on.offline()` follows a loss,
   * `on.ended(error)` the end for good.
   */
  constructor(url, room, on) {
    this.url = url;
    this.room = room;
    this.on = on;
    this.socket = null;
    this.claim = null; // { key, secret }: what proves that we are the former peer
    this.isOnline = false;
    this.isEnded = false;
    this.attempts = 0;
    this.pause = 0; // ms that the server asks us to wait
    this.timer = 0;
    this.probeTimer = 0;
    this.iceTimer = 0;
    this.hurry = () => this.comeBackNow();
    globalThis.addEventListener?.("online", this.hurry);
  }

  open() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.isEnded || this.socket) return;
    let socket;
    try {
      socket = new WebSocket(this.url);
    } catch (error) {
      return this.end(new SignallingError("bad_url", error.message));
    }
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "join", room: this.room, ...this.claim }));
    socket.onmessage = ({ data }) => {
      if (this.socket === socket) this.received(data);
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.lost(code);
    };
  }

  /** Sends a message; returns whether there is a connection. */
  send(message) {
    if (!this.isOnline || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  received(text) {
    clearTimeout(this.probeTimer);
    this.probeTimer = 0;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // no server of ours sends that
    }
    if (message.type === "hello") this.joined(message);
    else if (message.type === "error" && !this.isOnline) this.refused(message);
    else {
      if (message.type === "ice") this.renewLater(message.ice_seconds);
      this.on.message(message);
    }
  }

  joined(message) {
    this.claim = { key: message.key, secret: message.secret };
    this.isOnline = true;
    this.attempts = 0;
    this.renewLater(message.ice_seconds);
    this.on.hello(message);
  }

  refused({ code, error, retry }) {
    if (code === "bad_secret") this.claim = null; // the server has started anew: we get another key
    else if (FINAL.includes(code)) return this.end(new SignallingError(code, error));
    this.pause = (retry ?? 0) * 1000;
    this.socket.close();
  }

  // The credentials for TURN are good for some hours.
  renewLater(seconds) {
    clearTimeout(this.iceTimer);
    if (seconds > 0) this.iceTimer = setTimeout(() => this.send({ type: "ice" }), seconds * 800);
  }

  /** Finds out whether the connection is alive: a dead one may look open for minutes. */
  probe() {
    if (this.probeTimer || !this.send({ type: "look", key: this.claim.key })) return;
    this.probeTimer = setTimeout(() => {
      const socket = this.socket;
      this.lost(0);
      socket?.close();
    }, PROBE_TIME);
  }

  lost(code) {
    const isNews = this.isOnline || this.attempts === 0;
    this.forgetSocket();
    if (code === REPLACED) return this.end(new SignallingError("replaced", "another page has the key of this peer"));
    if (isNews) this.on.offline();
    if (this.isEnded) return;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.attempts) * (0.5 + Math.random());
    this.attempts += 1;
    this.timer = setTimeout(() => this.open(), Math.max(pause, this.pause));
    this.pause = 0;
  }

  comeBackNow() {
    if (this.timer) this.open();
    else this.probe();
  }

  forgetSocket() {
    clearTimeout(this.probeTimer);
    clearTimeout(this.iceTimer);
    this.probeTimer = 0;
    this.socket = null;
    this.isOnline = false;
  }

  end(error) {
    this.close();
    this.on.ended(error);
  }

  /** Leaves for good. */
  close() {
    this.isEnded = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.hurry);
    const socket = this.socket;
    this.forgetSocket();
    socket?.close();
  }
}
