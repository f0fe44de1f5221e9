import Foundation
import GameFolder
import GameRules
import SimulationTestKit
import Synchronization
import Testing
import Wire
import World

@testable import Simulation

/// A game that a page builds: its folder, all its maps, and a clock that the page advances.
final class DocGame {
    private let showsLimits: Bool
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "perigee-\(UUID().uuidString)")
    private let ids = DocIDs()
    private let store = DocStore()
    private let lines = DocLog()
    private(set) var game: GameDefinition?
    private(set) var maps: [Int: MapSimulation] = [:]
    private(set) var players: [String: TestPlayer] = [:]
    private var mapOfPlayer: [String: Int] = [:]
    private var hasNewFiles = false
    /// The paths of the test files that the page wrote.
    private(set) var testPaths: Set<String> = []
    private(set) var now = 1_700_000_000.0
    /// Error entries of maps before the last restart.
    private var formerErrors: [MapDiagnostics.ErrorEntry] = []

    /// Makes a game without starting it.
    ///
    /// - Parameters:
    ///   - folder: The folder whose copy the game begins with; `nil` for an empty game folder.
    ///   - showsLimits: Whether events have the same time limit as on a server, instead of 20 times as much.
    /// - Throws: Errors of the file system.
    init(_ folder: URL? = nil, showsLimits: Bool = false) throws {
        self.showsLimits = showsLimits
        if let folder {
            try FileManager.default.copyItem(at: folder, to: directory)
            // The folder's own tests run elsewhere. Here only the tests that the page adds are run.
            try? FileManager.default.removeItem(at: directory.appendingPathComponent("tests"))
        } else {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes a file; the game takes it over before anything else happens.
    func write(_ path: String, _ text: String) throws {
        try TestMap.write([path: text], to: directory)
        if path.hasPrefix("tests/") { testPaths.insert(path) } else { hasNewFiles = true }
    }

    /// Changes the lines of a file.
    func edit(_ path: String, _ change: (inout [String]) throws -> Void) throws {
        let text = try String(contentsOf: directory.appendingPathComponent(path), encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        try change(&lines)
        try write(path, lines.joined(separator: "\n") + "\n")
    }

    /// Starts the game, or gives the running one the files that changed.
    func takeFiles() throws {
        guard game == nil || hasNewFiles else { return }
        hasNewFiles = false
        let isRunning = game != nil
        var (game, problems) = try GameFolder.load(directory: directory.path, previous: game)
        // Longer limits, so that no test fails on a busy machine. Pages show only one limit: that of events.
        game.configuration.timeoutTimeLimit *= 20
        if !showsLimits { game.configuration.eventTimeLimit *= 20 }
        self.game = game
        if isRunning {
            tick { _ in [.replaceGame(game, problems: problems)] }
        } else {
            try start(problems)
        }
    }

    private func start(_ problems: [GameFolderProblem]) throws {
        guard let game else { return }
        for geometry in game.maps {
            let map = try MapSimulation(
                game: game, mapID: geometry.id, seed: 7,
                surroundings: .init(
                    ids: ids, persistence: store, router: store, logSink: lines,
                    clock: SimulationClock(now: { 0 }, monotonic: { 0 })),
                now: now)
            maps[geometry.id] = map
            if !problems.isEmpty { map.apply(game, problems: problems) }
            map.populate(store.records(of: geometry.id), now: now)
        }
        store.mapIDs = Set(maps.keys)
    }

    /// Ends the server and starts it again with what is in the store.
    func restart() throws {
        for key in players.keys.sorted() { leave(key) }
        for map in maps.values { map.save() }
        formerErrors = errors
        maps = [:]
        try start([])
    }

    // MARK: Time

    var secondsPerTick: Double { 1 / Double(game?.configuration.tickRate ?? 60) }

    /// Runs one tick of all maps.
    private func tick(_ inputs: (Int) -> [MapInput] = { _ in [] }) {
        now += secondsPerTick
        for (id, map) in maps.sorted(by: { $0.key < $1.key }) {
            let arrivals = store.takeArrivals(id)
            for delivery in map.tick(now: now, inputs: arrivals + inputs(id)) {
                guard let player = delivery.sink as? TestPlayer else { continue }
                player.deliver(delivery.message)
                if case .reconnect(let target) = delivery.message.kind { store.reconnect(player, to: target) }
            }
        }
        for (player, target) in store.takeReconnects() {
            let key = EntityKey(.players, player.playerID)
            guard let record = store.latest(key) else { continue }
            mapOfPlayer[key.description] = target
            tick { $0 == target ? [.join(record, player)] : [] }
        }
    }

    func advance(_ seconds: Double) {
        for _ in 0..<Int((seconds / secondsPerTick).rounded()) { tick() }
    }

    // MARK: Players

    func join(_ key: String, login: String?, at place: (x: Double, y: Double)?) throws {
        let entityKey = try #require(EntityKey(key), "\(key) is no key")
        let start = try #require(game).startMapID
        let player = TestPlayer(id: UInt64(ids.nextID(.players)), playerID: entityKey.id)
        var record =
            store.latest(entityKey)
            ?? EntityRecord(
                key: entityKey, login: login ?? "player\(entityKey.id)", mapID: start, prefab: "Player",
                created: now.rounded(.down))
        if let place {
            (record.x, record.y) = place
            store.save([record], removed: [])
        }
        players[key] = player
        mapOfPlayer[key] = record.mapID
        tick { $0 == record.mapID ? [.join(record, player)] : [] }
    }

    func leave(_ key: String) {
        guard let player = players.removeValue(forKey: key), let map = mapOfPlayer.removeValue(forKey: key) else {
            return
        }
        tick { $0 == map ? [.leave(player.id)] : [] }
    }

    /// Sends a player's message, as its bytes would come over a connection.
    func send(_ key: String, _ text: String) throws {
        let player = try #require(players[key], "\(key) has not joined")
        let command: Command
        do throws(CommandError) {
            command = try Command.parse(Array(text.utf8))
        } catch {
            player.deliver(OutboundMessage(kind: .error, json: error.payload))
            return
        }
        let (map, received) = (mapOfPlayer[key], now)
        tick { $0 == map ? [.command(player.id, command, receivedAt: received)] : [] }
    }

    // MARK: Looking

    /// The record of an entity, on whichever map it is, with the current values of components and events.
    func record(_ key: String) -> EntityRecord? {
        for map in maps.values {
            if let handle = EntityKey(key).flatMap({ map.world[$0] }) { return map.world.record(of: handle) }
        }
        return nil
    }

    /// How many entities have this prefab or type.
    func count(_ what: String) -> Int {
        maps.values.reduce(0) { sum, map in
            sum
                + map.world.entities.count { handle in
                    let record = map.world.record(of: handle)
                    return record?.prefab == what || record?.key.kind.name == what
                }
        }
    }

    /// What scripts printed, in the order of time, without the lines that the maps themselves logged.
    var prints: [String] {
        let lines = maps.sorted { $0.key < $1.key }.flatMap { $0.value.log.lines.filter { $0.script != nil } }
        return lines.enumerated().sorted { ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset) }.map(
            \.element.text)
    }

    /// The lines of the log files.
    var logFile: [String] { lines.log }
    /// The lines of the error log files.
    var errorFile: [String] { lines.errors }

    /// The entries of the error logs.
    ///
    /// An entry that all maps have, such as one about a script that does not compile, is listed once.
    var errors: [MapDiagnostics.ErrorEntry] {
        var entries = formerErrors
        for (_, map) in maps.sorted(by: { $0.key < $1.key }) {
            let known = Set(entries.map { "\($0.tick) \($0.message)" })
            entries += map.log.errors.filter { !known.contains("\($0.tick) \($0.message)") }
        }
        return entries
    }

    /// Runs a script as an event of an entity, in the next tick.
    func run(_ source: String, as key: String) throws {
        try write("events/example/index.lua", source)
        try takeFiles()
        for map in maps.values {
            guard let handle = EntityKey(key).flatMap({ map.world[$0] }) else { continue }
            guard map.world.queue.groupIndices["example"] != nil else { return }
            try map.world.addEvent(group: "example", to: handle, now: now)
        }
        tick()
    }
}

/// Gives entities numbers from 1, as a new server does.
private final class DocIDs: EntityIDSource {
    private let last = Mutex<[EntityKind: Int]>([:])

    func nextID(_ kind: EntityKind) -> Int {
        last.withLock { last in
            last[kind, default: 0] += 1
            return last[kind, default: 0]
        }
    }
}

/// The log files.
private final class DocLog: MapLogSink {
    private let state = Mutex((log: [String](), errors: [String]()))

    var log: [String] { state.withLock { $0.log } }
    var errors: [String] { state.withLock { $0.errors } }

    func append(_ lines: [String], mapID: Int, isError: Bool) {
        state.withLock { state in
            if isError { state.errors += lines } else { state.log += lines }
        }
    }
}

/// The store and the other maps.
private final class DocStore: EntityPersistence, MapRouter {
    private struct State {
        var records: [EntityKey: EntityRecord] = [:]
        var arrivals: [Int: [MapInput]] = [:]
        var reconnects: [(TestPlayer, Int)] = []
        var mapIDs: Set<Int> = []
    }

    private let state = Mutex(State())

    var mapIDs: Set<Int> {
        get { state.withLock { $0.mapIDs } }
        set { state.withLock { $0.mapIDs = newValue } }
    }

    func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            for record in records { state.records[record.key] = record }
            for key in removed { state.records[key] = nil }
        }
    }

    func latest(_ key: EntityKey) -> EntityRecord? { state.withLock { $0.records[key] } }

    func records(of map: Int) -> [EntityRecord] {
        state.withLock { state in
            state.records.values.filter { $0.mapID == map && $0.key.kind != .players }.sorted {
                $0.key.description < $1.key.description
            }
        }
    }

    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        post(.arrive(record, from: origin), to: mapID)
    }

    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { post(.event(event), to: mapID) }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    func sendBorder(_ strip: BorderStrip, to mapID: Int) {}

    private func post(_ input: MapInput, to mapID: Int) -> Bool {
        state.withLock { state in
            guard state.mapIDs.contains(mapID) else { return false }
            state.arrivals[mapID, default: []].append(input)
            return true
        }
    }

    func takeArrivals(_ map: Int) -> [MapInput] { state.withLock { $0.arrivals.removeValue(forKey: map) ?? [] } }

    func reconnect(_ player: TestPlayer, to map: Int) { state.withLock { $0.reconnects.append((player, map)) } }

    func takeReconnects() -> [(TestPlayer, Int)] {
        state.withLock { state in
            defer { state.reconnects = [] }
            return state.reconnects
        }
    }
}
