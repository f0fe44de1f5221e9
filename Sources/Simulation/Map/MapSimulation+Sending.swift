import GameFolder
import Wire
import World

extension MapSimulation {
    /// Encodes what changed once and gives every session its message [design: encode once].
    func send() {
        dropMirrorsOfOwn()
        if isSchemaNew {
            // Clients can't be told of declarations as changes: each gets the world as it is now.
            for id in sessions.keys { sessions[id]?.wantsSnapshot = true }
            world.markAllSent()
            for mirror in mirrors { mirror.markAllSent() }
            isSchemaNew = false
        }
        guard !sessions.isEmpty else { return world.markChangesSent() }
        if game.configuration.viewDistance > 0 { return sendViews() }
        deltas.encode(world, mirrors: mirrors, tick: tickNumber, time: now)
        world.markChangesSent()
        for mirror in mirrors { mirror.markChangesSent() }
        if sessions.values.contains(where: \.sink.acceptsDeflate) { deltas.compress() }
        let shared = deltas.hasPublicChanges ? deltas.sharedMessage() : nil
        var isEncoded = false
        defer { if isEncoded { snapshots.release() } }
        for (id, session) in sessions.sorted(by: { $0.key < $1.key }) {
            let slot = session.entity.slot
            if session.wantsSnapshot {
                if !isEncoded { snapshots.encode(world, mirrors: mirrors) }
                isEncoded = true
                sendSnapshot(to: id, slot: slot)
                continue
            }
            let commands = sessions[id]?.takeAcknowledgements(now: now)
            if commands != nil || deltas.hasPrivateChanges(slot: slot) {
                let own = deltas.message(slot: slot, commands: commands, isCompressed: session.sink.acceptsDeflate)
                deliveries.append(.init(sink: session.sink, message: own))
            } else if let shared {
                deliveries.append(.init(sink: session.sink, message: shared))
            }
        }
    }

    private func sendSnapshot(to id: SessionID, slot: UInt32) {
        guard let session = sessions[id], world.isAlive(session.entity) else { return }
        let snapshot = snapshots.message(world, slot: slot, head: snapshotHead(session.entity))
        deliveries.append(.init(sink: session.sink, message: snapshot))
        greet(id)
    }

    /// What stands before the entities in a player's snapshot.
    func snapshotHead(_ player: EntityHandle) -> SnapshotEncoder.Head {
        SnapshotEncoder.Head(
            tick: tickNumber, time: now, tickRate: game.configuration.tickRate, sides: sidesJSON,
            timeouts: timeouts(of: player))
    }

    /// Notes that a session was sent its snapshot, and sends what waited for the first one.
    func greet(_ id: SessionID) {
        guard let session = sessions[id] else { return }
        // Acknowledgements wait for the next delta: a client that lost one would wait for its command for ever.
        sessions[id]?.wantsSnapshot = false
        guard !session.isGreeted else { return }
        sessions[id]?.isGreeted = true
        sessions[id]?.held = []
        for message in session.held { deliveries.append(.init(sink: session.sink, message: message)) }
    }

    /// A script's message for a client: after its first snapshot, which a spawn hook's greeting would overtake.
    func deliver(_ message: OutboundMessage, to id: SessionID) {
        guard let session = sessions[id] else { return }
        if session.isGreeted {
            deliveries.append(.init(sink: session.sink, message: message))
        } else {
            sessions[id]?.held.append(message)
        }
    }

    /// For each group that concerns a player, its current timeout and the events that a client may call.
    ///
    /// A group without public events that the player never had may be made for other kinds, and its formula too.
    private func timeouts(of entity: EntityHandle) -> [UInt8] {
        var object = JSONObject()
        for (index, group) in world.schema.groups.enumerated()
        where group.events.contains(where: \.isPublic) || world.state(Int(entity.slot), index).exists {
            var actions = JSONObject()
            for event in group.events where event.isPublic { actions.append(unique: event.name, .bool(true)) }
            object.append(
                unique: group.name,
                .object([
                    "timeout": .number(host.timeout(entity, group: index)), "actions": .object(actions),
                ]))
        }
        return JSON.object(object).bytes
    }
}
