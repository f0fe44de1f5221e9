import JSONValues
import Wire
import World

/// The state that a map keeps for a player's connection.
struct PlayerSession {
    let sink: any SessionSink
    let entity: EntityHandle
    /// When the last command arrived, Unix time in seconds; before the first command, when the session began.
    var lastCommand: Double
    /// The entities that its client has, on a map with a view distance.
    var seen: Set<EntityKey> = []
    /// Whether the next message is a snapshot instead of a delta.
    var wantsSnapshot = true
    /// Whether it got its first snapshot; no other message may come before that [`1-protocol.md` 4.1].
    private var isGreeted = false
    /// The messages that scripts sent before the first snapshot.
    private var held: [OutboundMessage] = []
    /// Commands that ran since the last message [`1-protocol.md` 4.2].
    private var acknowledgements: [Acknowledgement] = []

    init(sink: any SessionSink, entity: EntityHandle, lastCommand: Double) {
        (self.sink, self.entity, self.lastCommand) = (sink, entity, lastCommand)
    }

    /// Sends a script's message, or holds it until the first snapshot: a message from a spawn hook would overtake that.
    mutating func deliver(_ message: OutboundMessage, _ outbox: inout Outbox) {
        if isGreeted { outbox.add(message, to: sink) } else { held.append(message) }
    }

    /// Sends a snapshot, and then the messages that waited for the first snapshot.
    mutating func sendSnapshot(_ message: OutboundMessage, _ outbox: inout Outbox) {
        outbox.add(message, to: sink)
        // Acknowledgements wait for the next delta, because a snapshot has none: a client that did not get one would
        // wait for its command for ever.
        wantsSnapshot = false
        isGreeted = true
        for message in held { outbox.add(message, to: sink) }
        held = []
    }

    /// Whether there are commands to acknowledge.
    var hasAcknowledgements: Bool { !acknowledgements.isEmpty }

    /// Notes a command that ran.
    mutating func acknowledge(_ command: Acknowledgement) { acknowledgements.append(command) }

    struct Acknowledgement {
        var group: String
        var commandID: Double
        /// When the server got the command, Unix time in seconds.
        var receivedAt: Double
    }

    /// The `commands` object of a message that is sent now; `nil` when there is nothing to acknowledge.
    ///
    /// `wait_time` ends when the message is sent, not when the event ran, so that the rest of the time that a client
    /// measures is the network's.
    mutating func drainAcknowledgements(now: Double) -> [UInt8]? {
        guard !acknowledgements.isEmpty else { return nil }
        var object = JSONObject()
        for one in acknowledgements {
            object[one.group] = .object([
                "command_id": .number(one.commandID),
                "wait_time": .number((max(now - one.receivedAt, 0) * 10_000).rounded() / 10_000),
            ])
        }
        acknowledgements.removeAll(keepingCapacity: true)
        return JSON.object(object).bytes
    }
}
