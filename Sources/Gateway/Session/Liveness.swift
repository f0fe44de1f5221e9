import NIOCore

/// Judges whether a client is still connected, by the time since its last input. All times are on a clock that stops
/// while the server is paused.
struct Liveness {
    /// The judgement of a silence.
    enum Verdict {
        /// Input arrived recently.
        case alive
        /// No input for `pingInterval`: the server should send a ping.
        case quiet
        /// No input for `deadAfter`: the session should end.
        case dead
    }

    private let pingInterval: TimeAmount
    private let deadAfter: TimeAmount
    private var lastHeard: NIODeadline

    /// Makes the state of a client whose last input is now.
    ///
    /// - Parameters:
    ///   - limits: The limits of the session.
    ///   - now: The time.
    init(_ limits: SessionLimits, now: NIODeadline) {
        pingInterval = limits.pingInterval
        deadAfter = limits.deadAfter
        lastHeard = now
    }

    /// Records that input arrived.
    ///
    /// - Parameter now: The time.
    mutating func heard(now: NIODeadline) { lastHeard = now }

    /// Judges the silence.
    ///
    /// - Parameter now: The time.
    /// - Returns: The judgement.
    func verdict(now: NIODeadline) -> Verdict {
        let silence = now - lastHeard
        return silence >= deadAfter ? .dead : silence >= pingInterval ? .quiet : .alive
    }
}
