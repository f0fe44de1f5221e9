package import JSONValues

/// How much an entity's texts and tables weigh, and how much of that a map may hold.
///
/// All of it is sent to every client that joins. So the limit also bounds the size of a snapshot and of a delta, and
/// how much memory outside its VM a script can make the server use.
extension World {
    /// The default of ``WorldWeight/limit``.
    package static let defaultMaxWeight = 16 << 20

    /// What a kept table weighs besides its values; see ``WorldWeight``.
    package static let handleWeight = 128

    /// Refuses a change when the map's texts, json components, data of pending events and kept tables would together
    /// outgrow ``WorldWeight/limit``.
    ///
    /// Call it before a script sets a value. Values from the store, from other maps and from clients are never refused:
    /// on a map that is too heavy, scripts can only make it lighter, but players can go on.
    ///
    /// - Parameter growth: By how much the weight would grow, in bytes.
    /// - Throws: ``WorldError/tooHeavy(limit:kept:)``.
    package func checkRoom(for growth: Int) throws(WorldError) {
        guard growth > 0 else { return }
        if let releasable = weight.releasable(before: growth) {
            weight.tableHolder?.releaseTables(weighing: releasable)
        }
        guard weight.hasRoom(for: growth) else { throw .tooHeavy(limit: weight.limit, kept: weight.kept) }
    }

    /// As ``checkRoom(for:)``, for the data of an event that replaces the pending event of its group.
    package func checkRoom(forData data: JSONObject, slot: Int, group: Int) throws(WorldError) {
        try checkRoom(for: (data.isEmpty ? 0 : data.keptWeight) - state(slot, group).dataWeight)
    }

    /// How much lighter the map becomes when a value of a column is replaced; 0 for a table that a script may hold.
    package func releasedWeight(of column: Column, slot: Int) -> Int {
        if column.storage == .json, let node = column.nodes[slot], node.isKnown { return 0 }
        return weight(of: column, slot: slot)
    }

    /// Detaches a table that leaves its component; it becomes a kept table if a script may still hold it.
    func detachFromComponent(_ node: JSONNode) {
        if node.isKnown { weight.addKept(node.weight + Self.handleWeight) }
        node.detach()
    }

    /// What a value of a column weighs: the bytes of a text, or the weight of a table; a number or a boolean weighs 0.
    package func weight(of column: Column, slot: Int) -> Int {
        switch column.storage {
        case .number, .boolean: 0
        case .string: strings.length(column.strings[slot])
        case .json: column.nodes[slot]?.weight ?? 0
        }
    }
}

/// Holds references to tables of json components outside the world, on behalf of scripts.
package protocol TableHolder: AnyObject {
    /// Releases tables that scripts do not use any more, and calls ``WorldWeight/setKept(_:)`` with the weight of the
    /// rest.
    ///
    /// - Parameter needed: How much should be released, in bytes.
    func releaseTables(weighing needed: Int)
}

extension EntityRecord {
    /// What the record's texts and tables will weigh on a map, without the defaults of absent components.
    package var weight: Int {
        components.values.reduce(side.utf8.count + action.utf8.count + prefab.utf8.count) { $0 + $1.weight }
    }
}

extension JSONObject {
    /// The weight of an event's data. A client's data may be full of nulls, which are kept until the event ran.
    var keptWeight: Int { JSONSize(keeping: .object(self)).weight }
}

extension JSON {
    /// The bytes of a text, or the weight of a table; any other value weighs 0.
    package var weight: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array, .object: JSONSize(self).weight
        default: 0
        }
    }
}
