// A peer of the network: sockets with ports and queues, local addresses for the keys of others, and the connections.

import {
  EADDRINUSE, EADDRNOTAVAIL, EBADF, EINVAL, EMFILE, EMSGSIZE, ENETDOWN, ENETUNREACH, ENOBUFS, EWOULDBLOCK,
} from "./errors.js";
import { Link } from "./link.js";
import { Signalling } from "./signalling.js";

const OWN = 0x0a000001; // 10.0.0.1
const FIRST = 0x0a000002; // the address of the first peer
const MOST_PEERS = 65_534; // up to 10.0.255.255
const MOST_LINKS = 256; // connections at once; browsers allow not many more
const MOST_SOCKETS = 64; // ports that the server lets a peer publish
const FIRST_FD = 3;
const HEADER = 4; // the source port and the destination port, each 16 bits, most significant byte first
const LARGEST = 16 * 1024; // a packet must be shorter
const MOST_WAITING = 1024; // packets that wait in a port
const MOST_WAITING_BYTES = 256 * 1024;
const EPHEMERAL = [10_000, 65_535]; // the ports of sockets that are not bound by the program
const KEY = /^[A-Za-z0-9_-]{24}$/;

const isPort = (port) => Number.isInteger(port) && port >= 0 && port <= 65_535;

class Port {
  constructor(number) {
    this.number = number;
    this.packets = []; // { bytes, addr, port }
    this.first = 0; // the index of the oldest packet: taking one must not move all others
    this.bytes = 0;
  }

  get isEmpty() { return this.first === this.packets.length; }

  /** Adds a packet; returns false when the queue is full. */
  add(packet) {
    const count = this.packets.length - this.first;
    if (count >= MOST_WAITING || this.bytes + packet.bytes.length > MOST_WAITING_BYTES) return false;
    this.packets.push(packet);
    this.bytes += packet.bytes.length;
    return true;
  }

  take() {
    const packet = this.packets[this.first];
    this.packets[this.first] = undefined;
    this.first += 1;
    this.bytes -= packet.bytes.length;
    if (this.first === this.packets.length) {
      this.packets = [];
      this.first = 0;
    } else if (this.first >= MOST_WAITING) {
      this.packets.splice(0, this.first);
      this.first = 0;
    }
    return packet;
  }
}

export class PeerNetwork {
  constructor() {
    this.errno = 0;
    this.key = null; // our own; null before the server gave us one
    this.stats = { sent: 0, received: 0, dropped: 0 };
    this.signalling = null; // null before init
    this.configuration = {};
    this.gatherTime = 3000; // ms
    this.sockets = new Map(); // a Port, or null for a socket that is not bound, by file descriptor
    this.ports = new Map(); // a Port by its number
    this.keys = []; // the keys of peers in the order of their addresses
    this.addresses = new Map(); // addresses by key
    this.links = new Map(); // connections by key, also those that are closed
    this.active = 0; // connections that are not closed
    this.entries = new Map(); // what we publish in the list of servers, by port
    this.callback = null;
    this.isSuspended = false;
    this.isNotifying = false;
    this.lastID = 0;
    this.onstate = () => {};
    this.settle = null; // resolves or rejects the promise of init
  }

  // MARK: Starting

  /**
   * Connects to the server. `config` is the address of its signalling, or { url, room, gatherTime, onstate }: the
   * address is that of the server which sent this module if it is missing; `onstate(state, detail)` is told `online`
   * with our key, `offline`, `ended` with an error, `failed` with { key, reason } of a connection that could not be
   * made. `ice` is an RTCConfiguration; without `iceServers` in it, those of the server are used.
   *
   * Returns a promise of our key. Sockets can be used at once.
   */
  init(config = {}, ice = {}) {
    if (this.signalling) return Promise.reject(new Error("init() was called before; leave() ends that"));
    const { url, room = "", gatherTime, onstate } = typeof config === "string" ? { url: config } : config ?? {};
    this.url = new URL(url ?? "signal", import.meta.url);
    this.url.protocol = this.url.protocol.replace("http", "ws");
    this.room = room;
    this.ownServers = ice?.iceServers;
    this.configuration = { ...ice };
    if (gatherTime !== undefined) this.gatherTime = gatherTime;
    if (onstate) this.onstate = onstate;
    this.signalling = new Signalling(this.url.href, room, {
      hello: (message) => this.hello(message),
      message: (message) => this.heard(message),
      offline: () => this.onstate("offline"),
      ended: (error) => {
        this.settle?.reject(error);
        this.settle = null;
        this.onstate("ended", error);
      },
    });
    const promise = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
    promise.catch(() => {}); // a program that looks at the state only needs no handler
    this.signalling.open();
    return promise;
  }

  /** Closes all connections and sockets, and leaves the network; `init` may be called again. */
  leave() {
    this.settle?.reject(new Error("leave() was called"));
    this.signalling?.close();
    for (const link of this.links.values()) link.close();
    const { callback, stats } = this;
    Object.assign(this, new PeerNetwork(), { callback, stats });
    return 0;
  }

