import Wire
import World

/// Sends messages to the clients that see only the entities near their own [`1-protocol.md` 4.2].
///
/// The cost is what changed times the clients that see it: for each changed entity ``ViewerGrid`` finds the clients
/// that saw it or see it. There is no list of the entities that a client has. They follow from the last send: those
/// whose position then was in the client's circle of then. So a client whose circle is the same needs no look at
/// entities that did not change, and a client whose circle moved gets the entities that are in exactly one of the two
/// circles.
///
/// The circle is exact. An entity that steps over its edge and back is removed and sent complete each time; a game for
/// which that matters chooses a view distance beyond what its clients draw. What is always relevant is in every view.
final class ViewBroadcast {
    private let pieces = PieceEncoder()
    private let heads = SnapshotEncoder()
    private let compact = CompactBroadcast()
    private let positions = ViewPositions()
    private let compressor: SnapshotCompressor
    private var lists = PieceLists()
    /// The clients whose circle is another than at the last send.
    private var movers: [Int] = []
    /// How many times views had been changed when the last message was sent.
    private var knownViewChanges = 0
    /// How many sessions the last send looked at.
    private(set) var visits = 0

    /// Makes a broadcast without clients.
    ///
    /// - Parameter compressor: Compresses snapshots.
    init(_ compressor: SnapshotCompressor) { self.compressor = compressor }

    /// How many bytes of memory the buffers have.
    var bufferBytes: Int { pieces.bufferBytes + heads.bufferBytes + compact.encoder.bufferBytes }

    /// The part of one tick's snapshots that is not about players, by the circle that is seen: players that get a
    /// snapshot of the same circle in the same tick share it.
    private typealias SharedViews = [ViewCircle: SharedParts]

    /// The part in its forms; `nil` for one that is too short to share.
    private struct SharedParts {
        let view: SharedView?
        /// Made when the first client of the compact encoding needs it.
        var records: CompactEncoder.SharedRecords??
    }

    /// Makes the next message a snapshot for each client that had the whole map and has a part of it now, or the other
    /// way round. Call it before each send.
    ///
    /// - Parameters:
    ///   - world: The map's world.
    ///   - sessions: The sessions.
    ///   - radius: How far a player sees, in tiles; `nil` for the whole map.
    func requestSnapshots(
        _ world: World, _ sessions: inout MapSessions, radius: (EntityHandle) -> Double?
    ) {
        guard world.slots.viewChanges != knownViewChanges else { return }
        knownViewChanges = world.slots.viewChanges
        for slot in world.changes.slots where world.slots.isAlive(Int(slot)) {
            let player = world.slots.handle(Int(slot))
            guard let place = sessions.place(of: player), let session = sessions[place: place],
                session.isLimited != (radius(player) != nil)
            else { continue }
            sessions.requestSnapshot(of: place)
        }
    }

    /// Makes the messages of the sessions that are limited to a part of the map.
    ///
    /// - Parameters:
    ///   - worlds: The map's world, then the mirrors of other maps; the caller marks their changes as sent.
    ///   - header: The content of the messages other than entities.
    ///   - due: The places of the sessions that are owed a message even if nothing in the worlds changed.
    ///   - lane: The entities that move.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    ///   - radius: How far a player sees, in tiles.
    func send(
        _ worlds: [World], _ header: TickHeader, due: [Int], lane: PositionLane, to sessions: inout MapSessions,
        _ outbox: inout Outbox, radius: (EntityHandle) -> Double?
    ) {
        pieces.begin(tick: header.tick, time: header.time)
        compact.begin(worlds[0], header, sessions, isLimited: true)
        lists.removeAll()
        positions.begin()
        for world in worlds { tellRemovals(from: world, &sessions.viewers) }
        moveCircles(in: worlds[0], &sessions, radius)
        for (index, world) in worlds.enumerated() { tellChanges(of: world, isOwn: index == 0, lane[world], &sessions) }
        for world in worlds { if let moves = lane[world] { tellOfRest(in: world, moves, &sessions) } }
        for mover in movers { tellOfMove(mover, worlds, sessions.viewers) }
        var shared: SharedViews = [:]
        defer {
            pieces.release()
            compact.end()
        }
        let receivers = receivers(due: due, header, sessions)
        visits = receivers.count
        for place in receivers {
            guard let session = sessions[place: place], session.isLimited, !session.awaitsTurn,
                worlds[0].isAlive(session.entity)
            else { continue }
            if session.wantsSnapshot {
                guard let radius = radius(session.entity) else { continue }
                let circle = Self.circle(around: session.entity, worlds[0], radius)
                let message = snapshot(circle, place, session, worlds, header, &shared)
                sessions.viewers.insert(place, circle)
                sessions.update(place: place) {
                    $0.sendSnapshot(message, &outbox)
                    $0.compactEntries = compact.encoder.tableCount
                }
                continue
            }
            let members = sessions.drainMembers(
                of: place, now: header.time, timeouts: header.renewedTimeouts(session.entity))
            guard !members.isEmpty || !lists.isEmpty(place) else { continue }
            var delta = pieces.delta(of: place, lists, members: members)
            if session.sink.isCompact {
                delta = compact.encoder.delta(
                    delta, of: place, lists, pieces, members: members, known: session.compactEntries)
                sessions.update(place: place) { $0.compactEntries = compact.encoder.tableCount }
            }
            outbox.add(delta, to: session.sink)
        }
        positions.send(header, to: sessions, &outbox)
        for mover in movers { sessions.viewers.settle(mover) }
        movers.removeAll(keepingCapacity: true)
    }

