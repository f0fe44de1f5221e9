import Synchronization

/// Counts the bytes of messages to and from clients; any thread.
///
/// Counted are WebSocket frames to clients, in the form that many clients share (packed where a client takes that) and
/// with their headers, and the unpacked content of messages from clients. Not counted are TLS, TCP/IP, pings, and what
/// a session says by itself.
package final class TrafficMeter: Sendable {
    private let out = Atomic<UInt64>(0)
    private let incoming = Atomic<UInt64>(0)

    /// Begins at 0.
    package init() {}

    /// Bytes to clients.
    package var sent: UInt64 { out.load(ordering: .relaxed) }
    /// Bytes from clients.
    package var received: UInt64 { incoming.load(ordering: .relaxed) }

    /// Counts bytes to a client.
    package func noteSent(_ bytes: Int) { out.wrappingAdd(UInt64(bytes), ordering: .relaxed) }

    /// Counts bytes from a client.
    package func noteReceived(_ bytes: Int) { incoming.wrappingAdd(UInt64(bytes), ordering: .relaxed) }
}
