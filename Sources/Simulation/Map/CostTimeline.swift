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
    /// Each stretch at its number modulo ``slots``; empty until the first duration.
    private var sums: [Slot] = []
    private var last: UInt64 = 0

    /// Notes a duration that ends now; both in nanoseconds, the time by a clock that never steps.
    ///
    /// - Complexity: O(1) within ten seconds.
    mutating func record(_ nanoseconds: UInt64, at time: UInt64) {
        let now = time / Self.length
        if sums.isEmpty {
            sums = Array(repeating: Slot(), count: Self.slots)
            last = now
        }
        while last < now {
            last = now - last >= UInt64(Self.slots) ? now - UInt64(Self.slots) + 1 : last + 1
            sums[Int(last % UInt64(Self.slots))] = Slot()
        }
        let index = Int(now % UInt64(Self.slots))
        sums[index].totalNanoseconds &+= nanoseconds
        sums[index].count &+= 1
    }

    /// The stretches up to now, oldest first.
    func all(at time: UInt64) -> [Slot] {
        let now = time / Self.length
        return (0..<UInt64(Self.slots)).map { back -> Slot in
            let age = UInt64(Self.slots) - 1 - back
            guard now >= age, !sums.isEmpty, now - age <= last, last - (now - age) < UInt64(Self.slots) else {
                return Slot()
            }
            return sums[Int((now - age) % UInt64(Self.slots))]
        }
    }
}
