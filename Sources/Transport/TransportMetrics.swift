package import Synchronization

/// The metrics of the transports, for `GET /metrics`. Any thread may add and read.
package final class TransportMetrics: Sendable {
    /// Connections of all kinds that are open now.
    package let connections = Atomic<Int>(0)
    /// How often a listener had to wait because no files were left for connections.
    package let acceptsPaused = Atomic<Int>(0)
    /// Messages written to clients.
    package let messagesOut = Atomic<Int>(0)
    /// Frame bytes written to clients.
    package let bytesOut = Atomic<Int>(0)
    /// Bytes that wait for slow clients, see ``SendMemory``.
    package let sendMemory = Atomic<Int>(0)
    /// Connections closed because too many bytes waited for all clients together.
    package let connectionsShed = Atomic<Int>(0)

    /// Starts all counts at 0.
    package init() {}
}

extension Atomic<Int> {
    /// Adds to a count; the order against other counts does not matter.
    ///
    /// - Parameter amount: The amount.
    package borrowing func count(_ amount: Int = 1) { add(amount, ordering: .relaxed) }

    /// The count now.
    package var value: Int { borrowing get { load(ordering: .relaxed) } }
}
