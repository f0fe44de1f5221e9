import Wire
import World

/// Sends messages on a map with a view distance: each client gets the entities near its own entity
/// [`1-protocol.md` 4.2].
///
/// Every record is encoded once, and a message is made of the records that its client sees. For a client whose entity
/// stands still, only entities that changed are checked; for a client whose entity moved, also all entities near it.
final class ViewBroadcast {
    private let pieces = PieceEncoder()
    private let heads = SnapshotEncoder()
    private let compact = CompactBroadcast()

    /// The part of one tick's snapshots after the players, by the position from which it is seen: players that get a
    /// snapshot at the same position in the same tick share it.
    private struct SharedViews {
        struct Place: Hashable {
            var x: Double
            var y: Double
        }

        /// `nil` for a part that is too short to share.
        var texts: [Place: SharedBytes?] = [:]
    }

    /// Makes the message of every session.
    ///
    /// - Parameters:
    ///   - world: The map's world; its changes are marked as sent.
    ///   - radius: How far players see, in tiles.
    ///   - header: The content of the messages other than entities.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    func send(
        _ world: World, radius: Double, _ header: TickHeader, to sessions: inout MapSessions, _ outbox: inout Outbox
    ) {
        pieces.begin(world)
        world.markChangesSent()
        compact.begin(world, header, sessions)
        var shared = SharedViews()
        for (id, session) in sessions.inOrder where world.isAlive(session.entity) {
            let sight = Sight(world: world, player: session.entity, radius: radius)
            if session.wantsSnapshot {
                let (message, seen) = snapshot(sight, header, isCompact: session.sink.isCompact, &shared)
                sessions.update(id) {
                    $0.seen = seen
                    $0.compactEntries = compact.encoder.tableCount
                    $0.sendSnapshot(message, &outbox)
                }
                continue
            }
            var view = ClientView()
            var seen = session.seen
            for key in pieces.removed where seen.remove(key) != nil {
                if let piece = pieces.removal(key) { view.add(piece, key.kind) }
            }
            look(sight, &seen, &view)
            sessions.update(id) { $0.seen = seen }
            let members = sessions.drainMembers(
                of: session, now: header.time, timeouts: header.renewedTimeouts(session.entity))
            guard !view.isEmpty || !members.isEmpty else { continue }
            var delta = pieces.delta(view, tick: header.tick, time: header.time, members: members)
            if session.sink.isCompact {
                delta = compact.encoder.delta(
                    delta, view, of: pieces, members: members, known: session.compactEntries)
                sessions.update(id) { $0.compactEntries = compact.encoder.tableCount }
            }
            outbox.add(delta, to: session.sink)
        }
    }

    /// The area that a player sees: a circle around its own entity.
    private struct Sight {
        let world: World
        let player: EntityHandle
        /// In tiles.
        let radius: Double
        let x: Double
        let y: Double

        init(world: World, player: EntityHandle, radius: Double) {
            (self.world, self.player, self.radius) = (world, player, radius)
            (x, y) = (world.number(.x, slot: Int(player.slot)), world.number(.y, slot: Int(player.slot)))
        }

        func contains(_ slot: UInt32) -> Bool {
            let (dx, dy) = (world.number(.x, slot: Int(slot)) - x, world.number(.y, slot: Int(slot)) - y)
            return dx * dx + dy * dy <= radius * radius
        }

        var entities: [EntityHandle] { world.near(x: x, y: y, radius: radius) }
    }

    /// Finds the entities that enter a client's view, change in it and leave it.
    private func look(_ sight: Sight, _ seen: inout Set<EntityKey>, _ view: inout ClientView) {
        let (world, player) = (sight.world, sight.player)
        for slot in pieces.changed {
            let key = world.slots.key(Int(slot))
            let isOwn = slot == player.slot
            let isInView = isOwn || sight.contains(slot)
            if isInView, seen.contains(key) {
                if let piece = pieces.change(slot, isOwn: isOwn) { view.add(piece, key.kind) }
            } else if isInView {
                seen.insert(key)
                view.add(isOwn ? pieces.wholeOwn(slot, of: world) : pieces.whole(slot, of: world), key.kind)
            } else if seen.remove(key) != nil {
                view.add(pieces.outOfView(key, of: world), key.kind)
            }
        }
        guard pieces.moved.contains(player.slot) else { return }
        // Changed entities are done. The others enter or leave the view only because the client's own entity moved.
        let near = sight.entities
        let keys = Set(near.map { world.slots.key(Int($0.slot)) })
        for key in seen.subtracting(keys).sorted(by: Self.isBefore) where world[key] != player {
            seen.remove(key)
            view.add(pieces.outOfView(key, of: world), key.kind)
        }
        for other in near {
            let key = world.slots.key(Int(other.slot))
            if seen.insert(key).inserted { view.add(pieces.whole(other.slot, of: world), key.kind) }
        }
    }

    private static func isBefore(_ left: EntityKey, _ right: EntityKey) -> Bool {
        (left.kind.rawValue, left.id) < (right.kind.rawValue, right.id)
    }

    private func snapshot(
        _ sight: Sight, _ header: TickHeader, isCompact: Bool, _ shared: inout SharedViews
    ) -> (message: OutboundMessage, seen: Set<EntityKey>) {
        let (world, slot) = (sight.world, sight.player.slot)
        var view = ClientView()
        view.add(pieces.wholeOwn(slot, of: world, sides: header.sides), .players)
        var seen: Set<EntityKey> = [world.slots.key(Int(slot))]
        for other in sight.entities where other.slot != slot {
            let key = world.slots.key(Int(other.slot))
            seen.insert(key)
            view.add(pieces.whole(other.slot, of: world), key.kind)
        }
        let place = SharedViews.Place(x: sight.x, y: sight.y)
        let text = shared.texts[place] ?? pieces.sharedText(of: view)
        shared.texts[place] = .some(text)
        let head = heads.head(world, slot: slot, header.snapshotHead(sight.player))
        let message = pieces.snapshot(view, head: head, sharing: text)
        return (isCompact ? compact.encoder.snapshot(message, view, of: pieces, head: head) : message, seen)
    }
}
