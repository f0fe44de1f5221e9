// A peer of the network: the functions of sockets, and what joins sockets, addresses, connections and the server.

import { Addresses, OWN, isKey } from "./addresses.js";
import { Entries } from "./entries.js";
import {
  EADDRINUSE, EADDRNOTAVAIL, EBADF, EINVAL, EMFILE, EMSGSIZE, ENETDOWN, ENETUNREACH, ENOBUFS, EWOULDBLOCK,
} from "./errors.js";
import { Links } from "./links.js";
import { LARGEST, pack, unpack } from "./packet.js";
import { Ports, isPort } from "./ports.js";
import { Signalling } from "./signalling.js";

const MOST_SOCKETS = 64; // ports that the server lets a peer publish
const FIRST_FD = 3;

export class PeerNetwork {
  constructor() {
    this.errno = 0;
    this.key = null; // our own; null before the server gave us one
    this.stats = { sent: 0, received: 0, dropped: 0 };
    this.signalling = null; // null before init
    this.configuration = {};
    this.gatherTime = 3000; // ms
    this.sockets = new Map(); // a Port, or null for a socket that is not bound, by file descriptor
    this.ports = new Ports();
    this.addresses = new Addresses();
    this.links = new Links(this);
    this.entries = new Entries(this);
    this.onstate = () => {};
    this.settle = null; // resolves or rejects the promise of init
  }

  // MARK: Starting

  /**
   * Connects to the server. `config` is the address of its signalling, or { url, room, gatherTime, onstate }: the
   * address is that of the server which sent this module if it is missing; `onstate(state, detail)` is called with
   * `online` and our key, `offline`, `ended` and an error, `failed` and { key, reason } of a connection that could not
   * be made, `error` and a refusal of the server. `ice` is an RTCConfiguration; without `iceServers` in it, those of
   * the server are used.
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
    const { stats, ports: { callback } } = this;
    Object.assign(this, new PeerNetwork(), { stats, links: new Links(this), entries: new Entries(this) });
    this.ports.setCallback(callback);
    return 0;
  }

  hello(message) {
    this.key = message.key;
    this.useServers(message);
    this.publishAll();
    for (const link of this.links.values()) link.online();
    this.settle?.resolve(message.key);
    this.settle = null;
    this.onstate("online", message.key);
  }

  useServers({ ice_servers: servers }) {
    if (!this.ownServers) this.configuration = { ...this.configuration, iceServers: servers };
  }

  publishAll() {
    if (this.ports.isSuspended) return;
    for (const port of this.ports.numbers()) this.signalling.send({ type: "bind", port });
    this.entries.refreshAll();
  }

  // MARK: Sockets

  fail(errno) {
    this.errno = errno;
    return -1;
  }

  /** Makes a socket, which is not bound, and returns its number. */
  socket() {
    if (this.sockets.size >= MOST_SOCKETS) return this.fail(EMFILE);
    let fd = FIRST_FD;
    while (this.sockets.has(fd)) fd += 1;
    this.sockets.set(fd, null);
    return fd;
  }

  /** Removes a socket with its port, the port's entry in the list of servers, and the packets that wait. */
  close(fd) {
    if (!this.sockets.has(fd)) return this.fail(EBADF);
    const port = this.sockets.get(fd);
    this.sockets.delete(fd);
    if (port) {
      this.ports.close(port.number);
      this.entries.delete(port.number);
      if (!this.ports.isSuspended) this.signalling?.send({ type: "unbind", port: port.number });
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
    this.bindTo(fd, port || this.ports.free());
    return 0;
  }

  bindTo(fd, number) {
    const port = this.ports.open(number);
    this.sockets.set(fd, port);
    if (!this.ports.isSuspended) this.signalling.send({ type: "bind", port: number });
    return port;
  }

  /** The port of a socket, which is bound to a free one if the program has not bound it; null when that fails. */
  portOf(fd) {
    if (!this.sockets.has(fd)) return this.fail(EBADF) && null;
    if (!this.signalling) return this.fail(ENETDOWN) && null;
    return this.sockets.get(fd) ?? this.bindTo(fd, this.ports.free());
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
    const key = this.addresses.keyOf(addr);
    if (key === undefined) return this.fail(ENETUNREACH);
    this.links.to(key).send(pack(port.number, target, buf, length));
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
    this.ports.setCallback(callback);
    return 0;
  }

  // MARK: Addresses

  /** The local address of a key, as a number; 0 for a text that is no key. */
  resolve(key) {
    if (key === this.key && key !== null) return OWN;
    if (!isKey(key)) {
      this.errno = EINVAL;
      return 0;
    }
    const address = this.addresses.of(key);
    if (address === 0) this.errno = ENOBUFS;
    return address;
  }

  /** The key of a local address; null when it belongs to no peer. */
  reverseResolve(address) { return address === OWN ? this.key : this.addresses.keyOf(address) ?? null; }

  local_key() { return this.key; }

  // MARK: Suspending

  /** Stops callbacks and unpublishes all ports, so that nobody connects; what is connected stays so. */
  suspend() {
    if (this.ports.isSuspended) return 0;
    this.ports.suspend();
    for (const port of this.ports.numbers()) this.signalling?.send({ type: "unbind", port });
    return 0;
  }

  /** Publishes the ports again, and calls back for packets that have arrived meanwhile. */
  resume() {
    if (!this.ports.isSuspended) return 0;
    this.ports.resume();
    if (this.signalling) this.publishAll();
    return 0;
  }

  // MARK: The list of servers

  /** Publishes { name, port, map, mode, players, max } in the list, and keeps it there; call it again to change it. */
  publish(entry) {
    if (!this.signalling) return this.fail(ENETDOWN);
    if (!this.ports.has(entry.port)) return this.fail(EINVAL);
    this.entries.set(entry);
    return 0;
  }

  /** Removes the entry of a port from the list. */
  withdraw(port) {
    if (!this.entries.delete(port)) return this.fail(EINVAL);
    this.signalling.send({ type: "withdraw", port });
    return 0;
  }

  /** A promise of the servers of our room: an array of { name, key, port, map, mode, players, max }. */
  servers() { return this.entries.list(); }

  // MARK: Messages of the server

  heard(message) {
    const { type, from, id } = message;
    switch (type) {
      case "offer": return this.links.offered(message);
      case "answer": return this.links.get(from)?.answered(message);
      case "refused": return this.links.get(from)?.refused(id, "the peer refused the connection");
      case "gone": return this.links.get(message.key)?.gone();
      case "refresh": return this.entries.refresh(message.port);
      case "ice": return this.useServers(message);
      case "error":
        if (message.request === "offer") this.links.get(message.to)?.refused(id, message.error, message.code);
        else this.onstate("error", message);
    }
  }

  // MARK: Packets

  /** Counts packets that are lost. */
  drop(count = 1) { this.stats.dropped += count; }

  /** A packet arrived from the peer with a key. */
  receive(key, packet) {
    const { source, target, bytes } = unpack(packet) ?? {};
    // A peer needs an address only when the program can get its packet.
    const address = this.ports.has(target) ? this.addresses.of(key) : 0;
    if (address === 0) return this.drop();
    this.deliver(target, bytes, address, source);
  }

  /** Puts a packet into the queue of its port; one for a port that is full or not bound is lost. */
  deliver(target, bytes, addr, port) {
    if (this.ports.deliver(target, { bytes, addr, port })) this.stats.received += 1;
    else this.drop();
  }
}
