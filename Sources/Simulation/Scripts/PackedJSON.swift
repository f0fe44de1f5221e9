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
        var reader = PackedJSONReader(bytes, for: call)
        return try reader.value()
    }

    /// The JSON key of a whole-number table key.
    static func text(ofKey number: Double) -> String {
        Int(exactly: number).map(String.init) ?? number.description
    }

    /// Appends a value in packed form.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - writer: Receives the bytes.
    ///   - hasNumbers: Whether names of members that are whole numbers become numbers, as a component's table has them.
    package static func pack(_ value: JSON, into writer: inout PackedWriter, hasNumbers: Bool = false) {
        switch value {
        case .null: writer.appendNil()
        case .bool(let value): writer.append(value)
        case .number(let value): writer.append(value)
        case .string(let value): writer.append(value)
        case .array(let elements):
            writer.beginArray(count: elements.count)
            for element in elements { pack(element, into: &writer, hasNumbers: hasNumbers) }
        case .object(let object):
            writer.beginObject(count: object.count)
            for member in object.members {
                pack(hasNumbers ? JSONKey(member: member.key) : .name(member.key), into: &writer)
                pack(member.value, into: &writer, hasNumbers: hasNumbers)
            }
        }
    }

    /// Appends a component's table in packed form, with the keys that scripts see.
    static func pack(_ node: JSONNode, into writer: inout PackedWriter) {
        pack(node.json, into: &writer, hasNumbers: true)
    }

    private static func pack(_ key: JSONKey, into writer: inout PackedWriter) {
        switch key {
        case .index(let index): writer.append(Double(index))
        case .name(let name): writer.append(name)
        }
    }

    /// A value in packed form.
    package static func packed(_ value: JSON) -> [UInt8] {
        var writer = PackedWriter()
        pack(value, into: &writer)
        return writer.bytes
    }

    /// A component's table in packed form, with the keys that scripts see.
    static func packed(_ node: JSONNode) -> [UInt8] {
        var writer = PackedWriter()
        pack(node, into: &writer)
        return writer.bytes
    }
}
