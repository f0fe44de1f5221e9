import GameRules
import JSONValues
import LuaSandbox
import World

/// `object`, `objects[key]` [`2-lua-api.md` 3, M9].
extension ScriptHost {
    func answerEntity(_ call: HostCall) throws {
        let entity = entity(call)
        switch call.operation {
        case .get: try readEntity(call, entity)
        case .set: try writeEntity(call, entity)
        case .call: try callEntity(call, entity)
        case .toString: call.returnValue(world.key(of: entity)?.description ?? "removed entity")
        case .length: call.returnValue(0)
        default: throw unknownField(call)
        }
    }

    private func unknownField(_ call: HostCall) -> ScriptFault {
        let name = name(call, at: 0) ?? describe(call, at: 0)
        if call.isWriting, let member = ScriptAPI.entity.member(name), !member.isWritable {
            return ScriptFault(
                member.function == nil
                    ? "\(name) of an entity can't be assigned"
                    : "\(name) is a function of every entity and can't be assigned")
        }
        let hint = world.columns.components[name] == nil ? "" : "; did you mean object.components.\(name)?"
        return ScriptFault(
            "an entity has no field '\(name)'\(hint); it has \(ScriptAPI.entity.listing.joined(separator: ", "))")
    }

    private func readEntity(_ call: HostCall, _ entity: EntityHandle) throws {
        let info = world.slots[Int(entity.slot)]
        switch ScriptMember(rawValue: call.memberID) {
        case .id: call.returnValue(Double(info.key.id))
        case .key: call.returnValue(info.key.description)
        case .type: call.returnValue(info.key.kind.name)
        case .login: if let login = info.login { call.returnValue(login) } else { call.returnNil() }
        case .ping: if let ping = info.ping { call.returnValue(ping) } else { call.returnNil() }
        case .muted: call.returnValue(info.key.kind == .players && mutes.contains(info.key.id, at: now))
        case .created: call.returnValue(info.created)
        case .mapID: call.returnValue(Double(effects.destination(of: entity) ?? world.geometry.id))
        case .view: if let view = info.view { call.returnValue(view) } else { call.returnNil() }
        case .relevant: if info.isAlwaysSeen { call.returnValue("always") } else { call.returnNil() }
        default: throw unknownField(call)
        }
    }

    private func writeEntity(_ call: HostCall, _ entity: EntityHandle) throws {
        switch ScriptMember(rawValue: call.memberID) {
        case .mapID: return try setMap(call, entity)
        case .view: return try setView(call, entity)
        case .relevant: return try setRelevant(call, entity)
        default: break
        }
        guard let field = SystemField(rawValue: Int(call.memberID)) else { throw unknownField(call) }
        let text = try text(call, at: 0, field.name) { try World.checkLength($0, field.name) }
        try World.checkName(text, field.name)
        if field == .action { try EntityRecord.checkAction(text) }
        if let column = world.columns.all[field.rawValue] {
            try world.checkRoom(for: text.utf8.count - world.weight(of: column, slot: Int(entity.slot)))
        }
        world.set(field, text, slot: Int(entity.slot))
        world.strings.accept(world.columns[field].strings[Int(entity.slot)], as: UInt32(field.textFlag))
    }

    private func setMap(_ call: HostCall, _ entity: EntityHandle) throws {
        let mapID = try others.map(
            call.number(at: 0),
            otherwise: "map_id must be the number of a map (\(others.knownIDs)), got \(describe(call, at: 0))")
        if leaving.contains(entity) {
            throw ScriptFault("map_id can't be set in a leave hook: the entity leaves the map already")
        }
        effects.move(entity, to: mapID == world.geometry.id ? nil : mapID)
    }

    private func setView(_ call: HostCall, _ entity: EntityHandle) throws {
        guard world.kind(Int(entity.slot)) == .players else {
            throw ScriptFault("only players have a view; this is \(world.slots.key(Int(entity.slot)))")
        }
        let view = call.number(at: 0)
        guard call.type(at: 0) == .nil || view.map({ 0 <= $0 && $0 <= World.maxView }) == true else {
            throw ScriptFault(
                "view must be a number of tiles from 0 to \(Int(World.maxView)), or nil for the map's view_distance, "
                    + "got \(describe(call, at: 0))")
        }
        world.setView(view, slot: Int(entity.slot))
    }

    private func setRelevant(_ call: HostCall, _ entity: EntityHandle) throws {
        let isAlways = call.withBytes(at: 0) { $0.elementsEqual("always".utf8) } ?? false
        guard isAlways || call.type(at: 0) == .nil else {
            let given = name(call, at: 0).map { "'\($0)'" } ?? describe(call, at: 0)
            throw ScriptFault("relevant must be 'always' or nil, got \(given)")
        }
        world.setAlwaysSeen(isAlways, slot: Int(entity.slot))
    }

    private func callEntity(_ call: HostCall, _ entity: EntityHandle) throws {
        let slot = Int(entity.slot)
        switch ScriptMember(rawValue: call.memberID) {
        case .position:
            let fields: [SystemField] = [.x, .y, .z]
            call.returnValue(fields.map { JSON.number(world.number($0, slot: slot)).text }.joined(separator: ","))
        case .distance:
            let (x, y) = try place(call, at: 0)
            let (dx, dy) = (world.number(.x, slot: slot) - x, world.number(.y, slot: slot) - y)
            call.returnValue((dx * dx + dy * dy).squareRoot())
        case .remove where call.argumentCount == 0: try remove(entity)
        case .remove:
            guard let key = name(call, at: 0) else {
                throw ScriptFault(
                    "remove takes nothing, to remove this entity, or the key of the entity to remove; got "
                        + "\(describe(call, at: 0))")
            }
            try removeNamed(EntityKey(key).flatMap { world[$0] }, call)
        case .send:
            try requireWritable()
            guard let key = world.key(of: entity), key.kind == .players else {
                throw ScriptFault(
                    "only players can be sent to; this is \(world.key(of: entity)?.description ?? "gone")")
            }
            let message = try message(call, at: 0, of: "send")
            try effects.send(message.bytes, to: entity, limit: world.weight.limit)
        case .save:
            try requireWritable()
            effects.save(entity)
        default: throw unknownField(call)
        }
    }

    /// The position of an entity or of a table with x and y.
    private func place(_ call: HostCall, at index: Int) throws -> (x: Double, y: Double) {
        if let other = try entity(call, at: index) {
            return (world.number(.x, slot: Int(other.slot)), world.number(.y, slot: Int(other.slot)))
        }
        guard let object = try table(call, at: index)?.object, let x = object["x"]?.number, let y = object["y"]?.number
        else {
            throw ScriptFault("distance takes an entity or a table with x and y, got \(describe(call, at: index))")
        }
        return (x, y)
    }

    /// Removes the entity that a script names by its key, and answers whether it was on the map.
    func removeNamed(_ entity: EntityHandle?, _ call: HostCall) throws {
        try requireWritable()
        if let entity { try remove(entity) }
        call.returnValue(entity != nil)
    }

    /// Removes an entity from the map. A player is disconnected; its record stays in the store.
    func remove(_ entity: EntityHandle) throws {
        try requireWritable()
        if leaving.contains(entity) { return }
        do throws(ScriptFault) {
            try runLeaveHooks(entity, .removed)
        } catch {
            throw ScriptFault("\(error.message); nothing was removed")
        }
        let isPlayer = world.key(of: entity)?.kind == .players
        guard let record = world.remove(entity, isKept: isPlayer) else { return }
        if isPlayer { effects.removePlayer(entity, record) }
    }
}
