/// Measures the CPU time of stretches of a thread's work, mostly without reading the thread's CPU clock: that is a
/// system call, which takes several times as long as a short script.
///
/// A stretch whose wall time is shorter than any wait for a core has a CPU time equal to its wall time. For a longer
/// stretch the CPU time since the last reading before it is measured, and the wall time between that reading and the
/// start of the stretch is subtracted. The result is exact unless the thread waited for a core in between, and is never
/// too large. Used on the map's executor.
struct CPUMeter {
    /// Wall time, in nanoseconds, that is too short for a thread to lose its core and get it again.
    static let shortest: UInt64 = 50_000
    /// For how long a reading of the CPU clock may be used, in nanoseconds.
    static let fresh: UInt64 = 1_000_000

    /// The readings of both clocks at one moment, in nanoseconds.
    struct Reading: Equatable {
        var wall: UInt64
        var cpu: UInt64
    }

    /// A stretch that has begun.
    struct Stretch {
        fileprivate var start: UInt64
        fileprivate var reading: Reading
    }

    private let clock: SimulationClock
    private var last: Reading?

    /// Makes a meter that reads these clocks.
    init(_ clock: SimulationClock) { self.clock = clock }

    /// Begins a stretch, which may lie inside another one, when the monotonic clock shows `start`.
    mutating func begin(at start: UInt64) -> Stretch {
        if let last, start &- last.wall < Self.fresh { return Stretch(start: start, reading: last) }
        let reading = Reading(wall: start, cpu: clock.cpu())
        last = reading
        return Stretch(start: start, reading: reading)
    }

    /// Ends a stretch when the monotonic clock shows `end`, and gives its CPU time in nanoseconds, at most its wall
    /// time.
    mutating func end(_ stretch: Stretch, at end: UInt64) -> UInt64 {
        let passed = end &- stretch.start
        guard passed >= Self.shortest else { return passed }
        let now = Reading(wall: end, cpu: clock.cpu())
        last = now
        let (taken, before) = (now.cpu &- stretch.reading.cpu, stretch.start &- stretch.reading.wall)
        return taken > before ? min(taken - before, passed) : 0
    }
}
