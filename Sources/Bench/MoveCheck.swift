/// The check that every client saw every move.
///
/// All clients are compared by the number of coordinates in their deltas; a few are parsed completely and compared
/// player by player.
extension PlayersBenchmark {
    /// The comparison's outcome.
    package struct MoveCheck: Sendable, Equatable {
        /// Parsed clients.
        package var clients = 0
        /// Players that at least one parsed client knew.
        package var players = 0
        /// Moves that the server acknowledged.
        package var executed = 0
        /// Moves that parsed clients saw, each counted once.
        package var seen = 0
        /// Moves that a parsed client saw and another one did not, summed over all parsed clients.
        package var missed = 0
        /// Players whose last position is not the same on all parsed clients.
        package var differing = 0
        /// Coordinates that the client with the fewest saw.
        package var leastCoordinates = 0
        /// Coordinates that the client with the most saw.
        package var mostCoordinates = 0
        /// Clients that saw fewer than ``mostCoordinates``.
        package var behind = 0

        /// Makes an empty check.
        package init() {}

        /// Compares clients with each other.
        ///
        /// - Parameters:
        ///   - mirrors: The mirrors of the parsed clients; all count from the same tick.
        ///   - executed: Acknowledgements that came after that tick.
        ///   - coordinates: The coordinates that each client, parsed or not, saw after that tick.
        package init(comparing mirrors: [WorldMirror], executed: Int, coordinates: [Int]) {
            self.executed = executed
            clients = mirrors.count
            let ids = Set(mirrors.flatMap { $0.players.keys })
            players = ids.count
            for id in ids {
                let copies = mirrors.map { $0.players[id] }
                let most = copies.map { $0?.moves ?? 0 }.max() ?? 0
                seen += most
                missed += copies.reduce(0) { $0 + most - ($1?.moves ?? 0) }
                let first = copies.first ?? nil
                if !copies.allSatisfy({ $0?.x == first?.x && $0?.y == first?.y }) { differing += 1 }
            }
            leastCoordinates = coordinates.min() ?? 0
            mostCoordinates = coordinates.max() ?? 0
            behind = coordinates.count { $0 < mostCoordinates }
        }
    }
}
