package import Wire
import World

/// The messages of the current tick to the map's players, in order.
struct Outbox {
    private var deliveries: [MapSimulation.Delivery] = []
    /// The last message for a client of Socket.IO, in each namespace.
    private var lastOfSockets: [String: OutboundMessage] = [:]

    /// Adds a message for one connection.
    mutating func add(_ message: OutboundMessage, to sink: any SessionSink) {
        let message = sink.packets.map { shared(message, $0) } ?? message
        deliveries.append(.init(sink: sink, message: message))
    }

    /// The message with the packet that all of its receivers over Socket.IO share. It is made for the second of them:
    /// most messages that the first gets are for it alone.
    private mutating func shared(_ message: OutboundMessage, _ packets: SocketPackets) -> OutboundMessage {
        let last = lastOfSockets[packets.namespace].flatMap { $0.isSame(as: message) ? $0 : nil }
        let message = last?.withSharedPacket(for: packets) ?? message
        lastOfSockets[packets.namespace] = message
        return message
    }

    /// The messages so far.
    var messages: [MapSimulation.Delivery] { deliveries }

    /// Returns all messages, and removes them.
    mutating func drain() -> [MapSimulation.Delivery] {
        defer { (deliveries, lastOfSockets) = ([], [:]) }
        return deliveries
    }
}

extension OutboundMessage {
    /// Makes a message that ends a session.
    ///
    /// - Parameters:
    ///   - kind: `.replaced`, `.refused` or `.kicked`.
    ///   - reason: Why, and whether the client should come back.
    init(kind: Kind, _ reason: Refusal) { self.init(kind: kind, json: reason.json) }
}

extension MapSimulation {
    /// One message for one session.
    package struct Delivery {
        /// The session.
        package var sink: any SessionSink
        /// What to send.
        package var message: OutboundMessage
    }
}
