import Wire
import World

/// A player's connection as its map sees it.
struct PlayerSession {
    let sink: any SessionSink
    let entity: EntityHandle
    /// When its last command came, Unix time in seconds; before the first, when the session began.
    var lastCommand: Double
    /// The entities that its client has, on a map with a view distance.
    var seen: Set<EntityKey> = []
    /// Whether the next message is the whole world instead of what changed.
    var wantsSnapshot = true
    /// Whether it got its first snapshot: nothing comes before that [`1-protocol.md` 4.1].
    var isGreeted = false
    /// What scripts sent before.
    var held: [OutboundMessage] = []
    /// Commands that ran since the last message [`1-protocol.md` 4.2].
    var acknowledgements: [Acknowledgement] = []

    struct Acknowledgement {
        var group: String
        var commandID: Double
        /// When the server got the command, Unix time in seconds.
        var receivedAt: Double
    }

    /// The `commands` object of a message sent now; `nil` without any.
    ///
    /// The wait ends when the client is told and not when the event ran, so that what is left is the network's share.
    mutating func takeAcknowledgements(now: Double) -> [UInt8]? {
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
