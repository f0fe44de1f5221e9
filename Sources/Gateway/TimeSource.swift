import CProcess
import NIOCore
import Transport

/// The clocks of the gateway; tests use a clock that they set.
package struct TimeSource: Sendable {
    /// Time since some fixed moment; never goes back.
    package var monotonic: @Sendable () -> Duration
    /// Unix time in seconds.
    package var unix: @Sendable () -> Double

    /// Makes a time source.
    ///
    /// - Parameters:
    ///   - monotonic: Time since some fixed moment; never goes back.
    ///   - unix: Unix time in seconds.
    package init(monotonic: @escaping @Sendable () -> Duration, unix: @escaping @Sendable () -> Double) {
        self.monotonic = monotonic
        self.unix = unix
    }

    /// The machine's clocks.
    package static let system = TimeSource(
        monotonic: { .nanoseconds(Int64(bitPattern: NIODeadline.now().uptimeNanoseconds)) },
        unix: { Double(process_clock(PROCESS_CLOCK_WALL)) / 1e9 })
}

extension ServerPauses {
    /// A clock that stands still during pauses.
    ///
    /// - Parameter time: The clock.
    /// - Returns: The same without the pauses.
    func running(_ time: TimeSource) -> TimeSource {
        TimeSource(
            monotonic: { time.monotonic() - .nanoseconds(self.total.nanoseconds) }, unix: time.unix)
    }
}
