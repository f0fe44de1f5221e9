import NIOCore

/// A message to players as a packet of Socket.IO, made once for all who get it in one namespace.
final class SharedEvent: Sendable {
    let namespace: String
    let packet: OutboundMessage

    init(_ packet: OutboundMessage, namespace: String) { (self.packet, self.namespace) = (packet, namespace) }
}

extension OutboundMessage.Kind {
    /// The name of the event as which players over Socket.IO get the message; `nil` for positions, which
    /// such players don't get, and for messages that are named by what they say.
    package var eventName: String? {
        switch self {
        case .snapshot: "load/index"
        case .delta: "delta"
        case .direct: "message"
        case .positions, .notice, .error, .replaced, .refused, .kicked, .paused, .reconnect: nil
        }
    }
}

extension OutboundMessage {
    /// The message as a whole packet; `nil` for a message whose kind has no event.
    ///
    /// - Parameter packets: Makes packets of the receiver's namespace.
    /// - Returns: The packet that all receivers share, if there is one; else one for this receiver.
    package func packet(for packets: SocketPackets) -> OutboundMessage? {
        if let sharedEvent, sharedEvent.namespace == packets.namespace { return sharedEvent.packet }
        return kind.eventName.map { packets.event($0, payload: self) }
    }

    /// The same message with a packet for all of its receivers in a namespace.
    package func withSharedPacket(for packets: SocketPackets) -> OutboundMessage {
        guard sharedEvent?.namespace != packets.namespace, let packet = packet(for: packets) else { return self }
        return with(SharedEvent(packet, namespace: packets.namespace))
    }

    /// Whether both messages are one that was made once: they have the same bytes in the same place. O(1).
    package func isSame(as other: OutboundMessage) -> Bool {
        plain.head.withUnsafeReadableBytes { own in
            other.plain.head.withUnsafeReadableBytes { own.baseAddress == $0.baseAddress && own.count == $0.count }
        }
    }
}