    /// The places of the sessions that get a message, in the order of the sessions.
    private func receivers(due: [Int], _ header: TickHeader, _ sessions: MapSessions) -> [Int] {
        if header.renewsTimeouts { return sessions.inOrder }
        return sessions.sorted(lists.receivers + due.filter { !lists.contains($0) })
    }

    private static func circle(around player: EntityHandle, _ world: World, _ radius: Double) -> ViewCircle {
        let (x, y) = world.sentForm(slot: Int(player.slot))
        return ViewCircle(x: x, y: y, radius: radius)
    }

    // MARK: Changed entities

    private func tellRemovals(from world: World, _ viewers: inout ViewerGrid) {
        for removal in world.changes.removals {
            var piece: PieceEncoder.Piece?
            func tell(_ viewer: Int) {
                let record = piece ?? pieces.removal(removal, from: world)
                piece = record
                lists.add(record, removal.key.kind, to: viewer)
            }
            if removal.wasAlwaysSeen {
                viewers.forEach { viewer, _, _ in tell(viewer) }
            } else {
                viewers.search(old: (removal.x, removal.y), new: nil) { viewer, _, _ in tell(viewer) }
            }
        }
    }

    /// Gives the clients whose own entity moved their new circles.
    private func moveCircles(in world: World, _ sessions: inout MapSessions, _ radius: (EntityHandle) -> Double?) {
        for slot in world.changes.slots
        where world.slots.isAlive(Int(slot)) && world.slots.kinds[Int(slot)] == EntityKind.players.rawValue {
            let player = world.slots.handle(Int(slot))
            guard let place = sessions.place(of: player), let circles = sessions.viewers.circles(of: place),
                let radius = radius(player)
            else { continue }
            let circle = Self.circle(around: player, world, radius)
            guard circle != circles.now else { continue }
            sessions.viewers.move(place, to: circle)
            movers.append(place)
        }
    }

    private func tellChanges(of world: World, isOwn: Bool, _ moves: MovedEntities?, _ sessions: inout MapSessions) {
        let (patched, lanes) = (sessions.patched, sessions.lanes)
        for slot in world.changes.slots where world.slots.isAlive(Int(slot)) {
            let index = Int(slot)
            let key = world.slots.key(index)
            let owner = isOwn && key.kind == .players ? sessions.place(of: world.slots.handle(index)) : nil
            // By form: 1 with patches, 2 with a lane.
            var changes: [PieceEncoder.Change?] = [nil, nil, nil, nil]
            let old = world.slots.isNew(index) ? nil : world.sentPosition(slot: index)
            let new = world.sentForm(slot: index)
            func tell(_ viewer: Int, _ saw: Bool, _ sees: Bool) {
                if saw, sees {
                    let takesPatches = patched.contains(viewer) && world.hasChangedTable(slot: index)
                    let ownMoves = lanes.contains(viewer) ? moves : nil
                    let form = (takesPatches ? 1 : 0) + (ownMoves == nil ? 0 : 2)
                    let known =
                        changes[form]
                        ?? pieces.change(slot, of: world, hasPatches: takesPatches, moves: ownMoves)
                    changes[form] = known
                    if let ownMoves { positions.add(slot, of: world, ownMoves, to: viewer) }
                    if let piece = viewer == owner ? known.own : known.shared { lists.add(piece, key.kind, to: viewer) }
                } else if sees {
                    lists.add(pieces.whole(slot, of: world), key.kind, to: viewer)
                } else if saw {
                    lists.add(pieces.outOfView(key, of: world), key.kind, to: viewer)
                }
            }
            let (was, isAlways) = (world.slots.wasAlwaysSeen(index), world.slots.isAlwaysSeen(index))
            if was || isAlways {
                sessions.viewers.forEach { viewer, sent, now in
                    let isInOld = old.map { sent.contains($0.x, $0.y) } ?? false
                    tell(viewer, was || isInOld, isAlways || now.contains(new.x, new.y))
                }
            } else {
                sessions.viewers.search(old: old, new: new, tell)
            }
        }
    }

