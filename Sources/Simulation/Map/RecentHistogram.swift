/// How durations of the last minute were spread: counts in logarithmic buckets, for each of the last ten seconds and
/// for each ten seconds of the last minute.
///
/// A bucket is a quarter of a power of two wide, so a percentile is right to an eighth of its value. All memory, 6 KiB,
/// is allocated at the first duration.
struct RecentHistogram {
    /// Percentiles in nanoseconds; 0 without durations.
    struct Percentiles: Equatable {
        var p50: UInt64 = 0
        var p95: UInt64 = 0
        var p99: UInt64 = 0
    }

    /// What a percentile can be taken of.
    enum Window {
        /// The last ten seconds, the current one included.
        case tenSeconds
        /// The last minute: the current ten seconds of the clock and the five before, so 50 to 60 s.
        case minute
    }

    private static let buckets = 96
    private static let secondSlots = 10
    private static let decadeSlots = 6
    private static let second: UInt64 = 1_000_000_000
    /// The width of the first buckets, as a power of two of nanoseconds.
    private static let unitBits: UInt64 = 7
    /// The slots of ten seconds, each at its number modulo ten, then those of six times ten seconds; empty until the
    /// first duration.
    private var counts: [UInt32] = []
    /// The number of the last second that has a slot.
    private var last: UInt64 = 0

    /// Notes a duration that ends now.
    ///
    /// - Parameters:
    ///   - nanoseconds: The duration; 4 s and more are one bucket.
    ///   - time: Now, in nanoseconds by a clock that never steps.
    /// - Complexity: O(1) within a second.
    mutating func record(_ nanoseconds: UInt64, at time: UInt64) {
        let now = time / Self.second
        if counts.isEmpty {
            counts = Array(repeating: 0, count: (Self.secondSlots + Self.decadeSlots) * Self.buckets)
            last = now
        }
        if last < now { move(to: now) }
        let bucket = Self.bucket(of: nanoseconds)
        counts[Self.secondSlot(now) + bucket] &+= 1
        counts[Self.decadeSlot(now / 10) + bucket] &+= 1
    }

    private mutating func move(to now: UInt64) {
        for second in max(last + 1, now >= 9 ? now - 9 : 0)...now { clear(Self.secondSlot(second)) }
        let decade = now / 10
        if last / 10 < decade {
            for number in max(last / 10 + 1, decade >= 5 ? decade - 5 : 0)...decade { clear(Self.decadeSlot(number)) }
        }
        last = now
    }

    private mutating func clear(_ slot: Int) { for index in slot..<slot + Self.buckets { counts[index] = 0 } }

    private static func secondSlot(_ second: UInt64) -> Int { Int(second % UInt64(secondSlots)) * buckets }

    private static func decadeSlot(_ decade: UInt64) -> Int {
        (secondSlots + Int(decade % UInt64(decadeSlots))) * buckets
    }

    /// Four buckets for each power of two, after four of the same width.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        let units = nanoseconds >> unitBits
        guard units >= 4 else { return Int(units) }
        let exponent = 63 - units.leadingZeroBitCount
        return min((exponent - 1) * 4 + Int((units >> UInt64(exponent - 2)) & 3), buckets - 1)
    }

    /// The middle of a bucket, in nanoseconds.
    private static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= 4 else { return (UInt64(bucket) << unitBits) + (1 << unitBits) / 2 }
        let shift = UInt64(bucket / 4 - 1)
        return ((UInt64(4 + bucket % 4) << shift) << unitBits) + ((1 << shift) << unitBits) / 2
    }

    /// The percentiles of a window.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - time: Now, in nanoseconds by the same clock.
    /// - Returns: The percentiles.
    func percentiles(of window: Window, at time: UInt64) -> Percentiles {
        guard !counts.isEmpty else { return Percentiles() }
        let now = time / Self.second
        var slots: [Int] = []
        switch window {
        case .tenSeconds:
            let first = now >= 9 ? now - 9 : 0
            if first <= last { slots = (first...min(now, last)).map(Self.secondSlot) }
        case .minute:
            let first = now / 10 >= 5 ? now / 10 - 5 : 0
            if first <= last / 10 { slots = (first...min(now / 10, last / 10)).map(Self.decadeSlot) }
        }
        let sums = (0..<Self.buckets).map { bucket in slots.reduce(UInt64(0)) { $0 + UInt64(counts[$1 + bucket]) } }
        let total = sums.reduce(0, +)
        func percentile(_ percent: UInt64) -> UInt64 {
            // The number of the duration that is not exceeded by so many, rounded up.
            var rest = (total * percent + 99) / 100
            for (bucket, count) in sums.enumerated() {
                if count >= rest { return Self.middle(of: bucket) }
                rest -= count
            }
            return 0
        }
        return total == 0 ? Percentiles() : Percentiles(p50: percentile(50), p95: percentile(95), p99: percentile(99))
    }
}
