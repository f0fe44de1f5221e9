// A client for Socket.IO 5 (and Engine.IO 4 below it) in plain JavaScript. What it has is named as in the stock client,
// which can take its place:
//
//   const socket = io("http://localhost:5000", { auth: { name: "ada" } });
//   socket.on("connect", () => socket.emit("move", { x: 1, y: 2 }));
//   socket.timeout(2000).emit("attack", {}, (error, answer) => …);

import { Engine } from "./engineio.js";
import { SOCKET, SocketReader, writeSocketPacket } from "./packets.js";

const DEFAULTS = {
  path: "/socket.io/",
  transports: ["polling", "websocket"], // the first one begins
  upgrade: true, // from polling to WebSocket
  auth: undefined, // an object for the server's connect handler, or a function(done) that calls done(object)
  autoConnect: true,
  timeout: 20_000, // ms for an attempt to connect
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000, // ms before the first attempt; doubles with each one
  reconnectionDelayMax: 5000,
  randomizationFactor: 0.5, // a pause of 1000 ms lasts 500 to 1500: lost clients must not come back all at once
  ackTimeout: undefined, // ms that emitWithAck waits; for ever without
};

// The names of what happens to the socket itself; a server's event can't have them.
const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

// Handlers by name.
class Emitter {
  constructor() {
    this.handlers = new Map();
  }

  on(name, handler) {
    this.handlers.set(name, [...(this.handlers.get(name) ?? []), handler]);
    return this;
  }

  once(name, handler) {
    const first = (...values) => {
      this.off(name, first);
      handler(...values);
    };
    first.original = handler;
    return this.on(name, first);
  }

  off(name, handler) {
    const rest = (this.handlers.get(name) ?? []).filter((one) => one !== handler && one.original !== handler);
    if (handler && rest.length) this.handlers.set(name, rest);
    else this.handlers.delete(name);
    return this;
  }

