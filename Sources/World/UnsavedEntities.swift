/// The entities whose stored form is out of date, and those whose stored form has to be deleted.
struct UnsavedEntities {
    /// A bit for each slot whose entity differs from what is stored: nearly all are set again in each tick.
    private var changed: [UInt64] = []
    private var removed: Set<EntityKey> = []

    /// Notes that the entity in a slot differs from what is stored.
    mutating func insert(_ slot: UInt32) {
        let word = Int(slot >> 6)
        if word >= changed.count {
            changed.append(contentsOf: repeatElement(0, count: max(word + 1, 2 * changed.count) - changed.count))
        }
        changed[word] |= 1 << UInt64(slot & 63)
    }

    /// Notes that a new entity has a slot: it has to be stored, and its key must no longer be deleted from the store.
    mutating func noteAdded(_ key: EntityKey, slot: UInt32) {
        insert(slot)
        removed.remove(key)
    }

    /// Notes that an entity left its slot.
    ///
    /// - Parameters:
    ///   - key: The entity.
    ///   - slot: Its slot.
    ///   - isKept: Whether its stored form stays, because the caller stores its last state or another map does.
    mutating func noteRemoved(_ key: EntityKey, slot: UInt32, isKept: Bool) {
        let word = Int(slot >> 6)
        if word < changed.count { changed[word] &= ~(1 << UInt64(slot & 63)) }
        if !isKept { removed.insert(key) }
    }

    /// Returns both lists, in the order of slots and of keys, and empties them.
    mutating func drain() -> (changed: [UInt32], removed: [EntityKey]) {
        defer { removed.removeAll(keepingCapacity: true) }
        var slots: [UInt32] = []
        for word in changed.indices where changed[word] != 0 {
            var bits = changed[word]
            changed[word] = 0
            while bits != 0 {
                slots.append(UInt32(word * 64 + bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        return (slots, removed.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) })
    }
}
