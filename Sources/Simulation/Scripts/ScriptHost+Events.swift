import GameRules
import JSONValues
import LuaSandbox
import World

/// `object.events` and its groups [`2-lua-api.md` 5, M11].
extension ScriptHost {
    func answerEvents(_ call: HostCall) throws {
        let entity = entity(call)
        switch call.operation {
        case .index:
            guard let group = try groupIndex(call, at: 0) else {
                if call.type(at: 0) == .number {
                    throw ScriptFault(
                        "events has groups by name, not by number; write for name, group in pairs(object.events)")
                }
                _ = try world.groupIndex(name(call, at: 0) ?? describe(call, at: 0))
                return
            }
            call.returnValue(reference(entity, group: group))
        case .newIndex:
            guard call.type(at: 1) == .nil else {
                throw ScriptFault(
                    "only nil can be assigned to an event group, it takes the pending event off; use events.add(group, event, data)"
                )
            }
            world.clearEvent(slot: Int(entity.slot), group: try world.groupIndex(name(call, at: 0, "a group's name")))
        case .next: try nextGroup(call, entity)
        case .length: call.returnValue(0)
        case .toString: call.returnValue("events of \(world.slots.key(Int(entity.slot)))")
        case .call where ScriptMember(rawValue: call.memberID) == .eventsAdd: try addEvent(call, entity)
        case .call:
            try requireWritable()
            world.clearEvent(slot: Int(entity.slot), group: try world.groupIndex(name(call, at: 0, "group")))
        default: throw ScriptFault("events has groups, \(ScriptAPI.events.listing.joined(separator: " and "))")
        }
    }

    private func groupIndex(_ call: HostCall, at index: Int) throws -> Int? {
        name(call, at: index).flatMap { world.queue.groupIndices[$0] }
    }

    private func reference(_ entity: EntityHandle, group: Int) -> HostReference {
        HostReference(
            classID: LuaClass.group.rawValue, slot: entity.slot, generation: entity.generation,
            auxiliary: groupNumbers.number(of: world.schema.groups[group].name))
    }

    private func nextGroup(_ call: HostCall, _ entity: EntityHandle) throws {
        var index = 0
        if call.type(at: 0) != .nil {
            let name = try name(call, at: 0, "a group's name")
            guard let group = world.queue.groupIndices[name] else {
                throw ScriptFault("there is no event group '\(name)'")
            }
            index = group + 1
        }
        guard index < world.schema.groups.count else { return }
        call.returnValue(world.schema.groups[index].name)
        call.returnValue(reference(entity, group: index))
    }

    private func addEvent(_ call: HostCall, _ entity: EntityHandle) throws {
        try requireWritable()
        if addPlainEvent(call, entity) { return }
        let group = try name(call, at: 0, "group")
        let event = call.type(at: 1) == .nil ? "index" : try name(call, at: 1, "event")
        var data = JSONObject()
        if call.type(at: 2) != .nil { data = try eventData(call, at: 2) }
        try addEvent(group: group, event: event, data: data, to: entity)
    }

    /// Queues an event that is given no data and declares no parameters: nothing can be wrong with such an event, and
    /// nothing has to be allocated for it.
    ///
    /// - Returns: Whether it is such an event, which is queued now.
    private func addPlainEvent(_ call: HostCall, _ entity: EntityHandle) -> Bool {
        guard call.type(at: 2) == .nil, let name = call.bytes(at: 0), let group = eventNames.group(name) else {
            return false
        }
        let action =
            call.type(at: 1) == .nil
            ? eventNames.index(of: group) : call.bytes(at: 1).flatMap { eventNames.event($0, group: group) }
        guard let action, scripts.needsNoParameters(group: group, action: action) else { return false }
        world.queue(action: action, data: nil, slot: Int(entity.slot), group: group, now: now)
        return true
    }

    /// Queues a script's event for an entity of this map.
    func addEvent(group: String, event: String, data: JSONObject, to entity: EntityHandle) throws {
        try world.checkRoom(forData: data, slot: Int(entity.slot), group: world.groupIndex(group))
        try world.addEvent(group: group, event: event, data: data, to: entity, now: now)
    }

    /// A table of parameters; `{}` and an empty array are the same here.
    func eventData(_ call: HostCall, at index: Int) throws -> JSONObject {
        switch try table(call, at: index, maxWeight: JSONNode.maxWeight) {
        case .object(let object): return object
        case .array(let elements) where elements.isEmpty: return [:]
        case .array: throw ScriptFault("data must be a table of named parameters, got an array")
        default: throw ScriptFault("data must be a table, got \(describe(call, at: index))")
        }
    }

