// The connection to one peer: an RTCPeerConnection with one data channel, over which the packets of all ports go. It is
// made when the first packet is sent, and made again when it is lost and another packet is sent.

import { targetOf } from "./packet.js";

const LABEL = "perigee-net";
// Both sides make the channel before they connect. A channel that one side announces to the other is not quite open
// when the other gets it: Chromium loses what is sent at once.
const CHANNEL = { ordered: false, maxRetransmits: 0, negotiated: true, id: 0 };
const CONNECT_TIME = 20_000; // ms until an attempt counts as failed
const MOST_QUEUED = 64; // packets that wait for the connection; the oldest are lost first
const MOST_QUEUED_BYTES = 256 * 1024;
const MOST_UNSENT = 64 * 1024; // bytes in the channel above which packets are lost, as those of a full UDP socket are
const MOST_PORTS = 4; // ports that an attempt tries: the server closes a connection after 20 refusals in 10 s
const FIRST_PAUSE = 1000; // ms after a failed attempt in which packets are lost; doubles with each one
const LONGEST_PAUSE = 8000;
const NO_ADDRESS = "this side found no address, not even that of a relay: look at iceServers and iceTransportPolicy";

export class Link {
  /** `net` is the PeerNetwork, `key` that of the other peer. */
  constructor(net, key) {
    this.net = net;
    this.key = key;
    this.state = "idle"; // idle, waiting (for the server), offering, answering, open
    this.attempt = 0; // what belongs to an earlier attempt is ignored
    this.id = 0; // the number of the offer
    this.port = 0; // the port under which we offer
    this.unpublished = new Set(); // ports for which this attempt was refused
    this.peer = null;
    this.channel = null;
    this.queue = [];
    this.queuedBytes = 0;
    this.ignored = null; // an offer of the peer that came while ours was on its way, and gave way to it
    this.heardAt = 0; // when the latest packet came; before the first one, when the connection or the attempt began
    this.timer = 0;
    this.failures = 0;
    this.notBefore = 0;
  }

  // MARK: Packets

  /** Sends a packet; connects if necessary. */
  send(packet) {
    if (this.state === "open") return this.transmit(packet);
    if (this.state === "idle" && (performance.now() < this.notBefore || !this.net.links.makeRoom())) {
      return this.net.drop();
    }
    this.enqueue(packet);
    if (this.state === "idle") this.connect(targetOf(packet));
  }

  enqueue(packet) {
    this.queue.push(packet);
    this.queuedBytes += packet.length;
    while (this.queue.length > MOST_QUEUED || this.queuedBytes > MOST_QUEUED_BYTES) {
      this.queuedBytes -= this.queue.shift().length;
      this.net.drop();
    }
  }

  /** Gives a packet to the channel; it is lost when more than `most` bytes wait there. */
  transmit(packet, most = MOST_UNSENT) {
    const channel = this.channel;
    if (channel.readyState !== "open" || channel.bufferedAmount + packet.length > most) return this.net.drop();
    try {
      channel.send(packet);
      this.net.stats.sent += 1;
    } catch {
      this.net.drop();
    }
  }

  dropQueue() {
    this.net.drop(this.queue.length);
    this.queue = [];
    this.queuedBytes = 0;
  }

  /** Drops the packets that wait for ports which the peer has not published. */
  dropUnpublished() {
    const rest = this.queue.filter((packet) => !this.unpublished.has(targetOf(packet)));
    this.net.drop(this.queue.length - rest.length);
    this.queue = rest;
    this.queuedBytes = rest.reduce((bytes, { length }) => bytes + length, 0);
  }

  // MARK: Connecting

  connect(port) {
    this.port = port;
    if (this.net.signalling.isOnline) return this.offer();
    this.begin("waiting");
  }

  /** The server is there again: an offer that it has not passed on is made again. */
  online() {
    if (this.state === "waiting" || this.state === "offering") this.offer();
  }

  /** Ends what was there before, and starts an attempt. */
  begin(state) {
    this.tearDown();
    if (this.state === "idle") this.net.links.began(this);
    this.state = state;
    this.heardAt = performance.now();
    this.timer = setTimeout(() => {
      this.net.signalling.probe();
      this.fail("the peer did not answer in time");
    }, CONNECT_TIME);
    return this.attempt;
  }

  async offer() {
    const attempt = this.begin("offering");
    this.id = this.net.links.nextID();
    try {
      const peer = this.makePeer();
      const sdp = await describe(peer, this.net.gatherTime);
      if (attempt !== this.attempt) return;
      const isSent = this.net.signalling.send({ type: "offer", to: this.key, port: this.port, id: this.id, sdp });
      if (!isSent) this.state = "waiting";
    } catch (error) {
      if (attempt === this.attempt) this.fail(error.message);
    }
  }

