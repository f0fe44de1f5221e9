/// Decides which messages to a slow client are sent and which are left out [1-protocol 4.4].
///
/// The connection counts the waiting bytes exactly. It becomes unwritable when they exceed the limit, and writable
/// again when they fall below half of it, so at most the limit plus one message waits. After a missed delta, a client
/// gets no deltas until its buffer has drained and it got a fresh snapshot.
struct SendFlow {
    /// The decision about a message that can be left out.
    enum Verdict: Equatable {
        /// The message is sent. `limit` is the new limit of waiting bytes; `nil` when it does not change.
        case send(limit: Int?)
        /// The message is left out.
        case leaveOut
        /// The message is left out, and the client has just become slow: its time to drain the buffer begins.
        case becameSlow
    }

    private enum State {
        /// Everything is sent.
        case live
        /// The buffer is over its limit; deltas are left out until it drains.
        case stale
        /// The buffer has drained; deltas are left out until the requested snapshot is sent.
        case awaitingSnapshot
    }

    private let limit: Int
    private var state = State.live
    /// Whether the connection is writable, as it last reported.
    private(set) var isWritable = true
    /// Whether the limit was raised for a large snapshot.
    private var isLimitRaised = false

    /// Makes the state of a client that is not slow.
    ///
    /// - Parameter limit: Bytes that may wait before deltas are left out.
    init(limit: Int) { self.limit = limit }

    /// Whether the client needs a fresh snapshot.
    var isAwaitingSnapshot: Bool { state == .awaitingSnapshot }

    /// Decides about a delta or another message that can be left out.
    ///
    /// - Parameter waiting: The bytes that wait now; evaluated only after the limit was raised.
    /// - Returns: The decision.
    mutating func verdict(waiting: @autoclosure () -> Int) -> Verdict {
        guard state == .live else { return .leaveOut }
        guard isWritable else {
            state = .stale
            return .becameSlow
        }
        guard isLimitRaised, waiting() <= limit else { return .send(limit: nil) }
        isLimitRaised = false
        return .send(limit: limit)
    }

    /// Decides about a snapshot.
    ///
    /// - Parameter size: The snapshot's bytes.
    /// - Returns: The decision.
    mutating func verdict(onSnapshot size: Int) -> Verdict {
        // With a full buffer, a snapshot would be outdated before it arrives; the client gets a fresh one after it has
        // drained.
        if state == .live, !isWritable {
            state = .stale
            return .becameSlow
        }
        guard state != .stale else { return .leaveOut }
        state = .live
        // The limit bounds messages that accumulate; a snapshot larger than the limit must still be sent, and deltas
        // after it.
        guard size > limit / 2 else { return .send(limit: nil) }
        isLimitRaised = true
        return .send(limit: limit + size)
    }

    /// Records a change of the connection's writability.
    ///
    /// - Parameter isWritable: Whether the connection is writable now.
    /// - Returns: Whether a slow client has drained its buffer, so that it needs a fresh snapshot.
    mutating func noteWritability(isWritable: Bool) -> Bool {
        self.isWritable = isWritable
        guard isWritable, state == .stale else { return false }
        state = .awaitingSnapshot
        return true
    }
}
