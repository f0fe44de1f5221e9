import JSONValues

/// Encodes values as bytes for a recording. Whole numbers are LEB128, signed ones with zigzag first; floating-point
/// numbers keep all their bits, so that a replay reads exactly the same values.
struct TapeWriter {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func write(_ byte: UInt8) { bytes.append(byte) }

    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func write(unsigned value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func write(_ value: Int) {
        write(unsigned: UInt64(bitPattern: Int64(value << 1 ^ value >> 63)))
    }

    mutating func write(fixed value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(fixed value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ value: Double) { write(fixed: value.bitPattern) }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            write(unsigned: UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func write(_ data: [UInt8]) {
        write(unsigned: UInt64(data.count))
        bytes.append(contentsOf: data)
    }

    mutating func write<Value>(optional value: Value?, _ body: (inout TapeWriter, Value) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: write(0 as UInt8)
        case .bool(false): write(1 as UInt8)
        case .bool(true): write(2 as UInt8)
        case .number(let number):
            write(3 as UInt8)
            write(number)
        case .string(let text):
            write(4 as UInt8)
            write(text)
        case .array(let elements):
            write(5 as UInt8)
            write(unsigned: UInt64(elements.count))
            for element in elements { write(element) }
        case .object(let object):
            write(6 as UInt8)
            write(object)
        }
    }

    mutating func write(_ object: JSONObject) {
        write(unsigned: UInt64(object.count))
        for member in object.members {
            write(member.key)
            write(member.value)
        }
    }
}