  hello(message) {
    this.key = message.key;
    this.useServers(message);
    if (!this.isSuspended) this.publishAll();
    for (const link of this.links.values()) link.online();
    this.settle?.resolve(message.key);
    this.settle = null;
    this.onstate("online", message.key);
  }

  useServers({ ice_servers: servers }) {
    if (!this.ownServers) this.configuration = { ...this.configuration, iceServers: servers };
  }

  publishAll() {
    for (const port of this.ports.keys()) this.signalling.send({ type: "bind", port });
    for (const port of this.entries.keys()) this.refresh(port);
  }

  // MARK: Sockets

  fail(errno) {
    this.errno = errno;
    return -1;
  }

  socket() {
    if (this.sockets.size >= MOST_SOCKETS) return this.fail(EMFILE);
    let fd = FIRST_FD;
    while (this.sockets.has(fd)) fd += 1;
    this.sockets.set(fd, null);
    return fd;
  }

  close(fd) {
    if (!this.sockets.has(fd)) return this.fail(EBADF);
    const port = this.sockets.get(fd);
    this.sockets.delete(fd);
    if (port) {
      this.ports.delete(port.number);
      this.entries.delete(port.number);
      if (!this.isSuspended) this.signalling?.send({ type: "unbind", port: port.number });
    }
    return 0;
  }

  /** Binds a socket to `address.port` (0 for a free one), and publishes it under our key. */
  bind(fd, address) {
    if (!this.sockets.has(fd)) return this.fail(EBADF);
    if (!this.signalling) return this.fail(ENETDOWN);
    const { addr = 0, port = 0 } = address ?? {};
    if (addr !== 0 && addr !== OWN) return this.fail(EADDRNOTAVAIL);
    if (!isPort(port) || this.sockets.get(fd)) return this.fail(EINVAL);
    if (this.ports.has(port)) return this.fail(EADDRINUSE);
    this.bindTo(fd, port || this.freePort());
    return 0;
  }

  bindTo(fd, number) {
    const port = new Port(number);
    this.sockets.set(fd, port);
    this.ports.set(number, port);
    if (!this.isSuspended) this.signalling.send({ type: "bind", port: number });
    return port;
  }

  freePort() {
    const [first, last] = EPHEMERAL;
    for (;;) {
      const port = first + Math.floor(Math.random() * (last - first + 1));
      if (!this.ports.has(port)) return port;
    }
  }

  /** The port of a socket, which is bound to a free one if the program has not bound it; null when that fails. */
  portOf(fd) {
    if (!this.sockets.has(fd)) return this.fail(EBADF) && null;
    if (!this.signalling) return this.fail(ENETDOWN) && null;
    return this.sockets.get(fd) ?? this.bindTo(fd, this.freePort());
  }

  /** Fills in the address and the port of a socket; the port is 0 while it is not bound. */
  getsockname(fd, address) {
    if (!this.sockets.has(fd)) return this.fail(EBADF);
    address.addr = OWN;
    address.port = this.sockets.get(fd)?.number ?? 0;
    return 0;
  }

  /** Sends the first `len` bytes of `buf` to `address`; connects to that peer first, if necessary. */
  sendto(fd, buf, len, address) {
    const port = this.portOf(fd);
    if (!port) return -1;
    const length = len ?? buf.length;
    if (!Number.isInteger(length) || length < 0 || length > buf.length) return this.fail(EINVAL);
    if (length >= LARGEST) return this.fail(EMSGSIZE);
    const { addr = 0, port: target = 0 } = address ?? {};
    if (!isPort(target) || target === 0) return this.fail(EINVAL);
    if (addr === OWN) {
      this.deliver(target, buf.slice(0, length), OWN, port.number);
      return length;
    }
    const key = this.keys[addr - FIRST];
    if (key === undefined) return this.fail(ENETUNREACH);
    const packet = new Uint8Array(HEADER + length);
    const header = new DataView(packet.buffer);
    header.setUint16(0, port.number);
    header.setUint16(2, target);
    packet.set(buf.subarray(0, length), HEADER);
    this.linkTo(key, addr).send(packet, target);
    return length;
  }

  /** Takes the oldest packet of a socket; what does not fit into the first `len` bytes of `buf` is lost. */
  recvfrom(fd, buf, len, address) {
    const port = this.portOf(fd);
    if (!port) return -1;
    const room = Math.min(len ?? buf.length, buf.length);
    if (!(room >= 0)) return this.fail(EINVAL);
    if (port.isEmpty) return this.fail(EWOULDBLOCK);
    const packet = port.take();
    const length = Math.min(room, packet.bytes.length);
    buf.set(packet.bytes.subarray(0, length));
    if (address) {
      address.addr = packet.addr;
      address.port = packet.port;
    }
    return length;
  }

  /** Calls `callback` when packets have arrived; it takes them until `recvfrom` returns -1. */
  recvCallback(callback) {
    this.callback = callback ?? null;
    this.notify();
    return 0;
  }

