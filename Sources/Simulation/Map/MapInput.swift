package import GameFolder
package import JSONValues
package import Wire
package import World

/// An input of a map from outside, processed at the beginning of a tick; a recording holds the same values.
///
/// A new kind of input needs a case here, its ``waitingRule``, its handling in ``MapSimulation`` and its encoding in a
/// recording.
package enum MapInput: Sendable {
    /// A player connects; the record is from the store, and is ignored when the player's entity is on the map already.
    case join(EntityRecord, any SessionSink)
    /// A connection is gone; its entity leaves the map after `linger_seconds`, and is stored.
    case leave(SessionID)
    /// A connection is gone because the server stops; its entity is there until the map ends, at most a
    /// minute.
    case leaveAtStop(SessionID)
    /// A client's command, checked for size, form and rate; received at this Unix time.
    case command(SessionID, Command, receivedAt: Double)
    /// A client wants a snapshot.
    case reload(SessionID)
    /// The game folder changed.
    case replaceGame(GameDefinition, problems: [GameFolderProblem])
    /// An operator lets a suspended script run again; its path in the game folder.
    case resume(script: String)
    /// An operator muted a player until a Unix time, infinity for ever; `nil` ends the mute. It holds also for a player
    /// who comes later.
    case mute(player: Int, until: Double?)
    /// An operator sends a player, if it is here, to another map, as a script does that sets `map_id`.
    case movePlayer(Int, to: Int)
    /// An operator erases a player: its entity, if it is here, leaves without being saved.
    case erasePlayer(Int)
    /// An operator does something to the map's players or entities.
    case operate(OperatorAction)
    /// An entity comes from the map `from`, which takes it back when it can't enter; `nil` for an entity that was sent
    /// back.
    case arrive(EntityRecord, from: Int?)
    /// A script of another map queues an event for an entity here.
    case event(RemoteEvent)
    /// A neighbouring map has players, and asks for this map's strip near their common edge; it repeats that every
    /// second while it has players. `isNew`: the neighbour has no mirror of this map yet.
    case watch(from: Int, isNew: Bool)
    /// The entities near the edge of a neighbouring map.
    case border(BorderStrip)
    /// An operator changes the world; the answer tells its sender what came of it, and is `nil` in a replay.
    case edit(OperatorChange, OperatorAnswer?)
    /// A client of Socket.IO comes, sends an event or goes.
    case socket(SocketInput)
    /// The map ends with this tick, whose last input it is: no input can wait for a later tick.
    case close
}

extension MapInput {
    /// How the input waits for the map's next tick.
    var waitingRule: WaitingRule {
        switch self {
        case .join(let record, _): .bounded(.joins, weight: record.weight)
        case .leave, .leaveAtStop: .unbounded(isTakenWhenClosed: true)
        case .command(_, let command, _): .bounded(.commands, weight: JSON.object(command.parameters).weight)
        case .reload(let session): .latest(of: .snapshot(session), isTakenWhenClosed: true)
        case .replaceGame: .latest(of: .game, isTakenWhenClosed: true)
        case .resume, .mute, .movePlayer, .erasePlayer: .unbounded(isTakenWhenClosed: true)
        case .operate: .unbounded(isTakenWhenClosed: false)
        case .arrive(let record, let origin?): .bounded(.arrivals(from: origin), weight: record.weight)
        case .arrive(_, nil): .unbounded(isTakenWhenClosed: false)
        case .event(let event): .bounded(.events(from: event.mapID), weight: JSON.object(event.data).weight)
        case .watch(let neighbour, _): .latest(of: .watch(neighbour), isTakenWhenClosed: false)
        case .border(let strip): .latest(of: .strip(strip.mapID), isTakenWhenClosed: false)
        // The sender waits for the answer, so each operator has one of these waiting.
        case .edit: .unbounded(isTakenWhenClosed: false)
        case .socket(let input): input.waitingRule
        case .close: .unbounded(isTakenWhenClosed: true)
        }
    }

    /// This input as the replacement of an older one of the same subject that still waits; it keeps what must not be
    /// lost of the older one.
    func replacing(_ older: MapInput) -> MapInput {
        switch (self, older) {
        case (.watch(let neighbour, let isNew), .watch(_, let wasNew)):
            return .watch(from: neighbour, isNew: isNew || wasNew)
        case (.border(var strip), .border(let old)):
            strip.actionAssigned.formUnion(old.actionAssigned)
            return .border(strip)
        default: return self
        }
    }
}