    // MARK: One group

    func answerGroup(_ call: HostCall) throws {
        let entity = entity(call)
        let number = Int(call.reference.auxiliary)
        guard let group = groupNumbers.name(of: number).flatMap({ world.queue.groupIndices[$0] }) else {
            throw ScriptFault("this event group is not declared any more")
        }
        let slot = Int(entity.slot)
        switch call.operation {
        case .get: readGroup(call, slot: slot, group: group)
        case .set: try writeGroup(call, slot: slot, group: group)
        case .call: try callGroup(call, entity, group: group)
        case .toString: call.returnValue("event group \(world.schema.groups[group].name)")
        default:
            let name = name(call, at: 0) ?? describe(call, at: 0)
            if call.isWriting, name == "command_id" {
                throw ScriptFault("command_id is formed by the client that sends the event and can't be assigned")
            }
            throw ScriptFault(
                "an event group has no field '\(name)'; it has "
                    + ScriptAPI.eventGroup.listing.joined(separator: ", "))
        }
    }

    private func readGroup(_ call: HostCall, slot: Int, group: Int) {
        let state = world.state(slot, group)
        switch ScriptMember(rawValue: call.memberID) {
        case .groupAction where state.action != EventState.idle:
            call.returnValue(world.schema.groups[group].events[Int(state.action)].name)
        case .groupData:
            guard let data = state.data else { return call.returnNil() }
            call.returnPacked(PackedJSON.packed(.object(data)))
        case .groupCommandID where !state.commandID.isNaN: call.returnValue(state.commandID)
        case .groupTime: call.returnValue(state.time)
        default: call.returnNil()
        }
    }

    private func writeGroup(_ call: HostCall, slot: Int, group: Int) throws {
        let definition = world.schema.groups[group]
        let state = world.state(slot, group)
        switch ScriptMember(rawValue: call.memberID) {
        case .groupAction:
            let known = definition.events.map(\.name).joined(separator: ", ")
            guard let name = name(call, at: 0) else {
                throw ScriptFault(
                    "action must be the name of an event of group '\(definition.name)' (\(known)), got \(describe(call, at: 0))"
                )
            }
            let action = try world.eventIndex(name, group: group)
            // Assigning an event clears its data [M11.7]: unless the script sets new data, the defaults apply when it
            // runs.
            world.queue(action: action, data: nil, slot: slot, group: group, now: now)
        case .groupData:
            guard call.type(at: 0) != .nil else {
                throw ScriptFault("data must be a table, got nil; assign {} to have the defaults")
            }
            let data = try eventData(call, at: 0)
            guard state.action != EventState.idle else {
                // There is nothing to reset; no error, so that a loop over all groups may assign `{}`.
                if data.isEmpty { return }
                throw ScriptFault(
                    "group '\(definition.name)' has no pending event whose data could be set; use events.add")
            }
            let complete = try definition.events[Int(state.action)].complete(data, group: definition.name)
            try world.checkRoom(forData: complete, slot: slot, group: group)
            world.setEventData(complete.isEmpty ? nil : complete, slot: slot, group: group)
        case .groupTime:
            guard let time = call.number(at: 0), time.isFinite, time >= 0 else {
                throw ScriptFault(
                    "time must be a number of seconds from 0 (Unix time; 0 is the next tick), got \(describe(call, at: 0))"
                )
            }
            world.setEventTime(time, slot: slot, group: group, now: now)
        default:
            throw ScriptFault("this field of an event group can't be assigned")
        }
    }

    private func callGroup(_ call: HostCall, _ entity: EntityHandle, group: Int) throws {
        let slot = Int(entity.slot)
        switch ScriptMember(rawValue: call.memberID) {
        case .groupRemove:
            try requireWritable()
            world.clearEvent(slot: slot, group: group)
        case .groupTimeout:
            call.returnValue(timeout(entity, group: group))
        case .groupResetTime:
            try requireWritable()
            let seconds = call.type(at: 0) == .nil ? 0 : try number(call, at: 0, "seconds")
            world.setEventTime(max(now + seconds, 0), slot: slot, group: group, now: now)
        case .groupResetTimeout:
            try requireWritable()
            world.setEventTime(now + timeout(entity, group: group), slot: slot, group: group, now: now)
        default: throw ScriptFault("an event group has no such function")
        }
    }
}
