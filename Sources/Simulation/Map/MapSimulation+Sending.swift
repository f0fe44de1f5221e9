import GameFolder
import GameRules
import JSONValues
import Wire
import World

extension MapSimulation {
    /// Sends every session its message of the world, and after it the messages of scripts since the last one.
    func send() {
        sendWorld()
        pace.sent(outbox.messages)
        sessions.sendHeld(&outbox)
        departures.forgetRefused()
        host.effects.messagesSent(except: sessions.heldCost)
    }

    private func sendWorld() {
        mirrors.removeArrivals(on: world)
        if needsSnapshots {
            sessions.requestSnapshots()
            world.markAllSent()
            for mirror in mirrors.worlds { mirror.markAllSent() }
            needsSnapshots = false
        }
        let renewsTimeouts = needsTimeouts
        needsTimeouts = false
        pace.beginTurns()
        guard !sessions.isEmpty else { return world.markChangesSent() }
        let header = TickHeader(
            tick: tickNumber, time: now, tickRate: game.configuration.tickRate, sides: edges.sidesJSON,
            renewsTimeouts: renewsTimeouts, timeouts: { self.timeouts(of: $0) })
        let worlds = [world] + mirrors.worlds
        if sessions.lanes.isEmpty { lane.end() } else { lane.begin(worlds) }
        views.requestSnapshots(world, &sessions) { self.view(of: $0) }
        let due = sessions.takeDue(&pace, entities: world.count)
        for place in due {
            guard let session = sessions[place: place], session.wantsSnapshot else { continue }
            sessions.setLimited(place, view(of: session.entity) != nil)
        }
        compressor.begin()
        defer { compressor.end() }
        if sessions.count > sessions.limitedCount {
            deltas.send(worlds, header, due: due, lane: lane, to: &sessions, &outbox)
        }
        if sessions.limitedCount > 0 {
            views.send(worlds, header, due: due, lane: lane, to: &sessions, &outbox) { self.view(of: $0) }
        }
        for world in worlds { world.markChangesSent() }
    }

    /// How far a player sees, in tiles; `nil` for a player that sees the whole map.
    private func view(of player: EntityHandle) -> Double? {
        let distance = game.configuration.viewDistance
        return world.view(slot: Int(player.slot)) ?? (distance > 0 ? Double(distance) : nil)
    }

    /// For each group that concerns a player, its current timeout and the events that a client may call.
    ///
    /// Leaves out a group without public events that the player never had: the group and its timeout formula may be
    /// written for other kinds of entities.
    private func timeouts(of entity: EntityHandle) -> [UInt8] {
        var object = JSONObject()
        for (index, group) in world.schema.groups.enumerated()
        where group.events.contains(where: \.isPublic)
            || group.share != .none && world.state(Int(entity.slot), index).exists
        {
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
