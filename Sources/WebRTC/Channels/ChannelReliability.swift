/// How hard SCTP tries to deliver the messages of a channel (RFC 8832, section 5.1).
package enum ChannelReliability: Sendable, Hashable {
    /// Until they are delivered.
    case reliable
    /// With at most this many retransmissions.
    case retransmits(UInt32)
    /// For this many milliseconds.
    case lifetime(milliseconds: UInt32)
}
