/// Decides whether a connection is writable: not above an upper limit of waiting bytes, and again below a lower one.
struct WaitingLimits {
    /// The number of waiting bytes above which it becomes unwritable.
    private(set) var high: Int
    private var low: Int
    private var isWritable = true

    /// Makes the state of a connection with no waiting bytes.
    ///
    /// - Parameters:
    ///   - high: The number of waiting bytes above which it becomes unwritable.
    ///   - low: The number of waiting bytes below which it becomes writable again.
    init(high: Int, low: Int) {
        self.high = high
        self.low = low
    }

    /// Changes the limits; ``change(waiting:)`` applies them.
    mutating func set(high: Int, low: Int) { (self.high, self.low) = (high, low) }

    /// Applies the limits.
    ///
    /// - Parameter waiting: How many bytes wait now.
    /// - Returns: Whether the connection is writable, if that has changed.
    mutating func change(waiting: Int) -> Bool? {
        let now = waiting > high ? false : waiting < low ? true : isWritable
        guard now != isWritable else { return nil }
        isWritable = now
        return now
    }
}
