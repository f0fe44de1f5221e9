/// How long a map's ticks took.
package struct TickTimes {
    /// The wall time of all ticks.
    package private(set) var all = Timing()
    /// Of those since the game last changed on the map, and of those between that change and the one before it [M7.5].
    private(set) var sinceReload = Timing()
    private(set) var beforeReload: Timing?
    private(set) var recent = RecentTimes()
    /// The durations of the latest ticks, one by one.
    private(set) var latest = RecentTicks()

    /// Notes a tick that ends now.
    ///
    /// - Returns: Its wall time and its CPU time, in nanoseconds.
    mutating func record(since start: TickStart, _ clock: SimulationClock) -> (wall: UInt64, cpu: UInt64) {
        let end = clock.monotonic()
        let taken = (wall: end &- start.wall, cpu: clock.cpu() &- start.cpu)
        all.record(taken.wall)
        sinceReload.record(taken.wall)
        recent.record(taken.wall, cpu: taken.cpu, at: end)
        latest.record(taken.wall, at: end)
        return taken
    }

    /// Notes that the map takes a changed game: what the ticks before it took stays for comparison.
    mutating func noteReload() {
        guard sinceReload.count > 0 else { return }
        beforeReload = sinceReload
        sinceReload = Timing()
    }

    /// The longest tick of the last 20 seconds, in nanoseconds of wall time and of CPU time.
    ///
    /// - Parameter time: Now, in nanoseconds by the clock that never steps.
    /// - Returns: Both, in nanoseconds; 0 when there was no tick lately.
    package func recentMaximum(at time: UInt64) -> (wall: UInt64, cpu: UInt64) {
        let sum = recent.sum(ofLast: 20, at: time)
        return (sum.maxNanoseconds, sum.maxCPUNanoseconds)
    }
}

/// The readings of the clocks at the start of a tick or of a part of a tick, in nanoseconds.
struct TickStart {
    let wall: UInt64
    let cpu: UInt64

    init(_ clock: SimulationClock) { (wall, cpu) = (clock.monotonic(), clock.cpu()) }
}
