// The two WebRTC data channels of a player: `reliable` for everything that must arrive, in order, and `fast` for
// positions, of which a late one is worth nothing.

const FAST = { ordered: false, maxPacketLifeTime: 100 };
const MORE = 1; // the first byte of a part of a long message that is not the last one
const LAST = 2;
const ABNORMAL = 1006; // the code of an end without a close message, as WebSockets have it

/** Why the server does not take an offer. `mayTryWebSocket` is false when it would not take a WebSocket either. */
export class OfferError extends Error {
  constructor(status, answer) {
    super(answer?.error ?? `the server answered ${status}`);
    this.status = status;
    this.code = answer?.code;
    this.mayTryWebSocket = ![401, 403].includes(status);
  }
}

export class Lanes {
  /** `on`: `{ open(), reliable(text), fast(text), close(code, reason) }`; `close` is called once, or never after `end`. */
  constructor(on) {
    this.on = on;
    this.isOpen = false;
    this.isOver = false;
    this.parts = [];
    this.ending = null;
    this.peer = new RTCPeerConnection();
    this.reliable = this.peer.createDataChannel("reliable");
    this.fast = this.peer.createDataChannel("fast", FAST);
    this.decoder = new TextDecoder();
    for (const channel of [this.reliable, this.fast]) {
      channel.binaryType = "arraybuffer";
      channel.onopen = () => this.opened();
      channel.onclose = () => this.closed();
    }
    this.reliable.onmessage = ({ data }) => this.receive(data);
    this.fast.onmessage = ({ data }) => { if (this.isOpen && typeof data === "string") this.on.fast(data); };
    this.peer.onconnectionstatechange = () => {
      if (["failed", "closed"].includes(this.peer.connectionState)) this.closed();
    };
  }

  /** Sends the offer; a promise of the server's answer, `{ type, sdp, token }`. Fails with an `OfferError`. */
  async offer(url, authorization) {
    await this.peer.setLocalDescription();
    const { type, sdp } = this.peer.localDescription;
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: authorization },
      body: JSON.stringify({ type, sdp }),
    });
    const answer = await response.json().catch(() => null);
    if (!response.ok) throw new OfferError(response.status, answer);
    if (!this.isOver) await this.peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    return answer;
  }

  opened() {
    if (this.isOver || this.isOpen || [this.reliable, this.fast].some(({ readyState }) => readyState !== "open")) return;
    this.isOpen = true;
    this.on.open();
  }

  receive(data) {
    if (this.isOver) return;
    if (typeof data === "string") return this.take(data);
    const bytes = new Uint8Array(data);
    this.parts.push(bytes.subarray(1));
    if (bytes[0] === MORE) return;
    if (bytes[0] !== LAST) return this.fail("a message that is not known");
    const whole = new Uint8Array(this.parts.reduce((size, part) => size + part.length, 0));
    let end = 0;
    for (const part of this.parts) {
      whole.set(part, end);
      end += part.length;
    }
    this.parts = [];
    this.take(this.decoder.decode(whole));
  }

  take(text) {
    // The last message of all says why the session ends.
    const ending = text.startsWith('{"action":"close","code":') ? JSON.parse(text) : null;
    if (ending) this.ending = ending;
    else this.on.reliable(text);
  }

  send(text) {
    if (this.isOver || this.reliable.readyState !== "open") return false;
    this.reliable.send(text);
    return true;
  }

  fail(reason) {
    this.ending = { code: ABNORMAL, reason };
    this.closed();
  }

  closed() {
    if (this.isOver) return;
    this.end();
    this.on.close(this.ending?.code ?? ABNORMAL, this.ending?.reason ?? "");
  }

  /** Ends the connection. */
  end() {
    this.isOver = true;
    this.peer.close();
  }
}
