/// When each player of the battle sent its latest moves.
///
/// A move is known by its place: x is its number among the player's moves, y the player's number.
struct MoveLog {
    /// How many moves of a player are kept: more than are under way in the longest run that is waited for.
    private static let kept = 256

    private var times: [UInt64]
    private var counts: [Int]

    /// Makes a log.
    ///
    /// - Parameter players: How many players there are.
    init(players: Int) {
        times = Array(repeating: 0, count: players * Self.kept)
        counts = Array(repeating: 0, count: players)
    }

    /// Notes that a player sends now.
    ///
    /// - Returns: The number of the move.
    mutating func add(player: Int, now: UInt64) -> Int {
        let move = counts[player]
        counts[player] += 1
        times[player * Self.kept + move % Self.kept] = now
        return move
    }

    /// When a move was sent; `nil` when there is no such player or move, or too many came after it.
    func sent(player: Int, move: Int) -> UInt64? {
        guard counts.indices.contains(player), move >= 0, move < counts[player], move >= counts[player] - Self.kept
        else { return nil }
        return times[player * Self.kept + move % Self.kept]
    }
}
