/// What was noted in the latest stretches of time, one slot for each; slots of stretches that passed are cleared.
struct RecentSlots<Slot> {
    private let empty: Slot
    /// How many slots are kept, that of the current stretch included.
    private let count: UInt64
    /// The slot of each stretch at its number modulo `count`; empty until the first use, so that a script that never
    /// runs takes no memory.
    private var slots: [Slot] = []
    /// The number of the last stretch that has a slot.
    private var last: UInt64 = 0

    /// Makes empty slots.
    ///
    /// - Parameters:
    ///   - count: How many are kept.
    ///   - empty: One in which nothing was noted.
    init(_ count: Int, of empty: Slot) {
        self.count = UInt64(count)
        self.empty = empty
    }

    /// Changes the slot of the current stretch.
    ///
    /// - Parameters:
    ///   - now: The number of the stretch; not less than the one before, except by an error of the clock.
    ///   - change: Notes something.
    /// - Complexity: O(1) within a stretch; O(stretches that passed), at most their number, for the first use in it.
    @inline(__always)
    mutating func update(_ now: UInt64, _ change: (inout Slot) -> Void) {
        if slots.isEmpty {
            slots = Array(repeating: empty, count: Int(count))
            last = now
        }
        while last < now {
            last = now - last >= count ? now - count + 1 : last + 1
            slots[Int(last % count)] = empty
        }
        change(&slots[Int(now % count)])
    }

    /// The slot of a stretch; `nil` for one that is too old, or in which and after which nothing was noted.
    subscript(number: UInt64) -> Slot? {
        guard !slots.isEmpty, number <= last, last - number < count else { return nil }
        return slots[Int(number % count)]
    }
}
