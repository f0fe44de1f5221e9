// All connections of a peer: how many there may be, and which of them the messages of other peers are for.

import { Link } from "./link.js";

const MOST_ACTIVE = 256; // connections at once; browsers allow not many more

export class Links {
  /** `net` is the PeerNetwork whose connections these are. */
  constructor(net) {
    this.net = net;
    this.links = new Map(); // by key, also those that are closed
    this.active = new Set(); // those that are not closed
    this.lastID = 0;
  }

  get(key) { return this.links.get(key); }

  values() { return this.links.values(); }

  /** The connection to a peer; a new one is closed at first. */
  to(key) {
    let link = this.links.get(key);
    if (!link) {
      link = new Link(this.net, key);
      this.links.set(key, link);
    }
    return link;
  }

  /** A number for an offer. */
  nextID() {
    this.lastID = (this.lastID + 1) % 0x7fffffff;
    return this.lastID;
  }

  /** Whether one more connection may be made. */
  mayConnect() { return this.active.size < MOST_ACTIVE; }

  /** A connection or an attempt has begun. */
  began(link) { this.active.add(link); }

  /** A connection or an attempt has ended. */
  ended(link) { this.active.delete(link); }

  /** A peer wants to connect to one of our ports. */
  offered(message) {
    const { net } = this;
    const { from: key, port, id } = message;
    const isConnected = (this.links.get(key)?.state ?? "idle") !== "idle";
    const isWelcome = !net.ports.isSuspended && net.ports.has(port) && net.addresses.of(key) !== 0;
    if (isWelcome && (isConnected || this.mayConnect())) this.to(key).offered(message);
    else net.signalling.send({ type: "refuse", to: key, id });
  }
}
