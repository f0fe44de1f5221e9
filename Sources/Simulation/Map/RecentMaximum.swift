/// The largest value of the last 10 to 20 seconds.
struct RecentMaximum {
    private static let window: UInt64 = 10_000_000_000
    private var begin: UInt64 = 0
    private var current: UInt64 = 0
    private var previous: UInt64 = 0

    /// Notes a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - time: Now, in nanoseconds by a clock that never steps.
    mutating func record(_ value: UInt64, at time: UInt64) {
        if time &- begin >= Self.window {
            previous = time &- begin < Self.window * 2 ? current : 0
            (begin, current) = (time, 0)
        }
        current = max(current, value)
    }

    /// The largest value; 0 when none was noted lately.
    ///
    /// - Parameter time: Now, as above.
    /// - Returns: The value.
    func value(at time: UInt64) -> UInt64 {
        let age = time &- begin
        if age >= Self.window * 2 { return 0 }
        return age >= Self.window ? current : max(current, previous)
    }
}
