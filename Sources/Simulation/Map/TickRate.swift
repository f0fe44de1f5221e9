/// How many ticks a second a map ran recently.
struct TickRate {
    private static let window: UInt64 = 3_000_000_000
    private var times = LastValues<UInt64>(256)

    mutating func note(_ nanoseconds: UInt64) { times.note(nanoseconds) }

    /// Ticks a second over the last three seconds, or the last 256 ticks; 0 when there were fewer than two.
    func hertz(_ now: UInt64) -> Double {
        let recent = times.unordered.filter { now &- $0 <= Self.window }
        guard recent.count > 1, let first = recent.min(), let last = recent.max(), last > first else { return 0 }
        return Double(recent.count - 1) / (Double(last - first) / 1e9)
    }
}
