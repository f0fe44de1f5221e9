// The bound ports, and the program's callback for packets that have arrived in any of them.

import { Port } from "./port.js";

/** Whether a value is the number of a port; 0 stands for a free one. */
export const isPort = (value) => Number.isInteger(value) && value >= 0 && value <= 65_535;

const EPHEMERAL = [10_000, 65_535]; // the ports of sockets that are not bound by the program

export class Ports {
  constructor() {
    this.ports = new Map(); // a Port by its number
    this.callback = null;
    this.isSuspended = false;
    this.isNotifying = false;
  }

  has(number) { return this.ports.has(number); }

  get(number) { return this.ports.get(number); }

  /** The numbers of all bound ports. */
  numbers() { return this.ports.keys(); }

  /** Binds a port, which must not be bound. */
  open(number) {
    const port = new Port(number);
    this.ports.set(number, port);
    return port;
  }

  /** Removes a port with the packets that wait in it. */
  close(number) { this.ports.delete(number); }

  /** The number of a port that is not bound. */
  free() {
    const [first, last] = EPHEMERAL;
    for (;;) {
      const number = first + Math.floor(Math.random() * (last - first + 1));
      if (!this.ports.has(number)) return number;
    }
  }

  /** Puts a packet into the queue of a port; returns false when it is lost, because the port is full or not bound. */
  deliver(number, packet) {
    if (!this.ports.get(number)?.add(packet)) return false;
    this.notify();
    return true;
  }

  /** Sets the program's function; null for none. */
  setCallback(callback) {
    this.callback = callback ?? null;
    this.notify();
  }

  /** Stops callbacks. Packets go on arriving. */
  suspend() { this.isSuspended = true; }

  resume() {
    this.isSuspended = false;
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
