"""Reads the compact encoding of the protocol (docs/msgpack.md) into the objects that JSON clients get."""

import struct

KINDS = ("players", "enemys", "animals", "objects")
NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}
LENGTHS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I"}


class Values:
    """MessagePack values, one after another."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def unpack(self, form):
        (number,) = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return number

    def text(self, length):
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def array(self, length):
        return [self.next() for _ in range(length)]

    def map(self, length):
        return {self.next(): self.next() for _ in range(length)}

    def next(self):
        head = self.unpack(">B")
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 256
        if head < 0x90:
            return self.map(head & 15)
        if head < 0xA0:
            return self.array(head & 15)
        if head < 0xC0:
            return self.text(head & 31)
        if head in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[head]
        if head in NUMBERS:
            return self.unpack(NUMBERS[head])
        length = self.unpack(LENGTHS[head])
        return (self.text if head < 0xDC else self.array if head < 0xDE else self.map)(length)


class Reader:
    def __init__(self):
        self.texts, self.shapes, self.decimals = [], [], 0

    def message(self, data):
        values = Values(data)
        first = values.next()
        if isinstance(first, dict):
            return first
        if first == 1:
            self.texts, self.shapes = [], []
        for entry in values.next():
            (self.texts if isinstance(entry, str) else self.shapes).append(entry)
        if first == 1:
            self.decimals = values.next()
        message = {"tick": values.next(), "time": values.next()}
        base = message["time"]
        if isinstance(base, int):
            message["time"] = base / 10_000
        else:
            base = 0
        if first == 1:
            message.update({kind: [] for kind in KINDS})
        kind = shape = None
        while values.at < len(data):
            item = values.next()
            if isinstance(item, dict):
                message.update(item)
            elif item is None:
                message.setdefault(KINDS[values.next()], []).append(values.next())
            elif item < 0:
                kind, shape = KINDS[-1 - item], self.shapes[values.next()]
            else:
                number = item * 128 + values.next()
                record = {"id": number, "key": f"{kind}_{number}"}
                self.members(values, iter(shape), record, base)
                message.setdefault(kind, []).append(record)
        return message

    def members(self, values, shape, target, base):
        for name in shape:
            if name is None:
                return
            form = next(shape)
            if form == 4:
                target[name] = {}
                self.members(values, shape, target[name], base)
                continue
            value = values.next()
            if isinstance(value, int) and not isinstance(value, bool):
                if form == 1:
                    value = self.texts[value]
                elif form == 2:
                    value = (value * 128 + values.next()) / 10**self.decimals
                elif form == 3:
                    value = (base + value) / 10_000
            target[name] = value


def pack(value):
    """A command as MessagePack."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
    if isinstance(value, dict):
        pairs = b"".join(pack(key) + pack(inner) for key, inner in value.items())
        return b"\xdf" + struct.pack(">I", len(value)) + pairs
    return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
