import World

/// Players whose connection is gone and who stay on the map for a while, so that nobody escapes a fight by pulling a
/// plug.
struct LingeringPlayers {
    /// In the order in which they lost their connections.
    private var players: [(entity: EntityHandle, until: Double)] = []

    /// When the first of them has to leave, Unix time in seconds; `nil` when no player lingers.
    var nextEnd: Double? { players.map(\.until).min() }

    /// Keeps a player.
    ///
    /// - Parameters:
    ///   - player: Its entity.
    ///   - until: When it has to leave, Unix time in seconds.
    mutating func add(_ player: EntityHandle, until: Double) {
        // It may have come and gone again within one tick.
        players.removeAll { $0.entity == player }
        players.append((player, until))
    }

    /// Forgets those that linger no more, and those whose time is over.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - isLingering: Whether a player is still on the map without a connection.
    /// - Returns: Those whose time is over, in order; the caller takes them off the map.
    mutating func removeDue(now: Double, isLingering: (EntityHandle) -> Bool) -> [EntityHandle] {
        guard !players.isEmpty else { return [] }
        players.removeAll { !isLingering($0.entity) }
        let due = players.filter { $0.until <= now }.map(\.entity)
        players.removeAll { $0.until <= now }
        return due
    }
}
