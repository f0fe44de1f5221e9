/// What an entity's texts and tables weigh, and how much of that a map may hold.
///
/// All of it goes to every client that joins, so its bound is that of a snapshot, of a delta, and of what a script can make
/// the server remember outside its own memory.
extension World {
    /// The default of ``maxWeight``.
    package static let defaultMaxWeight = 16 << 20

    /// Refuses to let the map's texts, json components and data of pending events grow above ``maxWeight``.
    ///
    /// To be called for what scripts set. What is stored, or comes from another map or from a client, is never refused: a
    /// map that is too heavy may only shrink by its scripts, and players go on.
    ///
    /// - Parameter growth: By how much they would grow, in bytes.
    /// - Throws: ``WorldError/tooHeavy(limit:)``.
    package func checkRoom(for growth: Int) throws(WorldError) {
        guard growth <= 0 || weight + growth <= maxWeight else { throw .tooHeavy(limit: maxWeight) }
    }

    /// As ``checkRoom(for:)``, for the data of an event that takes the place of what is pending.
    package func checkRoom(forData data: JSONObject, slot: Int, group: Int) throws(WorldError) {
        try checkRoom(for: (data.isEmpty ? 0 : JSON.object(data).weight) - state(slot, group).dataWeight)
    }

    /// What a value of a column weighs: the bytes of a text, the weight of a table, nothing else.
    package func weight(of column: Column, slot: Int) -> Int {
        switch column.storage {
        case .number: 0
        case .string: strings.length(column.strings[slot])
        case .json: column.nodes[slot]?.weight ?? 0
        }
    }
}

extension EntityRecord {
    /// What the record's texts and tables will weigh on a map, without defaults.
    package var weight: Int {
        components.values.reduce(side.utf8.count + action.utf8.count + prefab.utf8.count) { $0 + $1.weight }
    }
}

extension JSON {
    /// The bytes of a text, the weight of a table.
    package var weight: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array, .object: JSONSize(self).weight
        default: 0
        }
    }
}
