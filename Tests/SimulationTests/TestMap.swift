import Foundation
import GameFolder
import NIOCore
import Synchronization
import Testing
import Wire
import World

@testable import Simulation

/// A map over a game folder that a test writes, with a clock that the test moves.
final class TestMap {
    let simulation: MapSimulation
    let directory: URL
    let time: TestTime
    let store = TestStore()
    private(set) var now = 1_700_000_000.0
    private(set) var players: [Int: TestPlayer] = [:]
    /// The players whose clients agree to compression.
    var compressed: Set<Int> = []

    /// Makes the map of a game whose files are these; deltas are sent at each tick unless its `game.yaml` says otherwise.
    ///
    /// With `clockStep`, in nanoseconds, a script spends that much CPU time by calling `os.clock()`.
    init(
        _ files: [String: String], tickRate: Int = 60, seed: UInt64 = 7, records: [EntityRecord] = [], mapID: Int = 1,
        recording: RecordingFile? = nil, builtInEvents: Bool = false, crashes: (any CrashHistory)? = nil,
        clockStep: UInt64? = nil
    ) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        time = TestTime()
        var files = files
        if files["game.yaml"] == nil { files["game.yaml"] = "tick_rate: \(tickRate)\nsend_rate: \(tickRate)\n" }
        try Self.write(files, to: directory)
        var (game, problems) = try GameFolder.load(directory: directory.path)
        if recording != nil { game.files = GameFiles(of: game, previous: nil) }
        let time = time
        let recorder = recording?.recorder(mapID: mapID)
        var clock = SimulationClock(now: { 0 }, monotonic: { time.nanoseconds })
        if let clockStep {
            clock.cpu = { time.nanoseconds }
            clock.scriptCPU = {
                time.advance(clockStep)
                return time.nanoseconds
            }
        }
        var surroundings = MapSimulation.Surroundings(
            ids: TestIDs(), persistence: store, router: store, clock: clock)
        surroundings.crashes = crashes
        // Most tests are of something else; a recording has them, as a replay does.
        surroundings.hangsBuiltInEvents = builtInEvents || recording != nil
        simulation = try MapSimulation(
            game: game, mapID: mapID, seed: seed,
            surroundings: recorder.map { surroundings.recorded(by: $0) } ?? surroundings, now: now)
        if !problems.isEmpty { simulation.apply(game, problems: problems) }
        simulation.populate(records, now: now)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    static func write(_ files: [String: String], to directory: URL) throws {
        for (path, text) in files {
            let url = directory.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    /// Changes files and reloads, as the watcher does.
    func change(_ files: [String: String?]) throws {
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

    /// Runs one tick of the given length, by default one at the map's rate.
    @discardableResult
    func tick(_ inputs: [MapInput] = [], seconds: Double? = nil) -> [MapSimulation.Delivery] {
        now += seconds ?? 1 / Double(simulation.game.configuration.tickRate)
        let deliveries = simulation.tick(now: now, inputs: inputs)
        for delivery in deliveries { (delivery.sink as? TestPlayer)?.take(delivery.message) }
        return deliveries
    }

    /// Runs ticks for some time.
    func advance(_ seconds: Double) {
        let ticks = Int((seconds * Double(simulation.game.configuration.tickRate)).rounded())
        for _ in 0..<ticks { tick() }
    }

    /// Logs a player in; its first snapshot is there afterwards.
    @discardableResult
    func join(_ id: Int, x: Double? = 5, y: Double? = 5, components: [String: JSON] = [:]) -> TestPlayer {
        let player = TestPlayer(
            id: UInt64(players.count + 1), playerID: id, acceptsDeflate: compressed.contains(id))
        players[id] = player
        let record = EntityRecord(
            key: EntityKey(.players, id), login: "player\(id)", mapID: simulation.world.geometry.id, prefab: "Player",
            x: x, y: y, created: now, components: components)
        tick([.join(record, player)])
        return player
    }

    /// Sends a command as a player and runs the tick that takes it.
    func command(_ player: Int, _ action: String, _ parameters: JSONObject = [:], id: Double? = nil) throws {
        let parts = action.split(separator: "/").map(String.init)
        let sink = try #require(players[player])
        let command = Command(
            group: parts[0], event: parts.count > 1 ? parts[1] : "index", commandID: id, parameters: parameters)
        tick([.command(sink.id, command, receivedAt: now)])
    }

    func entity(_ key: String) -> EntityHandle? { EntityKey(key).flatMap { simulation.world[$0] } }

    var log: [String] { simulation.log.lines.map(\.text) }
    var errors: [String] { simulation.log.errors.map(\.message) }
}

/// A clock that tests move.
final class TestTime: Sendable {
    private let value = Mutex<UInt64>(0)
    var nanoseconds: UInt64 { value.withLock { $0 } }
    func advance(_ nanoseconds: UInt64) { value.withLock { $0 += nanoseconds } }
}

final class TestIDs: EntityIDSource {
    private let last = Mutex(100)
    func nextID(_ kind: EntityKind) -> Int {
        last.withLock {
            $0 += 1; return $0
        }
    }
}

/// Keeps what a map gave to the store and to other maps.
final class TestStore: EntityPersistence, MapRouter {
    private struct State {
        var saved: [EntityKey: EntityRecord] = [:]
        var removed: Set<EntityKey> = []
        var writes = 0
        var handed: [EntityRecord] = []
        var hung: [RemoteEvent] = []
        var room = InputShare.unlimited
    }

    private let state = Mutex(State())

    var saved: [EntityKey: EntityRecord] { state.withLock { $0.saved } }
    var removed: Set<EntityKey> { state.withLock { $0.removed } }
    /// How many records were given to the store.
    var writes: Int { state.withLock { $0.writes } }
    var handed: [EntityRecord] { state.withLock { $0.handed } }
    var hung: [RemoteEvent] { state.withLock { $0.hung } }

    func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            state.writes += records.count
            for record in records { state.saved[record.key] = record }
            for key in removed {
                state.saved[key] = nil
                state.removed.insert(key)
            }
        }
    }

    func latest(_ key: EntityKey) -> EntityRecord? { nil }

    func hand(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        state.withLock { $0.handed.append(record) }
        return mapID == 2
    }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    func show(_ strip: BorderStrip, to mapID: Int) {}

    /// How many events other maps take.
    var room: InputShare {
        get { state.withLock { $0.room } }
        set { state.withLock { $0.room = newValue } }
    }

    func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare { room }

    func hang(_ event: RemoteEvent, on mapID: Int) -> Bool {
        state.withLock { $0.hung.append(event) }
        return mapID == 2
    }
}

/// A client that keeps the world it was told.
final class TestPlayer: SessionSink {
    struct Seen {
        var messages: [JSON] = []
        var kinds: [OutboundMessage.Kind] = []
        /// Records by key.
        var world: [String: JSONObject] = [:]
        var lastTick = 0.0
    }

