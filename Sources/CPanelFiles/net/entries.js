// The list of servers: what a peer publishes and keeps there, and what others have published.

export class Entries {
  /** `net` is the PeerNetwork whose ports these are. */
  constructor(net) {
    this.net = net;
    this.entries = new Map(); // { name, port, map, mode, players, max } by port
  }

  /** Adds an entry, or changes it. */
  set(entry) {
    this.entries.set(entry.port, { ...entry });
    this.refresh(entry.port);
  }

  /** Removes the entry of a port, which the server removes by itself when the port is closed. */
  delete(port) { return this.entries.delete(port); }

  /** Sends an entry to the server again, if there is one for the port. */
  refresh(port) {
    const { net } = this;
    const entry = this.entries.get(port);
    if (entry && !net.ports.isSuspended) net.signalling.send({ ...entry, type: "publish" });
  }

  /** The same for all entries. */
  refreshAll() {
    for (const port of this.entries.keys()) this.refresh(port);
  }

  /** A promise of the servers of our room, those of other peers included. */
  async list() {
    const url = new URL(`servers?room=${encodeURIComponent(this.net.room)}`, this.net.url);
    url.protocol = url.protocol.replace("ws", "http");
    const answer = await fetch(url, { cache: "no-cache" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    return body.servers;
  }
}
