/// What a script cost in the last quarter of an hour, by ten seconds.
struct CostTimeline {
    /// One stretch of ten seconds.
    struct Slot: Equatable {
        var totalNanoseconds: UInt64 = 0
        var count: UInt32 = 0
    }

    /// How many stretches are kept, the current one included.
    static let slots = 90
    /// The length of a stretch, in nanoseconds.
    static let length: UInt64 = 10_000_000_000
    private var sums = RecentSlots(Self.slots, of: Slot())

    /// Notes a duration that ends now; both in nanoseconds, the time by a clock that never steps.
    ///
    /// - Complexity: O(1) within ten seconds.
    mutating func record(_ nanoseconds: UInt64, at time: UInt64) {
        sums.update(time / Self.length) { slot in
            slot.totalNanoseconds &+= nanoseconds
            slot.count &+= 1
        }
    }

    /// The stretches up to now, oldest first.
    func all(at time: UInt64) -> [Slot] {
        let now = time / Self.length
        return (0..<UInt64(Self.slots)).reversed().map { age in now >= age ? sums[now - age] ?? Slot() : Slot() }
    }
}
