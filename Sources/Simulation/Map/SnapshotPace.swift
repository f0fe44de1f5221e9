import Wire
import World

/// How many players get a snapshot with the next message of the world, so that many who join at once don't delay those
/// who play. The others wait in ``EntryBacklog``.
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
    /// The bytes of the largest of the last snapshots.
    private var size: Int?

    /// Whether no more snapshots may be sent with the next message.
    ///
    /// - Parameter entities: How many entities are on the map.
    /// - Returns: Whether a further player has to wait.
    func isFull(entities: Int) -> Bool {
        guard count > 0 else { return false }
        let each = size ?? entities * Self.entityBytes
        return count >= Self.maxSnapshots || count * each >= Self.maxBytes
    }

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
