import JSONValues

extension World {
    /// Notes that the current values of a slot are the ones clients have.
    private func markSent(slot: Int) {
        if slots.isNew(slot) { return markAllSent(slot: slot) }
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
        for column in columns.all { column?.markSent(slot: slot, strings) }
        for group in 0..<queue.groupCount { queue.markSent(slot, group) }
    }

    /// Notes that clients have, or are about to get, every value of every entity.
    package func markAllSent() {
        for entity in entities { markAllSent(slot: Int(entity.slot)) }
        noteUnsaved()
        changes.clear()
    }

    /// Notes that clients need not be told of what changed so far: it is written for them, or there are no clients. It
    /// is stored with the next ``takeUnsaved()``.
    package func markChangesSent() {
        for slot in changes.slots where slots.isAlive(Int(slot)) {
            markSent(slot: Int(slot))
            unsaved.insert(slot)
        }
        changes.clear()
    }

    /// Puts what changed since clients were last told on the list of what to store, without telling clients.
    package func noteUnsaved() {
        for slot in changes.slots where slots.isAlive(Int(slot)) { unsaved.insert(slot) }
    }

    /// Puts every entity on the list of what to store.
    package func markAllUnsaved() {
        for entity in entities { unsaved.insert(entity.slot) }
    }

    /// What changed in a world since its changes were collected before.
    public struct Changes: Sendable, Equatable {
        /// Entities that are new, or of which a field, a component or an event group was set, in the order of their
        /// first change.
        public var changed: [EntityHandle]
        /// Entities that were removed, each once; not those that came and went in between.
        public var removed: [EntityKey]
    }

    /// Collects what changed since the last call; from now on that counts as told.
    ///
    /// - Returns: The changes.
    /// - Complexity: O(changes).
    public func collectChanges() -> Changes {
        var collected = Changes(changed: [], removed: changes.removals.map(\.key))
        for slot in changes.slots where slots.isAlive(Int(slot)) { collected.changed.append(slots.handle(Int(slot))) }
        markChangesSent()
        return collected
    }

    /// Whether there is anything to tell clients.
    package var hasChanges: Bool { !changes.isEmpty }
}

extension Double {
    /// Equality in which NaN, our "none", equals itself.
    package func isSame(as other: Double) -> Bool { self == other || (isNaN && other.isNaN) }
}
