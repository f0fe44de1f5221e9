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
        case .leave(let id): leave(id, lingering: Double(game.configuration.lingerSeconds))
        case .leaveAtStop(let id): leave(id, lingering: LingeringPlayers.patienceAtStop)
        case .command(let id, let command, let receivedAt): queue(command, from: id, receivedAt: receivedAt)
        case .reload(let id):
            sessions.update(id) {
                $0.requestSnapshot()
                $0.lastCommand = now
            }
        case .replaceGame(let game, let problems): apply(game, problems: problems)
        case .resume(let script): resume(script)
        case .mute(let player, let until): host.mutes.set(player, until: until)
        case .movePlayer(let player, let mapID): send(player, to: mapID)
        case .erasePlayer(let player): erase(player)
        case .operate(let action): carryOut(action)
        case .arrive(let record, let origin): arrive(record, from: origin)
        case .event(let event): queue(event)
        case .watch(let neighbour, let isNew): strips.renew(neighbour, isNew: isNew, now: now)
        case .border(let strip): mirror(strip)
        case .edit(let change, let answer):
            let outcome = host.edit(change)
            answer?.give(outcome)
        case .socket(let input): sockets.backlog.append(input)
        case .close: break
        }
    }

    private func join(_ record: EntityRecord, _ sink: any SessionSink) {
        if let entity = world[record.key] {
            let replaced = OutboundMessage(
                kind: .replaced,
                Refusal(code: "replaced", text: "this player logged in elsewhere", comingBack: .unwelcome))
            // The newer connection has the player, also when the older one took longer to get here.
            if let other = sessions.id(of: entity), other > sink.id { return outbox.add(replaced, to: sink) }
            if let former = sessions.attach(entity, to: sink, now: now) { outbox.add(replaced, to: former) }
            return
        }
        // The record was read when the connection was made; the player may have moved to another map since then.
        let latest = host.effects.recordOfRemoved(record.key) ?? surroundings.persistence?.latest(record.key)
        if let latest, latest.mapID != world.geometry.id, game.maps.contains(where: { $0.id == latest.mapID }) {
            // If the player entered here with the old record, what happened to it on the other map would be undone.
            return tellToReconnect(sink, mapID: latest.mapID)
        }
        guard let entity = enter(latest?.mapID == world.geometry.id ? latest ?? record : record) else {
            let text = "map \(world.geometry.id) takes no more players now; try again later"
            let refusal = Refusal(code: "map_full", text: text, comingBack: .welcome(retry: 5))
            return outbox.add(OutboundMessage(kind: .refused, refusal), to: sink)
        }
        guard world.isAlive(entity) else {
            for json in host.effects.takeMessages(to: entity) {
                outbox.add(OutboundMessage(kind: .direct, json: json), to: sink)
            }
            let text = "the game took you off the map as you entered it"
            return outbox.add(OutboundMessage(kind: .refused, .removed(text)), to: sink)
        }
        _ = sessions.attach(entity, to: sink, now: now)
    }

    /// Puts an entity on the map and runs its spawn hooks.
    @discardableResult
    func enter(
        _ record: EntityRecord, placement: World.Placement = .nearest, isNew: Bool = false
    ) -> EntityHandle? {
        var record = record
        if record.key.kind == .players, record.x == nil || record.y == nil, let start = startPlace() {
            record.x = start.x
            record.y = start.y
        }
        do {
            let (entity, problems) = try world.add(record, placement: placement, now: now)
            for problem in problems { log.line(problem, time: now, tick: tickNumber) }
            if record.key.kind == .players { queueBuiltInEvents(entity) }
            if isNew { try host.runTriggers(ofGiven: record.components, entity) }
            try host.runSpawnHooks(entity)
            return entity
        } catch {
            host.logError(kind: "world", message: "\(record.key) can't enter map \(world.geometry.id): \(error)")
            return nil
        }
    }

    /// Where a new player appears: a walkable tile of a start place in the map file; `nil` when there is none. All
    /// tiles with `spawn` count together as one more place.
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
            if command.isLoad { $0.requestSnapshot() }
        }
        if command.isLoad { return noteTimes(of: command, from: id, session.entity, receivedAt: receivedAt) }
        do throws(CommandError) {
            let accepted = try validator.validate(command)
            noteTimes(of: command, from: id, session.entity, receivedAt: receivedAt)
            world.queue(
                action: accepted.event, data: accepted.data.isEmpty ? nil : accepted.data,
                slot: Int(session.entity.slot), group: accepted.group, now: now, commandID: command.commandID,
                receivedAt: receivedAt, isFromClient: true)
        } catch {
            outbox.add(OutboundMessage(kind: .error, json: error.payload), to: session.sink)
        }
    }

    /// Takes the client's clock and its measured round trip from a command that is not refused.
    private func noteTimes(
        of command: Command, from id: SessionID, _ player: EntityHandle, receivedAt: Double
    ) {
        if let unixtime = command.unixtime {
            sessions.update(id) { $0.note(.init(unixtime: unixtime, receivedAt: receivedAt)) }
        }
        if let ping = command.ping { world.setPing(ping, of: player) }
    }
}
