package import GameFolder
package import JSONValues
package import Wire
package import World

/// What can come in to a map from outside, taken at the beginning of a tick; a recording holds the same values.
///
/// A new kind is a case here with its ``waitingRule``, what ``MapSimulation`` does with it, and how it stands in a
/// recording.
package enum MapInput: Sendable {
    /// A player connects; the record is what the store has, and an entity that is on the map already wins over it.
    case join(EntityRecord, any SessionSink)
    /// A connection is gone; its entity leaves the map and is stored.
    case leave(SessionID)
    /// A client's command, checked for size, form and rate; received at this Unix time.
    case command(SessionID, Command, receivedAt: Double)
    /// A client wants a snapshot.
    case reload(SessionID)
    /// The game folder changed.
    case replaceGame(GameDefinition, problems: [GameFolderProblem])
    /// An operator lets a suspended script run again; its path in the game folder.
    case resume(script: String)
    /// An entity comes from another map, which takes it back when it can't stay; `nil` for one that was sent
    /// back.
    case arrive(EntityRecord, from: Int?)
    /// A script of another map queues an event for an entity here.
    case event(RemoteEvent)
    /// Players of a neighbouring map see what is near its edge here; said again every second while there are any. A new
    /// one knows nothing yet.
    case watch(from: Int, isNew: Bool)
    /// What stands near the edge on a neighbouring map.
    case border(BorderStrip)
}

extension MapInput {
    /// How the input waits for the map's next tick.
    var waitingRule: WaitingRule {
        switch self {
        case .join(let record, _): .bounded(.joins, weight: record.weight)
        case .leave: .unbounded(isTakenWhenClosed: true)
        case .command(_, let command, _): .bounded(.commands, weight: JSON.object(command.parameters).weight)
        case .reload(let session): .latest(of: .snapshot(session), isTakenWhenClosed: true)
        case .replaceGame: .latest(of: .game, isTakenWhenClosed: true)
        case .resume: .unbounded(isTakenWhenClosed: true)
        case .arrive(let record, let origin?): .bounded(.arrivals(from: origin), weight: record.weight)
        case .arrive(_, nil): .unbounded(isTakenWhenClosed: false)
        case .event(let event): .bounded(.events(from: event.mapID), weight: JSON.object(event.data).weight)
        case .watch(let neighbour, _): .latest(of: .watch(neighbour), isTakenWhenClosed: false)
        case .border(let strip): .latest(of: .strip(strip.mapID), isTakenWhenClosed: false)
        }
    }

    /// This input in the place of an older one that waits and says the same: with what must not be lost of that one.
    func replacing(_ older: MapInput) -> MapInput {
        switch (self, older) {
        case (.watch(let neighbour, let isNew), .watch(_, let wasNew)):
            return .watch(from: neighbour, isNew: isNew || wasNew)
        case (.border(var strip), .border(let old)):
            strip.acted.formUnion(old.acted)
            return .border(strip)
        default: return self
        }
    }
}

/// One step of a map, as it is made and as it is recorded.
package enum MapStep: Sendable {
    /// The map is made: of which game, and what starts its generators.
    case start(GameDefinition, seed: UInt64)
    /// Its stored entities come in.
    case populate([EntityRecord])
    /// A tick takes what came in.
    case tick([MapInput])
}

/// All entities of a map that players of a neighbour see, with places as the neighbour counts them.
package struct BorderStrip: Sendable, Equatable {
    /// The map that they are on.
    package var mapID: Int
    /// The entities, without private components and events.
    package var records: [EntityRecord]
    /// Those whose `action` was assigned since the last time, also the value that it had.
    package var acted: Set<EntityKey>

    /// Makes a strip.
    ///
    /// - Parameters:
    ///   - mapID: The map that the entities are on.
    ///   - records: The entities, without private components and events.
    ///   - acted: Those whose `action` was assigned since the last time.
    package init(mapID: Int, records: [EntityRecord], acted: Set<EntityKey>) {
        self.mapID = mapID
        self.records = records
        self.acted = acted
    }
}

