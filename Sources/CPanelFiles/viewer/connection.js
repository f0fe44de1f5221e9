// The way to the server, as docs/protocol.md has it: logging in over HTTP, one WebSocket, and coming back after it broke.

const SESSION = "perigee.viewer.session";

/** The server refused a login. */
export class Refusal extends Error {
  constructor(status, { error, code, retry }) {
    super(error ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = code;
    this.retry = retry;
  }
}

export class Connection {
  /** `on.message` gets each message, `on.state` a state and a text: `out`, `connecting`, `playing`, `waiting`, `ended`. */
  constructor(on) {
    this.on = on;
    this.session = sessionStorage.getItem(SESSION);
    this.id = null;
    this.socket = null;
    this.resume = null; // the place and token to come back with, good once
    this.last = null; // the last message that said why the connection ends
    this.attempts = 0;
    this.timer = 0;
  }

  /** Logs in (`auth`) or makes an account (`register`). Throws `Refusal`. */
  async enter(kind, login, password) {
    this.connect(await this.sign(kind, { login, password }));
  }

  /** Goes on with the session of this tab; without one it waits for a login. */
  async again() {
    clearTimeout(this.timer);
    if (this.resume) return this.connect(this.resume);
    if (!this.session) return this.on.state("out");
    this.on.state("connecting");
    try {
      this.connect(await this.sign("token"));
    } catch (error) {
      if (error.status === 401) this.forget("Log in again.");
      else this.wait(error.message, error.retry);
    }
  }

  leave() {
    if (this.session) {
      const headers = { Authorization: `Bearer ${this.session}` };
      fetch("/server/sign/logout/", { method: "POST", headers }).catch(() => {});
    }
    this.forget();
  }

  /** Sends a command; returns whether there is a connection. */
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  async geometry(id) {
    const headers = { Authorization: `Bearer ${this.session}` };
    const answer = await fetch(`/server/sign/get_map/?map_id=${id}`, { headers, cache: "no-cache" });
    if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})));
    return answer.json();
  }

  forget(text) {
    clearTimeout(this.timer);
    sessionStorage.removeItem(SESSION);
    this.session = this.resume = null;
    this.drop();
    this.on.state("out", text);
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  async sign(kind, fields) {
    const headers = { "Content-Type": "application/json" };
    if (!fields) headers.Authorization = `Bearer ${this.session}`;
    const answer = await fetch(`/server/sign/${kind}/`, { method: "POST", headers, body: JSON.stringify(fields ?? {}) })
      .catch(() => { throw new Refusal(0, { error: "The server does not answer." }); });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refusal(answer.status, body);
    this.session = body.session;
    sessionStorage.setItem(SESSION, this.session);
    return body;
  }

  /** Opens the WebSocket at a place: a login's answer, or a `reconnect` message. */
  connect(place) {
    this.drop();
    this.id = place.id ?? this.id;
    this.resume = this.last = null;
    this.on.state("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const proof = encodeURIComponent(btoa(`${this.id}:${place.token}`));
    const socket = new WebSocket(`${scheme}://${place.host}/?HTTP_AUTHORIZATION=${proof}`);
    this.socket = socket;
    socket.onmessage = ({ data }) => { if (this.socket === socket) this.receive(JSON.parse(data), place); };
    socket.onclose = () => { if (this.socket === socket) this.lost(); };
  }

  receive(message, place) {
    if (message.action === "reconnect") return this.connect(message);
    if (message.action === "load/index") {
      this.attempts = 0;
      this.resume = message.resume ? { host: place.host, token: message.resume.token } : null;
      this.on.state("playing");
    }
    if (message.action === "pause") this.on.state("paused", message.reason);
    if (message.error && typeof message.return === "boolean") {
      this.last = { ...message, error: this.last?.error ?? message.error };
      if (!message.return || message.code === "shutting_down") this.resume = null;
    }
    this.on.message(message);
  }

  lost() {
    this.socket = null;
    if (this.last?.return === false) this.on.state("ended", this.last.error);
    else this.wait(this.last?.error ?? "The connection broke.", this.last?.retry);
  }

  wait(text, seconds = 0) {
    // All clients lose a server that restarts in the same moment, and must not come back in the same moment.
    const pause = Math.max(seconds ?? 0, Math.min(15, 0.5 * 2 ** this.attempts)) * (1 + Math.random());
    this.attempts += 1;
    this.on.state("waiting", `${text} Trying again in ${Math.ceil(pause)} s.`);
    this.timer = setTimeout(() => this.again(), pause * 1000);
  }
}
