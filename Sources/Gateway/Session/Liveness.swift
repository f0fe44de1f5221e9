import NIOCore

/// Whether a client is still there, by what was heard from it. All times are on a clock that stands still while the
/// server is paused.
struct Liveness {
    /// What a silence means.
    enum Verdict {
        /// Something came lately.
        case alive
        /// Nothing came for a while: the client is asked for a sign of life.
        case quiet
        /// Nothing came for so long that the connection is closed.
        case dead
    }

    private let pingInterval: TimeAmount
    private let deadAfter: TimeAmount
    private var lastHeard: NIODeadline

    /// Starts with a client that was heard now.
    ///
    /// - Parameters:
    ///   - limits: What a session may do.
    ///   - now: The time.
    init(_ limits: SessionLimits, now: NIODeadline) {
        pingInterval = limits.pingInterval
        deadAfter = limits.deadAfter
        lastHeard = now
    }

    /// Notes that something came.
    ///
    /// - Parameter now: The time.
    mutating func heard(now: NIODeadline) { lastHeard = now }

    /// Judges the silence.
    ///
    /// - Parameter now: The time.
    /// - Returns: What it means.
    func verdict(now: NIODeadline) -> Verdict {
        let silence = now - lastHeard
        return silence >= deadAfter ? .dead : silence >= pingInterval ? .quiet : .alive
    }
}