    /// Tells the clients with a lane where those entities are that do not move any more and did not change otherwise.
    private func tellOfRest(in world: World, _ moves: MovedEntities, _ sessions: inout MapSessions) {
        let lanes = sessions.lanes
        for slot in moves.resting where !world.changes.isListed(slot: Int(slot)) {
            let index = Int(slot)
            let place = world.sentForm(slot: index)
            var known: PieceEncoder.Change?
            func tell(_ viewer: Int, _ saw: Bool, _ sees: Bool) {
                guard saw, sees, lanes.contains(viewer) else { return }
                let change = known ?? pieces.change(slot, of: world, moves: moves)
                known = change
                if let piece = change.shared { lists.add(piece, world.kind(index), to: viewer) }
            }
            if world.slots.isAlwaysSeen(index) {
                sessions.viewers.forEach { viewer, _, _ in tell(viewer, true, true) }
            } else {
                sessions.viewers.search(old: place, new: place, tell)
            }
        }
    }

    // MARK: Moved circles

    /// Tells a client whose circle moved of the other entities: those that did not change, and are in one of the two
    /// circles only.
    private func tellOfMove(_ viewer: Int, _ worlds: [World], _ viewers: ViewerGrid) {
        guard let (sent, now) = viewers.circles(of: viewer) else { return }
        var gone: [(key: EntityKey, world: World)] = []
        var entered: [(world: Int, distance: Double, key: EntityKey, slot: UInt32)] = []
        for (number, world) in worlds.enumerated() {
            ViewCircle.forEachArea(of: sent, now) { area in
                world.forEachSeen(x: area.x, y: area.y, radius: area.radius) { slot, _ in
                    let index = Int(slot)
                    let place = world.sentForm(slot: index)
                    let isInNow = now.contains(place)
                    guard sent.contains(place) != isInNow, !world.changes.isListed(slot: index),
                        !world.slots.isAlwaysSeen(index)
                    else { return }
                    let key = world.slots.key(index)
                    if isInNow {
                        entered.append((number, now.squaredDistance(to: place), key, slot))
                    } else {
                        gone.append((key, world))
                    }
                }
            }
        }
        // First what is gone: an entity that moved from one of the worlds to another may be in both lists.
        for (key, world) in gone.sorted(by: { $0.key.rank < $1.key.rank }) {
            lists.add(pieces.outOfView(key, of: world), key.kind, to: viewer)
        }
        entered.sort { ($0.world, $0.distance, $0.key.rank) < ($1.world, $1.distance, $1.key.rank) }
        for (number, _, key, slot) in entered {
            lists.add(pieces.whole(slot, of: worlds[number]), key.kind, to: viewer)
        }
    }

    // MARK: Snapshots

    private func snapshot(
        _ circle: ViewCircle, _ place: Int, _ session: PlayerSession, _ worlds: [World], _ header: TickHeader,
        _ shared: inout SharedViews
    ) -> OutboundMessage {
        let player = session.entity
        lists.removeAll(of: place)
        lists.add(pieces.wholeOwn(player.slot, of: worlds[0], sides: header.sides), .players, to: place)
        for world in worlds {
            for other in world.seen(x: circle.x, y: circle.y, radius: circle.radius)
            where world !== worlds[0] || other.slot != player.slot {
                lists.add(pieces.whole(other.slot, of: world), world.kind(Int(other.slot)), to: place)
            }
            for slot in world.slots.alwaysSeen where slot != player.slot {
                let index = Int(slot)
                guard !circle.contains(world.sentForm(slot: index)) else { continue }
                lists.add(pieces.whole(slot, of: world), world.kind(index), to: place)
            }
        }
        var parts = shared[circle] ?? SharedParts(view: pieces.sharedView(of: place, lists))
        defer { shared[circle] = parts }
        let head = heads.head(worlds[0], slot: player.slot, header.snapshotHead(player))
        let message = pieces.snapshot(
            of: place, lists, head: head, sharing: parts.view,
            compressor: session.sink.acceptsDeflate ? compressor : nil)
        guard session.sink.isCompact else { return message }
        let records = parts.records ?? compact.encoder.sharedRecords(of: place, lists, pieces)
        parts.records = .some(records)
        return compact.encoder.snapshot(message, of: place, lists, pieces, head: head, sharing: records)
    }
}
