import World

/// Players whose connection is gone and whose entity stays on the map for a while, so that a player can't escape a
/// fight by disconnecting.
struct LingeringPlayers {
    /// How long a player stays whose connection ended because the server stops, in seconds: longer than maps take to
    /// end, so that the player leaves with the map.
    static let patienceAtStop = 60.0

    /// In the order in which they lost their connections.
    private var players: [(entity: EntityHandle, until: Double)] = []
    private var known: Set<EntityHandle> = []

    /// When the first of them has to leave, Unix time in seconds; `nil` when no player lingers.
    var nextEnd: Double? { players.map(\.until).min() }

    /// Keeps a player.
    ///
    /// - Parameters:
    ///   - player: Its entity.
    ///   - until: When it has to leave, Unix time in seconds.
    mutating func add(_ player: EntityHandle, until: Double) {
        // The player may have reconnected and disconnected again within one tick.
        if !known.insert(player).inserted { players.removeAll { $0.entity == player } }
        players.append((player, until))
    }

    /// Forgets the players that no longer linger, and lets those leave whose time is over, in order.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - isLingering: Whether a player is still on the map without a connection.
    ///   - leaves: Removes a player from the map; returns `false` when the player has to wait for the next tick.
    mutating func removeDue(
        now: Double, isLingering: (EntityHandle) -> Bool, leaves: (EntityHandle) -> Bool
    ) {
        guard !players.isEmpty else { return }
        let before = players.count
        players.removeAll { player, until in
            guard isLingering(player) else { return true }
            return until <= now && leaves(player)
        }
        if players.count != before { known = Set(players.map(\.entity)) }
    }
}
