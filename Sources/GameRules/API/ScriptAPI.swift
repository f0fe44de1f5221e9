import World

/// The table of everything that scripts can use: the running server, its messages, `perigee check` and `perigee stubs`
/// are made from it [`2-lua-api.md`].
package enum ScriptAPI {
    /// The classes of proxies that a field can return.
    package enum ProxyClass: Sendable {
        case components, events
    }

    /// One kind of value that the server gives to scripts.
    package struct Class: Sendable {
        /// Its name in the definitions for editors.
        package var name: String
        /// Its name in messages, with an article where it needs one.
        package var article: String
        /// What it is.
        package var about: String
        /// Its fields and functions.
        package var members: [APIMember]

        /// Makes a class.
        package init(name: String, article: String, about: String, members: [APIMember]) {
            self.name = name
            self.article = article
            self.about = about
            self.members = members
        }

        /// The members as messages list them: fields by name, functions with their parameters.
        package var listing: [String] { members.map(\.listing) }

        /// A function as messages name it: `objects.add`, but `distance` for one of entities, which have many names.
        ///
        /// - Parameter member: The function's name.
        /// - Returns: The name with what it belongs to.
        package func functionName(_ member: String) -> String {
            switch name {
            case "Entity", "EventGroup", "SocketTarget": member
            case "Socket": "socket.\(member)"
            case "SocketBroadcast": "socket.broadcast.\(member)"
            default: "\(article).\(member)"
            }
        }

        /// The member with this name; `nil` without one.
        package func member(_ name: String) -> APIMember? { members.first { $0.name == name } }
    }

    /// An entity [`2-lua-api.md` 3].
    package static let entity = Class(
        name: "Entity", article: "an entity", about: "An entity of the map: `object`, `objects[key]`, a loop's value.",
        members: [
            .column(.x, "Place in map units, from left to right."),
            .column(.y, "Place in map units, from top to bottom."),
            .column(.z, "Height, of the game's own meaning."),
            .column(.sort, "Drawing order, of the game's own meaning."),
            .column(.side, "Where it looks, of the game's own choice."),
            .column(.action, "What it does; sent each time it is assigned. Never `remove`."),
            .column(.prefab, "The recipe and the look that it has."),
            .field(
                "map_id", "integer", .host(.mapID), writable: true,
                "The map's number. Given another map's, it moves there at the end of the tick."),
            .field("id", "integer", .host(.id), "Its number among the entities of its type."),
            .field("key", "string", .host(.key), "Its key in `objects`, for instance `players_24`."),
            .field("type", "EntityType", .host(.type), "One of the four types."),
            .field("login", "string?", .host(.login), "A player's login, nil for others."),
            .field(
                "ping", "number?", .host(.ping),
                "A player's round trip in seconds, as the client reported it last. A client can forge it."),
            .field(
                "muted", "boolean", .host(.muted),
                "Whether an operator has muted this player: it should not be heard in the game's chat."),
            .field("created", "number", .host(.created), "Unix time in seconds."),
            .field(
                "view", "number?", .host(.view), writable: true,
                "How far a player's client is told of entities, in tiles; nil for the map's `view_distance`. Not stored."
            ),
            .field(
                "relevant", "string?", .host(.relevant), writable: true,
                "`always` for an entity that clients are told of at any distance, else nil. Not stored."),
            .field("components", "Components", .proxy(.components), "The values of its components."),
            .field("events", "Events", .proxy(.events), "Its event groups."),
            .function("position", id: .position, returns: ["string"], "The text `x,y,z`."),
            .function(
                "distance", ["other: Entity|{x: number, y: number}"], id: .distance, returns: ["number"], shown: "",
                "How far it is to another entity, or to a table with x and y."),
            .function(
                "remove", ["key?: string"], id: .remove, returns: ["boolean?"], changes: true, shown: "",
                "Takes it off the map for good; a player is disconnected and kept. With a key it removes the entity with "
                    + "that key instead, as `objects.remove` does."),
            .function(
                "send", ["message: table"], id: .send, changes: true, shown: "",
                "Sends a table to this player's client. Players only."),
            .function("save", id: .save, changes: true, "Stores it as it is at the end of the tick."),
        ])

    /// `object.events` [`2-lua-api.md` 5].
    package static let events = Class(
        name: "Events", article: "events", about: "The event groups of an entity.",
        members: [
            .function(
                "add", ["group: string", "event?: string", "data?: table"], id: .eventsAdd, changes: true,
                "Makes an event the pending one of its group. Without a name it is `index`."),
            .function(
                "remove", ["group: string"], id: .eventsRemove, changes: true,
                "Takes the group's pending event off; its time stays."),
        ])

    /// `object.events[group]` [`2-lua-api.md` 5].
    package static let eventGroup = Class(
        name: "EventGroup", article: "an event group", about: "One event group of an entity.",
        members: [
            .field(
                "action", "string?", .host(.groupAction), writable: true,
                "The pending event's name, or nil. Assigning a name queues that event with its defaults."),
            .field("data", "table?", .host(.groupData), writable: true, "The pending event's parameters, or nil."),
            .field("command_id", "number?", .host(.groupCommandID), "What the client sent with the command, or nil."),
            .field(
                "time", "number", .host(.groupTime), writable: true,
                "Unix time at which the group is ready; 0 is the next tick."),
            .function("remove", id: .groupRemove, changes: true, "Takes the pending event off; the time stays."),
            .function(
                "timeout", id: .groupTimeout, returns: ["number"],
                "The group's timeout for this entity now, in seconds."),
            .function(
                "resetTime", ["seconds?: number"], id: .groupResetTime, changes: true,
                "Makes the group ready that many seconds from now; without a number, now."),
            .function(
                "resetTimeout", id: .groupResetTimeout, changes: true, "Makes the group ready one timeout from now."),
        ])

    /// `objects` [`2-lua-api.md` 2].
    package static let objects = Class(
        name: "Objects", article: "objects", about: "All entities of the map, by key.",
        members: [
            .function(
                "add", ["type: EntityType", "data: NewEntity"], id: .objectsAdd, returns: ["Entity?"], changes: true,
                isLenient: true,
                "Adds an entity and returns it; wrong data add nothing, and the reason is in the error log."),
            .function(
                "remove", ["key: string|Entity"], id: .objectsRemove, returns: ["boolean"], changes: true,
                "Removes the entity with this key, or this entity; whether it was there."),
            .function(
                "near", ["x: number", "y: number", "radius: number", "type?: EntityType"], id: .objectsNear,
                returns: ["Entity[]"],
                "The entities within a radius, nearest first."),
            .function("count", ["type?: EntityType"], id: .objectsCount, returns: ["integer"], "How many there are."),
        ])

    /// `map` [`2-lua-api.md` 6].
    package static let map = Class(
        name: "Map", article: "map", about: "The map that the script runs on.",
        members: [
            .field("id", "integer", .host(.mapIdentifier), "The number in its file's name."),
            .field("name", "string", .host(.mapName), "The rest of its file's name."),
            .field("width", "integer", .host(.mapWidth), "Tiles from left to right."),
            .field("height", "integer", .host(.mapHeight), "Tiles from top to bottom."),
            .function(
                "walkable", ["x: number", "y: number"], id: .mapWalkable, returns: ["boolean"],
                "Whether a place is on the map and free."),
            .function("random", id: .mapRandom, returns: ["number", "number"], "x, y of a random walkable place."),
            .function(
                "path", ["x1: number", "y1: number", "x2: number", "y2: number"], id: .mapPath,
                returns: ["{x: number, y: number}[]?"],
                "The shortest way, without the start; nil when there is none, or none in a bounded search."),
            .function(
                "broadcast", ["message: table"], id: .mapBroadcast, changes: true, shown: "table",
                "Sends a table to every player on the map."),
            .function(
                "event", ["map: Side|integer", "key: string", "group: string", "event?: string", "data?: table"],
                id: .mapEvent,
                returns: ["boolean"], changes: true,
                "Queues an event for an entity of another map, named by its side or its number; false when that map has too many "
                    + "waiting."),
        ])

    /// Every class whose members are the same in all games.
    package static let classes =
        [entity, events, eventGroup, objects, map] + socketClasses

    /// The fields of the global `event` in events and timeout formulas.
    package static let event = Class(
        name: "RunningEvent", article: "event", about: "Which event runs.",
        members: [
            .field("group", "string", "The event's group."),
            .field("action", "string", "The event's name."),
            .field("command_id", "number?", "What the client sent with the command, or nil."),
            .field("from_client", "boolean?", "Whether a client sent the event."),
            .field("data", "table?", "The event's parameters. In timeout formulas only; events have `data`."),
        ])

    /// Global functions that stock Lua does not have, or that differ from stock Lua's [`2-lua-api.md` 1].
    package static let functions: [APIMember] = [
        .function("print", ["...: any"], "Writes one line to the map's log, the arguments joined by tabs."),
        .function(
            "error", ["message?: any", "level?: integer"],
            "Writes the value with a traceback to the map's error log, then raises it."),
        .function("microtime", returns: ["number"], "Unix time in seconds, with microseconds."),
        .function(
            "exists", ["entity: Entity?"], returns: ["boolean"],
            "Whether an entity that was kept in a variable is still on the map; false for nil."),
        .function("keys", ["t: table"], returns: ["any[]"], "An array of the table's keys."),
        .function(
            "split", ["text: string", "separator: string"], returns: ["string[]"],
            "The parts between separators, which are plain text; an empty one splits into characters."),
        .function(
            "copy", ["t: table"], returns: ["table"],
            "A deep, plain copy of a table, of a component's or of all `components`."),
        .function("array", ["t: table"], returns: ["table"], "Marks a table as an array: empty, it is sent as `[]`."),
    ]

    /// The fields that the data table of `objects.add` may have.
    package static let newEntity: [APIMember] =
        entity.members.filter { $0.isWritable && !["map_id", "view", "relevant"].contains($0.name) } + [
            .field("components", "table", writable: true, "Values of its components; others take their defaults.")
        ]
}
