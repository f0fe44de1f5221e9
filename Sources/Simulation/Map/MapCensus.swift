package import World

/// The players and entity types of a map, for its operators.
package struct MapCensus: Sendable, Equatable {
    /// What is asked.
    package struct Question: Sendable, Equatable {
        /// A part of the login of a player, or the player's key; `nil` for all players.
        package var player: String?
        /// Whether `player` must be the whole login.
        package var isExact: Bool
        /// Whether the entities of each type are counted.
        package var countsTypes: Bool
        /// Which entities are counted together; `nil` for none.
        package var choice: OperatorAction.EntityChoice?

        /// Makes a question.
        ///
        /// - Parameters:
        ///   - player: A part of the login of a player, or the player's key; `nil` for all players.
        ///   - isExact: Whether `player` must be the whole login.
        ///   - countsTypes: Whether the entities of each type are counted: O(entities).
        ///   - choice: Which entities are counted together: O(entities).
        package init(
            player: String? = nil, isExact: Bool = false, countsTypes: Bool = false,
            choice: OperatorAction.EntityChoice? = nil
        ) {
            self.player = player
            self.isExact = isExact
            self.countsTypes = countsTypes
            self.choice = choice
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
    /// How many entities are of the choice that was asked for.
    package var chosen = 0

    /// Makes an empty census.
    package init() {}
}

/// How many entities of each kind and prefab a map has.
struct TypeCounts: Sendable {
    private struct Name: Hashable {
        var kind: EntityKind
        var prefab: String
    }

    private var counts: [Name: Int] = [:]

    mutating func add(_ slot: Int, of world: World) {
        counts[Name(kind: world.kind(slot), prefab: world.text(.prefab, slot: slot)), default: 0] += 1
    }

    mutating func add(_ other: TypeCounts) { counts.merge(other.counts, uniquingKeysWith: +) }

    /// The most numerous types, by kind and prefab.
    var types: [MapCensus.EntityType] {
        let most = counts.sorted { ($1.value, $0.key.prefab) < ($0.value, $1.key.prefab) }.prefix(MapCensus.maxTypes)
        return most.map { MapCensus.EntityType(kind: $0.key.kind, prefab: $0.key.prefab, count: $0.value) }
            .sorted { ($0.kind.rawValue, $0.prefab) < ($1.kind.rawValue, $1.prefab) }
    }

    /// How many entities are of a choice.
    func count(of choice: OperatorAction.EntityChoice) -> Int {
        counts.reduce(0) { $0 + (choice.admits($1.key.kind, $1.key.prefab) ? $1.value : 0) }
    }
}

/// The last census of all players: many pages ask for it every two seconds, and each would cost the map the same.
struct RecentCensus {
    /// How old an answer may be, in nanoseconds.
    private static let period: UInt64 = 1_000_000_000

    private var latest: (census: MapCensus, time: UInt64)?

    /// Answers a question about players.
    ///
    /// - Parameters:
    ///   - question: The question.
    ///   - simulation: The map.
    ///   - now: Unix time in seconds.
    ///   - time: The monotonic clock, in nanoseconds.
    /// - Returns: The players; all players as they were a second ago at most.
    mutating func players(
        _ question: MapCensus.Question, of simulation: MapSimulation, now: Double, at time: UInt64
    ) -> MapCensus {
        guard question.player == nil else { return simulation.census(question, now: now) }
        if let latest, time &- latest.time < Self.period { return latest.census }
        let census = simulation.census(question, now: now)
        latest = (census, time)
        return census
    }
}

extension MapActor {
    /// The players and entity types of the map. The entities of a large world are counted in several looks, between
    /// which the map ticks; one that comes, goes or changes meanwhile is counted or not. Counting ends early when
    /// the task is cancelled.
    ///
    /// - Parameter question: Which players, and whether entities are counted.
    /// - Returns: The answer; all players as they were a second ago at most.
    package nonisolated func census(_ question: MapCensus.Question) async -> MapCensus {
        var census = await players(question)
        guard question.countsTypes || question.choice != nil else { return census }
        var counts = TypeCounts()
        var next: Int? = 0
        while let start = next, !Task.isCancelled {
            let (part, end) = await inspect { simulation in
                var counts = TypeCounts()
                let end = simulation.count(&counts, from: start)
                return (counts, end)
            }
            counts.add(part)
            next = end
        }
        if question.countsTypes { census.types = counts.types }
        census.chosen = question.choice.map { counts.count(of: $0) } ?? 0
        return census
    }
}

extension MapSimulation {
    /// The players of a census.
    ///
    /// - Complexity: O(players · log).
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

    /// Counts entities until ``MapActor/lookNanoseconds`` have passed.
    ///
    /// - Parameters:
    ///   - counts: Where they are counted.
    ///   - first: The first slot.
    /// - Returns: The slot from which to go on; `nil` at the end.
    func count(_ counts: inout TypeCounts, from first: Int) -> Int? {
        look(from: first) { counts.add(Int($0.slot), of: world) }
    }
}
