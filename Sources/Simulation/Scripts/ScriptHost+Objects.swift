import GameRules
import JSONValues
import LuaSandbox
import World

/// `objects` [`2-lua-api.md` 2, M9].
extension ScriptHost {
    func answerObjects(_ call: HostCall) throws {
        switch call.operation {
        case .index:
            guard let name = name(call, at: 0), let key = EntityKey(name), let entity = world[key] else { return }
            call.returnValue(HostReference(to: entity))
        case .newIndex:
            guard call.type(at: 1) == .nil else {
                throw ScriptFault(
                    "only nil can be assigned to objects[key], it removes the entity; use objects.add(type, data)")
            }
            if let entity = try lookUp(call, at: 0) { try remove(entity) }
        case .call: try callObjects(call)
        case .length: call.returnValue(Double(world.count))
        case .toString: call.returnValue("objects")
        default:
            throw ScriptFault(
                "objects has entities by key, \(ScriptAPI.objects.listing.joined(separator: ", "))")
        }
    }

    /// The entity given as an argument, as a proxy or by its key; `nil` when it is not on the map.
    private func lookUp(_ call: HostCall, at index: Int) throws -> EntityHandle? {
        if let reference = call.reference(at: index), reference.classID == LuaClass.entity.rawValue {
            let entity = EntityHandle(slot: reference.slot, generation: reference.generation)
            return world.isAlive(entity) ? entity : nil
        }
        let name = try name(call, at: index, "an entity's key")
        return EntityKey(name).flatMap { world[$0] }
    }

    private func callObjects(_ call: HostCall) throws {
        switch ScriptMember(rawValue: call.memberID) {
        case .objectsAdd:
            try requireWritable()
            addObject(call)
        case .objectsRemove:
            try requireWritable()
            try removeNamed(lookUp(call, at: 0), call)
        case .objectsNear:
            let (x, y) = (try number(call, at: 0, "x"), try number(call, at: 1, "y"))
            let radius = try number(call, at: 2, "radius")
            nearSearch.answer(call, world, x: x, y: y, radius: radius, kind: try kind(call, at: 3))
        case .objectsCount:
            call.returnValue(Double(try kind(call, at: 0).map(world.count(of:)) ?? world.count))
        default: throw ScriptFault("objects has no such function")
        }
    }

    private func kind(_ call: HostCall, at index: Int) throws -> EntityKind? {
        if call.type(at: index) == .nil { return nil }
        let name = try name(call, at: index, "type")
        guard let kind = EntityKind(name: name) else {
            throw ScriptFault("type must be players, enemys, animals or objects, got '\(name)'")
        }
        return kind
    }

    // MARK: Adding

    /// Adds an entity; wrong data are logged as an error, and the script continues with nil [M9.5].
    private func addObject(_ call: HostCall) {
        do {
            let entity = try addEntity(call)
            call.returnValue(HostReference(to: entity))
        } catch {
            let message = (error as? ScriptFault)?.message ?? "\(error)"
            let position = call.position
            let place = position.map { "\($0.script):\($0.line)" } ?? currentPath
            logError(
                kind: "runtime", message: "\(place): objects.add: \(message); nothing was added",
                script: position?.script, line: position?.line)
            call.returnNil()
        }
    }

    private func addEntity(_ call: HostCall) throws -> EntityHandle {
        try running.requireNestable()
        if let reason = call.string(at: 2) { throw ScriptFault(Self.withoutPosition(reason)) }
        let kindName = try name(call, at: 0, "type")
        guard let kind = EntityKind(name: kindName), kind != .players else {
            throw ScriptFault("type must be enemys, animals or objects, got '\(kindName)'")
        }
        let data: JSONObject
        switch try table(call, at: 1) {
        case .object(let object): data = object
        case .array(let elements) where elements.isEmpty: data = [:]
        default: throw ScriptFault("data must be a table of fields, got \(describe(call, at: 1))")
        }
        var record = try self.record(kind, data)
        try world.checkRoom(for: record.weight)
        record.key.id = ids.nextID(kind)
        let entity = try world.add(record, placement: .random, now: now).entity
        try runTriggers(ofGiven: record.components, entity)
        try runSpawnHooks(entity)
        return entity
    }

    /// A record of an entity that is not on the map yet; the caller sets its number.
    ///
    /// - Throws: ``ScriptFault`` or `WorldError` for fields and components that the kind does not have, and for values
    ///   of a wrong type.
    func record(_ kind: EntityKind, _ data: JSONObject) throws -> EntityRecord {
        var record = EntityRecord(key: EntityKey(kind, 1), mapID: world.geometry.id, created: now.rounded(.down))
        try record.apply(data)
        for (name, value) in record.components {
            guard let column = world.columns.components[name], column.kinds.contains(kind) else {
                let known = world.columns.components.values.filter { $0.kinds.contains(kind) }.map(\.name).sorted()
                throw WorldError.unknownComponent(name: name, kind: kind, known: known)
            }
            guard column.accepts(value) else {
                throw WorldError.wrongType(component: name, expected: column.typeName, given: value.typeName)
            }
            try column.checkBound(value)
            record.components[name] = value.keepingEmptyKinds(of: nil, or: defaultValue(ofColumn: column.index))
        }
        return record
    }
}

extension EntityRecord {
    /// Refuses `remove`, which clients understand as the removal of the entity [`1-protocol.md` 4.2].
    ///
    /// - Throws: ``ScriptFault``.
    static func checkAction(_ text: String) throws {
        if text == "remove" {
            throw ScriptFault("action can't be 'remove': clients take it for the removal of the entity; use remove()")
        }
    }

    /// Sets fields from the values that a script or a map file gives.
    ///
    /// - Throws: ``ScriptFault`` for an unknown field or a value of the wrong type.
    mutating func apply(_ data: JSONObject) throws {
        for (name, value) in data.members {
            switch (name.clipped(to: World.maxNameBytes), value) {
            case ("x", .number(let value)): x = value
            case ("y", .number(let value)): y = value
            case ("z", .number(let value)): z = value
            case ("sort", .number(let value)): sort = value
            case ("prefab", .string(let value)):
                try World.checkName(value, name)
                prefab = value
            case ("side", .string(let value)):
                try World.checkName(value, name)
                side = value
            case ("action", .string(let value)):
                try World.checkName(value, name)
                try Self.checkAction(value)
                action = value
            case ("components", .object(let object)):
                for member in object.members { components[member.key.clipped(to: World.maxNameBytes)] = member.value }
            case ("components", .array(let elements)) where elements.isEmpty: break
            case ("x", _), ("y", _), ("z", _), ("sort", _):
                throw ScriptFault("\(name) must be a number, got \(value.typeName)")
            case ("prefab", _), ("side", _), ("action", _):
                throw ScriptFault("\(name) must be a string, got \(value.typeName)")
            case ("components", _): throw ScriptFault("components must be a table, got \(value.typeName)")
            default:
                throw ScriptFault(
                    "unknown field '\(name.clipped(to: World.maxNameBytes))'; an entity is made of prefab, x, y, z, sort, side, action, components"
                )
            }
        }
    }
}
