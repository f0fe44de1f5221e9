import CAllocationCount
import Foundation
import GameFolder
import JSONValues
import ServerMetrics
import Simulation
import Wire
import World

/// One map of a small game, moved on tick by tick on this thread, whose allocations are counted.
final class CountedMap {
    /// The files of the measured game, beside those of its loops.
    private static let files = [
        "game.yaml": "tick_rate: 30\nsend_rate: 30\nmax_entities: 20000\nworld_limit_mb: 256\ntick_limit_ms: 10000\n",
        "maps/1-field.tmj":
            #"{"width": 300, "height": 300, "tilewidth": 32, "tileheight": 32, "layers": [], "tilesets": []}"#,
        "events/nothing/timeout.lua": "return 0\n",
        "events/nothing/index.lua": "--@public true\nreturn\n",
        "events/step/timeout.lua": "return 0\n",
        "events/step/index.lua": "--@public true\nobject.x = object.x + 0.125\n",
        "events/back/timeout.lua": "return 0\n",
        "events/back/index.lua": "--@public true\nobject.x = object.x - 0.125\nobject.action = 'walk'\n",
        "events/stack/timeout.lua": "return 0\n",
        "events/stack/index.lua": """
        --@public true
        local bag = object.components.bag
        if not bag.slots then
          local slots = {}
          for i = 1, 20 do slots[i] = { id = 'thing', n = i } end
          bag.slots = slots
        end
        bag.slots[7].n = bag.slots[7].n % 9 + 1
        """,
        "events/routine/timeout.lua": "return 0.03\n",
        "events/routine/index.lua": "object.events.add('routine', 'index')\n",
        "events/idle/timeout.lua": "return 0.03\n",
        "events/idle/index.lua": "--@repeat true\nreturn\n",
        "events/asleep/timeout.lua": "--@life_radius 20\nreturn 0.03\n",
        "events/asleep/index.lua": "object.events.add('asleep', 'index')\n",
    ]

    /// The files of NPCs that walk between two places, with an event that queues itself each tick.
    private static let walkFiles = [
        "components/goal_x.lua": "--@type number\n",
        "components/goal_y.lua": "--@type number\n",
        "components/home_x.lua": "--@type number\n",
        "components/home_y.lua": "--@type number\n",
        "events/walk/timeout.lua": "return 0.03\n",
        "events/walk/index.lua": """
        local o, c = object, object.components
        local dx, dy = c.goal_x - o.x, c.goal_y - o.y
        local left = math.sqrt(dx * dx + dy * dy)
        if left < 0.1 then
          c.goal_x, c.home_x = c.home_x, c.goal_x
          c.goal_y, c.home_y = c.home_y, c.goal_y
        else
          o.x = o.x + dx / left * 0.05
          o.y = o.y + dy / left * 0.05
        end
        local side = dy > 0 and 'down' or 'up'
        if math.abs(dx) > math.abs(dy) then side = dx > 0 and 'right' or 'left' end
        o.side = side
        o.action = left < 0.1 and 'stand' or 'walk'
        o.events.add('walk')
        """,
    ]

    /// The event that each NPC of a map has, and that is due in each tick.
    enum Routine: String {
        /// Has no code; the server queues it again.
        case idle
        /// Queues itself again.
        case empty = "routine"
        /// Waits for a player to come near; none does.
        case asleep
        /// Walks between two places: a dozen lines through proxies.
        case walk
    }

    private let simulation: MapSimulation
    private var now = 1_700_000_000.0
    private var receivers: [CountingReceiver] = []

