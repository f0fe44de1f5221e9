import World

/// Players whose connection is gone and whose entity stays on the map for a while, so that a player can't escape a
/// fight by disconnecting.
struct LingeringPlayers {
    /// How long a player stays whose connection ended because the server stops, in seconds: longer than maps take to
    /// end, so that the player leaves with the map.
    static let patienceAtStop = 60.0

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
        // The player may have reconnected and disconnected again within one tick.
        players.removeAll { $0.entity == player }
        players.append((player, until))
    }

    /// Removes the players that no longer linger, and those whose time is over.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - isLingering: Whether a player is still on the map without a connection.
    /// - Returns: The players whose time is over, in order; the caller removes them from the map.
    mutating func removeDue(now: Double, isLingering: (EntityHandle) -> Bool) -> [EntityHandle] {
        guard !players.isEmpty else { return [] }
        players.removeAll { !isLingering($0.entity) }
        let due = players.filter { $0.until <= now }.map(\.entity)
        players.removeAll { $0.until <= now }
        return due
    }
}
