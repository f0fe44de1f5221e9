/// The line of a node to the store: at most one call is under way, and between two renewals come other calls.
struct LeaseLine: Sendable {
    /// The earliest time of the next call that is made regularly, such as a renewal.
    var callsAt = Duration.zero
    /// What is to be sent before the next regular call.
    var backlog: [LeaseCall] = []
    /// Whether a call of the backlog was sent since the last regular one. When the store is slow, the two take turns,
    /// so that many evictions don't end the node's own lease.
    private var hasHadTurn = false
    /// The number of the request that is under way.
    private var pending: Int?
    private var lastRequest = 0

    /// Whether no call is under way.
    var isFree: Bool { pending == nil }

    /// The next call of the backlog, if it is its turn.
    ///
    /// - Parameter now: The time.
    /// - Returns: The call, which is not in the backlog any more.
    mutating func nextOfBacklog(at now: Duration) -> LeaseCall? {
        guard !backlog.isEmpty, now < callsAt || !hasHadTurn else { return nil }
        hasHadTurn = true
        return backlog.removeFirst()
    }

    /// Begins the turn of a regular call if one is due. The one after it is due after the given pause.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - pause: The time between two regular calls.
    /// - Returns: Whether the caller has to send it now.
    mutating func startTurn(at now: Duration, pause: Duration) -> Bool {
        guard now >= callsAt else { return false }
        callsAt = now + pause
        hasHadTurn = false
        return true
    }

    /// Notes that a call is sent.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - now: The time.
    /// - Returns: The request that is under way from now on.
    mutating func send(_ call: LeaseCall, at now: Duration) -> LeaseRequest {
        lastRequest += 1
        pending = lastRequest
        return LeaseRequest(number: lastRequest, call: call, sentAt: now)
    }

    /// Notes that a call has an answer, or has failed.
    ///
    /// - Parameter request: The call.
    /// - Returns: Whether it was the one under way.
    mutating func finish(_ request: LeaseRequest) -> Bool {
        guard request.number == pending else { return false }
        pending = nil
        return true
    }
}