    /// Makes the map.
    ///
    /// - Parameters:
    ///   - loops: The bodies of loops, by name: the command `loop/NAME` runs its body `turns` times.
    ///   - turns: How often a loop runs its body.
    ///   - npcs: How many animals stand on it.
    ///   - routine: The event that each of them has, and that is due each tick.
    ///   - players: How many players are on it; each has its snapshot already.
    ///   - patched: How many of them take patches of json components.
    ///   - viewDistance: The setting `view_distance`. The players stand in rows of 200, one tile from each other.
    ///   - spacing: Instead, the players stand in a square, so many tiles from each other.
    ///   - components: What animals and players have.
    ///   - clock: The clocks of the map; by default they stand still.
    /// - Throws: ``CountError``, and what writing the game's files throws.
    init(
        loops: [String: String] = [:], turns: Int = 0, npcs: Int = 0, routine: Routine? = nil, players: Int = 0,
        patched: Int = 0, viewDistance: Int = 0, spacing: Double? = nil, components: Components = .two,
        clock: SimulationClock = CountedMap.stoppedClock
    ) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("counts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var files = Self.files
        files["game.yaml"]? += "view_distance: \(viewDistance)\n"
        files.merge(components.files) { $1 }
        if routine == .walk { files.merge(Self.walkFiles) { $1 } }
        if !loops.isEmpty { files["events/loop/timeout.lua"] = "return 0\n" }
        for (name, body) in loops {
            files["events/loop/\(name).lua"] =
                "--@public true\nlocal o = object\nfor i = 1, \(turns) do \(body) end\n"
        }
        for (path, text) in files {
            let file = directory.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let (game, problems) = try GameFolder.load(directory: directory.path)
        if let problem = problems.first { throw CountError.game("\(problem)") }
        var surroundings = MapSimulation.Surroundings(ids: Numbers(), clock: clock)
        surroundings.queuesBuiltInEvents = false
        surroundings.metrics = MetricRegistry()
        simulation = try MapSimulation(game: game, mapID: 1, seed: 7, surroundings: surroundings, now: now)
        simulation.populate(
            (0..<npcs).map { index in
                let (x, y) = (Double(index % 200), Double(index / 200))
                let places: [String: JSON] = [
                    "goal_x": .number(x + 3), "goal_y": .number(y + 2), "home_x": .number(x), "home_y": .number(y),
                ]
                return EntityRecord(
                    key: EntityKey(.animals, index + 1), mapID: 1, prefab: "Sheep", x: x, y: y, created: now,
                    components: routine == .walk ? places : components.values(index),
                    events: routine.map { [$0.rawValue: EventRecord(action: "index", time: now)] } ?? [:])
            }, now: now)
        let side = Int(Double(players).squareRoot().rounded(.up))
        for index in 0..<players {
            let receiver = CountingReceiver(number: index + 1, takesPatches: index < patched)
            receivers.append(receiver)
            var place = (x: Double(index % 200), y: Double(100 + index / 200))
            if let spacing { place = (Double(index % side) * spacing, Double(index / side) * spacing) }
            let record = EntityRecord(
                key: EntityKey(.players, index + 1), login: "player\(index + 1)", mapID: 1, prefab: "Player",
                x: place.x, y: place.y, created: now, components: components.values(index))
            tick([.join(record, receiver)])
        }
    }

    /// The inputs of a tick in which each of so many players sends a command.
    ///
    /// - Parameters:
    ///   - group: The group of the event.
    ///   - event: The event.
    ///   - players: How many players send it.
    ///   - first: The first of them.
    /// - Returns: The inputs.
    func commands(_ group: String, _ event: String = "index", players: Int = 1, from first: Int = 0) -> [MapInput] {
        receivers.dropFirst(first).prefix(players).map {
            .command($0.id, Command(group: group, event: event), receivedAt: now)
        }
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
        try requireNoErrors()
        return Double(total) / Double(ticks)
    }

    /// Throws when a script failed.
    func requireNoErrors() throws(CountError) {
        if let error = simulation.log.errors.first { throw .script(error.message) }
    }
}

extension CountedMap {
    /// Measures the CPU time of this thread that a tick takes, once the map has got used to them.
    ///
    /// - Parameters:
    ///   - ticks: How many are measured, in ten parts.
    ///   - inputs: What each of them is given, by its number; made outside the measured time.
    /// - Returns: Nanoseconds per tick in the part that took least: what else the machine does only adds to it.
    /// - Throws: ``CountError`` when a script failed meanwhile.
    func nanoseconds(ticks: Int = 300, _ inputs: (_ tick: Int) -> [MapInput] = { _ in [] }) throws -> Double {
        for number in 0..<60 { tick(inputs(number)) }
        var least = Double.infinity
        for part in 0..<10 {
            var spent: UInt64 = 0
            for number in 0..<ticks / 10 {
                let inputs = inputs(part * (ticks / 10) + number)
                let start = Self.cpu()
                tick(inputs)
                spent += Self.cpu() - start
            }
            least = min(least, Double(spent) / Double(ticks / 10))
        }
        try requireNoErrors()
        return least
    }

    /// Measures what each turn of a script's loop costs: a tick with the loop less one with an empty loop.
    ///
    /// - Parameters:
    ///   - body: What the script does in each turn; `o` is its player, `i` the turn.
    ///   - turns: How many turns one event has.
    ///   - npcs: How many other entities there are, one on each tile of rows of 200.
    ///   - clock: The clocks of the map.
    ///   - measure: Measures ticks of a map that get some inputs.
    /// - Returns: The mean of the turns.
    /// - Throws: ``CountError`` when a script failed meanwhile.
    static func turn(
        _ body: String, turns: Int, npcs: Int, clock: SimulationClock,
        _ measure: (_ map: CountedMap, _ inputs: () -> [MapInput]) throws -> Double
    ) throws -> Double {
        let map = try CountedMap(
            loops: ["body": body, "empty": ""], turns: turns, npcs: npcs, players: 1, clock: clock)
        let empty = try measure(map) { map.commands("loop", "empty") }
        return (try measure(map) { map.commands("loop", "body") } - empty) / Double(turns)
    }

    /// Clocks that stand still.
    static let stoppedClock = SimulationClock(now: { 0 }, monotonic: { 0 })

    /// The CPU time of this thread, in nanoseconds.
    static func cpu() -> UInt64 { reading(CLOCK_THREAD_CPUTIME_ID) }

    /// Clocks that run; the server reads the same ones in C.
    static let runningClock = SimulationClock(
        now: { Date().timeIntervalSince1970 }, monotonic: { reading(CLOCK_MONOTONIC) }, cpu: { cpu() })

    private static func reading(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
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
    let takesPatches: Bool
    let thread = SessionThread.caller

    init(number: Int, takesPatches: Bool) {
        id = UInt64(number)
        playerID = number
        self.takesPatches = takesPatches
    }

    func deliver(_ message: OutboundMessage) {}
    func flush() {}
}
