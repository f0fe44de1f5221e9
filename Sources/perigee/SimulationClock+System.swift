import Glibc
import Simulation

extension SimulationClock {
    /// The machine's clocks.
    ///
    /// The maps' time begins as the wall clock and goes on steadily: a wall clock that is set back would hold every
    /// event up until it has caught up, and one that is set forward would make all of them due at once. What was set is
    /// taken over at the next start.
    static let system = steady(unix: { seconds(CLOCK_REALTIME) }, monotonic: { nanoseconds(CLOCK_MONOTONIC) })

    /// A clock that reads Unix time once.
    ///
    /// - Parameters:
    ///   - unix: The wall clock, in seconds.
    ///   - monotonic: A clock that never steps, in nanoseconds.
    /// - Returns: The clock.
    static func steady(
        unix: @escaping @Sendable () -> Double, monotonic: @escaping @Sendable () -> UInt64
    ) -> SimulationClock {
        let (start, begin) = (unix(), monotonic())
        return SimulationClock(
            now: { start + Double(monotonic() &- begin) / 1e9 }, monotonic: monotonic,
            cpu: { nanoseconds(CLOCK_THREAD_CPUTIME_ID) })
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        let time = read(clock)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        let time = read(clock)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
