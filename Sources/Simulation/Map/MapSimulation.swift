package import GameFolder
import LuaSandbox
package import Wire
package import World

/// One map as a function of its inputs: world, scripts and sessions, moved on by ``tick(now:inputs:)``.
///
/// Has no thread, no timer and no clock of its own: ``MapActor`` gives it those, tests give it virtual ones. The same
/// inputs at the same times give the same messages.
package final class MapSimulation {
    /// What a map is connected to.
    package struct Surroundings: Sendable {
        package var ids: any EntityIDSource
        package var persistence: (any EntityPersistence)?
        package var router: (any MapRouter)?
        package var logSink: (any MapLogSink)?
        package var clock: SimulationClock
        /// Whether players get the events of ``BuiltInEvents/playerGroups`` when they enter the map.
        package var hangsBuiltInEvents = true
        /// Scripts that an earlier process died of; they are suspended.
        package var crashes: (any CrashHistory)?
        /// Sees what the map is given and does; set in recordings and replays.
        package var watcher: (any MapWatcher)?

        package init(
            ids: any EntityIDSource, persistence: (any EntityPersistence)? = nil, router: (any MapRouter)? = nil,
            logSink: (any MapLogSink)? = nil, clock: SimulationClock
        ) {
            self.ids = ids
            self.persistence = persistence
            self.router = router
            self.logSink = logSink
            self.clock = clock
        }
    }

    /// One message for one session.
    package struct Delivery {
        package var sink: any SessionSink
        package var message: OutboundMessage
    }

    package let world: World
    package let log: MapLog
    /// The scripts' VM; made anew when it is crowded, see `rebuildWhenCrowded()`.
    var host: ScriptHost { didSet { stopper.set(host.sandbox.stopHandle) } }
    /// Ends the scripts when the map has to end and its tick does not; see ``GameMaps/stop(patience:clock:)``.
    package let stopper = ScriptStopper()
    let surroundings: Surroundings
    package internal(set) var game: GameDefinition
    package internal(set) var tickNumber = 0
    var sessions: [SessionID: PlayerSession] = [:]
    /// The session that owns a player's entity, by slot.
    var owners: [UInt32: SessionID] = [:]
    /// Players without a connection, with the time at which they leave, in the order in which they lost it.
    var lingering: [(entity: EntityHandle, until: Double)] = []
    /// The maps beyond the edges of this one [M3.8].
    var edges: [MapSide: Int] = [:]
    /// What players here see of neighbouring maps: a world for each, whose geometry has the neighbour's number, by ascending
    /// number. Nothing runs in them; they repeat what the neighbour tells.
    var mirrors: [World] = []
    /// Until when players of neighbouring maps see what is near the edge here, Unix time in seconds.
    var watchers: [Int: Double] = [:]
    /// What those neighbours were shown last.
    var shown: [Int: Set<EntityKey>] = [:]
    /// When neighbours were last told that players here see them.
    var lastWatched = 0.0
    /// Joins and arrivals that wait for their turn.
    var entries = EntryBacklog()
    /// What this tick's traffic with other maps had to say.
    var traffic = CountedLines()
    var validator: CommandValidator
    let deltas = DeltaEncoder()
    let snapshots = SnapshotEncoder()
    /// Writes what changed for clients that see a part of the map.
    let pieces = PieceEncoder()
    var deliveries: [Delivery] = []
    /// Due events for which earlier ticks had no time.
    var backlog = EventBacklog()
    var lastSaved = 0.0
    /// The mistakes in the game folder that the error log has.
    var folderProblems: [GameFolderProblem] = []
    /// Whether declarations changed since clients were last told.
    var isSchemaNew = false
    /// What the last change of the game folder did here.
    package internal(set) var lastReload: MapReload?
    /// Starts the scripts' generator; another for each VM that is made anew.
    var scriptSeed: UInt64
    /// How much the scripts had asked for when garbage was last collected, in bytes.
    var collectedAt: UInt64 = 0
    /// When the VM may be made anew again, Unix time in seconds.
    var nextRebuild = 0.0
    /// While somebody watches the scripts: the samples of VMs that are gone.
    var earlierSamples: [String: Int]?
    var now = 0.0
    package internal(set) var tickTiming = Timing()
    /// The longest ticks lately, in nanoseconds of wall and of CPU time.
    var recentTicks = (wall: RecentMaximum(), cpu: RecentMaximum())

    /// Makes a map and its scripts; entities come in afterwards.
    ///
    /// - Parameters:
    ///   - game: The game; must have the map.
    ///   - mapID: Which of its maps.
    ///   - seed: Starts the generators of the world and of the scripts.
    ///   - surroundings: What the map is connected to.
    ///   - now: Unix time in seconds.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM.
    package init(
        game: GameDefinition, mapID: Int, seed: UInt64, surroundings: Surroundings, now: Double
    ) throws {
        let geometry =
            game.maps.first { $0.id == mapID } ?? MapGeometry(id: mapID, name: "\(mapID)", width: 32, height: 32)
        self.surroundings = surroundings
        self.now = now
        log = MapLog(mapID: mapID, sink: surroundings.logSink)
        world = World(geometry: geometry, maxEntities: game.configuration.maxEntities, seed: seed)
        world.weight.limit = game.configuration.worldLimitBytes
        scriptSeed = seed &+ 1
        surroundings.watcher?.begin(.start(game, seed: seed), now: now)
        host = try ScriptHost(
            world: world, limits: ScriptHost.Limits(game.configuration), seed: scriptSeed, log: log,
            ids: surroundings.ids, clock: surroundings.clock, watcher: surroundings.watcher,
            crashed: CrashedScripts(surroundings.crashes))
        host.router = surroundings.router
        stopper.set(host.sandbox.stopHandle)
        self.game = game
        validator = CommandValidator(schema: Schema())
        host.begin(tick: 0, now: now)
        lastSaved = now
        apply(game, problems: [])
        surroundings.watcher?.end([], world, now: now)
    }

    /// Players on the map.
    package var playerCount: Int { sessions.count }

    /// When the map wants to tick next without any input: at once while players are on it, else when an event is due.
    ///
    /// - Returns: Unix time in seconds; `nil` for a map that may sleep until something comes in.
    package var nextWake: Double? {
        guard sessions.isEmpty, backlog.isEmpty, entries.waiting.isEmpty else { return now }
        guard let end = nextLingeringEnd else { return world.nextDueTime() }
        return min(end, world.nextDueTime() ?? end)
    }

    /// Runs one tick.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds; not before the last tick's.
    ///   - inputs: What came in since the last tick.
    ///   - isLast: Whether the map ends with this tick, so that all that came in must be taken.
    /// - Returns: Messages to deliver, in order.
    package func tick(now: Double, inputs: [MapInput], isLast: Bool = false) -> [Delivery] {
        let start = TickStart(surroundings.clock)
        self.now = max(now, self.now)
        tickNumber += 1
        surroundings.watcher?.begin(.tick(inputs), now: self.now)
        host.begin(tick: tickNumber, now: self.now)
        host.effects.receivers = sessions.count
        take(inputs, since: start, isLast: isLast)
        host.effects.receivers = sessions.count
        dismissLingering()
        runDueEvents()
        carryOutEffects()
        crossEdges()
        showBorders()
        watchBorders()
        tellRestOfTraffic()
        if isTelling { send() }
        saveWhenDue()
        collectGarbage()
        rebuildWhenCrowded()
        surroundings.watcher?.end(deliveries, world, now: self.now)
        let end = surroundings.clock.monotonic()
        tickTiming.record(end &- start.wall)
        recentTicks.wall.record(end &- start.wall, at: end)
        recentTicks.cpu.record(surroundings.clock.cpu() &- start.cpu, at: end)
        defer { deliveries = [] }
        return deliveries
    }

    /// Whether what changed is told at this tick: without players there is nobody to save messages for.
    var isTelling: Bool { isSendTick || sessions.isEmpty }

    /// Whether a delta is sent at this tick: `send_rate` of every `tick_rate` ticks, evenly.
    private var isSendTick: Bool {
        let (ticks, sends) = (game.configuration.tickRate, game.configuration.sendRate)
        return tickNumber * sends / ticks != (tickNumber - 1) * sends / ticks
    }

    private func carryOutEffects() {
        while !host.effects.isEmpty {
            for effect in host.effects.takeAll() { carryOut(effect) }
        }
    }

    private func carryOut(_ effect: ScriptEffect) {
        switch effect {
        case .send(let entity, let json):
            // Also what was sent to a player before it was taken off the map.
            guard let session = owners[entity.slot], sessions[session]?.entity == entity else { return }
            deliver(OutboundMessage(kind: .direct, json: json), to: session)
        case .save(let entity):
            if let record = world.record(of: entity) { surroundings.persistence?.save([record], removed: []) }
        case .broadcast(let json):
            let message = OutboundMessage(kind: .direct, json: json)
            for session in sessions.keys.sorted() { deliver(message, to: session) }
        case .move(let entity, let mapID): move(entity, to: mapID)
        case .event(let event, let mapID): pass(event, to: mapID)
        case .removedPlayer(let record):
            surroundings.persistence?.save([record], removed: [])
            dismiss(record.key, .init(code: "removed", text: "you were taken off the map; log in again"))
        }
    }

    func tellToReconnect(_ sink: any SessionSink, mapID: Int) {
        let json = JSON.object(["action": .string("reconnect"), "map_id": .number(Double(mapID))])
        deliveries.append(
            .init(sink: sink, message: OutboundMessage(kind: .reconnect(mapID: mapID), json: json.bytes)))
    }

    // MARK: Saving

    /// Saves once a second, and before the map may sleep for longer than that.
    private func saveWhenDue() {
        if now - lastSaved < 1 {
            guard sessions.isEmpty, now > lastSaved else { return }
            if let wake = nextWake, wake - lastSaved < 1 { return }
        }
        save()
    }

    /// Hands everything that changed since the last time to the store.
    ///
    /// - Parameter everything: Whether to hand over what did not change as well.
    package func save(everything: Bool = false) {
        lastSaved = now
        if everything { world.markAllUnsaved() }
        // What changed after the last delta is still on the list of changes, not yet on that of the store.
        world.noteUnsaved()
        let (records, removed) = world.takeUnsaved()
        if !records.isEmpty || !removed.isEmpty { surroundings.persistence?.save(records, removed: removed) }
    }
}

extension ScriptHost.Limits {
    init(_ configuration: GameConfiguration) {
        self.init(
            event: configuration.eventTimeLimit, timeout: configuration.timeoutTimeLimit,
            memoryBytes: configuration.memoryLimitBytes)
    }
}
