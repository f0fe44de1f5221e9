import JSONValues
import LuaSandbox
import Simulation
import World

/// Implements the members of `world`, with which a test changes and reads its map.
extension TestVM {
    func answerWorld(_ call: HostCall) throws {
        guard call.operation != .toString else { return call.returnValue("world") }
        guard let member = WorldClass.Member(rawValue: call.memberID), [.get, .call].contains(call.operation) else {
            let name = call.string(at: 0) ?? "?"
            throw TestMistake(
                call.isWriting
                    ? "world.\(name) can't be assigned" : "world has no '\(name)'; it has \(WorldClass.names)")
        }
        if member == .map { return try chooseMap(call) }
        let map = try runningMap()
        isMapUsed = true
        switch member {
        case .spawn: try spawn(call, map)
        case .join:
            let login = try text(call, at: 0, "join(login, data)")
            try answer(call, map.join(login, data(call, at: 1)), map)
        case .leave: try map.leave(player(call, map, "leave(player)"))
        case .mute: try mute(call, map)
        case .command: try command(call, map)
        case .advance: try advance(call, map)
        case .tick: try tick(call, map)
        case .entity: if let key = map.guest.entity(call, at: 0) { try answer(call, key, map) }
        case .entities: try entities(call, map)
        case .received: try received(call, map)
        case .walkable:
            let (x, y) = (try number(call, at: 0, "walkable(x, y)"), try number(call, at: 1, "walkable(x, y)"))
            call.returnValue(map.simulation.world.geometry.isWalkable(x: x, y: y))
        case .expectError: try expectError(call, map)
        case .now: call.returnValue(map.now)
        case .log: call.returnPacked(PackedJSON.packed(.array(map.log.entries.map(\.json))))
        case .errors: call.returnPacked(PackedJSON.packed(.array(map.log.errors.map(\.entry.json))))
        case .moved: call.returnPacked(PackedJSON.packed(.array(map.store.departed.map(\.json))))
        case .seed: call.returnValue(Double(map.seed))
        case .connect: try connect(call, map)
        case .emit: try emit(call, map, wantsAnswer: false)
        case .request: try emit(call, map, wantsAnswer: true)
        case .emitted: try emitted(call, map)
        case .connected: try connected(call, map)
        case .disconnect: try disconnect(call, map)
        case .map: break
        }
    }

    private func chooseMap(_ call: HostCall) throws {
        let usage = "map(id, options) takes a map's number or nil"
        let id: Int?
        if call.type(at: 0) == .nil {
            id = nil
        } else {
            guard let whole = Int(exactly: try number(call, at: 0, usage)) else { throw TestMistake(usage) }
            id = whole
        }
        let options = try data(call, at: 1)
        for name in options.keys where !["seed", "entities"].contains(name) {
            throw TestMistake("map(id, options) has the options seed and entities, not '\(name)'")
        }
        let seed = options["seed"]
        let entities = options["entities"]
        if let seed, seed.number.flatMap({ UInt64(exactly: $0) }) == nil {
            throw TestMistake("the option seed is a whole number from 0, not \(seed.text)")
        }
        if let entities, entities.bool == nil {
            throw TestMistake("the option entities is true or false, not \(entities.text)")
        }
        try chooseMap(id, seed: seed?.number.flatMap { UInt64(exactly: $0) }, hasEntities: entities?.bool)
    }

    // MARK: Changes

    private func spawn(_ call: HostCall, _ map: TestMap) throws {
        let name = try text(call, at: 0, "spawn(type, data)")
        guard let kind = EntityKind(name: name) else {
            throw TestMistake("the type must be players, enemys, animals or objects, not '\(name)'")
        }
        var data = try data(call, at: 1)
        guard kind == .players else { return try answer(call, map.spawn(kind, data), map) }
        let login = data["login"]?.string ?? "player\(map.clients.count + 1)"
        data["login"] = nil
        try answer(call, map.join(login, data), map)
    }

    private func command(_ call: HostCall, _ map: TestMap) throws {
        let usage = "command(player, \"group/event\", parameters)"
        let player = try player(call, map, usage)
        let action = try text(call, at: 1, usage)
        guard let refusal = try map.command(player, action, data(call, at: 2)) else {
            return call.returnValue(true)
        }
        call.returnValue(false)
        call.returnValue(refusal.text)
        call.returnValue(refusal.code)
    }

    private func mute(_ call: HostCall, _ map: TestMap) throws {
        let usage = "mute(player, seconds)"
        let player = try player(call, map, usage)
        let seconds = call.type(at: 1) == .nil ? Double.infinity : try number(call, at: 1, usage)
        try map.run(ticks: 1, inputs: [.mute(player: player.id, until: seconds > 0 ? map.now + seconds : nil)])
    }

    private func advance(_ call: HostCall, _ map: TestMap) throws {
        let seconds = try number(call, at: 0, "advance(seconds)")
        guard seconds > 0, seconds <= 1e7 else {
            throw TestMistake(
                "advance(seconds) takes more than 0 and at most 10000000 seconds, not \(formatted(seconds))")
        }
        try map.run(ticks: max(1, Int((seconds * map.rate).rounded())))
    }

