package import JSONValues
package import LuaSandbox

/// The two ways between the packed form in which tables cross the border to Lua and JSON values.
package enum PackedJSON {
    /// Reads one packed value; proxies in it were packed by their owners.
    ///
    /// - Parameters:
    ///   - bytes: The packed form.
    ///   - call: The request that brings it: when its script's time is over, reading ends.
    /// - Returns: The value.
    /// - Throws: ``ScriptFault`` when two keys of a table are one key in JSON.
    package static func json(_ bytes: UnsafeRawBufferPointer, for call: HostCall? = nil) throws -> JSON {
        var reader = PackedJSONReader(bytes, for: call)
        return try reader.value()
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
