package import GameFolder
package import NIOCore
import Synchronization
package import World

/// The maps of a running game: they open and close as their files come and go.
///
/// Any thread may look up a map; only one caller at a time may open, reload or stop maps.
package final class GameMaps: MapRouter {
    /// Reads the stored entities of a map that are not players, including those that wait to be written.
    package typealias StoredEntities = @Sendable (_ mapID: Int) async throws -> [EntityRecord]

    /// Changes what one map is connected to before the map is made, such as to record it.
    package typealias Adaptation =
        @Sendable (_ surroundings: MapSimulation.Surroundings, _ mapID: Int) -> MapSimulation.Surroundings

    private let maps = Mutex<[Int: MapActor]>([:])
    private let closed = ClosedMaps()
    private let aliveBefore: Double?
    private let surroundings: MapSimulation.Surroundings
    private let eventLoopGroup: any EventLoopGroup
    private let stored: StoredEntities
    private let seed: @Sendable () -> UInt64
    private let adapt: Adaptation
    private let ender: MapEnder

    /// Makes a game without any map.
    ///
    /// - Parameters:
    ///   - surroundings: What each map is connected to; its router is ignored, this object is the router.
    ///   - eventLoopGroup: Each map runs on one of its loops.
    ///   - seed: Gives the seed of each map's random number generators.
    ///   - adapt: Changes what each map is connected to; its argument is the surroundings with the router set.
    ///   - aliveBefore: When the game last ran before this start, by its clock: the times of pending events are moved
    ///     by the pause since then. `nil` leaves the stored times unchanged.
    ///   - closingPatience: How long a map that is stopped or closed may take to end; then its scripts are stopped.
    ///   - stored: Reads the entities of a map.
    package init(
        surroundings: MapSimulation.Surroundings, eventLoopGroup: any EventLoopGroup,
        seed: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) },
        adapting adapt: @escaping Adaptation = { surroundings, _ in surroundings }, aliveBefore: Double? = nil,
        closingPatience: Duration = .seconds(5), stored: @escaping StoredEntities
    ) {
        self.surroundings = surroundings
        self.eventLoopGroup = eventLoopGroup
        self.seed = seed
        self.adapt = adapt
        self.aliveBefore = aliveBefore
        self.stored = stored
        ender = MapEnder(patience: closingPatience)
    }

    /// The maps that run, by ascending number.
    package var running: [MapActor] { maps.withLock { $0.values.sorted { $0.mapID < $1.mapID } } }

    /// A running map; `nil` when no map with this number runs.
    ///
    /// - Parameter mapID: Its number.
    package subscript(mapID: Int) -> MapActor? { maps.withLock { $0[mapID] } }

    /// The reason why a map of the game is closed.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: One line; `nil` for a map that runs or that the game does not have.
    package func closedReason(_ mapID: Int) -> String? { closed.reason(mapID) }

    /// What keeps each closed map closed, by its number; those that operators stopped are among them.
    package var closedReasons: [Int: String] { closed.reasons }

    /// The maps that operators stopped, also one that has not ended yet or is about to start.
    package var stoppedMaps: Set<Int> { closed.stopped }

    /// Sets which maps are closed.
    ///
    /// - Parameters:
    ///   - game: The game, with the maps whose files can't be read.
    ///   - failed: The reasons of the maps that could not be opened, by number.
    private func noteClosed(_ game: GameDefinition, failed: [Int: String] = [:]) {
        closed.setBroken(game.closedReasons.merging(failed) { $1 }, of: game.mapIDs)
    }

    package func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        self[mapID]?.post(.arrive(record, from: origin)) ?? false
    }

    package func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { self[mapID]?.post(.event(event)) ?? false }

    package func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare {
        self[mapID]?.room(forEventsFrom: origin) ?? .none
    }

    package func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {
        self[mapID]?.post(.watch(from: neighbour, isNew: isNew))
    }

    package func sendBorder(_ strip: BorderStrip, to mapID: Int) { self[mapID]?.post(.border(strip)) }

    /// Opens all maps of a game, then lets them tick.
    ///
    /// - Parameter game: The game.
    /// - Throws: What reading the store throws, and ``ScriptError``.
    package func open(_ game: GameDefinition) async throws {
        noteClosed(game)
        let new = game.maps.filter { self[$0.id] == nil }
        for map in new { try open(game, mapID: map.id) }
        for map in new { try await start(map.id) }
    }

    /// Puts the stored entities on a map and lets it tick. The time while the map did not run does not count for them:
    /// an event that was due 5 s after the map ended is due 5 s after the start.
    private func start(_ mapID: Int) async throws {
        let records = try await stored(mapID)
        let end = closed.takeEnd(mapID)
        let pause = (end?.time ?? aliveBefore).map { surroundings.clock.now() - $0 } ?? 0
        if let tick = end?.tick { self[mapID]?.post(.operate(.continueTicks(after: tick))) }
        await self[mapID]?.start(with: records.map { $0.delayed(by: pause) })
    }

    private func open(_ game: GameDefinition, mapID: Int) throws {
        var surroundings = surroundings
        surroundings.router = self
        let map = try MapActor(
            game: game, mapID: mapID, seed: seed(), surroundings: adapt(surroundings, mapID),
            eventLoop: eventLoopGroup.next())
        maps.withLock { $0[mapID] = map }
    }

    /// Applies a changed game: new maps open, maps that stay apply it in their next tick, maps that are gone close.
    ///
    /// - Parameters:
    ///   - game: The game as it is now.
    ///   - old: The game as it was.
    ///   - problems: What is wrong in the folder.
    /// - Returns: What changed on all maps.
    package func reload(
        _ game: GameDefinition, since old: GameDefinition, problems: [GameFolderProblem]
    ) async -> ReloadReport {
        var report = ReloadReport(problems: problems)
        var failed: [Int: String] = [:]
        let ids = Set(game.maps.map(\.id))
        let (staying, leaving) = (running.filter { ids.contains($0.mapID) }, running.filter { !ids.contains($0.mapID) })
        // New maps open first, so that scripts and players can go there.
        for map in game.maps where self[map.id] == nil && !closed.isStopped(map.id) {
            let file = game.mapFileChanges(of: map.id, since: old).map(\.description).joined(separator: ", ")
            do {
                try open(game, mapID: map.id)
                try await start(map.id)
                report.changes.append("\(file.isEmpty ? "" : "\(file): ")map \(map.id) (\(map.name)) is open")
            } catch {
                maps.withLock { $0[map.id] = nil }
                let reason = "map \(map.id) (\(map.name)) can't be opened: \(error)"
                failed[map.id] = reason
                report.problems.append(GameFolderProblem(file: "maps/", message: reason))
            }
        }
        noteClosed(game, failed: failed)
        await reload(staying, game, problems: problems, &report)
        for map in leaving {
            maps.withLock { $0[map.mapID] = nil }
            await close(map, movingPlayersTo: game.startMapID)
            closed.noteEnd(map.mapID, .init(time: surroundings.clock.now()))
            let files = game.mapFileChanges(of: map.mapID, since: old).map(\.description).joined(separator: ", ")
            report.changes.append(
                "\(files.isEmpty ? "" : "\(files): ")map \(map.mapID) is closed, its players are on map \(game.startMapID), its other entities kept in the store"
            )
        }
        return report
    }

    /// Closes a map whose file is gone.
    private func close(_ map: MapActor, movingPlayersTo mapID: Int) async {
        _ = await ender.hasEnded(map) { await map.close(movingPlayersTo: mapID) }
    }

    // MARK: - Single maps

    /// Stops a map, as an operator wants it; see ``MapControl``.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - reason: What its players are told.
    /// - Throws: ``MapControlError``.
    package func stop(_ mapID: Int, because reason: String = stopReason) async throws(MapControlError) {
        guard let map = self[mapID] else {
            if closed.isStopped(mapID) { throw .stopped(mapID) }
            throw closed.reason(mapID).map { MapControlError.closed(mapID, reason: $0) } ?? .unknown(mapID)
        }
        // Before the map ends: a map that is neither running nor closed would lose the places of its players.
        closed.stop(mapID, because: reason)
        guard await ender.hasEnded(map, { await map.pause(because: reason) }) else { throw .hangs(mapID) }
        let tick = Int(clamping: await map.status().tick)
        closed.noteEnd(mapID, .init(time: surroundings.clock.now(), tick: tick))
        maps.withLock { $0[mapID] = nil }
    }

    /// Starts a map that an operator stopped.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - game: The game as it is now.
    /// - Throws: ``MapControlError``.
    package func start(_ mapID: Int, of game: GameDefinition) async throws(MapControlError) {
        guard closed.isStopped(mapID) else {
            if let reason = closed.reason(mapID) { throw .closed(mapID, reason: reason) }
            throw self[mapID] == nil ? .unknown(mapID) : .running(mapID)
        }
        guard self[mapID] == nil else { throw .hangs(mapID) }
        guard game.maps.contains(where: { $0.id == mapID }) else {
            throw game.closedReasons[mapID].map { MapControlError.closed(mapID, reason: $0) } ?? .unknown(mapID)
        }
        do {
            try open(game, mapID: mapID)
            try await start(mapID)
        } catch {
            maps.withLock { $0[mapID] = nil }
            closed.stop(mapID, because: "it can't be started: \(error)")
            throw .failed(mapID, reason: "\(error)")
        }
        closed.start(mapID)
    }

    /// How long maps have to apply a changed game. A map that does not tick must not delay the other maps' next reload.
    private static let reloadPatience = Duration.seconds(30)

    private func reload(
        _ maps: [MapActor], _ game: GameDefinition, problems: [GameFolderProblem], _ report: inout ReloadReport
    ) async {
        await withTaskGroup(of: (mapID: Int, reload: MapReload??).self) { group in
            for map in maps {
                let patience = map.lateness > MapActor.longestLateness ? .zero : Self.reloadPatience
                group.addTask {
                    (map.mapID, await answer(within: patience) { await map.reload(game, problems: problems) })
                }
            }
            var answers: [(mapID: Int, reload: MapReload??)] = []
            for await answer in group { answers.append(answer) }
            for answer in answers.sorted(by: { $0.mapID < $1.mapID }) {
                if case .some(let reload) = answer.reload {
                    if let reload { report.add(reload) }
                } else {
                    report.problems.append(
                        GameFolderProblem(
                            file: "maps/",
                            message: "map \(answer.mapID) does not tick; it takes this over when it does"))
                }
            }
        }
    }

    /// Saves and stops all maps. Ends in bounded time, also when the thread of a map hangs.
    ///
    /// - Parameters:
    ///   - patience: How long a map's current tick may take. Then its scripts are stopped; the events that have not
    ///     run stay pending. A map that does not stop within the same time again is left running.
    ///   - clock: The clock that measures the patience.
    /// - Returns: The numbers of the maps that were left running: what changed there since their last save is lost.
    @discardableResult
    package func stop(
        patience: Duration = .seconds(5), clock: any Clock<Duration> = ContinuousClock()
    ) async -> [Int] {
        let running = running
        let left = StoppingMaps(Set(running.map(\.mapID)))
        let (stops, stop) = AsyncStream.makeStream(of: Int.self)
        for map in running {
            // Not a child task of the group below: the group would wait for each.
            Task {
                await map.stop()
                stop.yield(map.mapID)
            }
        }
        // An unstructured task: when the caller's task is cancelled, the maps still get their time.
        await Task {
            await withTaskGroup { group in
                group.addTask {
                    guard !running.isEmpty else { return }
                    for await mapID in stops where left.removeLast(mapID) { return }
                }
                group.addTask {
                    do {
                        try await clock.sleep(for: patience)
                        for map in running { map.stopScripts() }
                        try await clock.sleep(for: patience)
                    } catch {}  // The others were quicker.
                }
                await group.next()
                group.cancelAll()
            }
        }.value
        maps.withLock { $0 = [:] }
        return left.sorted
    }
}
