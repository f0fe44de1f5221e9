/// What changed in a world since clients were last told: by column and event group of each slot, and who is gone.
///
/// Scripts' field access sets the bits of columns and puts slots on the list by itself (`plr_mark_dirty` in the Lua
/// runtime), by the same rule as ``mark(column:slot:)``.
package struct ChangeSet: ~Copyable {
    /// An entity that clients know and that is gone.
    package struct Removal: Equatable {
        /// The entity.
        package let key: EntityKey
        /// The map it moved to, if it did.
        package fileprivate(set) var movedTo: Int?
    }

    /// A bit for each column, ``wordsPerSlot`` words a slot.
    package private(set) var bits: UnsafeMutablePointer<UInt64>
    /// The number of words with the bits of one slot's columns.
    package private(set) var wordsPerSlot = 1
    /// A bit for each event group, ``eventWordsPerSlot`` words a slot.
    private var eventBits: UnsafeMutablePointer<UInt64>
    /// The number of words with the bits of one slot's event groups.
    package private(set) var eventWordsPerSlot = 1
    /// Whether each slot is on the list.
    package private(set) var flags: UnsafeMutablePointer<UInt8>
    /// The slots to look at, each once; the first ``count`` are meant.
    package private(set) var list: UnsafeMutablePointer<UInt32>
    /// The length of the list.
    package let count: UnsafeMutablePointer<UInt32>
    private var capacity = 0
    /// Entities that clients know and that are gone, each once.
    package private(set) var removals: [Removal] = []
    private var removalIndices: [EntityKey: Int] = [:]

    init() {
        bits = .allocate(capacity: 0)
        eventBits = .allocate(capacity: 0)
        flags = .allocate(capacity: 0)
        list = .allocate(capacity: 0)
        count = .allocate(capacity: 1)
        count.initialize(to: 0)
    }

    deinit {
        bits.deallocate()
        eventBits.deallocate()
        flags.deallocate()
        list.deallocate()
        count.deallocate()
    }

    /// The slots to look at.
    ///
    /// A slot may be listed without a change in the end: it was freed, or its values are what they were.
    package var slots: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: list, count: Int(count.pointee)) }

    /// Whether there is anything to tell.
    var isEmpty: Bool { count.pointee == 0 && removals.isEmpty }

    /// Whether a column of a slot is marked.
    package func contains(column: Int, slot: Int) -> Bool {
        bits[slot * wordsPerSlot + column >> 6] & (1 << UInt64(column & 63)) != 0
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
    func mark(slot: Int) {
        guard flags[slot] == 0 else { return }
        flags[slot] = 1
        list[Int(count.pointee)] = UInt32(slot)
        count.pointee += 1
    }

    /// Clears the bit of a column that is gone.
    func unmark(column: Int, slot: Int) {
        bits[slot * wordsPerSlot + column >> 6] &= ~(1 << UInt64(column & 63))
    }

    /// Clears the bits of a slot; it stays on the list.
    func unmarkAll(slot: Int) {
        for word in 0..<wordsPerSlot { bits[slot * wordsPerSlot + word] = 0 }
        for word in 0..<eventWordsPerSlot { eventBits[slot * eventWordsPerSlot + word] = 0 }
    }

    /// Notes that an entity is gone, if clients know it: also one that was removed, came back under the same key and
    /// goes again before clients heard of it.
    ///
    /// - Parameters:
    ///   - key: The entity.
    ///   - isNew: Whether clients have not heard of it.
    ///   - movedTo: The map it moved to, if it did.
    mutating func noteRemoval(of key: EntityKey, isNew: Bool, movedTo: Int?) {
        if let index = removalIndices[key] {
            removals[index].movedTo = movedTo
        } else if !isNew {
            removalIndices[key] = removals.count
            removals.append(Removal(key: key, movedTo: movedTo))
        }
    }

    /// Forgets everything, once it was told.
    mutating func clear() {
        for slot in slots {
            flags[Int(slot)] = 0
            unmarkAll(slot: Int(slot))
        }
        count.pointee = 0
        removals.removeAll(keepingCapacity: true)
        removalIndices.removeAll(keepingCapacity: true)
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        bits = bits.enlarged(from: capacity * wordsPerSlot, to: newCapacity * wordsPerSlot, filling: 0)
        eventBits = eventBits.enlarged(
            from: capacity * eventWordsPerSlot, to: newCapacity * eventWordsPerSlot, filling: 0)
        flags = flags.enlarged(from: capacity, to: newCapacity, filling: 0)
        list = list.enlarged(from: capacity, to: newCapacity, filling: 0)
        capacity = newCapacity
    }

    /// Makes room for the bits of more columns.
    ///
    /// - Parameter columnCount: How many there are.
    /// - Returns: Whether the memory moved.
    mutating func makeRoom(forColumns columnCount: Int) -> Bool {
        let words = (columnCount + 63) / 64
        guard words > wordsPerSlot else { return false }
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * words)
        larger.initialize(repeating: 0, count: capacity * words)
        for slot in 0..<capacity {
            (larger + slot * words).update(from: bits + slot * wordsPerSlot, count: wordsPerSlot)
        }
        bits.deallocate()
        bits = larger
        wordsPerSlot = words
        return true
    }

    /// Takes another number of event groups; none of them is marked.
    mutating func resetGroups(count groupCount: Int) {
        eventWordsPerSlot = max((groupCount + 63) / 64, 1)
        eventBits.deallocate()
        eventBits = .allocate(capacity: capacity * eventWordsPerSlot)
        eventBits.initialize(repeating: 0, count: capacity * eventWordsPerSlot)
    }
}
