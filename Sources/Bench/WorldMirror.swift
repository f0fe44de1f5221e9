package import JSONValues
import World

/// The players as one parsed client knows them: the position of each, and how often it moved.
///
/// If every move reaches every client, the mirrors of all clients have the same positions and counts.
package struct WorldMirror: Sendable, Equatable {
    /// One player as this client saw it.
    package struct Player: Sendable, Equatable {
        /// Position from left to right, in map units.
        package var x = 0.0
        /// Position from top to bottom, in map units.
        package var y = 0.0
        /// Deltas after ``WorldMirror/countsAfterTick`` that changed the position.
        package var moves = 0
    }

    /// The effect of one message.
    package struct Effect: Sendable, Equatable {
        /// Entity records in the message, of all kinds.
        package var records = 0
        /// Whether the client's own player moved.
        package var ownMoved = false
    }

    /// Players by id.
    package private(set) var players: [Int: Player] = [:]
    /// Players that were removed from this client's world, for any reason.
    package private(set) var removals = 0
    /// Snapshots after the first; moves may have been merged into them.
    package private(set) var resynchronisations = 0
    /// The last tick that was applied.
    package private(set) var tick = -1
    /// Moves are counted only in deltas after this tick, so that mirrors that began at different times are comparable.
    package var countsAfterTick = Int.max
    private let ownID: Int
    private var hasSnapshot = false

    /// Makes an empty mirror.
    ///
    /// - Parameter ownID: The id of this client's own player.
    package init(ownID: Int) { self.ownID = ownID }

    /// Applies a snapshot or a delta.
    ///
    /// - Parameter message: The parsed message.
    /// - Returns: Its effect.
    @discardableResult
    package mutating func apply(_ message: JSONObject) -> Effect {
        let isSnapshot = message["action"]?.string == "load/index"
        if isSnapshot {
            if hasSnapshot { resynchronisations += 1 }
            hasSnapshot = true
        }
        var effect = Effect()
        tick = message["tick"]?.number.map { Int($0) } ?? tick
        for (key, value) in message.members {
            guard let kind = EntityKind(name: key), let records = value.array else { continue }
            effect.records += records.count
            guard kind == .players else { continue }
            for record in records {
                if let object = record.object, apply(player: object, isSnapshot), object["id"]?.number == Double(ownID)
                {
                    effect.ownMoved = true
                }
            }
        }
        return effect
    }

    /// Applies one player's record and says whether it moved.
    private mutating func apply(player record: JSONObject, _ isSnapshot: Bool) -> Bool {
        guard let id = record["id"]?.number.map({ Int($0) }) else { return false }
        if record["action"]?.string == "remove" {
            if players.removeValue(forKey: id) != nil { removals += 1 }
            return false
        }
        var player = players[id] ?? Player()
        let x = record["x"]?.number ?? player.x
        let y = record["y"]?.number ?? player.y
        let isKnown = players[id] != nil
        let moved = isKnown && (x != player.x || y != player.y)
        player.x = x
        player.y = y
        if moved, !isSnapshot, tick > countsAfterTick { player.moves += 1 }
        players[id] = player
        return moved
    }
}
