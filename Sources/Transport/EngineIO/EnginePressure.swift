/// Decides whether a connection of Engine.IO is writable, as NIO decides it for a channel: not above an upper limit of
/// waiting bytes, and again below a lower one; and never while its WebSocket is not.
struct EnginePressure {
    private var high: Int
    private var low: Int
    private var isOverLimit = false
    /// Whether the connection is writable, as of the last change.
    private(set) var isWritable = true
    /// Whether the WebSocket is writable, if the connection has one.
    var isSocketWritable = true
    /// Whether ``limit(high:low:)`` was called, and the limits are those of the session.
    private(set) var isLimitedBySession = false

    /// Makes the state of a connection with no waiting bytes.
    ///
    /// - Parameter high: The number of waiting bytes above which the connection becomes unwritable; it becomes writable
    ///   again below half of that.
    init(high: Int) {
        self.high = high
        low = high / 2
    }

    /// The limits.
    var limits: (high: Int, low: Int) { (high, low) }

    /// Changes the limits; ``change(waiting:)`` applies them.
    mutating func limit(high: Int, low: Int) {
        (self.high, self.low) = (high, low)
        isLimitedBySession = true
    }

    /// Applies the limits.
    ///
    /// - Parameter waiting: How many bytes wait now.
    /// - Returns: Whether the connection is writable, if that has changed.
    mutating func change(waiting: Int) -> Bool? {
        if waiting > high { isOverLimit = true } else if waiting < low { isOverLimit = false }
        let now = !isOverLimit && isSocketWritable
        guard now != isWritable else { return nil }
        isWritable = now
        return now
    }
}