    let id: SessionID
    let playerID: Int
    let thread = SessionThread.caller
    let acceptsDeflate: Bool
    private let seen = Mutex(Seen())

    init(id: SessionID, playerID: Int, acceptsDeflate: Bool = false) {
        self.id = id
        self.playerID = playerID
        self.acceptsDeflate = acceptsDeflate
    }

    /// What a client reads: of a message that comes compressed, what is in that frame.
    private func text(of message: OutboundMessage) -> [UInt8] {
        guard acceptsDeflate, var frame = message.deflatedFrame else { return Array(message.payload.readableBytesView) }
        frame.moveReaderIndex(forwardBy: 1)
        switch frame.readInteger(as: UInt8.self) {
        case 126: frame.moveReaderIndex(forwardBy: 2)
        case 127: frame.moveReaderIndex(forwardBy: 8)
        default: break
        }
        let packed = Array(frame.readableBytesView)
        guard let text = try? Inflater()?.message(packed, limit: 1 << 24, keepsContext: false) else {
            Issue.record("a frame that can't be decompressed")
            return []
        }
        return text
    }

    func deliver(_ message: OutboundMessage) { take(message) }
    func flush() {}

    var messages: [JSON] { seen.withLock { $0.messages } }
    var kinds: [OutboundMessage.Kind] { seen.withLock { $0.kinds } }
    var world: [String: JSONObject] { seen.withLock { $0.world } }
    /// The messages of scripts: neither snapshots nor deltas.
    var direct: [JSON] { seen.withLock { seen in zip(seen.kinds, seen.messages).filter { $0.0 == .direct }.map(\.1) } }
    var refusals: [JSON] { seen.withLock { seen in zip(seen.kinds, seen.messages).filter { $0.0 == .error }.map(\.1) } }

    func take(_ message: OutboundMessage) {
        guard let json = try? JSON(parsing: text(of: message)),
            // A script may send a list.
            let object = json.object ?? (message.kind == .direct && json.array != nil ? [:] : nil)
        else {
            Issue.record("not a JSON object: \(String(buffer: message.payload))")
            return
        }
        seen.withLock { seen in
            seen.messages.append(json)
            seen.kinds.append(message.kind)
            guard message.kind == .snapshot || message.kind == .delta else { return }
            if message.kind == .snapshot { seen.world = [:] }
            let tick = object["tick"]?.number ?? 0
            #expect(tick > seen.lastTick, "ticks must increase")
            seen.lastTick = tick
            for kind in EntityKind.allCases {
                for record in object[kind.name]?.array ?? [] { apply(record, to: &seen.world) }
            }
        }
    }

    private func apply(_ record: JSON, to world: inout [String: JSONObject]) {
        guard let record = record.object, let key = record["key"]?.string else { return }
        if record["action"] == .string("remove"), record["x"] == nil {
            world[key] = nil
            return
        }
        var known = record["type"] == nil ? world[key] ?? [:] : [:]
        for (name, value) in record.members {
            if name == "components" || name == "events", case .object(let old)? = known[name],
                case .object(let new) = value
            {
                var merged = old
                for member in new.members {
                    if name == "events", case .object(let group)? = old[member.key],
                        case .object(let change) = member.value
                    {
                        var both = group
                        for field in change.members { both[field.key] = field.value }
                        merged[member.key] = .object(both)
                    } else {
                        merged[member.key] = member.value
                    }
                }
                known[name] = .object(merged)
            } else {
                known[name] = value
            }
        }
        world[key] = known
    }
}
