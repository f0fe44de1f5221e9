import World

/// A player's connection as its map sees it.
struct PlayerSession {
    let sink: any SessionSink
    let entity: EntityHandle
    /// Whether the next message is the whole world instead of what changed.
    var wantsSnapshot = true
    /// Commands that ran since the last message [`1-protocol.md` 4.2].
    var acknowledgements: [Acknowledgement] = []

    struct Acknowledgement {
        var group: String
        var commandID: Double
        /// Seconds the command waited on the server.
        var waited: Double
    }

    /// The `commands` object of the next message; `nil` without any.
    mutating func takeAcknowledgements() -> [UInt8]? {
        guard !acknowledgements.isEmpty else { return nil }
        var object = JSONObject()
        for one in acknowledgements {
            object[one.group] = .object([
                "command_id": .number(one.commandID),
                "wait_time": .number((max(one.waited, 0) * 10_000).rounded() / 10_000),
            ])
        }
        acknowledgements.removeAll(keepingCapacity: true)
        return JSON.object(object).bytes
    }
}
