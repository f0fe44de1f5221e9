import GameFolder
import LuaSandbox
import Wire
import World

extension MapSimulation {
    /// A refusal that ends a session.
    struct Farewell {
        var code: String
        var text: String

        var json: [UInt8] { JSON.object(["error": .string(text), "code": .string(code)]).bytes }
    }

    func take(_ input: MapInput) {
        switch input {
        case .join(let record, let sink): join(record, sink)
        case .leave(let id): leave(id)
        case .command(let id, let command, let receivedAt): take(command, from: id, receivedAt: receivedAt)
        case .reload(let id):
            sessions[id]?.wantsSnapshot = true
            sessions[id]?.lastCommand = now
        case .replaceGame(let game, let problems): apply(game, problems: problems)
        case .resume(let script): resume(script)
        case .arrive(let record, let origin): arrive(record, from: origin)
        case .event(let event): hang(event)
        case .watch(let neighbour, let isNew): watch(neighbour, isNew: isNew)
        case .border(let strip): mirror(strip)
        }
    }

    private func join(_ record: EntityRecord, _ sink: any SessionSink) {
        if let entity = world[record.key] {
            let farewell = Farewell(code: "replaced", text: "this player logged in elsewhere")
            // The newer connection has the player, also when the older one took longer to get here.
            if let old = owners[entity.slot], old > sink.id, sessions[old] != nil {
                deliveries.append(.init(sink: sink, message: OutboundMessage(kind: .replaced, json: farewell.json)))
                return
            }
            if let old = owners[entity.slot], let session = sessions.removeValue(forKey: old) {
                deliveries.append(
                    .init(sink: session.sink, message: OutboundMessage(kind: .replaced, json: farewell.json)))
            }
            owners[entity.slot] = sink.id
            sessions[sink.id] = PlayerSession(sink: sink, entity: entity, lastCommand: now)
            return
        }
        // The record was read when the connection was made; the player may have left this map since.
        let latest = surroundings.persistence?.latest(record.key)
        if let latest, latest.mapID != world.geometry.id, game.maps.contains(where: { $0.id == latest.mapID }) {
            // To another map: entering here with what it had before would undo what happened since.
            return tellToReconnect(sink, mapID: latest.mapID)
        }
        guard let entity = enter(latest?.mapID == world.geometry.id ? latest ?? record : record) else {
            let farewell = Farewell(
                code: "map_full", text: "map \(world.geometry.id) takes no more players now; try again later")
            deliveries.append(.init(sink: sink, message: OutboundMessage(kind: .refused, json: farewell.json)))
            return
        }
        guard world.isAlive(entity) else {
            let farewell = Farewell(code: "removed", text: "the game took you off the map as you entered it")
            deliveries.append(.init(sink: sink, message: OutboundMessage(kind: .refused, json: farewell.json)))
            return
        }
        owners[entity.slot] = sink.id
        sessions[sink.id] = PlayerSession(sink: sink, entity: entity, lastCommand: now)
    }

    private func leave(_ id: SessionID) {
        guard let session = sessions.removeValue(forKey: id), owners[session.entity.slot] == id else { return }
        owners[session.entity.slot] = nil
        if !linger(session.entity) { takeOff(session.entity) }
    }

    /// Ends the session of a player that is not on the map any more.
    func dismiss(_ key: EntityKey, _ farewell: Farewell) {
        guard key.kind == .players,
            let (id, session) = sessions.first(where: { $0.value.sink.playerID == key.id })
        else { return }
        sessions[id] = nil
        owners[session.entity.slot] = owners[session.entity.slot] == id ? nil : owners[session.entity.slot]
        deliveries.append(.init(sink: session.sink, message: OutboundMessage(kind: .refused, json: farewell.json)))
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
            if record.key.kind == .players { hangBuiltInEvents(entity) }
            try host.runSpawnHooks(entity)
            return entity
        } catch {
            host.logError(kind: "world", message: "\(record.key) can't enter map \(world.geometry.id): \(error)")
            return nil
        }
    }

    /// Where a new player appears: a walkable tile of a start place of the map file; `nil` when it has none.
    private func startPlace() -> (x: Double, y: Double)? {
        let starts = world.geometry.spawns.filter { $0.kind == .players }
        guard let start = starts.randomElement(using: &world.random) else { return nil }
        return world.randomPlace(x: start.x, y: start.y, width: max(start.width, 1), height: max(start.height, 1))
    }

    /// Checks a command and queues it; a refusal goes back to its sender and never reaches Lua [`1-protocol.md` 3].
    private func take(_ command: Command, from id: SessionID, receivedAt: Double) {
        guard let session = sessions[id], world.isAlive(session.entity) else { return }
        sessions[id]?.lastCommand = now
        if command.isLoad {
            sessions[id]?.wantsSnapshot = true
            return
        }
        do throws(CommandError) {
            let data = try validator.validate(command)
            guard let group = world.queue.groupIndices[command.group],
                let action = world.schema.groups[group].events.firstIndex(where: { $0.name == command.event })
            else { return }
            world.queue(
                action: action, data: data.isEmpty ? nil : data, slot: Int(session.entity.slot), group: group, now: now,
                commandID: command.commandID, receivedAt: receivedAt)
        } catch {
            deliveries.append(.init(sink: session.sink, message: OutboundMessage(kind: .error, json: error.payload)))
        }
    }
}
