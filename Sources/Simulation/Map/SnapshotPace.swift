import Wire
import World

/// How many players get a snapshot with the next message of the world, so that many who join at once, or a change of
/// the game for which all need one, don't delay those who play. The others wait for a later message: players who join
/// or ask for a snapshot in ``EntryBacklog``, those who need one because of a change in ``MapSessions``. When both
/// kinds wait, each gets about half of the places.
///
/// A snapshot costs its bytes twice: its receiver gets the others' records, and the others get the receiver's. How
/// large it will be is known from the last ones.
struct SnapshotPace {
    /// The most snapshots with one message of the world.
    static let maxSnapshots = 64
    /// About the most bytes of them together; one snapshot is always sent, however large.
    static let maxBytes = 8 << 20
    /// The bytes of an entity, for the first snapshot.
    private static let entityBytes = 256

    /// The players who get a snapshot with the next message.
    private var count = 0
    /// How many of them waited for their turn on the map.
    private var turns = 0
    /// How many players on the map waited in vain for the last message.
    private var waiting = 0
    /// The bytes of the largest of the last snapshots.
    private var size: Int?

    /// Whether no more players who join or ask for a snapshot may get one with the next message.
    ///
    /// - Parameter entities: How many entities are on the map.
    /// - Returns: Whether a further player has to wait.
    func isFull(entities: Int) -> Bool {
        let places = places(entities)
        return count > 0 && count + min(waiting, places / 2) >= places
    }

    /// How many snapshots go with one message.
    private func places(_ entities: Int) -> Int {
        let size = max(size ?? entities * Self.entityBytes, 1)
        return min(Self.maxSnapshots, (Self.maxBytes + size - 1) / size)
    }

    /// Gives a player on the map a place, at least to one with each message.
    ///
    /// - Parameter entities: How many entities are on the map.
    /// - Returns: Whether the player gets its snapshot with the next message.
    mutating func givesTurn(entities: Int) -> Bool {
        guard turns == 0 || count < places(entities) else {
            waiting += 1
            return false
        }
        turns += 1
        count += 1
        return true
    }

    /// Begins to give turns for the next message.
    mutating func beginTurns() { (turns, waiting) = (0, 0) }

    /// Notes a player who gets a snapshot with the next message.
    mutating func take() { count += 1 }

    /// Notes that the message was sent.
    ///
    /// - Parameter deliveries: The tick's messages.
    mutating func sent(_ deliveries: [MapSimulation.Delivery]) {
        let taken = count
        count = 0
        guard taken > 0 else { return }
        size = deliveries.lazy.filter { $0.message.kind == .snapshot }.map(\.message.size).max() ?? size
    }
}
