import GameFolder
import JSONValues
import World

/// The events that the server queues for every player: `save` and `disconnect` [M3.1, M3.5, M4.7, M5.1].
extension MapSimulation {
    /// Queues these events for a player that enters the map, each due one full timeout from now, even when less of the
    /// timeout was left on the player's former map. The spawn hooks run later and may remove the events.
    func queueBuiltInEvents(_ player: EntityHandle) {
        guard surroundings.queuesBuiltInEvents else { return }
        for name in BuiltInEvents.playerGroups {
            guard let group = world.queue.groupIndices[name],
                let action = world.schema.groups[group].events.firstIndex(where: { $0.name == "index" })
            else { continue }
            queue(action, of: group, on: player, at: now + host.timeout(player, group: group))
        }
    }

    /// Postpones `disconnect` for a player that has sent a command meanwhile.
    ///
    /// A command only notes its time: if each command moved the event, each would send that change to all clients.
    ///
    /// - Parameter event: An event that is due, taken off its entity.
    /// - Returns: Whether the event is a `disconnect` that is not due yet; it is pending again.
    func postponeDisconnect(_ event: DueEvent) -> Bool {
        guard event.group == host.disconnectGroup, let session = sessions.session(of: event.entity)
        else { return false }
        let due = session.lastCommand + host.timeout(event.entity, group: event.group, event: event)
        guard due > now else { return false }
        queue(event.action, of: event.group, on: event.entity, at: due, data: event.data)
        return true
    }

    private func queue(
        _ action: Int, of group: Int, on player: EntityHandle, at time: Double, data: JSONObject? = nil
    ) {
        let slot = Int(player.slot)
        world.setEventTime(time, slot: slot, group: group, now: now)
        world.queue(action: action, data: data, slot: slot, group: group, now: now)
    }
}
