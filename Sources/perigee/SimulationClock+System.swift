import CProcess
import Simulation

extension SimulationClock {
    /// The machine's clocks.
    ///
    /// The maps' time starts at the wall clock's time and advances with the monotonic clock. If it followed the wall
    /// clock, setting that back would delay every event until the clock has caught up, and setting it forward would
    /// make all events due at once. A changed wall clock takes effect at the next start.
    static let system = steady(
        unix: { Double(process_clock(PROCESS_CLOCK_WALL)) / 1e9 }, monotonic: { process_clock(PROCESS_CLOCK_MONOTONIC) }
    )

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
            cpu: { process_clock(PROCESS_CLOCK_THREAD_CPU) })
    }
}
