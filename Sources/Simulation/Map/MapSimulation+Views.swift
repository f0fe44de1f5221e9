import GameFolder
import Wire
import World

/// Sending on a map with a view distance: each client is told of what is near its own entity [`1-protocol.md` 4.2].
///
/// Every record is written once, and messages are put together of those that a client sees. A client whose entity stands
/// still is compared with what changed only; one whose entity moved, with what is near it.
extension MapSimulation {
    /// What snapshots of one tick say of everything but players, by the place that it is seen from: players who come to the
    /// same place at the same time share it.
    private struct SharedViews {
        struct Place: Hashable {
            var x: Double
            var y: Double
        }

        /// `nil` for a text too short to share.
        var texts: [Place: SharedBytes?] = [:]
    }

    /// Gives every session its message.
    func sendViews() {
        pieces.begin(world)
        world.markChangesSent()
        var shared = SharedViews()
        for (id, session) in sessions.sorted(by: { $0.key < $1.key }) where world.isAlive(session.entity) {
            if session.wantsSnapshot {
                sendViewSnapshot(id, &shared)
                continue
            }
            var view = ClientView()
            var seen = session.seen
            for key in pieces.removed where seen.remove(key) != nil {
                if let piece = pieces.removal(key) { view.add(piece, key.kind) }
            }
            look(from: session.entity, hasMoved: pieces.moved.contains(session.entity.slot), &seen, &view)
            sessions[id]?.seen = seen
            let commands = sessions[id]?.takeAcknowledgements(now: now)
            guard !view.isEmpty || commands != nil else { continue }
            let delta = pieces.delta(view, tick: tickNumber, time: now, commands: commands)
            deliveries.append(.init(sink: session.sink, message: delta))
        }
    }

    /// Finds what comes into a client's view, changes in it and leaves it.
    private func look(from entity: EntityHandle, hasMoved: Bool, _ seen: inout Set<EntityKey>, _ view: inout ClientView)
    {
        let (x, y) = place(Int(entity.slot))
        for slot in pieces.changed {
            let key = world.slots.key(Int(slot))
            let isOwn = slot == entity.slot
            let isInView = isOwn || isNear(slot, x, y)
            if isInView, seen.contains(key) {
                if let piece = pieces.change(slot, isOwn: isOwn) { view.add(piece, key.kind) }
            } else if isInView {
                seen.insert(key)
                view.add(isOwn ? pieces.wholeOwn(slot, of: world) : pieces.whole(slot, of: world), key.kind)
            } else if seen.remove(key) != nil {
                view.add(pieces.outOfView(key, of: world), key.kind)
            }
        }
        guard hasMoved else { return }
        // Those that changed are done: what is left is what the client's own way brought in or left behind.
        let near = world.near(x: x, y: y, radius: Double(game.configuration.viewDistance))
        let keys = Set(near.map { world.slots.key(Int($0.slot)) })
        for key in seen.subtracting(keys).sorted(by: Self.isBefore) where world[key] != entity {
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

    private func place(_ slot: Int) -> (x: Double, y: Double) {
        (world.number(.x, slot: slot), world.number(.y, slot: slot))
    }

    private func isNear(_ slot: UInt32, _ x: Double, _ y: Double) -> Bool {
        let place = place(Int(slot))
        let (dx, dy, radius) = (place.x - x, place.y - y, Double(game.configuration.viewDistance))
        return dx * dx + dy * dy <= radius * radius
    }

    private func sendViewSnapshot(_ id: SessionID, _ shared: inout SharedViews) {
        guard let session = sessions[id] else { return }
        let slot = session.entity.slot
        let (x, y) = place(Int(slot))
        var view = ClientView()
        view.add(pieces.wholeOwn(slot, of: world, sides: sidesJSON), .players)
        var seen: Set<EntityKey> = [world.slots.key(Int(slot))]
        for other in world.near(x: x, y: y, radius: Double(game.configuration.viewDistance)) where other.slot != slot {
            let key = world.slots.key(Int(other.slot))
            seen.insert(key)
            view.add(pieces.whole(other.slot, of: world), key.kind)
        }
        let place = SharedViews.Place(x: x, y: y)
        let text = shared.texts[place] ?? pieces.sharedText(of: view)
        shared.texts[place] = .some(text)
        let head = snapshots.head(world, slot: slot, snapshotHead(session.entity))
        deliveries.append(.init(sink: session.sink, message: pieces.snapshot(view, head: head, sharing: text)))
        sessions[id]?.seen = seen
        greet(id)
    }
}
