import JSONValues
import Wire
import World

/// The state that a map keeps for a player's connection.
struct PlayerSession {
    let sink: any SessionSink
    let entity: EntityHandle
    /// When the last command arrived, Unix time in seconds; before the first command, when the session began.
    var lastCommand: Double
    /// Whether its client has only a part of the map, which the circle of the session in ``MapSessions/viewers`` says.
    var isLimited = false
    /// How many entries of the compact encoding's table its client has.
    var compactEntries = 0
    /// Whether the next message is a snapshot instead of a delta.
    private(set) var wantsSnapshot = true
    /// Whether that snapshot waits for its turn (``SnapshotPace``). Until then the client gets neither deltas, which it
    /// might not be able to apply, nor messages of scripts.
    var awaitsTurn: Bool { turn != nil }
    /// When it began to wait for its turn, as ``MapSessions`` counts.
    private(set) var turn: Int?
    /// What scripts sent since the last message of the world: it follows the next one, so that a client knows every
    /// entity that a message names [`1-protocol.md` 7]. `ScriptEffects` bounds it.
    private var held: [OutboundMessage] = []
    /// The bytes of those messages in `held` that no other client gets.
    private var heldBytes = 0
    /// Commands that ran since the last message [`1-protocol.md` 4.2].
    private var acknowledgements: [Acknowledgement] = []
    /// The client's clock in its last command that had one; the next delta gives it back.
    private(set) var clientTime: ClientTime?

    init(sink: any SessionSink, entity: EntityHandle, lastCommand: Double) {
        (self.sink, self.entity, self.lastCommand) = (sink, entity, lastCommand)
    }

    /// Makes the next message the whole world, because the client asked for it.
    mutating func requestSnapshot() { wantsSnapshot = true }

    /// Makes the next message the whole world, because clients can't use a delta any more: all of them together, so
    /// each in its turn.
    ///
    /// - Parameter turn: A greater number than those of earlier requests.
    mutating func requestSnapshot(turn: Int) {
        guard !wantsSnapshot else { return }
        (wantsSnapshot, self.turn) = (true, turn)
    }

    /// Ends the wait for the turn.
    mutating func takeTurn() { turn = nil }

    /// Keeps a script's message until the next message of the world is sent.
    mutating func hold(_ message: OutboundMessage, isShared: Bool) {
        held.append(message)
        if !isShared { heldBytes += message.payloadSize }
    }

    /// Keeps what a former session of the same player did not send any more, before everything that is new.
    mutating func hold(messagesOf former: PlayerSession) {
        held = former.held + held
        heldBytes += former.heldBytes
    }

    /// What the messages of scripts that wait cost, without the bytes of those that many clients get.
    var heldCost: Int { heldBytes + held.count * ScriptEffects.costPerReceiver }

    /// Whether messages of scripts wait.
    var holdsMessages: Bool { !held.isEmpty }

    /// Whether its client is owed a message even if nothing in the world changes.
    var isAwaiting: Bool { wantsSnapshot || hasAcknowledgements || clientTime != nil }

    /// Sends the messages of scripts that wait, in their order.
    mutating func sendHeld(_ outbox: inout Outbox) {
        for message in held { outbox.add(message, to: sink) }
        (held, heldBytes) = ([], 0)
    }

    /// Sends the whole world.
    mutating func sendSnapshot(_ message: OutboundMessage, _ outbox: inout Outbox) {
        outbox.add(message, to: sink)
        // Acknowledgements wait for the next delta, because a snapshot has none: a client that did not get one would
        // wait for its command for ever.
        wantsSnapshot = false
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

    /// A client's own clock, as a command had it.
    struct ClientTime {
        /// The least number that counts as milliseconds: as seconds it would be in the year 5138.
        static let leastMilliseconds = 1e11

        /// Unix time in seconds or milliseconds, as the client sent it.
        var unixtime: Double
        /// When the server got the command, Unix time in seconds.
        var receivedAt: Double

        /// The client's clock, later by the time that the command has waited; exact to a microsecond.
        func shifted(to now: Double) -> Double {
            let wait = max(now - receivedAt, 0)
            guard unixtime < Self.leastMilliseconds else { return ((unixtime + wait * 1000) * 1000).rounded() / 1000 }
            return ((unixtime + wait) * 1_000_000).rounded() / 1_000_000
        }
    }

    /// Notes a client's clock; a newer one replaces it.
    mutating func note(_ time: ClientTime) { clientTime = time }

    /// The client's clock as a message sent now gives it back: the client's time now, less that, is the network's share
    /// of the round trip.
    mutating func drainUnixtime(now: Double) -> Double? {
        defer { clientTime = nil }
        return clientTime?.shifted(to: now)
    }
}
