public import JSONValues

/// What a game declares: its components and its event groups.
public struct Schema: Sendable, Equatable {
    /// Components by ascending name; each name once.
    public var components: [ComponentDefinition]
    /// Event groups by ascending `order`, then name; each name once. In a tick, the due events of groups with the same
    /// `order` run in the order of their times.
    public var groups: [EventGroupDefinition]

    /// Makes a schema, sorting both lists as documented.
    ///
    /// - Parameters:
    ///   - components: Component definitions; names must be unique.
    ///   - groups: Event groups; names must be unique.
    public init(components: [ComponentDefinition] = [], groups: [EventGroupDefinition] = []) {
        self.components = components.sorted { $0.name < $1.name }
        self.groups = groups.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
    }
}

/// One declared component [M10].
public struct ComponentDefinition: Sendable, Equatable {
    /// The type of a component's values.
    public enum ValueType: String, Sendable, Equatable {
        case number, string, boolean, json
    }

    /// The name scripts and clients use.
    public var name: String
    /// The type of its values; `nil` is always allowed too [M10.3].
    public var type: ValueType
    /// The value on a new entity: of `type`, or null.
    public var defaultValue: JSON
    /// Whether only the owning player receives it [M9.10].
    public var isPrivate: Bool
    /// The kinds of entity that have it.
    public var kinds: EntityKindSet
    /// Whether a script runs when its value changes [M8.6].
    public var hasTrigger: Bool

    /// Makes a definition.
    ///
    /// - Parameters:
    ///   - name: The name scripts and clients use.
    ///   - type: The type of its values.
    ///   - defaultValue: The value on a new entity.
    ///   - isPrivate: Whether only the owning player receives it.
    ///   - kinds: The kinds of entity that have it.
    ///   - hasTrigger: Whether a script runs when its value changes.
    public init(
        name: String, type: ValueType, defaultValue: JSON = .null, isPrivate: Bool = false,
        kinds: EntityKindSet = .all, hasTrigger: Bool = false
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.isPrivate = isPrivate
        self.kinds = kinds
        self.hasTrigger = hasTrigger
    }
}

/// The events that share one queue slot and one timeout [M11.16].
public struct EventGroupDefinition: Sendable, Equatable {
    /// The group's name.
    public var name: String
    /// Groups with a lower order run first in a tick.
    public var order: Double
    /// Whether a timeout formula exists; without one the timeout is 1 second [M11.8].
    public var hasTimeoutFormula: Bool
    /// How near a player must be for events of the group to run, in tiles; `nil` for events that need no player.
    ///
    /// A due event of an entity without a player at this distance or nearer stays pending, and runs at the first
    /// ``World/World/runDueEvents(now:_:)`` after a player came near, or the entity came near a player.
    public var lifeRadius: Double?
    /// Which clients get the group's queue.
    public var share: Share
    /// The group's events by ascending name.
    public var events: [EventDefinition]

    /// Which clients get the queue of a group on an entity.
    public enum Share: String, Sendable, Equatable, CaseIterable {
        case none
        /// Only the client of the player to whom the entity belongs.
        case owner
        case all
    }

    /// Makes a group.
    ///
    /// - Parameters:
    ///   - name: The group's name.
    ///   - order: Groups with a lower order run first in a tick.
    ///   - hasTimeoutFormula: Whether a timeout formula exists.
    ///   - lifeRadius: How near a player must be for events of the group to run, in tiles above 0; `nil` for events
    ///     that need no player.
    ///   - share: Which clients get the group's queue.
    ///   - events: The group's events; names must be unique.
    public init(
        name: String, order: Double = 0, hasTimeoutFormula: Bool = false, lifeRadius: Double? = nil,
        share: Share = .all,
        events: [EventDefinition]
    ) {
        self.name = name
        self.order = order
        self.hasTimeoutFormula = hasTimeoutFormula
        self.lifeRadius = lifeRadius
        self.share = share
        self.events = events.sorted { $0.name < $1.name }
    }
}

/// One declared event.
public struct EventDefinition: Sendable, Equatable {
    /// The event's name within its group; `index` is the default when no name is given [M11.4].
    public var name: String
    /// Whether clients may send it as a command [M11.11].
    public var isPublic: Bool
    /// Whether it is queued again after each run, failed or not, unless its group's event was taken off or replaced in
    /// the run [`2-lua-api.md` 7].
    public var repeats: Bool
    /// The declared parameters, in the order of their declaration [M11.2].
    public var parameters: [EventParameter]

    /// Makes a definition.
    ///
    /// - Parameters:
    ///   - name: The event's name within its group.
    ///   - isPublic: Whether clients may send it.
    ///   - repeats: Whether it is queued again after each run.
    ///   - parameters: The declared parameters.
    public init(
        name: String, isPublic: Bool = false, repeats: Bool = false, parameters: [EventParameter] = []
    ) {
        self.name = name
        self.isPublic = isPublic
        self.repeats = repeats
        self.parameters = parameters
    }
}

/// One declared parameter of an event.
public struct EventParameter: Sendable, Equatable {
    /// The type of a parameter's values.
    public enum ValueType: String, Sendable, Equatable, CaseIterable {
        case number, string, boolean, table, any
    }

    /// The parameter's name.
    public var name: String
    /// The type a value must have.
    public var type: ValueType
    /// The value used when the parameter is absent; `nil` makes the parameter mandatory.
    public var defaultValue: JSON?
    /// A description for the admin panel, one sentence.
    public var about: String

    /// Makes a parameter.
    ///
    /// - Parameters:
    ///   - name: The parameter's name.
    ///   - type: The type a value must have.
    ///   - defaultValue: The value used when the parameter is absent; `nil` makes it mandatory.
    ///   - about: A description for the admin panel.
    public init(name: String, type: ValueType, defaultValue: JSON? = nil, about: String = "") {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.about = about
    }
}
