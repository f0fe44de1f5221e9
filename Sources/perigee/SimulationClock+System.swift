import Foundation
import Simulation

extension SimulationClock {
    /// The machine's clocks.
    ///
    /// The maps' time starts at the wall clock's time and advances with the monotonic clock. If it followed the wall
    /// clock, setting that back would delay every event until the clock has caught up, and setting it forward would
    /// make all events due at once. A changed wall clock takes effect at the next start.
    static let system = steady(unix: { seconds(CLOCK_REALTIME) }, monotonic: { nanoseconds(CLOCK_MONOTONIC) })

    /// Makes a clock that reads Unix time only once, at its creation.
    ///
    /// - Parameters:
    ///   - unix: The wall clock, in seconds.
    ///   - monotonic: A monotonic clock, in nanoseconds.
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
