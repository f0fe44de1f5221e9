import JSONValues
import NIOCore
import Simulation
import Synchronization
import Wire
import World

@testable import Gateway

/// A map that records its inputs and lets a test wait for them.
final class StubMap: MapHandle {
    let mapID: Int
    let geometry: MapGeometry
    let sides: [String: Int]
    private let ready = Atomic<Bool>(true)
    private let full = Atomic<Bool>(false)
    private let late = Atomic<Int64>(0)
    private let silent = Atomic<Bool>(false)
    private let stream = AsyncStream.makeStream(of: MapInput.self)
    private let sinks = Mutex<[SessionID: any SessionSink]>([:])
    /// A running map, for operators who look at its world.
    let actor: MapActor?
    /// Whether a joining player gets a snapshot at once.
    let answersJoins: Bool

    init(
        mapID: Int = 4, sides: [String: Int]? = nil, answersJoins: Bool = true,
        scripts: [MapDiagnostics.ScriptTiming] = [], actor: MapActor? = nil
    ) {
        self.actor = actor
        self.scripts = scripts
        self.mapID = mapID
        self.sides = sides ?? ["center": mapID]
        self.answersJoins = answersJoins
        geometry = MapGeometry(
            id: mapID, name: "Meadow <\(mapID)>", originX: -1, width: 2, height: 2,
            blocked: [false, true, false, false],
            layers: [.init(name: "ground", tiles: [1, 2, 3, 4])], tileProperties: [2: ["solid": .bool(true)]])
    }

    var isReady: Bool {
        get { ready.load(ordering: .acquiring) }
        set { ready.store(newValue, ordering: .releasing) }
    }

    /// Whether the map does not answer, as if its thread hung.
    var isSilent: Bool {
        get { silent.load(ordering: .acquiring) }
        set { silent.store(newValue, ordering: .releasing) }
    }

    var lateness: Duration {
        get { .seconds(late.load(ordering: .acquiring)) }
        set { late.store(newValue.components.seconds, ordering: .releasing) }
    }

    var isFull: Bool {
        get { full.load(ordering: .acquiring) }
        set { full.store(newValue, ordering: .releasing) }
    }

    let failedLibs = Mutex<[String]>([])
    let traffic: TrafficMeter? = TrafficMeter()
    /// Who and what a census finds, and the parts of the status that tests change.
    let census = Mutex(MapCensus())
    let statusTime = Mutex((time: 0.0, tick: UInt64(7)))

    var status: MapStatus {
        let (time, tick) = statusTime.withLock { $0 }
        return MapStatus(
            mapID: mapID, time: time, name: geometry.name, tick: tick, tickRateHz: 60, tickP999Ms: 9, ticksMissed: 3,
            tickNowMeanMs: 0.5, tickNowP95Ms: 2, players: 1, entities: 3, ticksOverrun: 2, eventsRun: 11,
            eventsPending: 5, eventsWaiting: 4, luaBytes: 1024,
            luaLimitBytes: 4096,
            failedLibs: failedLibs.withLock { $0 })
    }

    func post(_ input: MapInput) -> Bool {
        if isFull { return false }
        if case .join(_, let sink) = input {
            sinks.withLock { $0[sink.id] = sink }
            if answersJoins { deliver(.snapshot, #"{"action":"load/index"}"#, to: sink) }
        }
        stream.continuation.yield(input)
        return true
    }

    /// The cost of scripts, as operators see it.
    let scripts: [MapDiagnostics.ScriptTiming]

    /// Gives no answer while the map is silent, until the one who asked gives up.
    private func keepSilent() async {
        guard isSilent else { return }
        let (silence, end) = AsyncStream.makeStream(of: Void.self)
        for await _ in silence {}
        end.finish()
    }

    func diagnostics() async -> MapDiagnostics {
        await keepSilent()
        return MapDiagnostics(status: status, scripts: scripts)
    }

    func census(_ question: MapCensus.Question) async -> MapCensus {
        await keepSilent()
        var census = census.withLock { $0 }
        if let text = question.player {
            census.players = census.players.filter { $0.login == text || "players_\($0.id)" == text }
        }
        if let choice = question.choice {
            let chosen = census.types.filter {
                (choice.kind ?? $0.kind) == $0.kind && (choice.prefab ?? $0.prefab) == $0.prefab
            }
            census.chosen = chosen.reduce(0) { $0 + $1.count }
        }
        if !question.countsTypes { census.types = [] }
        return census
    }

    /// What the map says of its costs.
    let costs = Mutex(MapPerformance(status: MapStatus(mapID: 0)))
    let slow = Mutex<[SlowTick]>([])

    func performance() async -> MapPerformance {
        await keepSilent()
        return costs.withLock { $0 }
    }

    func slowestTicks() async -> [SlowTick] { slow.withLock { $0 } }

    func costHistory() async -> CostHistory {
        await keepSilent()
        return CostHistory()
    }

    /// What the map says of its files.
    let states = Mutex(ScriptStates())

    func scriptStates() async -> ScriptStates { states.withLock { $0 } }

    func profile(seconds: Int) async -> [String: Int]? {
        seconds == 30 ? nil : ["a.lua:main:1": seconds, "a.lua:main:1;b.lua:walk:2": 9]
    }

    /// Players whose entity is on the map without a connection.
    let lingering = Mutex<Set<Int>>([])

    func hasPlayer(_ player: Int) async -> Bool { lingering.withLock { $0.contains(player) } }

    /// The next input.
    private func next() async -> MapInput? {
        for await input in stream.stream { return input }
        return nil
    }

    func nextJoin() async -> (EntityRecord, any SessionSink)? {
        while let input = await next() { if case .join(let record, let sink) = input { return (record, sink) } }
        return nil
    }

    func nextCommand() async -> Command? {
        while let input = await next() { if case .command(_, let command, _) = input { return command } }
        return nil
    }

    func nextReload() async -> SessionID? {
        while let input = await next() { if case .reload(let id) = input { return id } }
        return nil
    }

    func nextSocket() async -> SocketInput? {
        while let input = await next() { if case .socket(let socket) = input { return socket } }
        return nil
    }

    func nextResume() async -> String? {
        while let input = await next() { if case .resume(let script) = input { return script } }
        return nil
    }

    struct Muted: Equatable {
        var player: Int
        var until: Double?
    }

    func nextMute() async -> Muted? {
        while let input = await next() {
            if case .mute(let player, let until) = input { return Muted(player: player, until: until) }
        }
        return nil
    }

    struct Moved: Equatable {
        var player: Int
        var mapID: Int
    }

    func nextMove() async -> Moved? {
        while let input = await next() {
            if case .movePlayer(let player, let mapID) = input { return Moved(player: player, mapID: mapID) }
        }
        return nil
    }

    func nextErased() async -> Int? {
        while let input = await next() { if case .erasePlayer(let player) = input { return player } }
        return nil
    }

    func nextAction() async -> OperatorAction? {
        while let input = await next() { if case .operate(let action) = input { return action } }
        return nil
    }

    func nextLeave() async -> SessionID? {
        while let input = await next() {
            switch input {
            case .leave(let id), .leaveAtStop(let id): return id
            default: break
            }
        }
        return nil
    }

    func deliver(_ kind: OutboundMessage.Kind, _ text: String, to sink: any SessionSink) {
        sink.thread.execute {
            sink.deliver(.text(kind, text))
            sink.flush()
        }
    }
}

extension OutboundMessage {
    static func text(_ kind: Kind, _ text: String) -> OutboundMessage {
        OutboundMessage(kind: kind, json: Array(text.utf8))
    }
}
