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
        host.effects.messagesSent()
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
        guard !sessions.isEmpty else { return world.markChangesSent() }
        let header = TickHeader(
            tick: tickNumber, time: now, tickRate: game.configuration.tickRate, sides: edges.sidesJSON,
            renewsTimeouts: renewsTimeouts, timeouts: { self.timeouts(of: $0) })
        let radius = Double(game.configuration.viewDistance)
        if radius > 0 {
            views.send(world, radius: radius, header, to: &sessions, &outbox)
        } else {
            deltas.send(world, mirrors.worlds, header, to: &sessions, &outbox)
        }
    }

    /// For each group that concerns a player, its current timeout and the events that a client may call.
    ///
    /// Leaves out a group without public events that the player never had: the group and its timeout formula may be
    /// written for other kinds of entities.
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
