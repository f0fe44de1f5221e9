import GameFolder
import Simulation
import Wire
import World

/// Replays one recorded map, step by step, with the recorded game or another one.
final class MapReplay {
    /// The result of a step.
    struct Outcome {
        var tick: Int
        /// Unix time in seconds.
        var now: Double
        var deliveries: [MapSimulation.Delivery]
        var socketDeliveries: [SocketDelivery]
        var lines: [ReplayedLine]
        var notes: [ReplayNote]
        var hash: TapeHash
    }

    private let mapID: Int
    private let game: GameDefinition?
    private let outside: ReplaySurroundings
    private var simulation: MapSimulation?

    /// - Parameters:
    ///   - mapID: The map.
    ///   - game: The game to run instead of the recorded game and its reloads; `nil` to run the recorded ones.
    init(mapID: Int, game: GameDefinition?) {
        self.mapID = mapID
        self.game = game
        outside = ReplaySurroundings(isStrict: game == nil)
    }

    /// Runs one step.
    func run(_ step: RecordedStep) throws(RecordingError) -> Outcome {
        outside.begin(step)
        var deliveries: [MapSimulation.Delivery] = []
        switch step.mapStep {
        case .start(let recorded, let seed): simulation = try start(game ?? recorded, step, seed: seed)
        case .populate(let records): simulation?.populate(records, now: step.now)
        case .tick(let inputs):
            let taken = game == nil ? inputs : inputs.filter { !$0.replacesGame }
            deliveries = simulation?.tick(now: step.now, inputs: taken) ?? []
            // The surroundings have them too.
            _ = simulation?.takeSocketDeliveries()
        }
        guard let simulation else { throw .malformed("a map's first step is missing") }
        return Outcome(
            tick: simulation.tickNumber, now: step.now, deliveries: deliveries,
            socketDeliveries: outside.socketDeliveries, lines: outside.lines,
            notes: outside.notes, hash: outside.digest.finish(deliveries, simulation.world))
    }

    private func start(
        _ game: GameDefinition, _ step: RecordedStep, seed: UInt64
    ) throws(RecordingError) -> MapSimulation {
        var surroundings = MapSimulation.Surroundings(
            ids: outside, persistence: outside, router: outside, logSink: outside, clock: outside.clock)
        surroundings.watcher = outside
        surroundings.crashes = ReplayedCrashes(crashes: step.crashes)
        do {
            return try MapSimulation(game: game, mapID: mapID, seed: seed, surroundings: surroundings, now: step.now)
        } catch {
            throw .noMemory("\(error)")
        }
    }
}

extension MapInput {
    /// Whether it changes the game.
    var replacesGame: Bool { if case .replaceGame = self { true } else { false } }
}

/// The crashes that the map read when it was made.
private struct ReplayedCrashes: CrashHistory {
    let crashes: [ScriptCrash]
    func forgive(_ path: String) {}
}

/// A session of a recorded player; it drops all messages.
final class ReplayedSession: SessionSink {
    let id: SessionID
    let playerID: Int
    let login: String?
    let takesPatches: Bool
    let hasFastLane: Bool
    let thread = SessionThread.caller

    init(id: SessionID, playerID: Int, login: String?, takesPatches: Bool, hasFastLane: Bool) {
        self.id = id
        self.playerID = playerID
        self.login = login
        self.takesPatches = takesPatches
        self.hasFastLane = hasFastLane
    }

    func deliver(_ message: OutboundMessage) {}
    func flush() {}
}
