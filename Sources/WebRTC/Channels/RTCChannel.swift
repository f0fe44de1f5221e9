/// A channel that a client has opened.
package struct RTCChannel: Sendable, Equatable {
    /// The number of its stream, which names it as long as it is open.
    package let stream: UInt16
    /// What the client said about it.
    package let terms: ChannelOpen

    /// Whether all messages are delivered.
    package var isReliable: Bool { terms.reliability == .reliable }
}
