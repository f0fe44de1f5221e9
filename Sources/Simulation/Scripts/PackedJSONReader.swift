import JSONValues
import LuaSandbox
import World

/// Reads JSON values from the packed form in which tables cross the border from Lua.
struct PackedJSONReader {
    /// A table of a component in the value, which holds a copy of it.
    struct Met {
        let table: JSONNode
        /// The keys that lead to it, the innermost first.
        fileprivate(set) var reversedPath: [JSONKey] = []
    }

    /// The tables of components that were met.
    private(set) var met: [Met] = []
    private var reader: PackedReader
    private let call: HostCall?
    private let table: ((HostReference) throws -> JSONNode)?
    private var copiedWeight = 0

    /// Values between two looks at the time.
    private static let valuesPerLook = 256

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - bytes: The packed form; must outlive the reader.
    ///   - call: The request that brings it: when its script's time is over, reading ends.
    ///   - table: Gives the table of a component that is in the value as a reference.
    init(
        _ bytes: UnsafeRawBufferPointer, for call: HostCall?, table: ((HostReference) throws -> JSONNode)? = nil
    ) {
        reader = PackedReader(bytes)
        self.call = call
        self.table = table
    }

    private func requireTime() throws {
        // The script does not see this: it ends.
        if call?.mustEnd == true { throw ScriptFault("the time limit was reached") }
    }

    /// Reads the next value.
    ///
    /// - Throws: ``ScriptFault`` when two keys of a table are one key in JSON, and what the tables of components in it
    ///   throw.
    mutating func value() throws -> JSON {
        // The packer bounds depth and refuses what JSON can't hold, so whatever is malformed here is our own mistake
        // and reads as null.
        switch reader.next() {
        case nil, .nil: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return value.isFinite ? .number(value) : .null
        case .string(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .reference(let reference): return try copy(reference)
        case .array(let count):
            var elements: [JSON] = []
            elements.reserveCapacity(min(count, 1024))
            for index in 0..<count {
                if index % Self.valuesPerLook == 0 { try requireTime() }
                let known = met.count
                elements.append(try value())
                note(.index(index + 1), since: known)
            }
            return .array(elements)
        case .object(let count): return .object(try object(count: count))
        }
    }

    /// A component's table is as large as a component may be, and a script may name it in a few bytes: copies of them
    /// are bounded together.
    private mutating func copy(_ reference: HostReference) throws -> JSON {
        guard let table = try table?(reference) else { return .null }
        copiedWeight += table.weight
        if copiedWeight > JSONNode.maxWeight { throw WorldError.jsonTooLarge(limit: JSONNode.maxWeight) }
        met.append(Met(table: table))
        return table.json
    }

    private mutating func note(_ key: JSONKey, since known: Int) {
        for index in known..<met.count { met[index].reversedPath.append(key) }
    }

    private mutating func object(count: Int) throws -> JSONObject {
        var object = JSONObject()
        // 1 and "1" are two keys in Lua, and so are texts that differ in bytes that are no UTF-8.
        var (hasNumbers, hasTexts, hasOddTexts) = (false, false, false)
        for index in 0..<count {
            if index % Self.valuesPerLook == 0 { try requireTime() }
            let name: String
            switch reader.next() {
            case .string(let bytes):
                hasTexts = true
                if bytes.contains(where: { $0 >= 0x80 }) { hasOddTexts = true }
                name = String(decoding: bytes, as: UTF8.self)
            case .number(let number):
                hasNumbers = true
                name = PackedJSON.text(ofKey: number)
            default: return object
            }
            let known = met.count
            object.append(unique: name, try value())
            if met.count > known { note(.name(name), since: known) }
        }
        if hasOddTexts || hasNumbers && hasTexts { try requireUnique(object) }
        return object
    }

    private func requireUnique(_ object: JSONObject) throws {
        var seen: Set<[UInt8]> = []
        for key in object.keys where !seen.insert(Array(key.utf8)).inserted {
            throw ScriptFault("two keys of a table are '\(key)' as text, and JSON has no other keys")
        }
    }
}