  /** An offer of the peer arrived. */
  async offered({ id, sdp }) {
    // When both have offered at once, the offer of the peer with the greater key holds.
    if (this.state === "offering" && this.net.key > this.key) {
      this.ignored = { id, sdp };
      return;
    }
    const attempt = this.begin("answering");
    try {
      const peer = this.makePeer();
      await peer.setRemoteDescription({ type: "offer", sdp });
      const answer = await describe(peer, this.net.gatherTime);
      if (attempt !== this.attempt) return;
      const isSent = this.net.signalling.send({ type: "answer", to: this.key, id, sdp: answer });
      if (!isSent) this.fail("the server is away");
    } catch (error) {
      if (attempt !== this.attempt) return;
      this.net.signalling.send({ type: "refuse", to: this.key, id });
      this.fail(error.message);
    }
  }

  /** The peer has accepted our offer. */
  async answered({ id, sdp }) {
    if (this.state !== "offering" || id !== this.id) return;
    const attempt = this.attempt;
    this.ignored = null;
    try {
      await this.peer.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      if (attempt === this.attempt) this.fail(error.message);
    }
  }

  /** Our offer was declined by the peer, or refused by the server with a code. */
  refused(id, reason, code) {
    if (this.state !== "offering" || id !== this.id) return;
    if (code === "no_port" && !this.ignored) this.tryOtherPort(reason);
    else this.fail(reason);
  }

  /** The peer has not published the port under which we offer: only the packets for that port are lost. */
  tryOtherPort(reason) {
    this.unpublished.add(this.port);
    this.dropUnpublished();
    if (this.queue.length > 0 && this.unpublished.size < MOST_PORTS) this.connect(targetOf(this.queue[0]));
    else this.fail(reason);
  }

  /** The peer has left the server; an open channel to it may go on. */
  gone() {
    this.ignored = null;
    if (this.state === "offering" || this.state === "answering") this.fail("the peer has left");
  }

  makePeer() {
    const peer = new RTCPeerConnection(this.net.configuration);
    this.peer = peer;
    peer.onconnectionstatechange = () => {
      if (this.peer === peer && ["failed", "closed"].includes(peer.connectionState)) this.lost();
    };
    peer.ondatachannel = ({ channel }) => channel.close(); // there is one channel only
    this.use(peer.createDataChannel(LABEL, CHANNEL));
    return peer;
  }

  use(channel) {
    this.channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onopen = () => {
      if (this.channel === channel) this.opened();
    };
    channel.onclose = () => {
      if (this.channel === channel) this.lost();
    };
    channel.onmessage = ({ data }) => {
      if (this.channel !== channel || !(data instanceof ArrayBuffer)) return;
      this.heardAt = performance.now();
      this.net.receive(this.key, new Uint8Array(data));
    };
  }

  opened() {
    clearTimeout(this.timer);
    this.heardAt = performance.now();
    this.state = "open";
    this.failures = 0;
    this.ignored = null;
    const waiting = this.queue;
    this.queue = [];
    this.queuedBytes = 0;
    for (const packet of waiting) this.transmit(packet, MOST_QUEUED_BYTES);
  }

  // MARK: Ending

  /** The connection broke. The next packet makes another one. */
  lost() {
    if (this.state === "open") this.close();
    else this.fail("the connection could not be made");
  }

  /** The attempt came to nothing; packets that wait are lost, unless the peer wants to connect too. */
  fail(reason) {
    if (this.state === "idle") return;
    const { ignored } = this;
    if (ignored) {
      // Ours came to nothing, so the offer of the peer holds. It is taken up once: begin() forgets it.
      this.state = "answering";
      this.offered(ignored);
      return;
    }
    this.close();
    this.failures += 1;
    this.notBefore = performance.now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    this.net.onstate("failed", { key: this.key, reason });
  }

  /** Ends the connection; packets that wait are lost. */
  close() {
    this.tearDown();
    this.state = "idle";
    this.unpublished.clear();
    this.dropQueue();
    this.net.links.ended(this);
  }

  /** Ends the attempt or the connection, but keeps the packets that wait. */
  tearDown() {
    this.attempt += 1;
    clearTimeout(this.timer);
    this.ignored = null;
    const { peer, channel } = this;
    this.peer = null;
    this.channel = null;
    channel?.close();
    peer?.close();
  }
}

/** The offer or answer of this side, with its addresses. */
async function describe(peer, time) {
  await peer.setLocalDescription();
  await gathered(peer, time);
  const { sdp } = peer.localDescription;
  if (peer.iceGatheringState === "complete" && !sdp.includes("\na=candidate:")) throw new Error(NO_ADDRESS);
  return sdp;
}

/** Waits until all candidates are found, but not for ever: a STUN server may not answer. */
function gathered(peer, time) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      peer.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const look = () => {
      if (peer.iceGatheringState === "complete") done();
    };
    const timer = setTimeout(done, time);
    peer.addEventListener("icegatheringstatechange", look);
  });
}
