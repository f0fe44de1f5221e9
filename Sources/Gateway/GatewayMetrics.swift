package import Synchronization
package import Transport

/// The metrics of the gateway, for `GET /metrics`. Any thread may add and read.
package final class GatewayMetrics: Sendable {
    /// The metrics of the transports.
    package let transport = TransportMetrics()
    /// Sessions that are open now.
    package let sessions = Atomic<Int>(0)
    /// Sessions opened since the start.
    package let sessionsOpened = Atomic<Int>(0)
    /// Messages received from clients.
    package let messagesIn = Atomic<Int>(0)
    /// Payload bytes received from clients.
    package let bytesIn = Atomic<Int>(0)
    /// Messages not written because the client's buffer was full.
    package let messagesDropped = Atomic<Int>(0)
    /// Commands refused.
    package let refusals = Atomic<Int>(0)
    /// Logins and registrations that were accepted.
    package let logins = Atomic<Int>(0)
    /// Logins and registrations that were refused.
    package let loginsRefused = Atomic<Int>(0)
    /// Tokens that sessions got without a password; not counted as logins.
    package let renewals = Atomic<Int>(0)
    /// Requests for such a token that were refused.
    package let renewalsRefused = Atomic<Int>(0)
    /// Handshakes that were refused.
    package let handshakesRefused = Atomic<Int>(0)

    /// Starts all counts at 0.
    package init() {}
}
