package import CoreMetrics
package import GameFolder
import GameRules
import JSONValues
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
        /// Gives new entities their numbers.
        package var ids: any EntityIDSource
        /// Receives the entities to be stored; `nil` for a map that stores nothing.
        package var persistence: (any EntityPersistence)?
        /// The way to the game's other maps; `nil` for a map that is alone.
        package var router: (any MapRouter)?
        /// Where log lines go in addition to memory.
        package var logSink: (any MapLogSink)?
        /// What time it is for ticks and scripts.
        package var clock: SimulationClock
        /// Whether players get the events of ``BuiltInEvents/playerGroups`` when they enter the map.
        package var queuesBuiltInEvents = true
        /// Scripts during which an earlier process crashed; they are suspended.
        package var crashes: (any CrashHistory)?
        /// Where ticks and calls of scripts are counted for the metrics; `nil` counts none.
        package var metrics: (any MetricsFactory)?
        /// Makes the packets for sockets.
        package var socketPackets = SocketPackets()
        /// Sees the map's inputs and outputs; set in recordings and replays.
        package var watcher: (any MapWatcher)?

        /// Makes surroundings; the map works without the parts that are left out.
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

    /// The map's entities.
    package let world: World
    /// The map's log and error log.
    package let log: MapLog
    /// The scripts' VM; replaced by a new one when live values take nearly all of its memory.
    var host: ScriptHost { didSet { stopper.set(host.sandbox.stopHandle) } }
    /// Ends the scripts when the map has to end and its tick does not; see ``GameMaps/stop(patience:clock:)``.
    package let stopper = ScriptStopper()
    let surroundings: Surroundings
    /// The clients of Socket.IO.
    let sockets: MapSockets
    /// What the last tick sent to them, until it is taken.
    var socketDeliveries: [SocketDelivery] = []
    /// The answers to clients that get no place among the sockets.
    var refusedSockets: [SocketDelivery] = []
    /// The game definition that the map runs; the map's other parts get their settings from it.
    package internal(set) var game: GameDefinition
    /// The number of the current tick, or of the last one.
    package internal(set) var tickNumber = 0
    /// The time of that tick, Unix time in seconds.
    var now: Double

    var sessions = MapSessions()
    var lingering = LingeringPlayers()
    /// The entities whose positions some clients get in datagrams.
    let lane = PositionLane()
    var departures = Departures()
    var edges: MapEdges
    var strips = BorderStrips()
    var mirrors = BorderMirrors()
    /// Joins and arrivals that wait for their turn.
    var entries = EntryBacklog()
    /// The entities for which operators let spawn hooks run again.
    var hooked = SpawnHookBacklog()
    var pace = SnapshotPace()
    /// Due events for which earlier ticks had no time.
    var backlog = EventBacklog()
    /// Memory for the due events of a tick.
    var dueTokens: [DueToken] = []
    /// Counts this tick's log lines about events and entities that come from other maps or go there.
    var traffic = CountedLines()
    var validator = CommandValidator(schema: Schema())
    /// Whether the map ends with this tick.
    var isClosing = false
    /// Whether a delta can't express what changed, so that each client needs a snapshot.
    var needsSnapshots = false
    /// Whether clients must be told the timeouts of the event groups again.
    var needsTimeouts = false
    /// Compresses the snapshots of both broadcasts.
    let compressor: SnapshotCompressor
    let deltas: DeltaBroadcast
    let views: ViewBroadcast
    var outbox = Outbox()
    var upkeep: ScriptUpkeep
    /// How long the ticks took.
    package private(set) var times = TickTimes()
    /// What ran in the current tick, or in the last one.
    var work = TickWork()
    var overruns = OverrunLog()
    /// The slowest ticks of the last hour.
    var slowTicks = SlowTicks()
    /// The latest changes of the game.
    var reloads = RecentReloads()
    /// Due events that had their turn, since the map was made.
    var eventsRun: UInt64 = 0
    private var metrics: MapMetrics?
    /// The mistakes in the game folder that the error log has.
    var folderProblems: [GameFolderProblem] = []
    /// The report of the last change of the game folder on this map.
    package internal(set) var lastReload: MapReload?
    private var lastSaved: Double

    /// Makes a map and its scripts; ``populate(_:now:)`` adds the entities.
    ///
    /// - Parameters:
    ///   - game: The game; must have the map.
    ///   - mapID: Which of its maps.
    ///   - seed: The seed of the random number generators of the world and of the scripts.
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
        sockets = MapSockets(packets: surroundings.socketPackets)
        log = MapLog(mapID: mapID, sink: surroundings.logSink)
        metrics = surroundings.metrics.map { MapMetrics(mapID: mapID, in: $0) }
        world = World(geometry: geometry, maxEntities: game.configuration.maxEntities, seed: seed)
        world.weight.limit = game.configuration.worldLimitBytes
        compressor = SnapshotCompressor()
        deltas = DeltaBroadcast(compressor)
        views = ViewBroadcast(compressor)
        edges = MapEdges(of: mapID)
        upkeep = ScriptUpkeep(seed: seed &+ 1)
        lastSaved = now
        surroundings.watcher?.begin(.start(game, seed: seed), now: now)
        host = try ScriptHost(
            world: world, sockets: sockets, limits: ScriptHost.Limits(game.configuration), seed: upkeep.seed, log: log,
            ids: surroundings.ids, clock: surroundings.clock, router: surroundings.router,
            watcher: surroundings.watcher, metrics: metrics,
            crashed: CrashedScripts(surroundings.crashes))
        stopper.set(host.sandbox.stopHandle)
        self.game = game
        host.begin(tick: 0, now: now)
        apply(game, problems: [])
        surroundings.watcher?.end([], world, now: now)
    }

    /// The neighbours by side, with `center` for this map [M3.8].
    package var sides: [String: Int] { edges.sides }

    /// Players on the map.
    package var playerCount: Int { sessions.count }

    /// When the map must tick next without any input: at once while clients are connected or work is left over from the
    /// last tick, else when an event is due or a lingering player has to leave.
    ///
    /// - Returns: Unix time in seconds; `nil` for a map that may sleep until an input arrives.
    package var nextWake: Double? {
        guard !hasClients, backlog.isEmpty, entries.waiting.isEmpty, host.effects.isEmpty,
            !departures.hasWaiting, hooked.isEmpty
        else { return now }
        guard let end = lingering.nextEnd else { return world.nextDueTime() }
        return min(end, world.nextDueTime() ?? end)
    }

    /// Runs one tick.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds; not before the last tick's.
    ///   - inputs: The inputs since the last tick.
    /// - Returns: Messages to deliver, in order.
    package func tick(now: Double, inputs: [MapInput]) -> [Delivery] {
        let start = TickStart(surroundings.clock)
        self.now = max(now, self.now)
        tickNumber += 1
        work = TickWork(inputs: inputs.count + entries.waiting.count)
        surroundings.watcher?.begin(.tick(inputs), now: self.now)
        host.begin(tick: tickNumber, now: self.now)
        departures.beginTick()
        host.effects.receivers = sessions.count
        apply(inputs, since: start)
        host.effects.receivers = sessions.count
        runSockets()
        removeLingering()
        runSpawnHooksAgain()
        runDueEvents()
        carryOutEffects()
        crossEdges()
        if isClosing {
            runClosingHooks()
            closeSockets()
        }
        carryOutEffectsOfHooks()
        showBorders()
        askForBorders()
        world.wakeSleepers()
        logRestOfTraffic()
        if sendsChanges || isClosing { send() }
        saveWhenDue()
        collectGarbage(since: start)
        rebuildWhenFull()
        collectSocketDeliveries()
        surroundings.watcher?.end(outbox.messages, world, now: self.now)
        let messages = outbox.drain()
        work.messages = messages.count
        (work.wallNanoseconds, work.cpuNanoseconds) = times.record(since: start, surroundings.clock)
        host.ticksNanoseconds = times.all.totalNanoseconds
        metrics?.ticked(nanoseconds: work.wallNanoseconds)
        return messages
    }

    /// Ends the series of the metrics that the map and its scripts have.
    func endMetrics() {
        metrics = nil
        host.endMetrics()
    }

    /// The libs that ran, as they ran, by ascending path.
    package var runningLibs: [GameScript] { host.libs.running }
    /// The libs that do not run as their files say, by ascending path.
    package var failedLibs: [String] { host.failures.libs(of: game) }

    /// Begins new times of ticks: the map has applied a changed game.
    func noteReload() { times.noteReload() }

    /// Whether changes are sent at this tick. Without players every tick counts as a send tick: there is no message to
    /// save.
    var sendsChanges: Bool { isSendTick || sessions.isEmpty }

    /// Whether the next tick that sends changes has any to send.
    package var hasUnsentChanges: Bool { world.hasChanges || sessions.mayHoldMessages }

    /// Whether a delta is sent at this tick: `send_rate` of every `tick_rate` ticks, evenly.
    private var isSendTick: Bool {
        let (ticks, sends) = (game.configuration.tickRate, game.configuration.sendRate)
        return tickNumber * sends / ticks != (tickNumber - 1) * sends / ticks
    }

    private func carryOutEffects() {
        var waiting: [ScriptEffect] = []
        for effect in host.effects.takeAll() {
            if case .move = effect, !mayLeave() { waiting.append(effect) } else { carryOut(effect) }
        }
        carryOutEffectsOfHooks(after: waiting)
    }

    /// Carries out what leave hooks asked for when the map itself ran them. Moves wait for the next tick: else hooks
    /// could move entities without end.
    ///
    /// - Parameter moves: Moves for which this tick had no time.
    private func carryOutEffectsOfHooks(after moves: [ScriptEffect] = []) {
        var moves = moves
        for effect in host.effects.takeAll() {
            if case .move = effect { moves.append(effect) } else { carryOut(effect) }
        }
        if isClosing, !moves.isEmpty {
            log.line(
                "the map ends: \(moves.count) entities that leave hooks sent to other maps stay on it", time: now,
                tick: tickNumber)
        }
        for case .move(let entity, let mapID) in moves { host.effects.move(entity, to: mapID) }
    }

    private func carryOut(_ effect: ScriptEffect) {
        switch effect {
        case .send(let entity, let json):
            // Finds the session also when the player was removed from the map after the script sent this.
            guard let id = sessions.id(of: entity) else { return }
            sessions.hold(OutboundMessage(kind: .direct, json: json), for: id)
        case .save(let entity):
            if let record = world.record(of: entity) { surroundings.persistence?.save([record], removed: []) }
        case .broadcast(let json):
            let message = OutboundMessage(kind: .direct, json: json)
            sessions.holdForAll(message)
        case .move(let entity, let mapID): move(entity, to: mapID)
        case .event(let event, let mapID): forward(event, to: mapID)
        case .removedPlayer(let player, let record):
            surroundings.persistence?.save([record], removed: [])
            dismiss(player)
        }
    }

    /// Sends a session that is over what scripts sent to it until then; its last message follows.
    func sendHeld(of session: PlayerSession) {
        var session = session
        session.sendHeld(&outbox)
    }

    func tellToReconnect(_ sink: any SessionSink, mapID: Int) {
        let json = JSON.object(["action": .string("reconnect"), "map_id": .number(Double(mapID))])
        outbox.add(OutboundMessage(kind: .reconnect(mapID: mapID), json: json.bytes), to: sink)
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

    /// Passes everything that changed since the last call to the store.
    ///
    /// - Parameter everything: Whether to pass unchanged entities too.
    package func save(everything: Bool = false) {
        lastSaved = now
        guard let persistence = surroundings.persistence else { return world.forgetUnsaved() }
        if everything { world.markAllUnsaved() }
        // What changed after the last delta is only in the clients' list of changes, not yet in the store's list.
        world.markChangesUnsaved()
        let (records, removed) = world.takeUnsaved()
        if !records.isEmpty || !removed.isEmpty { persistence.save(records, removed: removed) }
    }
}

extension ScriptHost.Limits {
    init(_ configuration: GameConfiguration) {
        self.init(
            event: .init(configuration.eventTimeLimit), timeout: .init(configuration.timeoutTimeLimit),
            memoryBytes: configuration.memoryLimitBytes)
    }
}
