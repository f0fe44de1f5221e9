// A packet on its way to a peer: the port of its source, the port of its destination, each 16 bits with the most
// significant byte first, and the program's bytes.

const HEADER = 4;
export const LARGEST = 16 * 1024; // the program's bytes must be fewer

const view = (packet) => new DataView(packet.buffer, packet.byteOffset);

/** Makes a packet of the first `length` bytes of `bytes`. */
export function pack(source, target, bytes, length) {
  const packet = new Uint8Array(HEADER + length);
  view(packet).setUint16(0, source);
  view(packet).setUint16(2, target);
  packet.set(bytes.subarray(0, length), HEADER);
  return packet;
}

/** The port of a packet's destination. */
export const targetOf = (packet) => view(packet).getUint16(2);

/** Takes a packet apart: { source, target, bytes }; null for what is too short or too long. */
export function unpack(packet) {
  const length = packet.length - HEADER;
  if (length < 0 || length >= LARGEST) return null;
  return { source: view(packet).getUint16(0), target: targetOf(packet), bytes: packet.subarray(HEADER) };
}
