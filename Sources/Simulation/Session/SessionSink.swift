package import Wire

/// Names one connection for the life of the process.
package typealias SessionID = UInt64

/// The end of a map's road to one client: what a transport implements.
package protocol SessionSink: AnyObject, Sendable {
    /// The connection's number.
    var id: SessionID { get }
    /// The player's number.
    var playerID: Int { get }
    /// The thread on which `deliver` and `flush` are called.
    var thread: SessionThread { get }
    /// Whether it can carry a message's `deflatedFrame`; does not change.
    var acceptsDeflate: Bool { get }
    /// Takes one message; called on `thread` only, in order. Must not block, and must bound what it keeps.
    func deliver(_ message: OutboundMessage)
    /// Ends a batch of messages; called on `thread` only.
    func flush()
}

extension SessionSink {
    /// No compression, unless a sink says otherwise.
    package var acceptsDeflate: Bool { false }
}
