import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import Wire
import World

extension MapSimulation {
    func apply(_ input: MapInput) {
        switch input {
        case .join(let record, let sink): join(record, sink)
        case .leave(let id): leave(id)
        case .command(let id, let command, let receivedAt): queue(command, from: id, receivedAt: receivedAt)
        case .reload(let id):
            sessions.update(id) {
                $0.wantsSnapshot = true
                $0.lastCommand = now
            }
        case .replaceGame(let game, let problems): apply(game, problems: problems)
        case .resume(let script): resume(script)
        case .arrive(let record, let origin): arrive(record, from: origin)
        case .event(let event): queue(event)
        case .watch(let neighbour, let isNew): strips.renew(neighbour, isNew: isNew, now: now)
        case .border(let strip): mirror(strip)
        }
    }

    private func join(_ record: EntityRecord, _ sink: any SessionSink) {
        if let entity = world[record.key] {
            let replaced = OutboundMessage(
                kind: .replaced, code: "replaced", text: "this player logged in elsewhere")
            // The newer connection has the player, also when the older one took longer to get here.
            if let other = sessions.id(of: entity), other > sink.id { return outbox.add(replaced, to: sink) }
            if let former = sessions.attach(entity, to: sink, now: now) { outbox.add(replaced, to: former) }
            return
        }
        // The record was read when the connection was made; the player may have left this map since.
        let latest = surroundings.persistence?.latest(record.key)
        if let latest, latest.mapID != world.geometry.id, game.maps.contains(where: { $0.id == latest.mapID }) {
            // To another map: entering here with what it had before would undo what happened since.
            return tellToReconnect(sink, mapID: latest.mapID)
        }
        guard let entity = enter(latest?.mapID == world.geometry.id ? latest ?? record : record) else {
            let text = "map \(world.geometry.id) takes no more players now; try again later"
            return outbox.add(OutboundMessage(kind: .refused, code: "map_full", text: text), to: sink)
        }
        guard world.isAlive(entity) else {
            let text = "the game took you off the map as you entered it"
            return outbox.add(OutboundMessage(kind: .refused, code: "removed", text: text), to: sink)
        }
        _ = sessions.attach(entity, to: sink, now: now)
    }

    private func leave(_ id: SessionID) {
        guard let player = sessions.remove(id)?.entity, world.isAlive(player) else { return }
        let patience = game.configuration.lingerSeconds
        if patience > 0 { lingering.add(player, until: now + Double(patience)) } else { removeAndSave(player) }
    }

    /// Takes those off the map who lost their connection and did not come back in time.
    func removeLingering() {
        let due = lingering.removeDue(now: now) { world.isAlive($0) && sessions.id(of: $0) == nil }
        for player in due { removeAndSave(player) }
    }

    private func removeAndSave(_ player: EntityHandle) {
        guard let record = world.remove(player, isKept: true) else { return }
        surroundings.persistence?.save([record], removed: [])
    }

    /// Ends the session of a player that a script took off the map.
    func dismiss(_ key: EntityKey) {
        guard key.kind == .players, let session = sessions.remove(playerID: key.id) else { return }
        outbox.add(
            OutboundMessage(kind: .refused, code: "removed", text: "you were taken off the map; log in again"),
            to: session.sink)
    }

    /// Puts an entity on the map and runs its spawn hooks.
    @discardableResult
    func enter(_ record: EntityRecord, placement: World.Placement = .nearest) -> EntityHandle? {
        var record = record
        if record.key.kind == .players, record.x == nil || record.y == nil, let start = startPlace() {
            record.x = start.x
            record.y = start.y
        }
        do {
            let (entity, problems) = try world.add(record, placement: placement, now: now)
            for problem in problems { log.line(problem, time: now, tick: tickNumber) }
            if record.key.kind == .players { queueBuiltInEvents(entity) }
            try host.runSpawnHooks(entity)
            return entity
        } catch {
            host.logError(kind: "world", message: "\(record.key) can't enter map \(world.geometry.id): \(error)")
            return nil
        }
    }

    /// Where a new player appears: a walkable tile of a start place of the map file; `nil` when it has none. The tiles
    /// with `spawn` together are one place more.
    private func startPlace() -> (x: Double, y: Double)? {
        let starts = world.geometry.spawns.filter { $0.kind == .players }
        if world.hasStartTiles,
            starts.isEmpty || Int.random(in: 0...starts.count, using: &world.random) == starts.count
        {
            return world.randomStart()
        }
        guard let start = starts.randomElement(using: &world.random) else { return nil }
        return world.randomPlace(x: start.x, y: start.y, width: max(start.width, 1), height: max(start.height, 1))
    }

    /// Checks a command and queues it; a refusal goes back to its sender and never reaches Lua [`1-protocol.md` 3].
    private func queue(_ command: Command, from id: SessionID, receivedAt: Double) {
        guard let session = sessions[id], world.isAlive(session.entity) else { return }
        sessions.update(id) {
            $0.lastCommand = now
            if command.isLoad { $0.wantsSnapshot = true }
        }
        if command.isLoad { return }
        do throws(CommandError) {
            let accepted = try validator.validate(command)
            world.queue(
                action: accepted.event, data: accepted.data.isEmpty ? nil : accepted.data,
                slot: Int(session.entity.slot), group: accepted.group, now: now, commandID: command.commandID,
                receivedAt: receivedAt)
        } catch {
            outbox.add(OutboundMessage(kind: .error, json: error.payload), to: session.sink)
        }
    }
}
