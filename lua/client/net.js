// The way to the server: logging in over HTTP, one connection, and coming back after it broke.
// It knows the protocol's envelope (tokens, close codes, reconnect) and nothing about the game.

import { GameConnection } from "/net/game-connection.js";

const LOOPBACK = /^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(:\d+)?$/;

// A server that only knows itself as 127.0.0.1 may stand behind a proxy, or be opened as
// "localhost": then the page's own address is right, also for the server's check of our origin.
function reachable(host, port) {
  if (!host) return location.host;
  if (!LOOPBACK.test(host)) return host;
  if (!LOOPBACK.test(location.host)) return location.host;
  const given = host.match(/:(\d+)$/)?.[1] ?? port;
  return given ? `${location.hostname}:${given}` : location.host;
}

export class LoginError extends Error {
  constructor(text, code, retry, status) {
    super(text);
    this.code = code;
    this.status = status; // of the HTTP answer
    this.retry = retry; // seconds
  }
}

export class Net {
  constructor({ onMessage, onState, onLane }) {
    this.onMessage = onMessage;
    this.onLane = onLane; // (lane, time): a message of the world came over a lane
    this.onState = onState; // (state, detail): connecting, open, waiting, replaced, removed, refused
    this.connection = null;
    // Of the login: lets this tab come back without the password, also after a reload of the page. Each tab has its
    // own, so two tabs are two players.
    this.session = sessionStorage.getItem("meadow.session") ?? "";
    this.resume = null; // where to come back to, and the token for it: good once, without a login
    this.ending = null; // the reason that the server gave for the end, and whether it wants us back
    this.attempt = 0;
    this.timer = 0;
    this.stopped = true;
  }

  // `kind` is auth or register with a name and a password, or token with the session.
  async sign(kind, fields) {
    const headers = { "Content-Type": "application/json" };
    if (!fields) headers.Authorization = `Bearer ${this.session}`;
    let response;
    try {
      response = await fetch(`/server/sign/${kind}/`, { method: "POST", headers, body: JSON.stringify(fields ?? {}) });
    } catch {
      throw new LoginError("The server can't be reached.", "unreachable");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      const retry = Number(answer.retry ?? response.headers.get("Retry-After")) || 0;
      throw new LoginError(answer.error ?? `The server answered ${response.status}.`, answer.code, retry, response.status);
    }
    return answer;
  }

  remember(session) {
    this.session = session;
    if (session) sessionStorage.setItem("meadow.session", session);
    else sessionStorage.removeItem("meadow.session");
  }

  async enter(kind, login, password) {
    const answer = await this.sign(kind, { login, password });
    this.remember(answer.session);
    this.stopped = false;
    this.connect(answer);
    return answer;
  }

  // Ends the session, here and on the server.
  leave() {
    const headers = { Authorization: `Bearer ${this.session}` };
    // Nobody waits for the answer: the token is forgotten here in any case.
    fetch("/server/sign/logout/", { method: "POST", headers }).catch(() => {});
    this.remember("");
    this.stopped = true;
    this.resume = null;
    this.close();
  }

  // `place` is a login answer or a `reconnect` message: both carry host, port and token.
  connect(place, id = place.id ?? this.id) {
    this.id = id;
    this.place = place;
    this.resume = null;
    this.ending = null;
    this.close();
    this.onState("connecting");
    const connection = new GameConnection({
      host: reachable(place.host, place.port), id, token: place.token, lanes: this.wantsLanes,
    });
    this.connection = connection;
    connection.onopen = () => { this.attempt = 0; this.onState("open"); };
    connection.onmessage = (message) => this.receive(message);
    connection.onlane = (lane, time) => this.onLane?.(lane, time);
    connection.onclose = (code, reason) => this.lost(code, reason);
  }

  receive(message) {
    if (message.action === "reconnect") {
      this.onMessage(message);
      this.connect(message, this.id);
      return;
    }
    if (message.action === "load/index") {
      this.stopWaiting(); // for a map that was closed: "Now" may have been pressed meanwhile
      const { host, port } = this.place;
      this.resume = message.resume ? { host, port, token: message.resume.token } : null;
    }
    this.noteEnding(message);
    if (message.code === "replaced") this.replaced();
    this.onMessage(message);
  }

  // The last message says whether the server wants us back. The reason of the first one is closer to the cause: an
  // idle player hears "you sent no command" before "you were taken off".
  noteEnding(message) {
    if (!message.error || typeof message.return !== "boolean") {
      this.ending = null;
      return;
    }
    this.ending = {
      isWelcome: message.return,
      retry: Number(message.retry) || 0,
      reason: this.ending?.reason ?? message.error,
    };
    // The token is dead when we are not welcome, and no token outlives the server.
    if (!message.return || message.code === "shutting_down") this.resume = null;
  }

  replaced() {
    this.stopped = true;
    this.resume = null;
    this.onState("replaced");
  }

  lost(code, reason) {
    this.connection = null;
    if (code === 4001) this.replaced();
    if (this.stopped) return;
    if (this.ending && !this.ending.isWelcome) {
      this.stopped = true;
      this.onState("removed", { reason: this.ending.reason });
    } else {
      this.again(this.ending?.reason ?? reason, this.ending?.retry);
    }
  }

  // Waits 0.5 s, 1 s, 2 s … 15 s, or what the server asks for, and up to as long again by chance: all clients lose a
  // server that restarts in the same moment, and must not come back in the same moment.
  again(reason, atLeastSeconds = 0) {
    const pause = Math.max(atLeastSeconds, Math.min(15, 0.5 * 2 ** this.attempt)) * (1 + Math.random());
    this.attempt += 1;
    this.onState("waiting", { pause, reason });
    this.stopWaiting();
    this.timer = setTimeout(() => this.retry(), pause * 1000);
  }

  // Whether an attempt to come back is due by itself.
  get isWaiting() { return this.timer !== 0; }

  stopWaiting() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  // First with the token of the connection that broke; if that is refused, each try asks for a new one with the
  // session.
  async retry() {
    this.stopWaiting();
    if (!this.session) return;
    this.stopped = false;
    if (this.resume) return this.connect(this.resume);
    const session = this.session;
    // Somebody may log out while the answer is on its way.
    const isOver = () => this.stopped || this.session !== session;
    try {
      const answer = await this.sign("token");
      if (!isOver()) this.connect(answer);
    } catch (error) {
      if (isOver()) return;
      if (error.status === 401) {
        this.stopped = true;
        this.remember("");
        this.onState("refused", { reason: "Log in again." });
      } else {
        this.again(error.message, error.retry);
      }
    }
  }

  send(message) {
    return this.connection?.send(message) ?? false;
  }

  close() {
    const connection = this.connection;
    this.connection = null;
    this.stopWaiting();
    connection?.close();
  }

  // Whether positions should have a lane of their own; changing it connects anew.
  get wantsLanes() { return localStorage.getItem("meadow.lanes") === "on"; }

  set wantsLanes(isOn) {
    localStorage.setItem("meadow.lanes", isOn ? "on" : "off");
    if (this.connection) this.retry();
  }

  // How messages travel: webrtc or websocket.
  get transport() { return this.connection?.transport ?? null; }

  async map(id) {
    const response = await fetch(`/server/sign/get_map/?map_id=${id}`, {
      headers: { Authorization: `Bearer ${this.session}` },
      cache: "no-cache", // its ETag is asked about each time: the map may have changed
    });
    if (!response.ok) throw new Error(`The map could not be loaded (${response.status}).`);
    return response.json();
  }
}
