// The local addresses of other peers. Each key has one, from the first time that the program asks for it or that a
// packet of the peer arrives; it never changes, because the program may have kept it.

export const OWN = 0x0a000001; // 10.0.0.1
const FIRST = 0x0a000002; // the address of the first peer
const MOST = 65_534; // peers: up to 10.0.255.255
const KEY = /^[A-Za-z0-9_-]{24}$/;

/** Whether a value has the form of a key. */
export const isKey = (value) => typeof value === "string" && KEY.test(value);

export class Addresses {
  constructor() {
    this.keys = []; // in the order of their addresses
    this.addresses = new Map(); // by key
  }

  /** Whether a key has an address. */
  has(key) { return this.addresses.has(key); }

  /** Whether a key has an address, or can get one. */
  hasRoom(key) { return this.has(key) || this.keys.length < MOST; }

  /** The address of a key, which gets one if it has none; 0 when all are taken. */
  of(key) {
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    if (!this.hasRoom(key)) return 0;
    const address = FIRST + this.keys.length;
    this.keys.push(key);
    this.addresses.set(key, address);
    return address;
  }

  /** The key of an address; undefined when it belongs to no peer. */
  keyOf(address) { return this.keys[address - FIRST]; }
}
