package import World

/// Writes each entity that is sent to any client once, so that each client's message can be assembled from the entities
/// that it sees [`1-protocol.md` 4.2, view distance].
///
/// A piece is one record of an array of a message. Pieces are valid until the next ``begin(_:)``.
package final class PieceEncoder {
    /// The position of a piece in the encoder's buffer.
    package typealias Piece = Range<Int>

    private let out = ByteWriter(capacity: 64 * 1024)
    private var changes: [UInt32: Piece] = [:]
    private var own: [UInt32: Piece] = [:]
    private var full: [UInt32: Piece] = [:]
    private var gone: [EntityKey: Piece] = [:]
    private var hidden: [EntityKey: Piece] = [:]

    /// Makes an encoder, which keeps its buffers from tick to tick.
    package init() {}

    /// The slots of entities that changed since the last send, in the world's order.
    package private(set) var changed: [UInt32] = []
    /// The slots in ``changed`` whose `x` or `y` was changed since the last send.
    package private(set) var moved: Set<UInt32> = []
    /// The entities that left the map.
    package private(set) var removed: [EntityKey] = []

    /// Writes what changed since the last send; does not change the world.
    ///
    /// - Parameter world: The world.
    package func begin(_ world: World) {
        out.truncate(to: 0)
        changes.removeAll(keepingCapacity: true)
        own.removeAll(keepingCapacity: true)
        full.removeAll(keepingCapacity: true)
        gone.removeAll(keepingCapacity: true)
        hidden.removeAll(keepingCapacity: true)
        changed.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        moved.removeAll(keepingCapacity: true)
        let writer = RecordWriter(world: world, out: out)
        for removal in world.changes.removals {
            gone[removal.key] = piece { writer.writeRemoval(removal) }
            removed.append(removal.key)
        }
        for slot in world.changes.slots where world.slots.isAlive(Int(slot)) {
            changed.append(slot)
            if world.changes.hasMoved(slot: Int(slot)) { moved.insert(slot) }
            // No client has a new entity yet: a client that sees it gets the whole entity.
            if !world.slots.isNew(Int(slot)) { write(slot, writer) }
        }
    }

    private func write(_ slot: UInt32, _ writer: RecordWriter) {
        let start = out.count
        let (written, hasPrivate) = writer.writeChanges(slot: Int(slot), includesPrivate: false)
        if written { changes[slot] = start..<out.count }
        guard hasPrivate, writer.world.kind(Int(slot)) == .players else { return }
        own[slot] = piece { _ = writer.writeChanges(slot: Int(slot), includesPrivate: true) }
    }

    private func piece(_ write: () -> Void) -> Piece {
        let start = out.count
        write()
        return start..<out.count
    }

    /// The changes of an entity.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - isOwn: Whether it is the receiver's own entity.
    /// - Returns: The piece; `nil` when nothing changed that the receiver may see.
    package func change(_ slot: UInt32, isOwn: Bool) -> Piece? { isOwn ? own[slot] ?? changes[slot] : changes[slot] }

    /// The whole entity without its private components.
    package func whole(_ slot: UInt32, of world: World) -> Piece {
        if let known = full[slot] { return known }
        let piece = piece { RecordWriter(world: world, out: out).writeFull(slot: Int(slot), includesPrivate: false) }
        full[slot] = piece
        return piece
    }

    /// The whole entity with its private components, for its own player.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - world: Its world.
    ///   - sides: The `sides` object, for a snapshot.
    /// - Returns: The piece.
    package func wholeOwn(_ slot: UInt32, of world: World, sides: [UInt8]? = nil) -> Piece {
        piece { RecordWriter(world: world, out: out).writeFull(slot: Int(slot), includesPrivate: true, sides: sides) }
    }

    /// The record that an entity left the map; `nil` when it did not.
    package func removal(_ key: EntityKey) -> Piece? { gone[key] }

    /// The record that an entity is out of the receiver's view.
    package func outOfView(_ key: EntityKey, of world: World) -> Piece {
        if let known = hidden[key] { return known }
        let piece = piece { RecordWriter(world: world, out: out).writeOutOfView(key) }
        hidden[key] = piece
        return piece
    }

    /// The bytes of a piece; valid until the next piece is written.
    package subscript(piece: Piece) -> UnsafeBufferPointer<UInt8> { out[piece] }
}