/// An event for an entity of another map; group, event and parameters were checked where it comes from.
package struct RemoteEvent: Sendable, Equatable {
    /// Whom it is for.
    package var key: EntityKey
    /// The event's group.
    package var group: String
    /// The event's name.
    package var event: String
    /// Its parameters.
    package var data: JSONObject
    /// The map that it comes from.
    package var mapID: Int

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - key: The entity that it is for.
    ///   - group: The event's group.
    ///   - event: The event's name.
    ///   - data: Its parameters, which were checked.
    ///   - mapID: The map that it comes from.
    package init(key: EntityKey, group: String, event: String, data: JSONObject, mapID: Int) {
        self.key = key
        self.group = group
        self.event = event
        self.data = data
        self.mapID = mapID
    }
}

/// What a map gives to other maps.
package protocol MapRouter: Sendable {
    /// Hands an entity that is not a player to another map.
    ///
    /// - Parameters:
    ///   - record: The entity as it left.
    ///   - mapID: Where it goes.
    ///   - origin: The map that takes it back when it can't stay there; `nil` for one that comes back.
    /// - Returns: `false` when there is no such map, or it has too much of this one waiting.
    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool

    /// Hands an event to another map, for one of its entities.
    ///
    /// - Returns: `false` when there is no such map, or it has too many events of this one waiting.
    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool

    /// How many events more a map would take from another one.
    func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare

    /// Tells a map that players of a neighbour see what is near its edge.
    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool)

    /// Shows a map what stands near the edge of a neighbour.
    func sendBorder(_ strip: BorderStrip, to mapID: Int)
}

extension MapRouter {
    /// As many as there are, for routers that only note them.
    package func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare { .unlimited }
}

/// How many inputs of one source, and how much they count in bytes.
package struct InputShare: Sendable, Equatable {
    /// The number of inputs.
    package var count: Int
    /// What they count, in bytes.
    package var bytes: Int

    /// Nothing.
    package static let none = InputShare(count: 0, bytes: 0)
    /// As many as there are.
    package static let unlimited = InputShare(count: .max, bytes: .max)

    /// Makes a share of so many inputs and bytes.
    package init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }
}

/// Where the numbers of new entities come from: unique for each kind in the whole game.
package protocol EntityIDSource: Sendable {
    /// The next number of a kind. Any thread.
    func nextID(_ kind: EntityKind) -> Int
}

/// Where a map's log lines go beside its memory; must not block.
package protocol MapLogSink: Sendable {
    /// Takes finished lines, without line ends.
    ///
    /// - Parameters:
    ///   - lines: The lines.
    ///   - mapID: The map.
    ///   - isError: Whether they belong to the error log.
    func append(_ lines: [String], mapID: Int, isError: Bool)
}

/// The clocks of a map, injected so that tests and replays have their own.
package struct SimulationClock: Sendable {
    /// Unix time in seconds.
    package var now: @Sendable () -> Double
    /// A clock that never steps, in nanoseconds.
    package var monotonic: @Sendable () -> UInt64

    /// CPU time of the calling thread, in nanoseconds.
    package var cpu: @Sendable () -> UInt64
    /// Nanoseconds since a reading of `monotonic`, for scripts: a recording notes what they see, a replay repeats it.
    package var elapsed: @Sendable (UInt64) -> UInt64
    /// `cpu` for scripts, as `elapsed`.
    package var scriptCPU: @Sendable () -> UInt64

    /// Makes clocks; those of scripts go by the others.
    package init(
        now: @escaping @Sendable () -> Double, monotonic: @escaping @Sendable () -> UInt64,
        cpu: @escaping @Sendable () -> UInt64 = { 0 }
    ) {
        self.now = now
        self.monotonic = monotonic
        self.cpu = cpu
        elapsed = { start in
            let now = monotonic()
            return now > start ? now - start : 0
        }
        scriptCPU = cpu
    }
}
