// The queue of a bound port: the packets that have arrived and that the program has not taken yet.

const MOST_WAITING = 1024; // packets
const MOST_WAITING_BYTES = 256 * 1024;

export class Port {
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

  /** Removes the oldest packet and returns it; the queue must not be empty. */
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
