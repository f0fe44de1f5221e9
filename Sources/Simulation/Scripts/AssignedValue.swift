import JSONValues
import LuaSandbox
import World

/// A value that a script assigns into a component, and the tables of components in it, which move with it.
struct AssignedValue {
    /// The value, with a copy of each of the tables.
    let json: JSON
    /// The tables, each with the keys that lead to its copy.
    private let tables: [(table: JSONNode, path: [JSONKey])]

    fileprivate init(_ json: JSON, _ tables: [(table: JSONNode, path: [JSONKey])] = []) {
        self.json = json
        self.tables = tables
    }

    /// Whether the value is just this table.
    func isOnly(_ table: JSONNode?) -> Bool { tables.first?.path.isEmpty == true && tables.first?.table === table }

    /// The tables to move; `stored` is the value as it is stored.
    func moved(storedAs stored: JSON) -> [MovedTable] {
        guard !tables.isEmpty else { return [] }
        let isStoredAsIs = stored == json
        return tables.map { MovedTable($0.table, path: $0.path, isStoredAsIs: isStoredAsIs) }
    }
}

extension ScriptHost {
    /// A value given as an argument, to be stored in a component.
    func assignedValue(_ call: HostCall, at index: Int) throws -> AssignedValue {
        if let reference = call.reference(at: index), reference.classID == LuaClass.json.rawValue {
            let table = try readableTable(reference)
            return AssignedValue(table.json, [(table, [])])
        }
        let packed = try call.withPacked(at: index) { bytes in
            try requireRoom(forPacked: bytes.count, maxWeight: JSONNode.maxWeight)
            var reader = PackedJSONReader(bytes, for: call, table: readableTable)
            let json = try reader.value()
            return AssignedValue(json, reader.met.map { ($0.table, $0.reversedPath.reversed()) })
        }
        return try packed ?? AssignedValue(json(call, at: index))
    }

    /// The table of a proxy.
    ///
    /// - Throws: ``ScriptFault`` when it is gone, or was part of an entity that was removed.
    func readableTable(_ reference: HostReference) throws -> JSONNode {
        guard let node = table(reference) else {
            throw ScriptFault("this table is no longer part of a component; read it again or keep a copy(t)")
        }
        if let owner = node.removedOwner {
            throw ScriptFault(owner.hasPrefix("socket ") ? "\(owner) is gone" : "entity \(owner) was removed")
        }
        return node
    }
}
