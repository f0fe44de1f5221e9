import NIOCore

/// Limits how often one client asks for namespaces, because each answer costs the server work.
struct ConnectAllowance {
    private let limit: Int
    private let window: TimeAmount
    private var count = 0
    private var end = NIODeadline.uptimeNanoseconds(0)

    /// Makes an allowance.
    ///
    /// - Parameters:
    ///   - limit: How often the client may ask within the window.
    ///   - window: The time after the first question in which they are counted.
    init(limit: Int, window: TimeAmount) {
        self.limit = limit
        self.window = window
    }

    /// Counts a question.
    ///
    /// - Parameter now: The time.
    /// - Returns: Whether it is within the limit.
    mutating func take(at now: NIODeadline) -> Bool {
        if now >= end { (count, end) = (0, now + window) }
        count += 1
        return count <= limit
    }
}
