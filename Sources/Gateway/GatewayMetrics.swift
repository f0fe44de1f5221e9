package import Synchronization

/// What the gateway counts, for `GET /metrics`. Any thread may add and read.
package final class GatewayMetrics: Sendable {
    /// Connections of all kinds that are open now.
    package let connections = Atomic<Int>(0)
    /// How often a listener had to wait because no files were left for connections.
    package let acceptsPaused = Atomic<Int>(0)
    /// Sessions that are open now.
    package let sessions = Atomic<Int>(0)
    /// Sessions opened since the start.
    package let sessionsOpened = Atomic<Int>(0)
    /// Messages received from clients.
    package let messagesIn = Atomic<Int>(0)
    /// Payload bytes received from clients.
    package let bytesIn = Atomic<Int>(0)
    /// Messages written to clients.
    package let messagesOut = Atomic<Int>(0)
    /// Frame bytes written to clients.
    package let bytesOut = Atomic<Int>(0)
    /// Messages not written because the client's buffer was full.
    package let messagesDropped = Atomic<Int>(0)
    /// Bytes that wait for clients which are behind, see `SendMemory`.
    package let sendMemory = Atomic<Int>(0)
    /// Connections closed because too many bytes waited for all together.
    package let connectionsShed = Atomic<Int>(0)
    /// Commands refused.
    package let refusals = Atomic<Int>(0)
    /// Logins and registrations that were accepted.
    package let logins = Atomic<Int>(0)
    /// Logins and registrations that were refused.
    package let loginsRefused = Atomic<Int>(0)
    /// Handshakes that were refused.
    package let handshakesRefused = Atomic<Int>(0)

    /// Starts all counts at 0.
    package init() {}
}

extension Atomic<Int> {
    /// Adds to a count; the order against other counts does not matter.
    ///
    /// - Parameter amount: How much.
    borrowing func count(_ amount: Int = 1) { add(amount, ordering: .relaxed) }

    /// The count now.
    package var value: Int { borrowing get { load(ordering: .relaxed) } }
}
