package import JSONValues

/// What an entity's texts and tables weigh, and how much of that a map may hold.
///
/// All of it goes to every client that joins, so its bound is that of a snapshot, of a delta, and of what a script can
/// make the server remember outside its own memory.
extension World {
    /// The default of ``WorldWeight/limit``.
    package static let defaultMaxWeight = 16 << 20

    /// What a table weighs beside its values while scripts hold it though it is in no component any more.
    package static let handleWeight = 128

    /// Refuses to let the map's texts, json components and data of pending events grow above ``WorldWeight/limit``,
    /// together with the tables that scripts hold though they are in no component any more.
    ///
    /// To be called for what scripts set. What is stored, or comes from another map or from a client, is never refused:
    /// a map that is too heavy may only shrink by its scripts, and players go on.
    ///
    /// - Parameter growth: By how much they would grow, in bytes.
    /// - Throws: ``WorldError/tooHeavy(limit:kept:)``.
    package func checkRoom(for growth: Int) throws(WorldError) {
        guard growth > 0 else { return }
        if let releasable = weight.releasable(before: growth) {
            weight.tableHolder?.releaseTables(weighing: releasable)
        }
        guard weight.hasRoom(for: growth) else { throw .tooHeavy(limit: weight.limit, kept: weight.kept) }
    }

    /// As ``checkRoom(for:)``, for the data of an event that takes the place of what is pending.
    package func checkRoom(forData data: JSONObject, slot: Int, group: Int) throws(WorldError) {
        try checkRoom(for: (data.isEmpty ? 0 : JSON.object(data).weight) - state(slot, group).dataWeight)
    }

    /// What the map weighs less when a value of a column is replaced; nothing for a table that a script may hold.
    package func weightToGo(of column: Column, slot: Int) -> Int {
        if column.storage == .json, let node = column.nodes[slot], node.isKnown { return 0 }
        return weight(of: column, slot: slot)
    }

    /// Lets a table go that was taken out of its component; a script may still hold it.
    func letGo(_ node: JSONNode) {
        if node.isKnown { weight.addKept(node.weight + Self.handleWeight) }
        node.detach()
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

/// Refers to tables of json components from outside of the world.
package protocol TableHolder: AnyObject {
    /// Lets go of what is not needed any more, and notes by ``WorldWeight/setKept(_:)`` what the rest
    /// weighs.
    ///
    /// - Parameter needed: What should go, in bytes.
    func releaseTables(weighing needed: Int)
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
