/// How many ticks a second a map ran recently.
struct TickRate {
    private static let window: UInt64 = 3_000_000_000
    private var times: [UInt64] = []
    private var next = 0

    mutating func note(_ nanoseconds: UInt64) {
        if times.count < 256 {
            times.append(nanoseconds)
        } else {
            times[next] = nanoseconds
            next = (next + 1) % 256
        }
    }

    /// Ticks a second over the last three seconds, or the last 256 ticks; 0 when there were fewer than two.
    func hertz(_ now: UInt64) -> Double {
        let recent = times.filter { now &- $0 <= Self.window }
        guard recent.count > 1, let first = recent.min(), let last = recent.max(), last > first else { return 0 }
        return Double(recent.count - 1) / (Double(last - first) / 1e9)
    }
}
