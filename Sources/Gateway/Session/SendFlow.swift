/// What a slow client's buffer allows [1-protocol 4.4].
///
/// The connection counts the bytes that wait, exactly: it turns unwritable when they pass the limit and writable again
/// when less than half of it is left. So at most the limit and one message wait. A client that missed a delta gets none
/// until it has drained its buffer and got a fresh snapshot.
struct SendFlow {
    /// What becomes of a message that can be left out.
    enum Verdict: Equatable {
        /// It is sent. `limit` is how many bytes may wait from now on; `nil` when that does not change.
        case send(limit: Int?)
        /// It is left out.
        case leaveOut
        /// It is left out, and the client has just become slow: the time to drain its buffer begins.
        case becameSlow
    }

    private enum State {
        /// Everything is sent.
        case live
        /// The buffer is over its limit; deltas are left out until it drains.
        case stale
        /// The buffer has drained; deltas are left out until the fresh snapshot that was asked for.
        case awaitingSnapshot
    }

    private let limit: Int
    private var state = State.live
    /// What the connection said last; it says each change.
    private(set) var isWritable = true
    /// Whether the limit was raised for a snapshot larger than the usual one.
    private var isLimitRaised = false

    /// Starts with a client that is not slow.
    ///
    /// - Parameter limit: Bytes that may wait before deltas are left out.
    init(limit: Int) { self.limit = limit }

    /// Whether a fresh snapshot is wanted.
    var isAwaitingSnapshot: Bool { state == .awaitingSnapshot }

    /// Decides about a delta or another message that can be left out.
    ///
    /// - Parameter waiting: How many bytes wait now; asked for where it matters only.
    /// - Returns: What becomes of it.
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
    /// - Parameters:
    ///   - size: The snapshot's bytes.
    ///   - waiting: How many bytes wait now.
    /// - Returns: What becomes of it.
    mutating func verdict(onSnapshot size: Int, waiting: Int) -> Verdict {
        // Behind a full buffer a snapshot would be old before it arrives; the drained client gets a fresh one.
        if state == .live, waiting > limit {
            state = .stale
            return .becameSlow
        }
        guard state != .stale else { return .leaveOut }
        state = .live
        // The limit is for what piles up; a world larger than it must still get through, and deltas behind it.
        guard size > limit / 2 else { return .send(limit: nil) }
        isLimitRaised = true
        return .send(limit: limit + size)
    }

    /// Notes that more bytes wait than allowed, or few enough again.
    ///
    /// - Parameter isWritable: What the connection says.
    /// - Returns: Whether a slow client has drained its buffer, so that it needs a fresh snapshot.
    mutating func noteWritability(isWritable: Bool) -> Bool {
        self.isWritable = isWritable
        guard isWritable, state == .stale else { return false }
        state = .awaitingSnapshot
        return true
    }
}