/// One step of a map, as it runs and as it is recorded.
package enum MapStep: Sendable {
    /// The map is made: its game, and the seed of its random number generators.
    case start(GameDefinition, seed: UInt64)
    /// The stored entities are put on the map.
    case populate([EntityRecord])
    /// A tick processes these inputs.
    case tick([MapInput])
}

/// All entities of a map that players of a neighbour see, with positions in the neighbour's coordinates.
package struct BorderStrip: Sendable, Equatable {
    /// The map that they are on.
    package var mapID: Int
    /// The entities, without private components and events.
    package var records: [EntityRecord]
    /// The entities whose `action` was assigned since the last delta, even to the same value.
    package var actionAssigned: Set<EntityKey>

    /// Makes a strip.
    ///
    /// - Parameters:
    ///   - mapID: The map that the entities are on.
    ///   - records: The entities, without private components and events.
    ///   - actionAssigned: The entities whose `action` was assigned since the last delta.
    package init(mapID: Int, records: [EntityRecord], actionAssigned: Set<EntityKey>) {
        self.mapID = mapID
        self.records = records
        self.actionAssigned = actionAssigned
    }
}

/// An event for an entity of another map; the map that sends it has checked group, event and parameters.
package struct RemoteEvent: Sendable, Equatable {
    /// The entity that it is for.
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

/// Sends entities, events and border strips to other maps.
package protocol MapRouter: Sendable {
    /// Moves an entity that is not a player to another map.
    ///
    /// - Parameters:
    ///   - record: The entity as it left.
    ///   - mapID: The map that it goes to.
    ///   - origin: The map that takes it back when it can't enter; `nil` for an entity that is sent back.
    /// - Returns: `false` when there is no such map, or too many entities of this map wait there.
    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool

    /// Sends an event to another map, for one of its entities.
    ///
    /// - Returns: `false` when there is no such map, or too many events of this map wait there.
    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool

    /// How many more events a map would accept from the map `origin`.
    func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare

    /// Asks a map for its strip, because the map `neighbour` has players.
    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool)

    /// Sends a map the strip of its neighbour.
    func sendBorder(_ strip: BorderStrip, to mapID: Int)
}

extension MapRouter {
    /// No limit, for routers that only note events.
    package func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare { .unlimited }
}

/// A number of inputs of one source and their weight in bytes: how much waits, or may wait.
package struct InputShare: Sendable, Equatable {
    /// The number of inputs.
    package var count: Int
    /// Their weight in bytes.
    package var bytes: Int

    /// Nothing.
    package static let none = InputShare(count: 0, bytes: 0)
    /// No limit.
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

/// Where a map's log lines go in addition to its memory; must not block.
package protocol MapLogSink: Sendable {
    /// Takes finished lines, without line ends.
    ///
    /// - Parameters:
    ///   - lines: The lines.
    ///   - mapID: The map.
    ///   - isError: Whether they belong to the error log.
    func append(_ lines: [String], mapID: Int, isError: Bool)

    /// Takes the same entry as ``append(_:mapID:isError:)``, in its parts. By default it does nothing.
    ///
    /// - Parameters:
    ///   - entry: The entry; its texts are clipped.
    ///   - mapID: The map.
    func note(_ entry: MapLog.Entry, mapID: Int)
}

extension MapLogSink {
    package func note(_ entry: MapLog.Entry, mapID: Int) {}
}

/// The clocks of a map, injected so that tests and replays use their own clocks.
package struct SimulationClock: Sendable {
    /// Unix time in seconds.
    package var now: @Sendable () -> Double
    /// A clock that never steps, in nanoseconds.
    package var monotonic: @Sendable () -> UInt64

    /// CPU time of the calling thread, in nanoseconds.
    package var cpu: @Sendable () -> UInt64
    /// Nanoseconds since a reading of `monotonic`, for scripts: a recording stores each result, and a replay returns
    /// the same results.
    package var elapsed: @Sendable (UInt64) -> UInt64
    /// The same as `cpu`, for scripts; recorded and replayed as `elapsed` is.
    package var scriptCPU: @Sendable () -> UInt64

    /// Makes clocks; the scripts' clocks read the other clocks.
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
