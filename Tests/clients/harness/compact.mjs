// Reads the compact encoding of the protocol (docs/msgpack.md) into the objects that JSON clients get.

const KINDS = ["players", "enemys", "animals", "objects"];
const WIDTHS = { 0xd9: 1, 0xda: 2, 0xdb: 4, 0xdc: 2, 0xdd: 4, 0xde: 2, 0xdf: 4 };

// A float that is a whole number must still be told from an integer: see the forms 2 and 3.
class Float {
  constructor(value) { this.value = value; }
}

const plain = (value) => (value instanceof Float ? value.value : value);

class Values {
  constructor(bytes) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  get done() { return this.at >= this.view.byteLength; }

  take(size) {
    this.at += size;
    return this.at - size;
  }

  length(size) {
    const at = this.take(size);
    return size === 1 ? this.view.getUint8(at) : size === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  text(size) {
    const at = this.take(size);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + at, size));
  }

  array(size) { return Array.from({ length: size }, () => plain(this.next())); }

  map(size) {
    const object = {};
    for (let index = 0; index < size; index += 1) {
      const key = this.next();
      object[key] = plain(this.next());
    }
    return object;
  }

  next() {
    const head = this.view.getUint8(this.take(1));
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 256;
    if (head < 0x90) return this.map(head & 15);
    if (head < 0xa0) return this.array(head & 15);
    if (head < 0xc0) return this.text(head & 31);
    switch (head) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xca: return new Float(this.view.getFloat32(this.take(4)));
      case 0xcb: return new Float(this.view.getFloat64(this.take(8)));
      case 0xcc: return this.view.getUint8(this.take(1));
      case 0xcd: return this.view.getUint16(this.take(2));
      case 0xce: return this.view.getUint32(this.take(4));
      case 0xcf: return Number(this.view.getBigUint64(this.take(8)));
      case 0xd0: return this.view.getInt8(this.take(1));
      case 0xd1: return this.view.getInt16(this.take(2));
      case 0xd2: return this.view.getInt32(this.take(4));
      case 0xd3: return Number(this.view.getBigInt64(this.take(8)));
    }
    const size = this.length(WIDTHS[head]);
    return head < 0xdc ? this.text(size) : head < 0xde ? this.array(size) : this.map(size);
  }
}

export class Reader {
  texts = [];
  shapes = [];
  decimals = 0;

  message(bytes) {
    const values = new Values(bytes);
    const first = values.next();
    if (typeof first === "object") return first;
    const isSnapshot = first === 1;
    if (isSnapshot) [this.texts, this.shapes] = [[], []];
    for (const entry of values.next()) (typeof entry === "string" ? this.texts : this.shapes).push(entry);
    if (isSnapshot) this.decimals = values.next();
    const message = { tick: values.next() };
    const time = values.next();
    const base = time instanceof Float ? 0 : time;
    message.time = time instanceof Float ? time.value : time / 10000;
    if (isSnapshot) for (const kind of KINDS) message[kind] = [];
    let kind, shape;
    while (!values.done) {
      const item = values.next();
      if (item === null) {
        const name = KINDS[values.next()];
        (message[name] ??= []).push(values.next());
      } else if (typeof item === "object") {
        Object.assign(message, item);
      } else if (item < 0) {
        [kind, shape] = [KINDS[-1 - item], this.shapes[values.next()]];
      } else {
        const id = item * 128 + values.next();
        const record = { id, key: `${kind}_${id}` };
        this.members(values, shape[Symbol.iterator](), record, base);
        (message[kind] ??= []).push(record);
      }
    }
    return message;
  }

  members(values, shape, target, base) {
    for (let { value: name } = shape.next(); name != null; { value: name } = shape.next()) {
      const form = shape.next().value;
      if (form === 4) {
        target[name] = {};
        this.members(values, shape, target[name], base);
        continue;
      }
      let value = values.next();
      if (typeof value === "number" && form === 1) value = this.texts[value];
      else if (typeof value === "number" && form === 2) value = (value * 128 + values.next()) / 10 ** this.decimals;
      else if (typeof value === "number" && form === 3) value = (base + value) / 10000;
      target[name] = plain(value);
    }
  }
}
