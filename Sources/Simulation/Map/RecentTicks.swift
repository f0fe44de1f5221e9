/// How long the latest ticks took, one by one: at most ``capacity`` ticks of the last ten seconds.
struct RecentTicks {
    /// How many ticks are kept.
    static let capacity = 256
    /// For how long a tick counts, in nanoseconds.
    static let window: UInt64 = 10_000_000_000

    /// Duration and end of each tick, in nanoseconds.
    private var ticks = LastValues<(wall: UInt64, end: UInt64)>(Self.capacity)

    /// Notes a tick.
    ///
    /// - Parameters:
    ///   - wall: How long it took, in nanoseconds.
    ///   - end: When it ended, in nanoseconds by a clock that never steps.
    mutating func record(_ wall: UInt64, at end: UInt64) {
        ticks.note((wall, end))
    }

    /// The mean, and what 19 of 20 ticks don't exceed.
    ///
    /// - Parameter now: The time, by the same clock.
    /// - Returns: Both in milliseconds; 0 when there was no tick lately.
    /// - Complexity: O(``capacity`` · log).
    func summary(at now: UInt64) -> (meanMs: Double, p95Ms: Double) {
        let walls = ticks.unordered.lazy.filter { now &- $0.end <= Self.window }.map(\.wall).sorted()
        guard !walls.isEmpty else { return (0, 0) }
        let total = walls.reduce(0, &+)
        return (Double(total) / Double(walls.count) / 1e6, Double(walls[(walls.count * 19 + 19) / 20 - 1]) / 1e6)
    }
}
