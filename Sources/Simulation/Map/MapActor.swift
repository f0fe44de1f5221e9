package import GameFolder
import GameRules
package import NIOCore
package import World

/// A map that runs: a ``MapSimulation`` on an event loop of its own, ticking by absolute deadlines while there is
/// something to do.
///
/// Only this actor touches the map's world and VM; other threads ``post(_:)`` inputs. With clients the map ticks at its
/// rate; without clients it sleeps until its next event is due or an input arrives.
package actor MapActor {
    /// The map's number.
    package nonisolated let mapID: Int
    private nonisolated let inbox = Inbox()
    private nonisolated let stopper: ScriptStopper
    private nonisolated let eventLoop: any EventLoop
    private nonisolated let published: PublishedMap
    private nonisolated let heartbeat = MapHeartbeat()
    /// What the map's players were sent, and what they sent.
    package nonisolated let meter = TrafficMeter()
    private nonisolated let clock: SimulationClock
    private let simulation: MapSimulation
    private var ticks: TickSchedule
    private var scheduled: Scheduled<Void>?
    private var isStopped = false
    private var isStarted = false
    private var isProfiled = false
    private var rate = TickRate()
    private var latestPositions = MapPositions()
    private var latestCensus = RecentCensus()
    /// The callers of ``reload(_:problems:)`` that wait for the tick in which the changed game folder takes effect.
    private var reloading: [CheckedContinuation<MapReload?, Never>] = []

    /// Runs on the map's event loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// Makes a map; it does not tick before ``start(with:)``.
    ///
    /// - Parameters:
    ///   - game: The game; must have the map.
    ///   - mapID: Which of its maps.
    ///   - seed: The seed of the map's random number generators.
    ///   - surroundings: What the map is connected to.
    ///   - eventLoop: The loop to run on; its executor becomes the actor's.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM.
    package init(
        game: GameDefinition, mapID: Int, seed: UInt64, surroundings: MapSimulation.Surroundings,
        eventLoop: any EventLoop
    ) throws {
        self.mapID = mapID
        self.eventLoop = eventLoop
        clock = surroundings.clock
        ticks = TickSchedule(
            rate: game.configuration.tickRate, from: eventLoop.now.uptimeNanoseconds)
        simulation = try MapSimulation(
            game: game, mapID: mapID, seed: seed, surroundings: surroundings, now: surroundings.clock.now())
        stopper = simulation.stopper
        published = PublishedMap(
            .init(geometry: simulation.world.geometry, sides: simulation.sides, status: MapStatus(mapID: mapID)))
    }

    /// The map's shape, at most a quarter of a second old while it ticks; any thread.
    package nonisolated var geometry: MapGeometry { published.content.geometry }

    /// The neighbours by side, with `center` for the map itself [M3.8]; as old as ``geometry``, any thread.
    package nonisolated var sides: [String: Int] { published.content.sides }

    /// Whether the map takes players: from when its stored entities are on it until it closes; any thread.
    package nonisolated var isReady: Bool { published.content.isReady }

    /// What the map was doing at most a quarter of a second ago, or when it went to sleep; any thread.
    package nonisolated var recentStatus: MapStatus { published.content.status }

    /// How late a tick may be before the map counts as hanging; a tick that is only long ends earlier.
    package static let longestLateness = Duration.seconds(5)

    /// How long ago the map's current tick should have ended, by the time limits of its scripts; zero for a map that is
    /// in time, sleeps or has stopped. Any thread.
    package nonisolated var lateness: Duration {
        .nanoseconds(Int64(clamping: heartbeat.lateness(at: clock.monotonic())))
    }

    private func publish(atOnce: Bool = false) {
        let time = clock.monotonic()
        guard atOnce || published.isDue(at: time) else { return }
        published.renew(
            .init(
                isReady: isStarted && !isStopped, geometry: simulation.world.geometry, sides: simulation.sides,
                status: status()), at: time)
    }

    /// Puts the stored entities on the map, then those of the map file that are not among them, and begins to tick.
    ///
    /// - Parameter records: The stored entities of this map that are not players.
    package func start(with records: [EntityRecord]) {
        guard !isStarted else { return }
        isStarted = true
        simulation.populate(records, now: clock.now())
        publish(atOnce: true)
        // The time until now was for loading; no tick was missed in it.
        ticks = TickSchedule(
            rate: simulation.game.configuration.tickRate, from: eventLoop.now.uptimeNanoseconds)
        schedule()
    }

    /// Puts an input into the map's inbox; any thread.
    ///
    /// - Returns: `false` when the input's source has too much waiting, or the map has stopped.
    @discardableResult
    package nonisolated func post(_ input: MapInput) -> Bool {
        let (taken, wake) = inbox.put(input)
        if wake {
            heartbeat.wake(at: clock.monotonic())
            eventLoop.execute { self.assumeIsolated { $0.wake() } }
        }
        return taken
    }

    /// How many more events another map may queue for entities of this one before its next tick; any thread.
    package nonisolated func room(forEventsFrom origin: Int) -> InputShare { inbox.room(forEventsFrom: origin) }

    /// What the map is doing.
    package func status() -> MapStatus {
        let timing = simulation.times.all
        let time = clock.monotonic()
        let recent = simulation.times.recentMaximum(at: time)
        let latest = simulation.times.latest.summary(at: time)
        return MapStatus(
            mapID: mapID, time: clock.now(), name: simulation.world.geometry.name, tick: UInt64(simulation.tickNumber),
            targetTickRateHz: Double(simulation.game.configuration.tickRate), tickRateHz: rate.hertz(time),
            tickMeanMs: timing.meanMs, tickP95Ms: timing.p95Ms,
            tickP999Ms: timing.p999Ms, tickMaxMs: timing.maxMs, ticksMissed: ticks.missed,
            tickRecentMaxMs: Double(recent.wall) / 1e6,
            tickRecentMaxCpuMs: Double(recent.cpu) / 1e6, tickNowMeanMs: latest.meanMs, tickNowP95Ms: latest.p95Ms,
            players: simulation.playerCount, sockets: simulation.socketCount,
            socketEventsRun: simulation.sockets.eventsRun, socketEventsRefused: simulation.sockets.eventsRefused,
            entities: simulation.world.count, errorCount: simulation.log.errorCount,
            ticksOverrun: simulation.overruns.count, eventsRun: simulation.eventsRun,
            eventsPending: simulation.world.queue.pendingCount, eventsWaiting: simulation.backlog.count,
            luaBytes: simulation.luaMemory.used, luaLimitBytes: simulation.luaMemory.limit,
            worldBytes: simulation.world.weight.total, sentBytes: meter.sent, receivedBytes: meter.received,
            failedLibs: simulation.failedLibs)
    }

    /// The map's status with its logs and what its scripts cost.
    package func diagnostics() -> MapDiagnostics {
        MapDiagnostics(
            status: status(), log: simulation.log.lines, errors: simulation.log.errors,
            scripts: simulation.scriptTimings, ticks: simulation.tickCosts)
    }

    /// Whether a player's entity is on the map or about to be, with or without a connection.
    package func hasPlayer(_ player: Int) -> Bool { simulation.hasPlayer(player) }

    /// Looks at the map between two ticks.
    ///
    /// - Parameter look: Reads, and changes nothing; keeps the map from its next tick, so it must end within a
    ///   millisecond or so.
    /// - Returns: What `look` returns.
    package func inspect<Value: Sendable>(_ look: @Sendable (MapSimulation) -> Value) -> Value { look(simulation) }

    /// Where the entities are, a fifth of a second ago at most.
    package func positions() -> MapPositions {
        latestPositions.renew(simulation.world, tick: simulation.tickNumber, clock: clock.monotonic)
        return latestPositions
    }

    /// What the scripts and ticks cost.
    package func performance() -> MapPerformance { simulation.performance(status()) }

    /// What the scripts cost over the last quarter of an hour.
    package func costHistory() -> CostHistory { simulation.costHistory }

    /// The slowest ticks of the last hour, the slowest first.
    package func slowestTicks() -> [SlowTick] { simulation.slowestTicks }

    /// Which versions of the game's files run, and how often.
    package func scriptStates() -> ScriptStates { simulation.scriptStates }

    /// Passes the changed entities to the store now.
    ///
    /// - Parameter everything: Whether to pass unchanged entities too, for a store that is new.
    package func save(everything: Bool = false) {
        if isStarted, !isStopped { simulation.save(everything: everything) }
    }

    /// Samples the scripts for some time while the map runs.
    ///
    /// - Parameter seconds: How long.
    /// - Returns: Samples of a quarter of a millisecond by collapsed stack; `nil` when another call of this function is
    ///   still running.
    package func profile(seconds: Int) async -> [String: Int]? {
        guard !isProfiled else { return nil }
        isProfiled = true
        defer { isProfiled = false }
        simulation.startSampling()
        // Fails only when the event loop ends, and then there is nothing more to wait for.
        try? await eventLoop.scheduleTask(in: .seconds(Int64(seconds))) {}.futureResult.get()
        return simulation.stopSampling()
    }

    /// Processes the waiting inputs, saves what changed and stops ticking. Later inputs are refused; those with
    /// ``WaitingRule/isTakenWhenClosed`` are accepted without effect.
    package func stop() {
        guard !isStopped else { return }
        isStopped = true
        published.endReadiness()
        scheduled?.cancel()
        // Arrivals and events from other maps are refused from now on; the entities stay on their maps.
        for delivery in simulation.tick(now: clock.now(), inputs: lastInputs()) { Self.deliver([delivery]) }
        Self.deliver(simulation.takeSocketDeliveries())
        simulation.save()
        simulation.endMetrics()
        tellReload()
        heartbeat.sleep()
    }

    /// Stops the map because an operator wants it: as ``stop()``; players keep their connections, and wait until the
    /// map runs again.
    ///
    /// - Parameter reason: What their clients are told.
    package func pause(because reason: String) {
        guard !isStopped else { return }
        stop()
        Self.deliver(simulation.pauseSessions(because: reason))
    }

    /// The players of the map, for ``census(_:)``.
    func players(_ question: MapCensus.Question) -> MapCensus {
        latestCensus.players(question, of: simulation, now: clock.now(), at: clock.monotonic())
    }

    /// Ends the map's scripts for good, also in the middle of a tick; any thread. For a map that is about to
    /// ``stop()``.
    package nonisolated func stopScripts() { stopper.stop() }

    /// Applies a changed game folder in the next tick.
    ///
    /// - Parameters:
    ///   - game: The game as it is now; must have the map.
    ///   - problems: What is wrong in the folder.
    /// - Returns: What changed on the map; `nil` when the map has stopped.
    package func reload(_ game: GameDefinition, problems: [GameFolderProblem]) async -> MapReload? {
        guard !isStopped else { return nil }
        return await withCheckedContinuation { continuation in
            reloading.append(continuation)
            post(.replaceGame(game, problems: problems))
        }
    }

    private func tellReload() {
        defer { reloading = [] }
        for waiting in reloading { waiting.resume(returning: simulation.lastReload) }
    }

    /// Ends the map because its file is gone: processes the waiting inputs, moves the players to another map and saves
    /// the other entities. Later inputs are refused; those with ``WaitingRule/isTakenWhenClosed`` are accepted without
    /// effect.
    ///
    /// - Parameter mapID: Where the players go.
    package func close(movingPlayersTo mapID: Int) {
        guard !isStopped else { return }
        isStopped = true
        published.endReadiness()
        scheduled?.cancel()
        Self.deliver(simulation.tick(now: clock.now(), inputs: lastInputs()))
        Self.deliver(simulation.takeSocketDeliveries())
        Self.deliver(simulation.close(movingPlayersTo: mapID, now: clock.now()))
        simulation.endMetrics()
        publish(atOnce: true)
        tellReload()
        heartbeat.sleep()
    }

    // MARK: Ticking

    /// The inputs without the changes that operators have withdrawn, so that a recording has only what was done.
    private static func taken(_ inputs: [MapInput]) -> [MapInput] {
        var inputs = inputs
        inputs.removeAll { !$0.take() }
        return inputs
    }

    /// Closes the inbox.
    ///
    /// - Returns: The inputs of the last tick.
    private func lastInputs() -> [MapInput] { Self.taken(inbox.close()) + [.close] }

    private func wake() {
        guard isStarted, !isStopped, ticks.isAsleep else { return }
        scheduled?.cancel()
        ticks.wake(at: eventLoop.now.uptimeNanoseconds)
        schedule(at: ticks.due)
    }

    /// Plans the next tick: at the next whole interval, at the time the next event is due, or not at all.
    private func schedule() {
        guard !isStopped else { return }
        let limits = simulation.game.configuration
        heartbeat.allow(UInt64((limits.tickLimit + limits.eventTimeLimit) / .nanoseconds(1)))
        let now = eventLoop.now.uptimeNanoseconds
        ticks.advance(rate: limits.tickRate, at: now)
        guard !simulation.hasClients, inbox.sleep() else { return schedule(at: ticks.due) }
        // The wait may be longer than one interval: any input wakes the map earlier.
        let alarm = simulation.nextWake.map { now + UInt64(min(max($0 - clock.now(), 0), 60) * 1e9) }
        let deadline = ticks.sleep(until: alarm)
        // What is published stays until the map ticks again.
        if !published.hasLastTick, deadline.map({ $0 > now + PublishedMap.period }) ?? true { publish(atOnce: true) }
        guard let deadline else { return heartbeat.sleep() }
        schedule(at: deadline)
    }

    private func schedule(at deadline: UInt64) {
        let now = eventLoop.now.uptimeNanoseconds
        heartbeat.expect(at: clock.monotonic() &+ (deadline > now ? deadline - now : 0))
        scheduled = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(deadline)) {
            self.assumeIsolated { $0.runTick() }
        }
    }

    private func runTick() {
        guard !isStopped else { return }
        ticks.wake(at: eventLoop.now.uptimeNanoseconds)
        rate.note(clock.monotonic())
        published.beginTick()
        let inputs = Self.taken(inbox.takeAll(holding: simulation.entries.waiting, simulation.waitingSocketShares))
        let deliveries = simulation.tick(now: clock.now(), inputs: inputs)
        let socketDeliveries = simulation.takeSocketDeliveries()
        // Before the messages leave: a client that gets `{"action":"map"}` asks for the new shape at once, and would
        // get the old one. The messages of other ticks wait for this at most four times a second.
        publish(atOnce: !reloading.isEmpty)
        Self.deliver(deliveries)
        Self.deliver(socketDeliveries)
        simulation.logOverrun()
        simulation.noteSlowTick()
        if !reloading.isEmpty { tellReload() }
        schedule()
    }
}
