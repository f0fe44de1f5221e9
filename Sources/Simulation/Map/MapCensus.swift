package import World

/// Who and what is on a map, for its operators.
package struct MapCensus: Sendable, Equatable {
    /// What is asked.
    package struct Question: Sendable, Equatable {
        /// A part of the login of a player, or the player's key; `nil` for all players.
        package var player: String?
        /// Whether `player` must be the whole login.
        package var isExact: Bool
        /// Whether the entities of each type are counted.
        package var countsTypes: Bool

        /// Makes a question.
        ///
        /// - Parameters:
        ///   - player: A part of the login of a player, or the player's key; `nil` for all players.
        ///   - isExact: Whether `player` must be the whole login.
        ///   - countsTypes: Whether the entities of each type are counted: O(entities).
        package init(player: String? = nil, isExact: Bool = false, countsTypes: Bool = false) {
            self.player = player
            self.isExact = isExact
            self.countsTypes = countsTypes
        }
    }

    /// A player who is connected.
    package struct Player: Sendable, Equatable {
        /// The player's number.
        package var id: Int
        /// The login.
        package var login: String
        /// Where the player is, in tiles.
        package var x, y: Double
        /// The round trip that the client measured, in seconds; can be forged.
        package var ping: Double?
        /// Seconds since the last command, or since the connection began.
        package var idle: Double
        /// What the player's texts and tables weigh, in bytes.
        package var bytes: Int
        /// Bytes that were sent to the client; see ``TrafficMeter``.
        package var sentBytes: UInt64
        /// Bytes that the client sent.
        package var receivedBytes: UInt64
    }

    /// The entities of a kind and a prefab.
    package struct EntityType: Sendable, Equatable {
        /// The kind.
        package var kind: EntityKind
        /// The prefab.
        package var prefab: String
        /// How many there are.
        package var count: Int
    }

    /// The most players in an answer.
    package static let maxPlayers = 100
    /// The most types in an answer.
    package static let maxTypes = 1000

    /// The first players by login that were asked for.
    package var players: [Player] = []
    /// How many were asked for and are there.
    package var matching = 0
    /// The most numerous types, by kind and prefab; empty if they were not asked for.
    package var types: [EntityType] = []

    /// Makes an empty census.
    package init() {}
}

extension MapSimulation {
    /// - Complexity: O(players · log), and O(entities) when types are counted.
    func census(_ question: MapCensus.Question, now: Double) -> MapCensus {
        var census = MapCensus()
        var found: [(login: String, session: PlayerSession)] = []
        for place in sessions.inOrder {
            guard let session = sessions[place: place], world.isAlive(session.entity) else { continue }
            let info = world.slots[Int(session.entity.slot)]
            let login = info.login ?? ""
            if let text = question.player, "\(info.key)" != text {
                guard question.isExact ? login == text : login.contains(text) else { continue }
            }
            found.append((login, session))
        }
        census.matching = found.count
        found.sort { ($0.login, $0.session.sink.playerID) < ($1.login, $1.session.sink.playerID) }
        census.players = found.prefix(MapCensus.maxPlayers).map { player($0.session, $0.login, now: now) }
        if question.countsTypes { census.types = types }
        return census
    }

    private func player(_ session: PlayerSession, _ login: String, now: Double) -> MapCensus.Player {
        let slot = Int(session.entity.slot)
        let columns = world.columns.components.values
        return MapCensus.Player(
            id: session.sink.playerID, login: login, x: world.number(.x, slot: slot), y: world.number(.y, slot: slot),
            ping: world.slots[slot].ping, idle: max(now - session.lastCommand, 0),
            bytes: columns.reduce(0) { $0 + world.weight(of: $1, slot: slot) },
            sentBytes: session.sink.traffic?.sent ?? 0, receivedBytes: session.sink.traffic?.received ?? 0)
    }

    private var types: [MapCensus.EntityType] {
        struct Name: Hashable {
            var kind: EntityKind
            var prefab: String
        }
        var counts: [Name: Int] = [:]
        for entity in world.entities {
            let slot = Int(entity.slot)
            counts[Name(kind: world.slots.key(slot).kind, prefab: world.text(.prefab, slot: slot)), default: 0] += 1
        }
        let most = counts.sorted { ($1.value, $0.key.prefab) < ($0.value, $1.key.prefab) }.prefix(MapCensus.maxTypes)
        return most.map { MapCensus.EntityType(kind: $0.key.kind, prefab: $0.key.prefab, count: $0.value) }
            .sorted { ($0.kind.rawValue, $0.prefab) < ($1.kind.rawValue, $1.prefab) }
    }
}
