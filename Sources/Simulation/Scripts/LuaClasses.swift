import LuaSandbox
import World

/// The classes of proxies that scripts see, by the number in their references.
enum LuaClass: UInt16 {
    case entity = 1
    case components, events, group, objects, map, json
}

/// The members of proxies that are answered by the host. The numbers are above any column's.
enum LuaMember: UInt32 {
    case id = 0x1_0000
    case key, type, login, created, mapID
    case position, distance, remove, send
    case eventsAdd, eventsRemove
    case groupAction, groupData, groupCommandID, groupTime
    case groupRemove, groupTimeout, groupResetTime, groupResetTimeout
    case objectsAdd, objectsRemove, objectsNear, objectsCount
    case mapIdentifier, mapName, mapWidth, mapHeight
    case mapWalkable, mapRandom, mapPath, mapBroadcast, mapEvent
    case save
}

/// The global functions that the host answers. Low numbers are the cheapest to call.
enum LuaGlobal: UInt32 {
    case microtime = 0
}

extension HostClass {
    /// An entity: system fields in columns, the rest asked for [`2-lua-api.md` 3].
    static func entity() -> HostClass {
        var members = SystemField.allCases.map { Member.column($0.name, $0.rawValue) }
        members += [
            .property("id", id: LuaMember.id.rawValue), .property("key", id: LuaMember.key.rawValue),
            .property("type", id: LuaMember.type.rawValue), .property("login", id: LuaMember.login.rawValue),
            .property("created", id: LuaMember.created.rawValue),
            .property("map_id", id: LuaMember.mapID.rawValue, writable: true),
            .method("position", id: LuaMember.position.rawValue),
            .method("distance", id: LuaMember.distance.rawValue, minimum: 1),
            .method("remove", id: LuaMember.remove.rawValue),
            .method("send", id: LuaMember.send.rawValue, minimum: 1),
            .method("save", id: LuaMember.save.rawValue),
            .subproxy("components", classID: LuaClass.components.rawValue),
            .subproxy("events", classID: LuaClass.events.rawValue),
        ]
        return HostClass(id: LuaClass.entity.rawValue, name: "entity", options: .entity, members: members)
    }

    /// The components of an entity [`2-lua-api.md` 4].
    static func components(of world: World) -> HostClass {
        HostClass(
            id: LuaClass.components.rawValue, name: "components", options: [.bySlot, .columns],
            members: world.columns.components.values.sorted { $0.name < $1.name }.map { .column($0.name, $0.index) })
    }

    /// The event groups of an entity [`2-lua-api.md` 5].
    static func events() -> HostClass {
        HostClass(
            id: LuaClass.events.rawValue, name: "events", options: [.bySlot, .dynamic],
            members: [
                .method("add", id: LuaMember.eventsAdd.rawValue, minimum: 1),
                .method("remove", id: LuaMember.eventsRemove.rawValue, minimum: 1),
            ])
    }

    /// One event group of an entity; `auxiliary` is the group's number.
    static func group() -> HostClass {
        HostClass(
            id: LuaClass.group.rawValue, name: "event group", options: .live, related: LuaClass.entity.rawValue,
            members: [
                .property("action", id: LuaMember.groupAction.rawValue, writable: true),
                .property("data", id: LuaMember.groupData.rawValue, writable: true),
                .property("command_id", id: LuaMember.groupCommandID.rawValue),
                .property("time", id: LuaMember.groupTime.rawValue, writable: true),
                .method("remove", id: LuaMember.groupRemove.rawValue),
                .method("timeout", id: LuaMember.groupTimeout.rawValue),
                .method("resetTime", id: LuaMember.groupResetTime.rawValue),
                .method("resetTimeout", id: LuaMember.groupResetTimeout.rawValue),
            ])
    }

    /// The global `objects` [`2-lua-api.md` 2].
    static func objects() -> HostClass {
        HostClass(
            id: LuaClass.objects.rawValue, name: "objects", options: .entities, related: LuaClass.entity.rawValue,
            members: [
                .method("add", id: LuaMember.objectsAdd.rawValue, minimum: 2, isLenient: true),
                .method("remove", id: LuaMember.objectsRemove.rawValue, minimum: 1),
                .method("near", id: LuaMember.objectsNear.rawValue, minimum: 3),
                .method("count", id: LuaMember.objectsCount.rawValue),
            ])
    }

    /// The global `map` [`2-lua-api.md` 6].
    static func map() -> HostClass {
        HostClass(
            id: LuaClass.map.rawValue, name: "map", options: [],
            members: [
                .property("id", id: LuaMember.mapIdentifier.rawValue),
                .property("name", id: LuaMember.mapName.rawValue),
                .property("width", id: LuaMember.mapWidth.rawValue),
                .property("height", id: LuaMember.mapHeight.rawValue),
                .method("walkable", id: LuaMember.mapWalkable.rawValue, minimum: 2),
                .method("random", id: LuaMember.mapRandom.rawValue),
                .method("path", id: LuaMember.mapPath.rawValue, minimum: 4),
                .method("broadcast", id: LuaMember.mapBroadcast.rawValue, minimum: 1),
                .method("event", id: LuaMember.mapEvent.rawValue, minimum: 3),
            ])
    }

    /// A table inside a json component; `slot` is the node's number.
    static func json() -> HostClass {
        HostClass(id: LuaClass.json.rawValue, name: "table", options: [.dynamic, .packs])
    }
}