    private func tick(_ call: HostCall, _ map: TestMap) throws {
        let count = call.type(at: 0) == .nil ? 1 : try number(call, at: 0, "tick(count)")
        guard let count = Int(exactly: count), (1...1_000_000).contains(count) else {
            throw TestMistake("tick(count) takes a whole number from 1 to 1000000, not \(formatted(count))")
        }
        for _ in 0..<count { try map.run(ticks: 1) }
    }

    // MARK: Queries

    private func entities(_ call: HostCall, _ map: TestMap) throws {
        var kind: EntityKind?
        if call.type(at: 0) != .nil {
            let name = try text(call, at: 0, "entities(type)")
            kind = EntityKind(name: name)
            if kind == nil {
                throw TestMistake("the type must be players, enemys, animals or objects, not '\(name)'")
            }
        }
        let world = map.simulation.world
        let keys = world.entities.compactMap { world.key(of: $0) }.filter { kind == nil || $0.kind == kind }
        let references = keys.compactMap { map.guest.reference(of: $0) }
        var writer = PackedWriter()
        writer.beginArray(count: references.count)
        for reference in references { writer.append(reference) }
        call.returnPacked(writer.bytes)
    }

    private func received(_ call: HostCall, _ map: TestMap) throws {
        let usage = "received(player, since)"
        guard let client = map.clients[try player(call, map, usage)] else { return call.returnNil() }
        let since = call.type(at: 1) == .nil ? 0 : try number(call, at: 1, usage)
        call.returnPacked(PackedJSON.packed(.array(client.received.filter { $0.time >= since }.map(\.json))))
    }

    private func expectError(_ call: HostCall, _ map: TestMap) throws {
        let pattern = try text(call, at: 0, "expectError(pattern)")
        // `matches` runs Lua code, which may change the log, so the list of errors is copied first.
        let errors = map.log.errors
        if let entry = errors.first(where: { matches($0.entry.text, pattern) })?.entry {
            map.log.removeError(like: entry)
            return call.returnValue(entry.text)
        }
        let others = map.log.errors.prefix(5).map { "\n  \($0.entry.text)" }.joined()
        throw TestMistake(
            "expected the error \"\(pattern)\" in the map's log\(others.isEmpty ? ", got no error" : ", got\(others)")")
    }

    // MARK: Arguments

    private func answer(_ call: HostCall, _ key: EntityKey, _ map: TestMap) throws {
        if let reference = map.guest.reference(of: key) { call.returnValue(reference) } else { call.returnNil() }
    }

    func text(_ call: HostCall, at index: Int, _ usage: String) throws(TestMistake) -> String {
        guard let text = call.string(at: index) else {
            throw TestMistake("\(usage): argument \(index + 1) must be a string, got \(call.typeName(at: index))")
        }
        return text
    }

    private func number(_ call: HostCall, at index: Int, _ usage: String) throws(TestMistake) -> Double {
        guard let number = call.number(at: index), number.isFinite else {
            throw TestMistake(
                "\(usage): argument \(index + 1) must be a finite number, got \(call.typeName(at: index))")
        }
        return number
    }

    private func player(_ call: HostCall, _ map: TestMap, _ usage: String) throws(TestMistake) -> EntityKey {
        guard let player = map.player(call, at: 0) else {
            throw TestMistake("\(usage): argument 1 must be a player that join or spawn gave, its key or its login")
        }
        return player
    }

    /// The table at an argument, whose keys must be names; empty when the argument is nil.
    func data(_ call: HostCall, at index: Int) throws(TestMistake) -> JSONObject {
        if call.type(at: index) == .nil { return [:] }
        // Without a map there are no proxies, so a table can only be a plain one.
        let table: JSON?
        do {
            table = try map?.guest.table(call, at: index) ?? call.withPacked(at: index) { try PackedJSON.json($0) }
        } catch {
            throw TestMistake("argument \(index + 1): \(error)")
        }
        switch table {
        case .object(let object)?: return object
        case .array(let elements)? where elements.isEmpty: return [:]
        case .array?: throw TestMistake("argument \(index + 1) must be a table with names, got an array")
        default: throw TestMistake("argument \(index + 1) must be a table, got \(call.typeName(at: index))")
        }
    }
}

extension TestLog.Entry {
    fileprivate var json: JSON {
        var object: JSONObject = ["level": .string(level), "text": .string(text), "time": .number(time)]
        if let kind { object["kind"] = .string(kind) }
        if let script { object["script"] = .string(script) }
        if let line { object["line"] = .number(Double(line)) }
        if let entity { object["entity"] = .string(entity) }
        return .object(object)
    }
}

extension EntityRecord {
    /// An entity that went to another map, as `world.moved` shows it.
    fileprivate var json: JSON {
        var object: JSONObject = [
            "key": .string(key.description), "type": .string(key.kind.name), "map_id": .number(Double(mapID)),
            "prefab": .string(prefab), "side": .string(side), "action": .string(action),
        ]
        if let login { object["login"] = .string(login) }
        if let x { object["x"] = .number(x) }
        if let y { object["y"] = .number(y) }
        var values = JSONObject()
        for (name, value) in components.sorted(by: { $0.key < $1.key }) { values[name] = value }
        object["components"] = .object(values)
        return .object(object)
    }
}
