import GameRules
import LuaSandbox
import World

/// The classes of proxies that scripts see, by the number in their references.
enum LuaClass: UInt16 {
    case entity = 1
    case components, events, group, objects, map, json
    case socket, broadcast, target, sockets, io
}

/// The global functions that the host answers. Low numbers are the cheapest to call.
enum LuaGlobal: UInt32 {
    case microtime = 0
    case exists

    /// The functions `ack` have numbers from this one on, each event its own.
    static let firstAcknowledgement: UInt32 = 1 << 31
}

extension HostReference {
    /// The reference of an entity.
    init(to entity: EntityHandle) {
        self.init(classID: LuaClass.entity.rawValue, slot: entity.slot, generation: entity.generation)
    }
}

extension HostClass {
    /// An entity: the VM reads system fields from columns and writes the numbers among them, makes the proxies of
    /// `components` and `events`, and calls the host for everything else [`2-lua-api.md` 3].
    static func entity() -> HostClass {
        var members = ScriptAPI.entity.members
        // A loop over an entity gives `map_id` after the fields that never change; messages list it before them.
        if let place = members.firstIndex(where: { $0.name == "map_id" }),
            let last = members.firstIndex(where: { $0.name == "created" })
        {
            members.insert(members.remove(at: place), at: last)
        }
        return HostClass(.entity, "entity", .entity, members)
    }

    /// The components of an entity [`2-lua-api.md` 4].
    static func components(of world: World) -> HostClass {
        HostClass(
            id: LuaClass.components.rawValue, name: "components", options: [.bySlot, .packs],
            members: world.columns.components.values.sorted { $0.name < $1.name }.map { .column($0.name, $0.index) })
    }

    /// The event groups of an entity [`2-lua-api.md` 5].
    static func events() -> HostClass { HostClass(.events, "events", [.bySlot, .dynamic], ScriptAPI.events.members) }

    /// One event group of an entity; `auxiliary` is the group's number.
    static func group() -> HostClass {
        HostClass(.group, "event group", .live, related: .entity, ScriptAPI.eventGroup.members)
    }

    /// The global `objects` [`2-lua-api.md` 2].
    static func objects() -> HostClass {
        HostClass(.objects, "objects", .entities, related: .entity, ScriptAPI.objects.members)
    }

    /// The global `map` [`2-lua-api.md` 6].
    static func map() -> HostClass { HostClass(.map, "map", [], ScriptAPI.map.members) }

    /// A socket.
    static func socket() -> HostClass { HostClass(.socket, "socket", [], ScriptAPI.socket.members) }

    /// `socket.broadcast`, with the socket's place.
    static func broadcast() -> HostClass { HostClass(.broadcast, "broadcast", [], ScriptAPI.broadcast.members) }

    /// What `to` and `except` return.
    static func target() -> HostClass { HostClass(.target, "target", [], ScriptAPI.target.members) }

    /// `io.sockets`.
    static func sockets() -> HostClass { HostClass(.sockets, "io.sockets", .dynamic, ScriptAPI.sockets.members) }

    /// The global `io`.
    static func io() -> HostClass { HostClass(.io, "io", [], ScriptAPI.io.members) }

    /// A table inside a json component; `slot` is the node's number.
    static func json() -> HostClass {
        HostClass(id: LuaClass.json.rawValue, name: "table", options: [.dynamic, .packs, .movable])
    }

    /// A class whose members are the same in all games.
    private init(
        _ id: LuaClass, _ name: String, _ options: Options, related: LuaClass? = nil, _ members: [APIMember]
    ) {
        self.init(
            id: id.rawValue, name: name, options: options, related: related?.rawValue ?? 0,
            members: members.compactMap { .row($0) })
    }
}

extension HostClass.Member {
    /// A member as the table describes it; `nil` for a row that is not a member of a proxy.
    fileprivate static func row(_ member: APIMember) -> HostClass.Member? {
        switch member.source {
        case .column(let field): .column(member.name, field.rawValue)
        case .proxy(.components): .subproxy(member.name, classID: LuaClass.components.rawValue)
        case .proxy(.events): .subproxy(member.name, classID: LuaClass.events.rawValue)
        case .host(let id):
            if let function = member.function {
                .method(
                    member.name, id: id.rawValue, minimum: function.minimum, isLenient: function.isLenient)
            } else {
                .property(member.name, id: id.rawValue, writable: member.isWritable)
            }
        case .none: nil
        }
    }
}
