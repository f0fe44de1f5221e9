package import JSONValues
package import LuaSandbox

/// Converts between JSON values and the packed form in which tables cross the border to Lua.
package enum PackedJSON {
    /// Reads one packed value; proxies of tables in it are packed as tables already.
    ///
    /// - Parameters:
    ///   - bytes: The packed form.
    ///   - call: The request that has it as an argument: reading ends when its script's time is over.
    /// - Returns: The value.
    /// - Throws: ``ScriptFault`` when two keys of a table are one key in JSON.
    package static func json(_ bytes: UnsafeRawBufferPointer, for call: HostCall? = nil) throws -> JSON {
        var reader = PackedReader(bytes)
        return try value(&reader, call)
    }

    private static func requireTime(_ call: HostCall?) throws {
        // The script does not see this message, because its time limit stops it.
        if call?.isTimeOver == true { throw ScriptFault("the time limit was reached") }
    }

    /// How many values are read between two checks of the time.
    private static let valuesPerLook = 256

    private static func value(_ reader: inout PackedReader, _ call: HostCall?) throws -> JSON {
        // The packer limits the depth and refuses values that JSON can't hold, so a malformed value can only come from
        // a mistake in our own code; it reads as null.
        switch reader.next() {
        case nil, .nil: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return value.isFinite ? .number(value) : .null
        case .string(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .array(let count):
            var elements: [JSON] = []
            elements.reserveCapacity(min(count, 1024))
            for index in 0..<count {
                if index % valuesPerLook == 0 { try requireTime(call) }
                elements.append(try value(&reader, call))
            }
            return .array(elements)
        case .object(let count): return .object(try object(&reader, count: count, call))
        }
    }

    private static func object(_ reader: inout PackedReader, count: Int, _ call: HostCall?) throws -> JSONObject {
        var object = JSONObject()
        // 1 and "1" are two keys in Lua but one in JSON; so are texts that differ only in bytes that are not UTF-8.
        var (hasNumbers, hasTexts, hasOddTexts) = (false, false, false)
        for index in 0..<count {
            if index % valuesPerLook == 0 { try requireTime(call) }
            let key = reader.next()
            let member = try value(&reader, call)
            switch key {
            case .string(let bytes):
                hasTexts = true
                if bytes.contains(where: { $0 >= 0x80 }) { hasOddTexts = true }
                object.append(unique: String(decoding: bytes, as: UTF8.self), member)
            case .number(let number):
                hasNumbers = true
                object.append(unique: text(ofKey: number), member)
            default: return object
            }
        }
        if hasOddTexts || hasNumbers && hasTexts { try requireUnique(object) }
        return object
    }

    private static func requireUnique(_ object: JSONObject) throws {
        var seen: Set<[UInt8]> = []
        for key in object.keys where !seen.insert(Array(key.utf8)).inserted {
            throw ScriptFault("two keys of a table are '\(key)' as text, and JSON has no other keys")
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
