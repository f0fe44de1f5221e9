// All connections of a peer: how many there may be, and which of them the messages of other peers are for.

import { Link } from "./link.js";

const MOST_ACTIVE = 256; // connections at once; browsers allow not many more
const SILENCE = 10_000; // ms without a packet, after which a connection may be closed to make room for another one

export class Links {
  /** `net` is the PeerNetwork whose connections these are. */
  constructor(net) {
    this.net = net;
    this.links = new Map(); // by key; those of peers with an address stay when they are closed, for their pauses
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

  /**
   * Makes room for one more connection: closes the one that has been silent longest, if there are too many. Returns
   * false when all of them are in use.
   */
  makeRoom() {
    if (this.active.size < MOST_ACTIVE) return true;
    let quietest = null;
    for (const link of this.active) if (!quietest || link.heardAt < quietest.heardAt) quietest = link;
    if (performance.now() - quietest.heardAt < SILENCE) return false;
    quietest.close();
    return true;
  }

  /** A connection or an attempt has begun. */
  began(link) { this.active.add(link); }

  /**
   * A connection or an attempt has ended. A peer without an address is forgotten: no packet has come from it or gone
   * to it.
   */
  ended(link) {
    this.active.delete(link);
    if (!this.net.addresses.has(link.key)) this.links.delete(link.key);
  }

  /** A peer wants to connect to one of our ports. */
  offered(message) {
    const { net } = this;
    const { from: key, port, id } = message;
    const isConnected = (this.links.get(key)?.state ?? "idle") !== "idle";
    const isWelcome = !net.ports.isSuspended && net.ports.has(port) && net.addresses.hasRoom(key);
    if (isWelcome && (isConnected || this.makeRoom())) this.to(key).offered(message);
    else net.signalling.send({ type: "refuse", to: key, id });
  }
}
