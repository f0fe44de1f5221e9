/// Durations of the last minute, by second.
struct RecentTimes {
    /// What was noted in some seconds.
    struct Sum: Equatable {
        var count = 0
        var totalNanoseconds: UInt64 = 0
        var maxNanoseconds: UInt64 = 0
        var cpuNanoseconds: UInt64 = 0
        var maxCPUNanoseconds: UInt64 = 0

        fileprivate mutating func add(_ other: Sum) {
            count += other.count
            totalNanoseconds &+= other.totalNanoseconds
            maxNanoseconds = max(maxNanoseconds, other.maxNanoseconds)
            cpuNanoseconds &+= other.cpuNanoseconds
            maxCPUNanoseconds = max(maxCPUNanoseconds, other.maxCPUNanoseconds)
        }
    }

    /// How many seconds are kept, the current one included.
    static let seconds = 60
    private static let second: UInt64 = 1_000_000_000
    /// The sum of each second at its number modulo ``seconds``; empty until the first duration.
    private var sums: [Sum] = []
    /// The number of the last second that `sums` has.
    private var last: UInt64 = 0

    /// Notes a duration that ends now.
    ///
    /// - Parameters:
    ///   - wall: In nanoseconds.
    ///   - cpu: CPU time in it, in nanoseconds.
    ///   - time: Now, in nanoseconds by a clock that never steps.
    /// - Complexity: O(1) within a second; O(seconds that passed), at most ``seconds``, for the first one in it.
    mutating func record(_ wall: UInt64, cpu: UInt64, at time: UInt64) {
        let now = time / Self.second
        if sums.isEmpty {
            sums = Array(repeating: Sum(), count: Self.seconds)
            last = now
        }
        while last < now {
            last = now - last >= UInt64(Self.seconds) ? now - UInt64(Self.seconds) + 1 : last + 1
            sums[Int(last % UInt64(Self.seconds))] = Sum()
        }
        sums[Int(now % UInt64(Self.seconds))].add(
            Sum(
                count: 1, totalNanoseconds: wall, maxNanoseconds: wall, cpuNanoseconds: cpu, maxCPUNanoseconds: cpu))
    }

    /// What was noted in the last seconds.
    ///
    /// - Parameters:
    ///   - count: How many seconds, from 1 to ``seconds``: the current one and those before it.
    ///   - time: Now, as above.
    /// - Returns: The sum.
    func sum(ofLast count: Int, at time: UInt64) -> Sum {
        var all = Sum()
        let now = time / Self.second
        guard !sums.isEmpty else { return all }
        let first = now >= UInt64(count) ? now - UInt64(count) + 1 : 0
        guard first <= last else { return all }
        for second in first...last { all.add(sums[Int(second % UInt64(Self.seconds))]) }
        return all
    }
}
