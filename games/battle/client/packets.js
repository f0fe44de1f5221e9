// The packets of both protocols: Engine.IO 4 below, which moves messages, and Socket.IO 5 in them. Everything here is
// a function of its arguments, except for the reader, which waits for the attachments of a packet.

const SEPARATOR = "\x1e"; // between the packets of one polling request or answer

// Engine.IO: a packet is { type, data }. `data` is a text, or an ArrayBuffer in a message.

export const ENGINE = { open: "0", close: "1", ping: "2", pong: "3", message: "4", upgrade: "5", noop: "6" };

export const engineText = ({ type, data = "" }) => type + data;

export function readEnginePacket(text) {
  if (text.startsWith("b")) return { type: ENGINE.message, data: bytesOfBase64(text.slice(1)) };
  if (!/^[0-6]/.test(text)) throw new Error(`"${text.slice(0, 20)}" is no Engine.IO packet`);
  return { type: text[0], data: text.slice(1) };
}

export const readPayload = (text) => text.split(SEPARATOR).map(readEnginePacket);

// Servers on Python take no more packets of one request.
const MOST_PACKETS = 16;

// Takes packets from the front of `queue` until `limit` bytes are full, but at least one, and returns them as the body
// of one request.
export function takePayload(queue, limit) {
  let body = "";
  let bytes = 0;
  for (let count = 0; queue.length && count < MOST_PACKETS; count += 1) {
    const { data } = queue[0];
    const text = data instanceof ArrayBuffer ? "b" + base64OfBytes(data) : engineText(queue[0]);
    bytes += new TextEncoder().encode(text).length + 1;
    if (body && bytes > limit) break;
    body += (body && SEPARATOR) + text;
    queue.shift();
  }
  return body;
}

function base64OfBytes(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

function bytesOfBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

// Socket.IO: a packet is { type, namespace, id, data }. In the JSON of a packet with attachments, { _placeholder, num }
// stands for each of them; the attachments follow as binary messages.

export const SOCKET = {
  connect: 0, disconnect: 1, event: 2, ack: 3, connectError: 4, binaryEvent: 5, binaryAck: 6,
};

// The Engine.IO messages of a packet: a text, then its attachments.
export function writeSocketPacket({ type, namespace = "/", id, data }) {
  const attachments = [];
  const json = data === undefined ? "" : JSON.stringify(withoutBytes(data, attachments));
  let kind = type;
  if (attachments.length) kind = type === SOCKET.ack ? SOCKET.binaryAck : SOCKET.binaryEvent;
  const count = attachments.length ? `${attachments.length}-` : "";
  const place = namespace === "/" ? "" : `${namespace},`;
  return [`${kind}${count}${place}${id ?? ""}${json}`, ...attachments];
}

function withoutBytes(value, attachments) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const { buffer, byteOffset = 0, byteLength } = ArrayBuffer.isView(value) ? value : { buffer: value };
    attachments.push(buffer.slice(byteOffset, byteOffset + (byteLength ?? buffer.byteLength)));
    return { _placeholder: true, num: attachments.length - 1 };
  }
  if (Array.isArray(value)) return value.map((one) => withoutBytes(one, attachments));
  // An object that knows its own JSON, such as a Date, is left to it.
  if (value === null || typeof value !== "object" || typeof value.toJSON === "function") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutBytes(one, attachments)]));
}

function withBytes(value, attachments) {
  if (value === null || typeof value !== "object") return value;
  if (value._placeholder === true) {
    if (!(value.num in attachments)) throw new Error(`a packet names attachment ${value.num}, which it does not have`);
    return attachments[value.num];
  }
  if (Array.isArray(value)) return value.map((one) => withBytes(one, attachments));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withBytes(one, attachments)]));
}

// Reads packets out of the messages of one connection.
export class SocketReader {
  constructor() {
    this.waiting = null; // a packet whose attachments are not all here
  }

  // Returns the packet that a message completes, or null; throws when the message is not one of the protocol.
  read(message) {
    if (message instanceof ArrayBuffer) return this.attach(message);
    if (this.waiting) throw new Error("a text came instead of an attachment");
    const [packet, count] = readSocketText(message);
    if (count === 0) return packet;
    this.waiting = { packet, count, attachments: [] };
    return null;
  }

  attach(bytes) {
    if (!this.waiting) throw new Error("an attachment came without its packet");
    const { packet, count, attachments } = this.waiting;
    attachments.push(bytes);
    if (attachments.length < count) return null;
    this.waiting = null;
    return { ...packet, data: withBytes(packet.data, attachments) };
  }
}

// The packet in a text, with binary types told as the plain ones, and the number of its attachments.
function readSocketText(text) {
  const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([[{"].*)?$/s.exec(text);
  if (!match) throw new Error(`"${text.slice(0, 20)}" is no Socket.IO packet`);
  const [, kind, attached, namespace = "/", id, json] = match;
  const isBinary = kind >= SOCKET.binaryEvent;
  if (isBinary !== (attached !== undefined)) throw new Error("a packet's type and its attachments contradict");
  const type = isBinary ? kind - SOCKET.binaryEvent + SOCKET.event : Number(kind);
  const data = json === undefined ? undefined : JSON.parse(json);
  const packet = { type, namespace, id: id === undefined ? undefined : Number(id), data };
  if (!isSound(packet)) throw new Error(`the data of a packet of type ${kind} is not what the protocol says`);
  return [packet, Number(attached ?? 0)];
}

function isSound({ type, data, id }) {
  switch (type) {
    case SOCKET.event: return Array.isArray(data) && ["string", "number"].includes(typeof data[0]);
    case SOCKET.ack: return Array.isArray(data) && id !== undefined;
    case SOCKET.disconnect: return data === undefined;
    default: return data === undefined || typeof data === "object" || typeof data === "string";
  }
}
