import JSONValues

extension World {
    /// Notes that clients have the current values of a slot.
    private func markSent(slot: Int) {
        if slots.isNew(slot) { return markAllSent(slot: slot) }
        slots.noteSeenAsSent(slot)
        for word in 0..<changes.wordsPerSlot {
            var bits = changes.word(word, slot: slot)
            while bits != 0 {
                columns.all[word * 64 + bits.trailingZeroBitCount]?.markSent(slot: slot, strings)
                bits &= bits - 1
            }
        }
        for word in 0..<changes.eventWordsPerSlot {
            var bits = changes.eventWord(word, slot: slot)
            while bits != 0 {
                queue.markSent(slot, word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }

    private func markAllSent(slot: Int) {
        slots.noteKnown(slot)
        slots.noteSeenAsSent(slot)
        for column in columns.all { column?.markSent(slot: slot, strings) }
        for group in 0..<queue.groupCount { queue.markSent(slot, group) }
    }

    /// Notes that clients have, or will get next, every value of every entity.
    package func markAllSent() {
        for entity in entities { markAllSent(slot: Int(entity.slot)) }
        markChangesUnsaved()
        changes.clear()
    }

    /// Notes that the changes so far need not be sent: they are already written for clients, or there are no clients.
    ///
    /// The next ``takeUnsaved()`` returns the changed entities.
    package func markChangesSent() {
        for slot in changes.slots where slots.isAlive(Int(slot)) {
            markSent(slot: Int(slot))
            unsaved.insert(slot)
        }
        changes.clear()
    }

    /// Marks the entities that changed since the last send as unsaved; their changes are still to be sent.
    package func markChangesUnsaved() {
        for slot in changes.slots where slots.isAlive(Int(slot)) { unsaved.insert(slot) }
    }

    /// Marks every entity as unsaved.
    package func markAllUnsaved() {
        for entity in entities { unsaved.insert(entity.slot) }
    }

    /// What changed in a world since the last call of ``World/World/collectChanges()``.
    public struct Changes: Sendable, Equatable {
        /// Entities that are new, or of which a field, a component or an event group was set, in the order of their
        /// first change.
        public var changed: [EntityHandle]
        /// Entities that were removed, each once; not those that were both added and removed since the last call.
        public var removed: [EntityKey]
    }

    /// Collects what changed since the last call; the next call does not return these changes again.
    ///
    /// - Returns: The changes.
    /// - Complexity: O(changes).
    public func collectChanges() -> Changes {
        // These changes say who moved, and are forgotten here.
        wakeSleepers()
        var collected = Changes(changed: [], removed: changes.removals.map(\.key))
        for slot in changes.slots where slots.isAlive(Int(slot)) { collected.changed.append(slots.handle(Int(slot))) }
        markChangesSent()
        return collected
    }

    /// Whether a json component of an entity that clients have was set or changed inside since the last send.
    package func hasChangedTable(slot: Int) -> Bool {
        guard slots.isAlive(slot), !slots.isNew(slot) else { return false }
        return columns.componentColumns.contains { column in
            guard let column, column.storage == .json else { return false }
            return changes.contains(column: column.index, slot: slot)
        }
    }

    /// Whether ``hasChangedTable(slot:)`` of any slot. O(changes).
    package var hasChangedTables: Bool { changes.slots.contains { hasChangedTable(slot: Int($0)) } }

    /// Whether there are changes to send to clients.
    package var hasChanges: Bool { !changes.isEmpty }
}

extension Double {
    /// Whether two numbers are equal; NaN, which means "no value" here, equals itself.
    package func isSame(as other: Double) -> Bool { self == other || (isNaN && other.isNaN) }
}
