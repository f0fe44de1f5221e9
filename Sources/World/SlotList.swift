/// Slots to look at later, each listed once.
///
/// When a script sets a field, C code (`note_change` in the Lua runtime) writes to this memory directly; it must do
/// what ``insert(_:)`` does.
package struct SlotList: ~Copyable {
    /// Whether each slot is listed: 1 or 0.
    package private(set) var flags: UnsafeMutablePointer<UInt8>
    /// The listed slots; the first ``count`` places are in use.
    package private(set) var list: UnsafeMutablePointer<UInt32>
    /// The number of listed slots.
    package let count: UnsafeMutablePointer<UInt32>
    private var capacity = 0

    init() {
        flags = .allocate(capacity: 0)
        list = .allocate(capacity: 0)
        count = .allocate(capacity: 1)
        count.initialize(to: 0)
    }

    deinit {
        flags.deallocate()
        list.deallocate()
        count.deallocate()
    }

    /// The listed slots, in the order in which they were inserted; valid until the list changes.
    package var slots: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: list, count: Int(count.pointee)) }

    /// Lists a slot, unless it is listed already.
    func insert(_ slot: Int) {
        guard flags[slot] == 0 else { return }
        flags[slot] = 1
        list[Int(count.pointee)] = UInt32(slot)
        count.pointee += 1
    }

    /// Empties the list. O(its length).
    func removeAll() {
        for slot in slots { flags[Int(slot)] = 0 }
        count.pointee = 0
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        flags = flags.enlarged(from: capacity, to: newCapacity, filling: 0)
        list = list.enlarged(from: capacity, to: newCapacity, filling: 0)
        capacity = newCapacity
    }
}
