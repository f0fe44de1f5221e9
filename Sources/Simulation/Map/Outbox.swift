package import Wire
import World

/// The messages of the current tick to the map's players, in order.
struct Outbox {
    private var deliveries: [MapSimulation.Delivery] = []

    /// Adds a message for one connection.
    mutating func add(_ message: OutboundMessage, to sink: any SessionSink) {
        deliveries.append(.init(sink: sink, message: message))
    }

    /// The messages so far.
    var messages: [MapSimulation.Delivery] { deliveries }

    /// Returns all messages, and removes them.
    mutating func drain() -> [MapSimulation.Delivery] {
        defer { deliveries = [] }
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
