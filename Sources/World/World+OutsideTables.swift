package import JSONValues

/// Trees of tables that are in no component, but that something outside the world keeps, such as a socket's data, and
/// other things that are kept like that. They weigh as components do.
///
/// Such a tree has the place ``JSONNode/Place/outside(_:)``, so that scripts can hold its tables for as long as the
/// tree is kept.
extension World {
    /// Makes a tree, in place of an older one.
    ///
    /// - Parameters:
    ///   - value: An array or an object.
    ///   - old: The tree that is kept no longer; `nil` without one.
    ///   - owner: The number of what keeps it, as ``JSONNode/Place/outsideOwner`` gives it back.
    ///   - limit: The most that it may weigh, at most ``JSONNode/maxWeight``.
    /// - Returns: The tree.
    /// - Throws: ``WorldError/jsonTooLarge(limit:)``, ``WorldError/jsonTooDeep(limit:)`` or
    ///   ``WorldError/tooHeavy(limit:kept:)``; nothing changes then.
    package func makeOutside(
        _ value: JSON, replacing old: JSONNode?, owner: Int, limit: Int
    ) throws(WorldError) -> JSONNode {
        let size = try WorldError.limit { () throws(JSONLimitError) in try JSONSize(checking: value) }
        guard size.weight <= limit else { throw .jsonTooLarge(limit: limit) }
        // An old tree that scripts hold still counts, as a kept one.
        let released = old.map { $0.isKnown ? 0 : $0.weight } ?? 0
        try checkRoom(for: size.weight - released)
        let node = JSONNode(value)
        node.place = .outside(owner)
        weight.add(node.weight - (old?.weight ?? 0))
        if let old { detachFromComponent(old) }
        return node
    }

    /// Puts a copy of a value under a key of a table of such a tree.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    ///   - value: The value; `nil` or null removes the key.
    ///   - limit: The most that the tree may weigh.
    /// - Throws: As ``makeOutside(_:replacing:owner:limit:)``.
    package func set(_ key: JSONKey, ofOutside table: JSONNode, to value: JSON?, limit: Int) throws(WorldError) {
        let change = try WorldError.limit { () throws(JSONLimitError) in try table.change(key, to: value) }
        guard change.growth <= 0 || table.root.weight + change.growth <= limit else {
            throw .jsonTooLarge(limit: limit)
        }
        let kept = change.replaced.map { $0.isKnown ? $0.weight : 0 } ?? 0
        try checkRoom(for: change.growth + kept)
        if let replaced = change.replaced { detachFromComponent(replaced) }
        table.make(change)
        weight.add(change.growth)
    }

    /// Ends a tree whose owner is gone.
    ///
    /// - Parameters:
    ///   - tree: The tree.
    ///   - owner: The owner's name, for the messages that scripts get that still hold a table of it.
    package func releaseOutside(_ tree: JSONNode, owner: @autoclosure () -> String) {
        weight.add(-tree.weight)
        tree.place = nil
        tree.invalidate(owner: owner())
    }

    /// Counts what something outside the world keeps that is no tree.
    ///
    /// - Parameter weight: What it weighs, in bytes.
    /// - Throws: ``WorldError/tooHeavy(limit:kept:)``; nothing is counted then.
    package func reserveOutside(weight: Int) throws(WorldError) {
        try checkRoom(for: weight)
        self.weight.add(weight)
    }

    /// Counts no longer what ``reserveOutside(weight:)`` counted.
    ///
    /// - Parameter weight: What it weighs, in bytes.
    package func releaseOutside(weight: Int) { self.weight.add(-weight) }
}

extension JSONNode.Place {
    /// No column of a world.
    private static let outsideColumn = -1

    /// The place of a tree that is in no component.
    ///
    /// - Parameter owner: The number of what keeps it.
    /// - Returns: The place.
    package static func outside(_ owner: Int) -> JSONNode.Place {
        JSONNode.Place(slot: owner, column: outsideColumn)
    }

    /// The number of what keeps a tree that is in no component; `nil` for a component.
    package var outsideOwner: Int? { column == Self.outsideColumn ? slot : nil }
}