  // MARK: Addresses

  /** The local address of a key, as a number; 0 for a text that is no key. */
  resolve(key) {
    if (key === this.key && key !== null) return OWN;
    if (typeof key !== "string" || !KEY.test(key)) {
      this.errno = EINVAL;
      return 0;
    }
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    if (this.keys.length >= MOST_PEERS) {
      this.errno = ENOBUFS;
      return 0;
    }
    const address = FIRST + this.keys.length;
    this.keys.push(key);
    this.addresses.set(key, address);
    return address;
  }

  /** The key of a local address; null when it belongs to no peer. */
  reverseResolve(address) { return address === OWN ? this.key : this.keys[address - FIRST] ?? null; }

  local_key() { return this.key; }

  // MARK: Suspending

  /** Stops callbacks and unpublishes all ports, so that nobody connects; what is connected stays so. */
  suspend() {
    if (this.isSuspended) return 0;
    this.isSuspended = true;
    for (const port of this.ports.keys()) this.signalling?.send({ type: "unbind", port });
    return 0;
  }

  resume() {
    if (!this.isSuspended) return 0;
    this.isSuspended = false;
    if (this.signalling) this.publishAll();
    this.notify();
    return 0;
  }

  // MARK: The list of servers

  /** Publishes { name, port, map, mode, players, max } in the list, and keeps it there; call it again to change it. */
  publish(entry) {
    if (!this.signalling) return this.fail(ENETDOWN);
    if (!this.ports.has(entry.port)) return this.fail(EINVAL);
    this.entries.set(entry.port, { ...entry });
    if (!this.isSuspended) this.refresh(entry.port);
    return 0;
  }

  /** Removes the entry of a port from the list. */
  withdraw(port) {
    if (!this.entries.delete(port)) return this.fail(EINVAL);
    this.signalling.send({ type: "withdraw", port });
    return 0;
  }

  refresh(port) {
    const entry = this.entries.get(port);
    if (entry && !this.isSuspended) this.signalling.send({ ...entry, type: "publish" });
  }

  /** A promise of the servers of our room: an array of { name, key, port, map, mode, players, max }. */
  async servers() {
    const url = new URL(`servers?room=${encodeURIComponent(this.room)}`, this.url);
    url.protocol = url.protocol.replace("ws", "http");
    const answer = await fetch(url, { cache: "no-cache" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body.servers;
  }

  // MARK: Messages of the server

  heard(message) {
    const { type, from, id } = message;
    switch (type) {
      case "offer": return this.offered(message);
      case "answer": return this.links.get(from)?.answered(message);
      case "refused": return this.links.get(from)?.refused(id, "the peer refused the connection");
      case "gone": return this.links.get(message.key)?.gone();
      case "refresh": return this.refresh(message.port);
      case "ice": return this.useServers(message);
      case "error":
        if (message.request === "offer") this.links.get(message.to)?.refused(id, message.error);
        else this.onstate("error", message);
    }
  }

  offered(message) {
    const { from: key, port, id } = message;
    const address = this.resolve(key);
    const isKnown = (this.links.get(key)?.state ?? "idle") !== "idle";
    const isWelcome = address !== 0 && !this.isSuspended && this.ports.has(port) && (isKnown || this.mayConnect());
    if (isWelcome) this.linkTo(key, address).offered(message);
    else this.signalling.send({ type: "refuse", to: key, id });
  }

  // MARK: Connections

  linkTo(key, address) {
    let link = this.links.get(key);
    if (!link) {
      link = new Link(this, key, address);
      this.links.set(key, link);
    }
    return link;
  }

  /** Whether one more connection may be made. */
  mayConnect() { return this.active < MOST_LINKS; }

  nextID() {
    this.lastID = (this.lastID + 1) % 0x7fffffff;
    return this.lastID;
  }

  failed(key, reason) { this.onstate("failed", { key, reason }); }

  drop() { this.stats.dropped += 1; }

  /** A packet arrived from a peer. */
  receive(link, packet) {
    const length = packet.length - HEADER;
    if (length < 0 || length >= LARGEST) return this.drop();
    const header = new DataView(packet.buffer, packet.byteOffset);
    this.deliver(header.getUint16(2), packet.subarray(HEADER), link.address, header.getUint16(0));
  }

  /** Puts a packet into the queue of its port; one for a port that is not bound is lost. */
  deliver(target, bytes, addr, port) {
    if (!this.ports.get(target)?.add({ bytes, addr, port })) return this.drop();
    this.stats.received += 1;
    this.notify();
  }

  /** Calls the program back soon, once for all packets that are there by then. */
  notify() {
    if (this.isNotifying || this.isSuspended || !this.callback) return;
    let isWaiting = false;
    for (const port of this.ports.values()) if (!port.isEmpty) isWaiting = true;
    if (!isWaiting) return;
    this.isNotifying = true;
    queueMicrotask(() => {
      this.isNotifying = false;
      if (!this.isSuspended) this.callback?.();
    });
  }
}
