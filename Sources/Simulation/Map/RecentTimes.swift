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
    private var sums = RecentSlots(Self.seconds, of: Sum())

    /// Notes a duration that ends now.
    ///
    /// - Parameters:
    ///   - wall: In nanoseconds.
    ///   - cpu: CPU time in it, in nanoseconds.
    ///   - time: Now, in nanoseconds by a clock that never steps.
    /// - Complexity: O(1) within a second; O(seconds that passed), at most ``seconds``, for the first one in it.
    mutating func record(_ wall: UInt64, cpu: UInt64, at time: UInt64) {
        sums.update(time / Self.second) { sum in
            sum.add(
                Sum(
                    count: 1, totalNanoseconds: wall, maxNanoseconds: wall, cpuNanoseconds: cpu,
                    maxCPUNanoseconds: cpu))
        }
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
        for age in 0..<min(UInt64(count), now + 1) {
            if let sum = sums[now - age] { all.add(sum) }
        }
        return all
    }
}
