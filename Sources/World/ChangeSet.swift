/// What changed in a world since the last send to clients: which columns and event groups of each slot, and which
/// entities were removed.
///
/// When a script sets a field, C code (`note_change` in the Lua runtime) sets the column's bit and lists the slot
/// directly; it must do what ``mark(column:slot:)`` does.
package struct ChangeSet: ~Copyable {
    /// An entity that clients know and that was removed.
    package struct Removal: Equatable {
        /// The entity.
        package let key: EntityKey
        /// The position that clients have, in tiles.
        package let x: Double
        /// The position that clients have, in tiles.
        package let y: Double
        /// Whether clients knew it as an entity that is seen at any distance.
        package let wasAlwaysSeen: Bool
        /// The map it moved to, if it did.
        package fileprivate(set) var movedTo: Int?
    }

    /// A bit for each column; ``wordsPerSlot`` words for each slot.
    package private(set) var bits: UnsafeMutablePointer<UInt64>
    /// The number of words with the bits of one slot's columns.
    package private(set) var wordsPerSlot = 1
    /// A bit for each event group; ``eventWordsPerSlot`` words for each slot.
    private var eventBits: UnsafeMutablePointer<UInt64>
    /// The number of words with the bits of one slot's event groups.
    package private(set) var eventWordsPerSlot = 1
    /// The slots to look at.
    package private(set) var listed = SlotList()
    private var capacity = 0
    /// Entities that clients know and that were removed, each once.
    package private(set) var removals: [Removal] = []
    private var removalIndices: [EntityKey: Int] = [:]

    init() {
        bits = .allocate(capacity: 0)
        eventBits = .allocate(capacity: 0)
    }

    deinit {
        bits.deallocate()
        eventBits.deallocate()
    }

    /// The slots to look at.
    ///
    /// A listed slot may have nothing to send: its entity was removed, or its values are the same again.
    package var slots: UnsafeBufferPointer<UInt32> { listed.slots }

    /// Whether there is nothing to send.
    var isEmpty: Bool { listed.slots.isEmpty && removals.isEmpty }

    /// Whether a slot is listed in ``slots``.
    package func isListed(slot: Int) -> Bool { listed.flags[slot] != 0 }

    /// Whether a column of a slot is marked.
    package func contains(column: Int, slot: Int) -> Bool {
        bits[slot * wordsPerSlot + column >> 6] & (1 << UInt64(column & 63)) != 0
    }

    /// Whether `x` or `y` of a slot is marked.
    package func hasMoved(slot: Int) -> Bool {
        word(0, slot: slot) & (1 << UInt64(SystemField.x.rawValue) | 1 << UInt64(SystemField.y.rawValue)) != 0
    }

    /// The bits of 64 columns of a slot, from column 64 × `index`.
    package func word(_ index: Int, slot: Int) -> UInt64 { bits[slot * wordsPerSlot + index] }

    /// The bits of 64 event groups of a slot, from group 64 × `index`.
    package func eventWord(_ index: Int, slot: Int) -> UInt64 { eventBits[slot * eventWordsPerSlot + index] }

    /// Marks a column of a slot.
    func mark(column: Int, slot: Int) {
        bits[slot * wordsPerSlot + column >> 6] |= 1 << UInt64(column & 63)
        mark(slot: slot)
    }

    /// Marks an event group of a slot.
    func mark(group: Int, slot: Int) {
        eventBits[slot * eventWordsPerSlot + group >> 6] |= 1 << UInt64(group & 63)
        mark(slot: slot)
    }

    /// Puts a slot on the list.
    func mark(slot: Int) { listed.insert(slot) }

    /// Clears the bit of a column that was removed.
    func unmark(column: Int, slot: Int) {
        bits[slot * wordsPerSlot + column >> 6] &= ~(1 << UInt64(column & 63))
    }

    /// Clears the bits of a slot; it stays on the list.
    func unmarkAll(slot: Int) {
        for word in 0..<wordsPerSlot { bits[slot * wordsPerSlot + word] = 0 }
        for word in 0..<eventWordsPerSlot { eventBits[slot * eventWordsPerSlot + word] = 0 }
    }

    /// Notes that an entity was removed, if clients know it.
    ///
    /// An entity may be removed, added again under the same key, and removed once more before the next send. `isNew` is
    /// true the second time, but clients know the first entity: the one removal stays, with the last `movedTo`.
    ///
    /// - Parameters:
    ///   - key: The entity.
    ///   - isNew: Whether the entity was not sent to clients yet.
    ///   - place: The position that clients have.
    ///   - wasAlwaysSeen: Whether clients knew it as an entity that is seen at any distance.
    ///   - movedTo: The map it moved to, if it did.
    mutating func noteRemoval(
        of key: EntityKey, isNew: Bool, at place: (x: Double, y: Double), wasAlwaysSeen: Bool, movedTo: Int?
    ) {
        if let index = removalIndices[key] {
            removals[index].movedTo = movedTo
        } else if !isNew {
            removalIndices[key] = removals.count
            removals.append(
                Removal(key: key, x: place.x, y: place.y, wasAlwaysSeen: wasAlwaysSeen, movedTo: movedTo))
        }
    }

    /// Forgets all changes, after they were sent.
    mutating func clear() {
        for slot in slots { unmarkAll(slot: Int(slot)) }
        listed.removeAll()
        removals.removeAll(keepingCapacity: true)
        removalIndices.removeAll(keepingCapacity: true)
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        bits = bits.enlarged(from: capacity * wordsPerSlot, to: newCapacity * wordsPerSlot, filling: 0)
        eventBits = eventBits.enlarged(
            from: capacity * eventWordsPerSlot, to: newCapacity * eventWordsPerSlot, filling: 0)
        listed.grow(to: newCapacity)
        capacity = newCapacity
    }

    /// Makes room for the bits of more columns.
    ///
    /// - Parameter columnCount: How many there are.
    mutating func makeRoom(forColumns columnCount: Int) {
        let words = (columnCount + 63) / 64
        guard words > wordsPerSlot else { return }
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * words)
        larger.initialize(repeating: 0, count: capacity * words)
        for slot in 0..<capacity {
            (larger + slot * words).update(from: bits + slot * wordsPerSlot, count: wordsPerSlot)
        }
        bits.deallocate()
        bits = larger
        wordsPerSlot = words
    }

    /// Changes the number of event groups and clears all their bits.
    mutating func resetGroups(count groupCount: Int) {
        eventWordsPerSlot = max((groupCount + 63) / 64, 1)
        eventBits.deallocate()
        eventBits = .allocate(capacity: capacity * eventWordsPerSlot)
        eventBits.initialize(repeating: 0, count: capacity * eventWordsPerSlot)
    }
}
