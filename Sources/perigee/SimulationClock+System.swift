import Glibc
import Simulation

extension SimulationClock {
    /// The machine's clocks.
    static let system = SimulationClock(
        now: {
            let time = read(CLOCK_REALTIME)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        },
        monotonic: { nanoseconds(CLOCK_MONOTONIC) }, cpu: { nanoseconds(CLOCK_THREAD_CPUTIME_ID) })

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
