package import JSONValues

/// A table of a component that moves to another place, because a script assigned it there.
package struct MovedTable {
    /// The table.
    package let table: JSONNode
    /// The keys that lead to its copy in the stored value, the outermost first.
    package let path: [JSONKey]
    /// Whether the copy is stored unchanged. If not, an empty table in it may be of the other kind.
    package let isStoredAsIs: Bool

    /// Makes a description.
    package init(_ table: JSONNode, path: [JSONKey], isStoredAsIs: Bool) {
        self.table = table
        self.path = path
        self.isStoredAsIs = isStoredAsIs
    }
}

extension World {
    /// Puts a copy of a value under a key of a table of a json component, then moves tables to where their copies are
    /// in it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    ///   - value: The value; `nil` or null removes the key.
    ///   - moved: The tables to move.
    /// - Throws: ``WorldError/inNoComponent``, ``WorldError/jsonTooLarge(limit:)``, ``WorldError/jsonTooDeep(limit:)``
    ///   or ``WorldError/tooHeavy(limit:kept:)``; nothing changes then.
    package func set(
        _ key: JSONKey, of table: JSONNode, to value: JSON?, moving moved: [MovedTable] = []
    ) throws(WorldError) {
        guard let place = table.root.place else { throw .inNoComponent }
        let change = try WorldError.limit { () throws(JSONLimitError) in try table.change(key, to: value) }
        // A replaced table that scripts hold still counts, as a kept one.
        let kept = change.replaced.map { $0.isKnown ? $0.weight : 0 } ?? 0
        try checkRoom(for: change.growth + kept - returningWeight(of: moved, replacing: change.replaced))
        if let replaced = change.replaced { detachFromComponent(replaced) }
        table.make(change)
        weight.add(change.growth)
        changes.mark(column: place.column, slot: place.slot)
        move(moved, into: table.table(key))
    }

    /// Moves tables to where their copies are in a value that was just stored. A table that is part of another one
    /// leaves a copy there.
    ///
    /// A table that is a whole component is not moved, and neither is one that would come to stand inside itself.
    ///
    /// - Parameters:
    ///   - moved: The tables to move.
    ///   - stored: The outermost table of the value.
    package func move(_ moved: [MovedTable], into stored: JSONNode?) {
        for move in moved {
            let table = move.table
            guard let copy = move.path.reduce(stored, { $0?.table($1) }), table.canTakePlace(of: copy) else { continue }
            if table.parent == nil { weight.addKept(-(table.weight + Self.handleWeight)) }
            if let place = copy.place { columns.all[place.column]?.nodes[place.slot] = table }
            table.takePlace(of: copy, isEqual: move.isStoredAsIs)
        }
    }

    /// The weight of those tables that scripts keep outside of components, or will keep once `replaced` is replaced,
    /// and that return to a component when they are moved.
    ///
    /// - Parameters:
    ///   - moved: The tables to move; each counts once.
    ///   - replaced: The table whose place the new value takes.
    /// - Returns: The weight.
    package func returningWeight(of moved: [MovedTable], replacing replaced: JSONNode?) -> Int {
        var counted: Set<ObjectIdentifier> = []
        return moved.reduce(0) { sum, move in
            let isKept = move.table.parent == nil && move.table.place == nil || move.table === replaced
            return isKept && counted.insert(ObjectIdentifier(move.table)).inserted ? sum + move.table.weight : sum
        }
    }
}
