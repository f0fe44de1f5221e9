/// The entities whose stored form is out of date, and those whose stored form has to be deleted.
struct UnsavedEntities {
    private var changed: Set<UInt32> = []
    private var removed: Set<EntityKey> = []

    /// Notes that the entity in a slot differs from what is stored.
    mutating func insert(_ slot: UInt32) { changed.insert(slot) }

    /// Notes that a new entity has a slot: it has to be stored, and its key must no longer be deleted from the store.
    mutating func noteAdded(_ key: EntityKey, slot: UInt32) {
        changed.insert(slot)
        removed.remove(key)
    }

    /// Notes that an entity left its slot.
    ///
    /// - Parameters:
    ///   - key: The entity.
    ///   - slot: Its slot.
    ///   - isKept: Whether its stored form stays, because the caller stores its last state or another map does.
    mutating func noteRemoved(_ key: EntityKey, slot: UInt32, isKept: Bool) {
        changed.remove(slot)
        if !isKept { removed.insert(key) }
    }

    /// Returns both lists, in the order of slots and of keys, and empties them.
    mutating func drain() -> (changed: [UInt32], removed: [EntityKey]) {
        defer {
            changed.removeAll(keepingCapacity: true)
            removed.removeAll(keepingCapacity: true)
        }
        return (changed.sorted(), removed.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) })
    }
}
