// A player's connection to a Perigee server, like a WebSocket: it opens, brings messages, and closes with a code.
//
// Over WebRTC positions have a lane of their own, so that a lost packet delays nothing. A connection tries that first,
// and is a WebSocket when it does not come through within two seconds, when the browser has no WebRTC, or when the game
// does not turn it on. What the game gets is the same in all cases: snapshots and deltas as in docs/protocol.md.

import { Lanes } from "./lanes.js";
import { Positions } from "./positions.js";

const PATIENCE = 2000; // ms until a connection that does not open over WebRTC becomes a WebSocket
const NORMAL = 1000;
const REFUSED = 1006;

export class GameConnection {
  /**
   * Begins to connect.
   *
   * - `host`: such as `game.example:5000`; by default that of the page
   * - `isSecure`: whether the server has TLS; by default as the page
   * - `id`, `token`: of the player, from the login's answer
   * - `patches`: whether to ask for patches of components
   * - `lanes`: whether to try WebRTC; `true` by default
   *
   * Events are called on the properties `onopen()`, `onmessage(message)` with a parsed message, `onclose(code, reason)`,
   * and `onlane(lane, time)` for each message of the world: the lane is `"reliable"` or `"fast"`, and the time is that of
   * the message on the server's clock, in seconds.
   */
  constructor({ host = location.host, isSecure = location.protocol === "https:", id, token, patches = false, lanes = true }) {
    this.place = { host, isSecure, id, patches };
    this.positions = new Positions();
    this.onopen = this.onmessage = this.onclose = this.onlane = null;
    this.isOpen = false;
    this.isOver = false;
    this.lanes = null;
    this.socket = null;
    this.timer = 0;
    if (lanes && typeof RTCPeerConnection !== "undefined") this.tryLanes(token);
    else this.useSocket(token);
  }

  /** How messages travel: `"webrtc"`, `"websocket"`, or `null` while that is not decided. */
  get transport() {
    if (!this.isOpen) return null;
    return this.lanes ? "webrtc" : "websocket";
  }

  url(scheme, path, query = {}) {
    const { host, isSecure, patches } = this.place;
    const url = new URL(`${scheme}${isSecure ? "s" : ""}://${host}${path}`);
    for (const [name, value] of Object.entries({ ...query, ...(patches && { patches: "1" }) })) {
      url.searchParams.set(name, value);
    }
    return url;
  }

  proof(token) { return btoa(`${this.place.id}:${token}`); }

  async tryLanes(token) {
    const lanes = new Lanes({
      open: () => {
        clearTimeout(this.timer);
        this.opened();
      },
      reliable: (text) => this.receive(text),
      fast: (text) => this.receivePositions(text),
      close: (code, reason) => (this.isOpen ? this.closed(code, reason) : fallBack()),
    });
    this.lanes = lanes;
    let next = token; // the token for a WebSocket: an answer has a new one, because it uses up the first
    const fallBack = () => {
      if (this.lanes !== lanes || this.isOpen) return;
      clearTimeout(this.timer);
      lanes.end();
      this.lanes = null;
      if (!this.isOver) this.useSocket(next);
    };
    try {
      const answer = await lanes.offer(this.url("http", "/rtc/offer"), `Basic ${this.proof(token)}`);
      next = answer.token;
      if (this.lanes === lanes && !this.isOpen) this.timer = setTimeout(fallBack, PATIENCE);
    } catch (error) {
      if (error.mayTryWebSocket !== false) return fallBack();
      lanes.end();
      this.closed(REFUSED, error.message);
    }
  }

  useSocket(token) {
    const socket = new WebSocket(this.url("ws", "/", { HTTP_AUTHORIZATION: this.proof(token) }));
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code, reason }) => this.closed(code, reason);
  }

  opened() {
    if (this.isOver) return;
    this.isOpen = true;
    this.onopen?.();
  }

  receive(text) {
    if (this.isOver) return;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // a script may send anything
    }
    // Only a delta has a tick and no action.
    if (message?.tick !== undefined && message.action === undefined) {
      this.onlane?.("reliable", message.time);
      if (this.lanes) this.positions.filter(message);
    } else if (message?.action === "load/index") {
      this.positions.load(message);
    }
    this.onmessage?.(message);
  }

  receivePositions(text) {
    if (this.isOver) return;
    const message = JSON.parse(text);
    this.onlane?.("fast", message.time);
    const delta = this.positions.delta(message);
    if (delta) this.onmessage?.(delta);
  }

  /** Sends a text or an object as JSON. Returns whether the connection is open. */
  send(message) {
    if (!this.isOpen || this.isOver) return false;
    const text = typeof message === "string" ? message : JSON.stringify(message);
    if (this.lanes) return this.lanes.send(text);
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  /** Closes the connection; `onclose` is not called. */
  close() {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.lanes?.end();
    this.socket?.close(NORMAL);
  }

  closed(code, reason) {
    if (this.isOver) return;
    this.isOver = true;
    this.onclose?.(code, reason);
  }
}
