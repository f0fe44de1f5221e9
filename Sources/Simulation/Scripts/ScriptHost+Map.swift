import GameRules
import JSONValues
import LuaSandbox
import World

/// `map` [`2-lua-api.md` 6].
extension ScriptHost {
    func answerMap(_ call: HostCall) throws {
        switch call.operation {
        case .get:
            switch ScriptMember(rawValue: call.memberID) {
            case .mapIdentifier: call.returnValue(Double(world.geometry.id))
            case .mapName: call.returnValue(world.geometry.name)
            case .mapWidth: call.returnValue(Double(world.geometry.width))
            default: call.returnValue(Double(world.geometry.height))
            }
        case .call: try callMap(call)
        case .toString: call.returnValue("map \(world.geometry.id)")
        case .length: call.returnValue(0)
        default:
            let name = name(call, at: 0) ?? describe(call, at: 0)
            if call.isWriting { throw ScriptFault("map.\(name) can't be assigned") }
            throw ScriptFault(
                "map has no field '\(name)'; it has \(ScriptAPI.map.listing.joined(separator: ", "))")
        }
    }

    private func callMap(_ call: HostCall) throws {
        switch ScriptMember(rawValue: call.memberID) {
        case .mapWalkable:
            let (x, y) = (try number(call, at: 0, "x"), try number(call, at: 1, "y"))
            call.returnValue(world.geometry.isWalkable(x: x, y: y))
        case .mapRandom:
            guard let place = world.randomPlace() else {
                throw ScriptFault("map \(world.geometry.id) has no walkable tile")
            }
            call.returnValue(place.x)
            call.returnValue(place.y)
        case .mapPath:
            let from = (x: try number(call, at: 0, "x1"), y: try number(call, at: 1, "y1"))
            let to = (x: try number(call, at: 2, "x2"), y: try number(call, at: 3, "y2"))
            guard let path = PathFinder.path(in: world.geometry, from: from, to: to) else { return call.returnNil() }
            call.returnPacked(
                PackedJSON.packed(.array(path.map { .object(["x": .number($0.x), "y": .number($0.y)]) })))
        case .mapBroadcast:
            try requireWritable()
            let message = try message(call, at: 0, of: "broadcast")
            try effects.broadcast(message.bytes, limit: world.weight.limit)
        case .mapEvent: try addRemoteEvent(call)
        default: throw ScriptFault("map has no such function")
        }
    }
    /// Queues an event for an entity of another map: this map checks the event, the other map queues it in its next
    /// tick.
    private func addRemoteEvent(_ call: HostCall) throws {
        try requireWritable()
        let mapID = try remoteMap(call)
        let keyText = try name(call, at: 1, "an entity's key")
        guard let key = EntityKey(keyText) else {
            throw ScriptFault("'\(keyText)' is no key; one is a type, _ and a number")
        }
        let group = try name(call, at: 2, "group")
        let event = call.type(at: 3) == .nil ? "index" : try name(call, at: 3, "event")
        let data = call.type(at: 4) == .nil ? [:] : try eventData(call, at: 4)
        if mapID == world.geometry.id {
            guard let entity = world[key] else { throw ScriptFault("there is no \(key) on this map") }
            try addEvent(group: group, event: event, data: data, to: entity)
            return call.returnValue(true)
        }
        let index = try world.groupIndex(group)
        let definition = world.schema.groups[index].events[try world.eventIndex(event, group: index)]
        let isTaken = try effects.queueRemote(
            RemoteEvent(key: key, group: group, event: event, data: data, mapID: world.geometry.id), on: mapID,
            weight: JSON.object(definition.complete(data, group: group)).weight,
            room: others.router?.room(forEventsFrom: world.geometry.id, on: mapID) ?? .unlimited,
            limit: world.weight.limit)
        call.returnValue(isTaken)
    }

    /// The map that a script names by its side or by its number.
    private func remoteMap(_ call: HostCall) throws -> Int {
        if let side = name(call, at: 0) {
            if let mapID = others.sides[side] { return mapID }
            let known = others.sides.keys.sorted().joined(separator: ", ")
            throw ScriptFault(
                "this map has no neighbour '\(side)'; it has \(known.isEmpty ? "none" : known); any map can be named by its number"
            )
        }
        return try others.map(
            call.number(at: 0),
            otherwise: "map must be a side or the number of a map (\(others.knownIDs)), got \(describe(call, at: 0))")
    }
}