  // A handler that fails stops neither the other handlers nor the connection; the console shows its error.
  tell(name, ...values) {
    for (const handler of this.handlers.get(name) ?? []) {
      try {
        handler(...values);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }
}

// One namespace of a server. It tells of itself by the events `connect`, `connect_error` (error), `disconnect`
// (reason, details), `upgrade` (the name of the transport), `reconnecting` (attempt, milliseconds until it) and
// `reconnect_failed`.
export class Socket extends Emitter {
  constructor(url, options = {}) {
    super();
    this.options = { ...DEFAULTS, ...options };
    const { origin, pathname } = new URL(url ?? "/", globalThis.location?.href);
    this.address = origin + this.options.path;
    this.namespace = pathname;
    this.engine = null;
    this.reader = null;
    this.id = undefined; // while connected
    this.connected = false;
    this.recovered = false; // whether the server sent what was missed since the last connection
    this.early = []; // events that came before the server accepted us
    this.waiting = []; // packets that are sent once connected
    this.acks = new Map();
    this.nextAck = 0;
    this.attempt = 0;
    this.timer = 0;
    this.place = null; // where to go on after a connection broke: { pid, offset }, when the server recovers
    if (this.options.autoConnect) this.connect();
  }

  // Whether it is connected or tries to be.
  get active() { return this.engine !== null || this.timer !== 0; }

  // "polling" or "websocket", while there is a connection.
  get transport() { return this.engine?.transport.name; }

  // Connecting

  connect() {
    if (this.engine) return this;
    this.stopTimer();
    this.reader = new SocketReader();
    this.early = [];
    // An engine that was given up may still report: only the current one counts.
    const current = (handle) => (...values) => { if (this.engine === engine) handle(...values); };
    const engine = new Engine(this.address, this.options, {
      opened: current(() => this.introduce()),
      message: current((message) => this.receive(message)),
      upgraded: current(() => this.tell("upgrade", "websocket")),
      closed: current((reason, error) => this.lost(reason, error)),
    });
    this.engine = engine;
    this.timer = setTimeout(() => this.fail(new Error("timeout")), this.options.timeout);
    return this;
  }

  introduce() {
    const { auth } = this.options;
    const engine = this.engine;
    const send = (data) => {
      // The function that makes the object may take its time.
      if (this.engine !== engine) return;
      const payload = this.place ? { ...this.place, ...data } : data;
      this.write({ type: SOCKET.connect, namespace: this.namespace, data: payload });
    };
    if (typeof auth === "function") auth(send);
    else send(auth);
  }

  // An attempt to connect has failed in a way that another one may not.
  fail(error) {
    this.dropEngine();
    this.tell("connect_error", error);
    this.again();
  }

  lost(reason, error) {
    if (!this.connected) return this.fail(error ?? new Error(reason));
    this.leave(reason, error);
    this.again();
  }

  again() {
    const { reconnection, reconnectionAttempts, reconnectionDelay, reconnectionDelayMax } = this.options;
    // A handler may have connected or given up already.
    if (!reconnection || this.engine || this.timer) return;
    if (this.attempt >= reconnectionAttempts) {
      this.attempt = 0;
      this.tell("reconnect_failed");
      return;
    }
    const pause = Math.min(reconnectionDelay * 2 ** this.attempt, reconnectionDelayMax);
    const spread = 1 + (2 * Math.random() - 1) * this.options.randomizationFactor;
    const delay = Math.min(Math.round(pause * spread), reconnectionDelayMax);
    this.attempt += 1;
    this.timer = setTimeout(() => this.connect(), delay);
    this.tell("reconnecting", this.attempt, delay);
  }

  disconnect() {
    this.attempt = 0;
    this.waiting = [];
    if (this.connected) {
      this.write({ type: SOCKET.disconnect, namespace: this.namespace });
      this.leave("io client disconnect");
    } else {
      this.dropEngine();
      this.dropAcks();
    }
    return this;
  }

  // The end of a connection that was one.
  leave(reason, description) {
    this.dropEngine();
    this.connected = false;
    this.id = undefined;
    this.dropAcks();
    this.tell("disconnect", reason, description);
  }

  // No acknowledgement comes over another connection than its event went.
  dropAcks() {
    const acks = [...this.acks.values()];
    this.acks.clear();
    for (const { answer, timer, tellsErrors } of acks) {
      clearTimeout(timer);
      if (tellsErrors) answer(new Error("the socket was disconnected"));
    }
  }

  dropEngine() {
    this.stopTimer();
    const engine = this.engine;
    this.engine = null;
    engine?.close();
  }

  stopTimer() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  // Receiving

  receive(message) {
    let packet;
    try {
      packet = this.reader.read(message);
    } catch (error) {
      return this.lost("parse error", error);
    }
    if (!packet || packet.namespace !== this.namespace) return;
    switch (packet.type) {
      case SOCKET.connect: this.welcome(packet.data); break;
      case SOCKET.connectError: this.refuse(packet.data); break;
      case SOCKET.event:
        // Some servers send what their connect handler emits before they tell that it has accepted us.
        if (this.connected) this.hear(packet);
        else this.early.push(packet);
        break;
      case SOCKET.ack: this.acknowledged(packet); break;
      case SOCKET.disconnect:
        // A server that sends us away does not want us back: no attempt follows, unless a handler connects.
        if (this.connected) this.leave("io server disconnect");
        break;
    }
  }

  welcome({ sid, pid } = {}) {
    if (!sid) return this.fail(new Error("the server speaks an older protocol of Socket.IO than 5"));
    this.stopTimer();
    this.recovered = pid !== undefined && this.place?.pid === pid;
    if (!this.recovered) this.place = pid === undefined ? null : { pid, offset: undefined };
    this.id = sid;
    this.connected = true;
    this.attempt = 0;
    for (const packet of this.early.splice(0)) this.hear(packet);
    // A handler may have disconnected already.
    for (const packet of this.waiting.splice(0)) this.put(packet);
    if (this.connected) this.tell("connect");
  }

  // The server does not accept this client: it would not accept it a moment later either.
  refuse(data) {
    this.dropEngine();
    const error = new Error(data?.message ?? data ?? "refused");
    error.data = data?.data;
    this.tell("connect_error", error);
  }

  hear({ data, id }) {
    const [first, ...values] = data;
    const name = String(first); // the protocol also allows numbers
    if (RESERVED.includes(name)) return;
    if (id === undefined) {
      // When the server recovers connections, the last value of an event is how far we have come.
      const offset = values.at(-1);
      if (this.place && typeof offset === "string") this.place.offset = offset;
    } else {
      let isAnswered = false;
      values.push((...answer) => {
        if (isAnswered) return;
        isAnswered = true;
        this.put({ type: SOCKET.ack, namespace: this.namespace, id, data: answer });
      });
    }
    this.tell(name, ...values);
  }

  acknowledged({ id, data }) {
    const ack = this.acks.get(id);
    if (!ack) return; // it came after its time
    this.acks.delete(id);
    clearTimeout(ack.timer);
    ack.answer(...(ack.tellsErrors ? [null, ...data] : data));
  }

  // Sending

  // Sends an event. A function as the last value is called with the values of the server's acknowledgement. What is
  // sent while there is no connection waits for one.
  emit(name, ...values) {
    return this.emitWith({}, name, values);
  }

  // timeout(ms).emit(name, …, (error, ...values) => …): the function is called in any case, with an error when no
  // acknowledgement came in time.
  timeout(milliseconds) {
    return {
      emit: (name, ...values) => this.emitWith({ timeout: milliseconds }, name, values),
      emitWithAck: (name, ...values) => this.ask(name, values, milliseconds),
    };
  }

  // Sends only if there is a connection now.
  get volatile() {
    return { emit: (name, ...values) => this.emitWith({ isVolatile: true }, name, values) };
  }

  // A promise of the acknowledgement's first value.
  emitWithAck(name, ...values) {
    return this.ask(name, values, this.options.ackTimeout);
  }

  ask(name, values, timeout) {
    return new Promise((resolve, reject) => {
      const answer = (error, value) => (error ? reject(error) : resolve(value));
      this.emitWith({ timeout, tellsErrors: true }, name, [...values, answer]);
    });
  }

  emitWith({ timeout, tellsErrors = timeout !== undefined, isVolatile = false }, name, values) {
    if (RESERVED.includes(name)) throw new Error(`"${name}" is reserved: an event can't have this name`);
    if (isVolatile && !this.connected) return this;
    const packet = { type: SOCKET.event, namespace: this.namespace, data: [name, ...values] };
    if (typeof values.at(-1) === "function") {
      packet.data.pop();
      packet.id = this.nextAck;
      this.nextAck += 1;
      this.acks.set(packet.id, { answer: values.at(-1), tellsErrors, timer: this.startAck(packet, timeout) });
    }
    this.put(packet);
    return this;
  }

  startAck(packet, timeout) {
    if (timeout === undefined) return 0;
    return setTimeout(() => {
      const ack = this.acks.get(packet.id);
      this.acks.delete(packet.id);
      this.waiting = this.waiting.filter((one) => one !== packet);
      ack.answer(new Error("no acknowledgement in time"));
    }, timeout);
  }

  put(packet) {
    if (this.connected) this.write(packet);
    else this.waiting.push(packet);
  }

  write(packet) {
    for (const message of writeSocketPacket(packet)) this.engine.send(message);
  }
}

export const io = (url, options) => new Socket(url, options);
export default io;
