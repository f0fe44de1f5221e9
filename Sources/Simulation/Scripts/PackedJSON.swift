package import LuaSandbox
package import World

/// The two ways between the packed form in which tables cross the border to Lua and JSON values.
package enum PackedJSON {
    /// Reads one packed value; proxies in it were packed by their owners.
    package static func json(_ bytes: UnsafeRawBufferPointer) -> JSON {
        var reader = PackedReader(bytes)
        return value(&reader)
    }

    private static func value(_ reader: inout PackedReader) -> JSON {
        // The packer bounds depth and refuses what JSON can't hold, so whatever is malformed here is our own mistake
        // and reads as null.
        switch reader.next() {
        case nil, .nil: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return value.isFinite ? .number(value) : .null
        case .string(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .array(let count):
            var elements: [JSON] = []
            elements.reserveCapacity(min(count, 1024))
            for _ in 0..<count { elements.append(value(&reader)) }
            return .array(elements)
        case .object(let count):
            var object = JSONObject()
            for _ in 0..<count {
                let key = reader.next()
                let member = value(&reader)
                switch key {
                case .string(let bytes): object.append(unique: String(decoding: bytes, as: UTF8.self), member)
                case .number(let number): object.append(unique: text(ofKey: number), member)
                default: return .object(object)
                }
            }
            return .object(object)
        }
    }

    /// The JSON key of a whole-number table key.
    static func text(ofKey number: Double) -> String {
        Int(exactly: number).map(String.init) ?? number.description
    }

    /// Appends a value in packed form.
    package static func pack(_ value: JSON, into writer: inout PackedWriter) {
        switch value {
        case .null: writer.appendNil()
        case .bool(let value): writer.append(value)
        case .number(let value): writer.append(value)
        case .string(let value): writer.append(value)
        case .array(let elements):
            writer.beginArray(count: elements.count)
            for element in elements { pack(element, into: &writer) }
        case .object(let object):
            writer.beginObject(count: object.count)
            for member in object.members {
                writer.append(member.key)
                pack(member.value, into: &writer)
            }
        }
    }

    /// A value in packed form.
    package static func packed(_ value: JSON) -> [UInt8] {
        var writer = PackedWriter()
        pack(value, into: &writer)
        return writer.bytes
    }
}
