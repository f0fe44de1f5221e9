package import World

/// Writes each entity that is sent to any client once, so that each client's message can be assembled from the entities
/// that it sees [`1-protocol.md` 4.2, view distance].
///
/// A piece is one record of an array of a message. Only pieces that are asked for are written: an entity that no client
/// sees costs nothing. Pieces are valid until ``release()``.
package final class PieceEncoder {
    /// The position of a piece in the encoder's buffer.
    package typealias Piece = Range<Int>

    /// What changed in one entity.
    package struct Change {
        /// The record for all clients; `nil` when nothing changed that they may see.
        package let shared: Piece?
        /// The record for the entity's own player; `nil` when nothing changed.
        package let own: Piece?
    }

    /// An entity of one of the worlds that are sent together.
    private struct Place: Hashable {
        var mapID: Int
        var slot: UInt32
    }

    private let out = ByteWriter(capacity: 64 * 1024)
    /// Where a message is put together, so that its size is known before its buffer is made.
    let message = ByteWriter()
    private var full: [Place: Piece] = [:]
    private var hidden: [EntityKey: Piece] = [:]
    /// Made when a record has patches for the first time.
    private lazy var patches = ComponentPatches()
    /// The beginning of all deltas of the tick.
    private(set) var head: Piece = 0..<0

    /// Makes an encoder, which keeps its buffers from tick to tick.
    package init() {}

    /// Forgets all pieces, and writes the beginning of the tick's deltas.
    ///
    /// - Parameters:
    ///   - tick: The tick's number.
    ///   - time: The tick's time, Unix seconds.
    package func begin(tick: Int, time: Double) {
        out.truncate(to: 0)
        full.removeAll(keepingCapacity: true)
        hidden.removeAll(keepingCapacity: true)
        head = piece { out.write(headOfTick: tick, time: time) }
    }

    private func piece(_ write: () -> Void) -> Piece {
        let start = out.count
        write()
        return start..<out.count
    }

    /// Writes the changes of an entity since the last send; call it once for each entity and each form that clients
    /// have: whether they take patches, and whether they have a lane for positions.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - world: Its world.
    ///   - hasPatches: Whether the receivers take patches.
    ///   - moves: The entities whose positions the receivers get in datagrams; `nil` for receivers without a lane.
    /// - Returns: The records; both are `nil` when there is nothing to tell.
    package func change(
        _ slot: UInt32, of world: World, hasPatches: Bool = false, moves: MovedEntities? = nil
    ) -> Change {
        let writer = RecordWriter(world: world, out: out, patches: hasPatches ? patches : nil, moves: moves)
        let start = out.count
        let (written, hasPrivate) = writer.writeChanges(slot: Int(slot), includesPrivate: false)
        let shared = written ? start..<out.count : nil
        guard hasPrivate, world.kind(Int(slot)) == .players else { return Change(shared: shared, own: shared) }
        return Change(
            shared: shared, own: piece { _ = writer.writeChanges(slot: Int(slot), includesPrivate: true) })
    }

    /// The whole entity without its private components.
    package func whole(_ slot: UInt32, of world: World) -> Piece {
        let place = Place(mapID: world.geometry.id, slot: slot)
        if let known = full[place] { return known }
        let piece = piece { RecordWriter(world: world, out: out).writeFull(slot: Int(slot), includesPrivate: false) }
        full[place] = piece
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

    /// Writes the record that an entity left the map.
    package func removal(_ removal: ChangeSet.Removal, from world: World) -> Piece {
        piece { RecordWriter(world: world, out: out).writeRemoval(removal) }
    }

    /// The record that an entity is out of the receiver's view.
    package func outOfView(_ key: EntityKey, of world: World) -> Piece {
        if let known = hidden[key] { return known }
        let piece = piece { RecordWriter(world: world, out: out).writeOutOfView(key) }
        hidden[key] = piece
        return piece
    }

    /// How many bytes of memory the buffers have.
    package var bufferBytes: Int { out.capacity + message.capacity }

    /// Frees the memory that large messages took; call it after all messages of a tick were made.
    package func release() {
        out.shrink()
        message.shrink()
        if full.capacity > Self.keptPieces { full = [:] }
        if hidden.capacity > Self.keptPieces { hidden = [:] }
    }

    /// For how many pieces that other clients may need the memory is kept.
    private static let keptPieces = 4096

    /// The bytes of a piece; valid until the next piece is written.
    package subscript(piece: Piece) -> UnsafeBufferPointer<UInt8> { out[piece] }
}
