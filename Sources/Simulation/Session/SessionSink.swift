package import Wire

/// Identifies one connection; unique for the life of the process.
package typealias SessionID = UInt64

/// The receiver of a map's messages to one client; implemented outside the map, for example by a connection.
package protocol SessionSink: AnyObject, Sendable {
    /// The connection's number.
    var id: SessionID { get }
    /// The player's number.
    var playerID: Int { get }
    /// The thread on which `deliver` and `flush` are called.
    var thread: SessionThread { get }
    /// Whether it can carry a message's `deflated` frame; does not change.
    var acceptsDeflate: Bool { get }
    /// Whether it sends the compact form of snapshots and deltas; does not change.
    var isCompact: Bool { get }
    /// Whether its client takes patches of json components; does not change.
    var takesPatches: Bool { get }
    /// Whether it carries `.positions`, in datagrams that may get lost; does not change.
    var hasFastLane: Bool { get }
    /// Makes the packets of its client, if that speaks Socket.IO; does not change.
    var packets: SocketPackets? { get }
    /// Counts what its client was sent and what it sent; `nil` where nothing is counted. Any thread.
    var traffic: TrafficMeter? { get }
    /// Accepts one message; called on `thread` only, in order. Must not block, and must limit how much it keeps.
    func deliver(_ message: OutboundMessage)
    /// Ends a batch of messages; called on `thread` only.
    func flush()
}

extension SessionSink {
    /// No compression by default.
    package var acceptsDeflate: Bool { false }
    /// Nothing is counted by default.
    package var traffic: TrafficMeter? { nil }
    /// No Socket.IO by default.
    package var packets: SocketPackets? { nil }
    /// JSON by default.
    package var isCompact: Bool { false }
    /// Whole components by default.
    package var takesPatches: Bool { false }
    /// Positions in deltas by default.
    package var hasFastLane: Bool { false }
}
