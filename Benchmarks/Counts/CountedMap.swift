import CAllocationCount
import Foundation
import GameFolder
import JSONValues
import Simulation
import Wire
import World

/// One map of a small game, moved on tick by tick on this thread, whose allocations are counted.
final class CountedMap {
    /// The files of the measured game, beside those of its loops.
    private static let files = [
        "game.yaml": "tick_rate: 30\nsend_rate: 30\nmax_entities: 20000\nworld_limit_mb: 256\n",
        "maps/1-field.tmj":
            #"{"width": 200, "height": 200, "tilewidth": 32, "tileheight": 32, "layers": [], "tilesets": []}"#,
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/bag.lua": "--@type json\n--@default {}\n",
        "events/nothing/timeout.lua": "return 0\n",
        "events/nothing/index.lua": "--@public true\nreturn\n",
        "events/step/timeout.lua": "return 0\n",
        "events/step/index.lua": "--@public true\nobject.x = object.x + 0.125\n",
        "events/routine/timeout.lua": "return 0.03\n",
        "events/routine/index.lua": "object.events.add('routine', 'index')\n",
    ]

    private let simulation: MapSimulation
    private var now = 1_700_000_000.0
    private var receivers: [CountingReceiver] = []

    /// Makes the map.
    ///
    /// - Parameters:
    ///   - loops: The bodies of loops, by name: the command `loop/NAME` runs its body ``turns`` times.
    ///   - npcs: How many animals stand on it.
    ///   - hasRoutine: Whether each of them has an event that queues itself again, and so is due each tick.
    ///   - players: How many players are on it; each has its snapshot already.
    ///   - viewDistance: The setting `view_distance`. The players stand in rows of 200, one tile from each other.
    /// - Throws: ``CountError``, and what writing the game's files throws.
    init(
        loops: [String: String] = [:], npcs: Int = 0, hasRoutine: Bool = false, players: Int = 0, viewDistance: Int = 0
    ) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("counts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var files = Self.files
        files["game.yaml"]? += "view_distance: \(viewDistance)\n"
        if !loops.isEmpty { files["events/loop/timeout.lua"] = "return 0\n" }
        for (name, body) in loops {
            files["events/loop/\(name).lua"] =
                "--@public true\nlocal o = object\nfor i = 1, \(Self.turns) do \(body) end\n"
        }
        for (path, text) in files {
            let file = directory.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let (game, problems) = try GameFolder.load(directory: directory.path)
        if let problem = problems.first { throw CountError.game("\(problem)") }
        var surroundings = MapSimulation.Surroundings(
            ids: Numbers(), clock: SimulationClock(now: { 0 }, monotonic: { 0 }))
        surroundings.queuesBuiltInEvents = false
        simulation = try MapSimulation(game: game, mapID: 1, seed: 7, surroundings: surroundings, now: now)
        simulation.populate(
            (0..<npcs).map { index in
                EntityRecord(
                    key: EntityKey(.animals, index + 1), mapID: 1, prefab: "Sheep", x: Double(index % 200),
                    y: Double(index / 200), created: now,
                    events: hasRoutine ? ["routine": EventRecord(action: "index", time: now)] : [:])
            }, now: now)
        for index in 0..<players {
            let receiver = CountingReceiver(number: index + 1)
            receivers.append(receiver)
            let record = EntityRecord(
                key: EntityKey(.players, index + 1), login: "player\(index + 1)", mapID: 1, prefab: "Player",
                x: Double(index % 200), y: Double(100 + index / 200), created: now)
            tick([.join(record, receiver)])
        }
    }

    /// How often a loop runs its body.
    static let turns = 1000

    /// The inputs of a tick in which each of so many players sends a command.
    func commands(_ group: String, _ event: String = "index", players: Int = 1) -> [MapInput] {
        receivers.prefix(players).map { .command($0.id, Command(group: group, event: event), receivedAt: now) }
    }

    /// Runs one tick.
    func tick(_ inputs: [MapInput] = []) {
        now += 1.0 / 30
        for delivery in simulation.tick(now: now, inputs: inputs) { delivery.sink.deliver(delivery.message) }
    }

    /// Counts what ticks allocate, once the map has got used to them.
    ///
    /// - Parameters:
    ///   - ticks: How many are counted.
    ///   - inputs: What each of them is given; made before the counting begins.
    /// - Returns: Allocations per tick, the mean.
    /// - Throws: ``CountError`` when a script failed meanwhile.
    func allocations(ticks: Int = 30, _ inputs: () -> [MapInput] = { [] }) throws -> Double {
        for _ in 0..<30 { tick(inputs()) }
        var total: UInt64 = 0
        for _ in 0..<ticks {
            let inputs = inputs()
            let before = allocation_count()
            tick(inputs)
            total += allocation_count() - before
        }
        if let error = simulation.log.errors.first { throw CountError.script(error.message) }
        return Double(total) / Double(ticks)
    }
}

/// Why nothing could be counted.
enum CountError: Error, CustomStringConvertible {
    case game(String)
    case script(String)

    var description: String {
        switch self {
        case .game(let problem): "the measured game is broken: \(problem)"
        case .script(let message): "a measured script failed: \(message)"
        }
    }
}

/// Numbers for new entities, after those of the map's own.
private final class Numbers: EntityIDSource {
    func nextID(_ kind: EntityKind) -> Int { 1_000_000 }
}

/// A player's connection that drops what it is sent.
private final class CountingReceiver: SessionSink {
    let id: SessionID
    let playerID: Int
    let thread = SessionThread.caller

    init(number: Int) {
        id = UInt64(number)
        playerID = number
    }

    func deliver(_ message: OutboundMessage) {}
    func flush() {}
}
