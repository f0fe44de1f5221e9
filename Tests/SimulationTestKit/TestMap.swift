package import Foundation
import GameFolder
import GameRules
package import JSONValues
package import ServerMetrics
package import Simulation
import Testing
import Wire
package import World

/// A map of a game folder that a test writes, with a clock that the test advances.
package final class TestMap {
    package let simulation: MapSimulation
    package let directory: URL
    package let time: TestTime
    package let store = TestStore()
    package private(set) var now = 1_700_000_000.0
    package private(set) var players: [Int: TestPlayer] = [:]
    /// How many sockets were opened.
    private var socketCount = 0
    /// What the last tick sent to sockets.
    package private(set) var socketDeliveries: [SocketDelivery] = []
    /// The numbers of the players whose clients accept compressed messages.
    package var compressed: Set<Int> = []
    /// The numbers of the players whose clients chose the compact encoding.
    package var compact: Set<Int> = []
    /// The numbers of the players whose clients take patches.
    package var patched: Set<Int> = []
    /// The numbers of the players whose clients get positions in datagrams.
    package var lanes: Set<Int> = []

    /// Makes the map of a game with these files; deltas are sent at each tick unless its `game.yaml` says otherwise.
    ///
    /// With `clockStepNs`, in nanoseconds, each call of `os.clock()` costs a script that much CPU time. `recording`
    /// changes the surroundings of the map; with it the game keeps its files' contents, as a recorded game does.
    package init(
        _ files: [String: String], tickRate: Int = 60, seed: UInt64 = 7, records: [EntityRecord] = [], mapID: Int = 1,
        recording: ((MapSimulation.Surroundings, _ mapID: Int) -> MapSimulation.Surroundings)? = nil,
        builtInEvents: Bool = false, crashes: (any CrashHistory)? = nil, clockStepNs: UInt64? = nil,
        metrics: MetricRegistry? = nil
    ) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        time = TestTime()
        var files = files
        if files["game.yaml"] == nil { files["game.yaml"] = "tick_rate: \(tickRate)\nsend_rate: \(tickRate)\n" }
        try Self.write(files, to: directory)
        var (game, problems) = try GameFolder.load(directory: directory.path)
        if recording != nil { game.files = GameFiles(of: game, previous: nil) }
        let time = time
        var clock = SimulationClock(now: { 0 }, monotonic: { time.nanoseconds })
        if let clockStepNs {
            clock.cpu = { time.nanoseconds }
            clock.scriptCPU = {
                time.advance(clockStepNs)
                return time.nanoseconds
            }
        }
        var surroundings = MapSimulation.Surroundings(
            ids: TestIDs(), persistence: store, router: store, clock: clock)
        surroundings.crashes = crashes
        surroundings.metrics = metrics
        // Most tests don't need the built-in events. A recording has them, because a replay has them.
        surroundings.queuesBuiltInEvents = builtInEvents || recording != nil
        simulation = try MapSimulation(
            game: game, mapID: mapID, seed: seed,
            surroundings: recording?(surroundings, mapID) ?? surroundings, now: now)
        if !problems.isEmpty { simulation.apply(game, problems: problems) }
        simulation.populate(records, now: now)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    package static func write(_ files: [String: String], to directory: URL) throws {
        for (path, text) in files {
            let url = directory.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    /// Changes files and reloads, as the watcher does.
    package func change(_ files: [String: String?]) throws {
        for (path, text) in files {
            if let text {
                try Self.write([path: text], to: directory)
            } else {
                try FileManager.default.removeItem(at: directory.appendingPathComponent(path))
            }
        }
        var (game, problems) = try GameFolder.load(directory: directory.path, previous: simulation.game)
        if let files = simulation.game.files { game.files = GameFiles(of: game, previous: files) }
        tick([.replaceGame(game, problems: problems)])
    }

    /// Runs one tick of the given length, by default that of the map's tick rate.
    @discardableResult
    package func tick(_ inputs: [MapInput] = [], seconds: Double? = nil) -> [MapSimulation.Delivery] {
        now += seconds ?? 1 / Double(simulation.game.configuration.tickRate)
        let deliveries = simulation.tick(now: now, inputs: inputs)
        for delivery in deliveries { (delivery.sink as? TestPlayer)?.deliver(delivery.message) }
        socketDeliveries = simulation.takeSocketDeliveries()
        for delivery in socketDeliveries {
            for output in delivery.outputs { delivery.sink.deliver(output) }
            delivery.sink.flush()
        }
        return deliveries
    }

    /// Runs ticks for some time.
    package func advance(_ seconds: Double) {
        let ticks = Int((seconds * Double(simulation.game.configuration.tickRate)).rounded())
        for _ in 0..<ticks { tick() }
    }

    /// Lets a player join and runs the tick that sends its first snapshot.
    @discardableResult
    package func join(_ id: Int, x: Double? = 5, y: Double? = 5, components: [String: JSON] = [:]) -> TestPlayer {
        let player = TestPlayer(
            id: UInt64(players.count + 1), playerID: id, acceptsDeflate: compressed.contains(id),
            isCompact: compact.contains(id), takesPatches: patched.contains(id),
            hasFastLane: lanes.contains(id))
        players[id] = player
        let record = EntityRecord(
            key: EntityKey(.players, id), login: "player\(id)", mapID: simulation.world.geometry.id, prefab: "Player",
            x: x, y: y, created: now, components: components)
        tick([.join(record, player)])
        return player
    }

    /// Makes the connection of a socket, whose id is `s1`, `s2` and so on.
    package func makeSocket() -> TestSocket {
        socketCount += 1
        return TestSocket(id: 1000 + UInt64(socketCount), socketID: "s\(socketCount)")
    }

    /// Opens a socket and runs the tick in which `sockets/connect.lua` runs.
    @discardableResult
    package func connect(_ opening: SocketOpening = SocketOpening()) -> TestSocket {
        let socket = makeSocket()
        tick([.socket(.open(socket, opening))])
        return socket
    }

    /// Sends an event as a client of Socket.IO and runs the tick that handles it.
    ///
    /// `arguments` are JSON values with commas between them.
    package func emit(
        _ socket: TestSocket, _ name: String, _ arguments: String = "", acknowledgement: Int? = nil
    ) {
        tick([socket.event(name, arguments, acknowledgement: acknowledgement)])
    }

    /// Closes a socket's connection and runs the tick that handles it.
    package func disconnect(_ socket: TestSocket, reason: String = "transport close") {
        tick([.socket(.close(socket.id, reason: reason))])
    }

    /// Sends a command as a player and runs the tick that handles it.
    package func command(_ player: Int, _ action: String, _ parameters: JSONObject = [:], id: Double? = nil) throws {
        let parts = action.split(separator: "/").map(String.init)
        let sink = try #require(players[player])
        let command = Command(
            group: parts[0], event: parts.count > 1 ? parts[1] : "index", commandID: id, parameters: parameters)
        tick([.command(sink.id, command, receivedAt: now)])
    }

    package func entity(_ key: String) -> EntityHandle? { EntityKey(key).flatMap { simulation.world[$0] } }

    package var log: [String] { simulation.log.lines.map(\.text) }
    package var errors: [String] { simulation.log.errors.map(\.message) }
}

extension TestMap {
    /// A script that keeps most of one MiB alive.
    package static let fill = "hoard = {} for i = 1, 970 do hoard[i] = string.rep('x', 1000) .. i end"

    /// How often the scripts' VM was replaced by a new one, according to the map's log.
    package var rebuilds: Int { log.count { $0.hasPrefix("the scripts' VM was made anew") } }

    /// Sends the command `fill` until the full VM is replaced by a new one; fails the test when that never happens.
    package func fillUntilRebuilt() throws {
        let before = rebuilds
        for _ in 0..<20 where rebuilds == before { try command(1, "fill") }
        #expect(rebuilds > before, "\(errors)")
    }
}
