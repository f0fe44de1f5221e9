extension RTCPeer {
    /// The lifetime of what ``sendDatagram(_:isText:on:)`` sends.
    static let datagramLifetime = ChannelReliability.lifetime(milliseconds: 100)

    /// The result of ``send(_:isText:on:)``.
    package enum Sending: Sendable, Equatable {
        /// SCTP has the message, or it waits for SCTP.
        case accepted
        /// The message was dropped, because it would have had to wait.
        case dropped
        /// The channel is not open, the message is longer than the client takes, or too much waits already.
        case refused
    }
}
