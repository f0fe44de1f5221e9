public import JSONValues

/// The complete state of one entity, as a value: what the store keeps and what moves between maps.
public struct EntityRecord: Sendable, Equatable {
    /// Kind and number.
    public var key: EntityKey
    /// The user name; players only [M6.1].
    public var login: String?
    /// The map it is on.
    public var mapID: Int
    /// The name of the recipe and the look that the entity was spawned with.
    public var prefab: String
    /// Position in map units (tiles); whole numbers are tile centres, y grows downward.
    public var x: Double?
    /// See `x`.
    public var y: Double?
    /// Height; free for the game.
    public var z: Double
    /// Drawing order; free for the game.
    public var sort: Double
    /// The direction it faces.
    public var side: String
    /// The current animation.
    public var action: String
    /// When the entity was made, Unix time in seconds.
    public var created: Double
    /// The number of the map file's object it was spawned from; `nil` for players and for entities that scripts added.
    public var spawnID: Int?
    /// The round trip that the player's client reported last, in seconds; players only. A client can forge it.
    public var ping: Double?
    /// Component values by name; an absent component gets its default.
    public var components: [String: JSON]
    /// Event group states by group name.
    public var events: [String: EventRecord]

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - key: Kind and number.
    ///   - login: The user name; players only.
    ///   - mapID: The map it is on.
    ///   - prefab: The name of its recipe and look.
    ///   - x: Position; `nil`, or one that is not walkable, means a random walkable place [M9.6].
    ///   - y: Position, as `x`.
    ///   - z: Height.
    ///   - sort: Drawing order.
    ///   - side: The direction it faces.
    ///   - action: The current animation.
    ///   - created: When it was made, Unix time in seconds.
    ///   - spawnID: The number of the map file's object it comes from.
    ///   - ping: The round trip that the player's client reported last, in seconds.
    ///   - components: Component values by name.
    ///   - events: Event group states by group name.
    public init(
        key: EntityKey, login: String? = nil, mapID: Int, prefab: String = "", x: Double? = nil, y: Double? = nil,
        z: Double = 0, sort: Double = 0, side: String = "down", action: String = "", created: Double = 0,
        spawnID: Int? = nil, ping: Double? = nil, components: [String: JSON] = [:], events: [String: EventRecord] = [:]
    ) {
        self.key = key
        self.login = login
        self.mapID = mapID
        self.prefab = prefab
        self.x = x
        self.y = y
        self.z = z
        self.sort = sort
        self.side = side
        self.action = action
        self.created = created
        self.spawnID = spawnID
        self.ping = ping
        self.components = components
        self.events = events
    }
}

extension EntityRecord {
    /// Refuses names that contain the character NUL.
    func checkNames() throws(WorldError) {
        for (name, text) in [("login", login ?? ""), ("prefab", prefab), ("side", side), ("action", action)] {
            try World.checkNoNUL(text, name)
        }
    }

    /// The record with all event times moved, for an entity whose map stood still: each event keeps its remaining time.
    ///
    /// - Parameter seconds: By how much; negative when the clock was set back meanwhile.
    /// - Returns: The record; a group that never ran stays ready at once.
    public func delayed(by seconds: Double) -> EntityRecord {
        var record = self
        for (name, event) in events where event.time > 0 { record.events[name]?.time = max(event.time + seconds, 0) }
        return record
    }
}

extension EntityRecord {
    /// The record of a player who comes back: event times follow the wall clock, so events whose time passed meanwhile
    /// are due now.
    ///
    /// If `now` is before `savedAt`, the clock was set back, and it is not known how long the player was away. Then the
    /// time away counts as zero, and each event keeps its remaining time.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - savedAt: When the record was saved, by the clock of that time.
    /// - Returns: The record, with event times by the clock's current setting.
    package func returning(at now: Double, savedAt: Double) -> EntityRecord {
        now < savedAt ? delayed(by: now - savedAt) : self
    }
}

/// The state of one event group on one entity [M11.4].
public struct EventRecord: Sendable, Equatable {
    /// The pending event's name; `nil` when the group is idle.
    public var action: String?
    /// The pending event's parameters.
    public var data: JSON?
    /// The sender's clock in milliseconds, if a client sent the event.
    public var commandID: Double?
    /// When the group's timeout ends, Unix time in seconds; 0 for a group that never ran.
    public var time: Double
    /// Whether a client sent the pending event.
    public var isFromClient: Bool

    /// Makes a state.
    ///
    /// - Parameters:
    ///   - action: The pending event's name.
    ///   - data: The pending event's parameters.
    ///   - commandID: The sender's clock in milliseconds.
    ///   - time: When the group's timeout ends, Unix time in seconds.
    ///   - isFromClient: Whether a client sent the pending event.
    public init(
        action: String? = nil, data: JSON? = nil, commandID: Double? = nil, time: Double = 0,
        isFromClient: Bool = false
    ) {
        self.action = action
        self.data = data
        self.commandID = commandID
        self.time = time
        self.isFromClient = isFromClient
    }
}
