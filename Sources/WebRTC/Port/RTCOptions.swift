package import NIOCore

/// The limits of a port for WebRTC, and what it tells clients.
package struct RTCOptions: Sendable {
    /// The most bytes of a message for ``RTCPeer/sendDatagram(_:isText:on:)``: with all headers it fits into one
    /// packet.
    package static let maxDatagramBytes = 1100

    /// Where clients reach the port, such as `203.0.113.5`, `203.0.113.5:5000` or `[2001:db8::1]:5000`, best first. If
    /// there are none, these are the addresses on which it listens. A server behind NAT or in a container must name its
    /// public address here.
    package var publicAddresses: [String] = []
    /// The time limits of peers.
    package var times = PeerTable.Times()
    /// The largest message that clients may send, in bytes.
    package var maxMessageBytes = 65_536
    /// How many streams a peer has in each direction; a client may open half as many channels. SCTP needs 350 bytes for
    /// each.
    package var streamCount: UInt16 = 16
    /// How many bytes SCTP keeps for a peer at most, in each direction.
    package var bufferBytes = 256 * 1024
    /// The most bytes of messages that wait for a peer before SCTP has them, with 128 more for each message; further
    /// ones are refused.
    package var maxWaitingBytes = 4 * 1024 * 1024
    /// The most peers.
    package var maxPeers = 4096
    /// The most peers that are not open yet.
    package var maxHalfOpenPeers = 512
    /// The most peers of one source that are not open yet.
    package var maxHalfOpenPeersOfSource = 32
    /// Returns the total time of the server's pauses so far, which count for no deadline.
    package var pausedTime: @Sendable () -> TimeAmount = { .zero }

    /// Makes options with the usual limits.
    package init() {}
}
