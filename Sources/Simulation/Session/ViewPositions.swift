import Wire
import World

/// The positions of one tick for clients that see a part of the map and get positions in datagrams.
final class ViewPositions {
    private let entries = ByteWriter()
    private var written: [Int: [UInt32: PieceEncoder.Piece]] = [:]
    private var lists = PieceLists()
    private let datagrams = [false, true].map { PositionDatagrams(isCompact: $0) }

    /// Begins a tick.
    func begin() {
        entries.shrink()
        written.removeAll(keepingCapacity: true)
        lists.removeAll()
    }

    /// Adds the position of an entity to a client's messages, if the entity moves. It is written once for all clients.
    func add(_ slot: UInt32, of world: World, _ moves: MovedEntities, to viewer: Int) {
        guard moves.isMoving(slot) else { return }
        let map = world.geometry.id
        let piece = written[map]?[slot] ?? write(slot, of: world, moves)
        written[map, default: [:]][slot] = piece
        lists.add(piece, world.kind(Int(slot)), to: viewer)
    }

    private func write(_ slot: UInt32, of world: World, _ moves: MovedEntities) -> PieceEncoder.Piece {
        let start = entries.count
        entries.write(positionOf: slot, in: world, moves)
        return start..<entries.count
    }

    /// Sends the messages, except to clients that wait for a snapshot.
    func send(_ header: TickHeader, to sessions: MapSessions, _ outbox: inout Outbox) {
        for viewer in sessions.sorted(lists.receivers) {
            guard let session = sessions[place: viewer], session.isLimited, !session.wantsSnapshot else { continue }
            let datagrams = datagrams[session.sink.isCompact ? 1 : 0]
            datagrams.begin(tick: header.tick, time: header.time)
            for kind in EntityKind.allCases {
                lists.forEach(viewer, kind) { datagrams.add(entries[$0], of: kind) }
            }
            for message in datagrams.finish() { outbox.add(message, to: session.sink) }
        }
    }
}
