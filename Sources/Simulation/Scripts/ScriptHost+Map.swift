import LuaSandbox
import World

/// `map` [`2-lua-api.md` 6].
extension ScriptHost {
    func answerMap(_ call: HostCall) throws {
        switch call.operation {
        case .get:
            switch LuaMember(rawValue: call.memberID) {
            case .mapIdentifier: call.returnValue(Double(world.geometry.id))
            case .mapName: call.returnValue(world.geometry.name)
            case .mapWidth: call.returnValue(Double(world.geometry.width))
            default: call.returnValue(Double(world.geometry.height))
            }
        case .call: try callMap(call)
        case .toString: call.returnValue("map \(world.geometry.id)")
        case .length: call.returnValue(0)
        default:
            let name = call.string(at: 0) ?? describe(call, at: 0)
            if call.isWriting { throw ScriptFault("map.\(name) can't be assigned") }
            throw ScriptFault(
                "map has no field '\(name)'; it has id, name, width, height, walkable(x, y), random(), path(x1, y1, x2, y2), broadcast(table)"
            )
        }
    }

    private func callMap(_ call: HostCall) throws {
        switch LuaMember(rawValue: call.memberID) {
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
            guard let table = try table(call, at: 0) else {
                throw ScriptFault("broadcast takes a table, got \(describe(call, at: 0))")
            }
            effects.append(.broadcast(table.bytes))
        default: throw ScriptFault("map has no such function")
        }
    }
}
