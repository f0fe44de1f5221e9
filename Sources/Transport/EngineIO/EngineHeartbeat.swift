import NIOCore

/// Decides when the server pings a client, and when the client is gone because nothing came back.
///
/// All times are on a clock that stands still while the server is paused.
struct EngineHeartbeat {
    /// What to do at a time.
    enum Verdict: Equatable {
        /// Nothing yet.
        case wait
        /// Send a ping.
        case ping
        /// End the connection.
        case dead
    }

    /// How much earlier than at its timeout a client is dead, at most. The connection must have ended at the timeout
    /// itself, also by the clock of a client that runs a little faster.
    static let tolerance = TimeAmount.milliseconds(20)

    private let interval: TimeAmount
    private let timeout: TimeAmount
    /// Whether a ping was sent and nothing has come since.
    private var isAwaiting = false
    /// When the next ping is due, or the answer to the last one.
    private var due: NIODeadline

    /// Makes the state of a client that has just connected.
    ///
    /// - Parameters:
    ///   - interval: The time from the client's answer to the next ping.
    ///   - timeout: The time that the client has for an answer.
    ///   - now: The time.
    init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = interval
        self.timeout = timeout - min(Self.tolerance, .nanoseconds(timeout.nanoseconds / 10))
        due = now + interval
    }

    /// The time until ``verdict(now:)`` is asked again.
    func rest(now: NIODeadline) -> TimeAmount { max(due - now, .zero) }

    /// Decides.
    mutating func verdict(now: NIODeadline) -> Verdict {
        guard now >= due else { return .wait }
        if isAwaiting { return .dead }
        // A timer fires a little late. The client's time counts from the moment at which the ping was due, so that the
        // connection ends on time, unless the ping is much too late.
        let late = now - due
        begin(at: late < .nanoseconds(timeout.nanoseconds / 10) ? due : now)
        return .ping
    }

    /// Records a ping that is sent for another reason. The time of one that has no answer yet goes on.
    mutating func pinged(now: NIODeadline) { if !isAwaiting { begin(at: now) } }

    private mutating func begin(at time: NIODeadline) {
        isAwaiting = true
        due = time + timeout
    }

    /// Records that something came from the client.
    ///
    /// - Returns: Whether the time of the next look changes.
    mutating func heard(now: NIODeadline) -> Bool {
        guard isAwaiting else { return false }
        isAwaiting = false
        due = now + interval
        return true
    }
}
