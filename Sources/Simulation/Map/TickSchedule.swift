/// When a map's ticks begin: at the whole multiples of the tick interval after an origin, to a nanosecond.
///
/// Neither a late tick nor the rounding of the interval shifts later ticks. A tick that is late begins at once; when
/// its whole interval has passed too, it is skipped and counted. After a sleep the ticks have a new origin. All times
/// are in nanoseconds on one monotonic clock.
struct TickSchedule {
    private static let second: UInt64 = 1_000_000_000

    /// The time of interval 0.
    private var origin: UInt64
    /// Ticks a second.
    private var rate: UInt64
    /// The interval of the tick that was planned last; less than ``rate``, as the origin follows once a second.
    private var interval: UInt64 = 0
    /// Whether the map waits for an input, or for its alarm, longer than one interval.
    private(set) var isAsleep = false
    /// When the sleep ends without an input.
    private var alarm: UInt64?
    /// Ticks that were skipped because their whole interval had passed.
    private(set) var missed: UInt64 = 0

    /// Makes a schedule whose first tick is due one interval after a time.
    init(rate: Int, from start: UInt64) {
        (self.rate, origin) = (UInt64(max(rate, 1)), start)
    }

    /// When the planned tick is due.
    var due: UInt64 { origin + interval * Self.second / rate }

    /// Plans the next tick.
    ///
    /// - Parameters:
    ///   - rate: Ticks a second from now on.
    ///   - now: The time.
    mutating func advance(rate: Int, at now: UInt64) {
        if UInt64(max(rate, 1)) != self.rate { self = rebased(rate: rate) }
        interval += 1
        if now >= due {
            // The last interval that has begun: the largest `n` with `n * second / rate <= now - origin`, rounded down.
            let (seconds, rest) = (now - origin).quotientAndRemainder(dividingBy: Self.second)
            let begun = seconds * self.rate + Self.begun(in: rest, self.rate)
            missed += begun - interval
            interval = begun
        }
        origin += interval / self.rate * Self.second
        interval %= self.rate
    }

    /// The largest `n` with `n * second / rate <= nanoseconds`, the division rounded down.
    private static func begun(in nanoseconds: UInt64, _ rate: UInt64) -> UInt64 {
        ((nanoseconds + 1) * rate + second - 1) / second - 1
    }

    private func rebased(rate: Int) -> Self {
        var other = Self(rate: rate, from: due)
        other.missed = missed
        return other
    }

    /// Notes that the map sleeps until an input arrives.
    ///
    /// - Parameter alarm: When a tick is due without an input; `nil` for never.
    /// - Returns: When the map wakes without an input, not before ``due``; `nil` for never.
    mutating func sleep(until alarm: UInt64?) -> UInt64? {
        isAsleep = true
        self.alarm = alarm.map { max($0, due) }
        return self.alarm
    }

    /// Ends the sleep: the planned tick begins now, but not before ``due``. Later ones follow from there, or from the
    /// time for which the map had set its alarm, because the alarm may be late.
    mutating func wake(at now: UInt64) {
        guard isAsleep else { return }
        isAsleep = false
        let start = min(now, alarm ?? now)
        guard start > due else { return }
        (origin, interval) = (start, 0)
    }
}
