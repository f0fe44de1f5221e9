package import JSONValues

/// A table of a component that a script assigns to another place, and so moves there.
package struct MovedTable {
    /// The table.
    package let table: JSONNode
    /// Where its copy is in the value that is stored: keys from the outermost table of it.
    package let path: [JSONKey]
    /// Whether the copy is stored as it is; else an empty table in it may become one of the other kind.
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
    ///   - value: The value; `nil` or null takes the key away.
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
        try checkRoom(for: change.growth + kept - weightToReturn(moved, replacing: change.replaced))
        if let replaced = change.replaced { detachFromComponent(replaced) }
        table.make(change)
        weight.add(change.growth)
        changes.mark(column: place.column, slot: place.slot)
        move(moved, into: table.table(key))
    }

    /// Moves tables to where their copies are in a value that was just stored, and leaves a copy of each that is part of
    /// something where it was. One that is a whole component stays there, and so does one that would come to stand
    /// inside itself.
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

    /// What scripts will hold less beside the components when tables are moved into one of them.
    ///
    /// - Parameters:
    ///   - moved: The tables.
    ///   - replaced: The table in whose place they come; it may be one of them.
    /// - Returns: How much less, as weight.
    package func weightToReturn(_ moved: [MovedTable], replacing replaced: JSONNode?) -> Int {
        moved.reduce(0) { sum, move in
            let isLoose = move.table.parent == nil && move.table.place == nil
            return isLoose || move.table === replaced ? sum + move.table.weight : sum
        }
    }
}
