import GameFolder
import World

/// Runs one recorded map again, step by step, with the recorded game or another one.
final class MapReplay {
    /// What a step did.
    struct Outcome {
        var tick: Int
        /// Unix time in seconds.
        var now: Double
        var deliveries: [MapSimulation.Delivery]
        var lines: [ReplayedLine]
        var notes: [ReplayNote]
        var hash: TapeHash
    }

    private let recording: Recording
    private let mapID: Int
    private let game: GameDefinition?
    private let outside: ReplaySurroundings
    private var simulation: MapSimulation?
    private var sinks: [SessionID: ReplayedSession] = [:]
    private var games: [Int: GameDefinition] = [:]

    /// - Parameters:
    ///   - recording: The recording.
    ///   - mapID: The map.
    ///   - game: What to run in the place of the recorded game and its reloads; `nil` for those.
    init(_ recording: Recording, mapID: Int, game: GameDefinition?) {
        self.recording = recording
        self.mapID = mapID
        self.game = game
        outside = ReplaySurroundings(isStrict: game == nil)
    }

    /// Runs one step.
    func run(_ step: RecordedStep) throws(RecordingError) -> Outcome {
        outside.begin(step)
        var deliveries: [MapSimulation.Delivery] = []
        switch step.kind {
        case .start(let seed, let number):
            simulation = try start(step, seed: seed, definition: number)
        case .populate(let records): simulation?.populate(records, now: step.now)
        case .tick(let inputs):
            var taken: [MapInput] = []
            for input in inputs { if let input = try replayed(input) { taken.append(input) } }
            deliveries = simulation?.tick(now: step.now, inputs: taken) ?? []
        }
        guard let simulation else { throw .malformed("a map's first step is missing") }
        return Outcome(
            tick: simulation.tickNumber, now: step.now, deliveries: deliveries, lines: outside.lines,
            notes: outside.notes, hash: outside.digest.finish(deliveries, simulation.world))
    }

    private func start(
        _ step: RecordedStep, seed: UInt64, definition: Int
    ) throws(RecordingError) -> MapSimulation {
        let surroundings = MapSimulation.Surroundings(
            ids: outside, persistence: outside, router: outside, logSink: outside, clock: outside.clock)
        var watched = surroundings
        watched.watcher = outside
        watched.crashes = RecordedCrashes(crashes: step.crashes)
        let game = if let game { game } else { try recorded(definition) }
        do {
            return try MapSimulation(game: game, mapID: mapID, seed: seed, surroundings: watched, now: step.now)
        } catch {
            throw .noMemory("\(error)")
        }
    }

    private func recorded(_ number: Int) throws(RecordingError) -> GameDefinition {
        if let known = games[number] { return known }
        let files = try recording.files(number)
        let game: GameDefinition
        do {
            (game, _) = try GameFolder.load(files: files)
        } catch {
            throw .malformed("the game in it can't be put into a temporary folder: \(error)")
        }
        // A reload is of the newest definition; the one before may still be under way to other maps, not here.
        games = [number: game]
        return game
    }

    private func replayed(_ input: RecordedStep.Input) throws(RecordingError) -> MapInput? {
        switch input {
        case .join(let record, let id, let playerID):
            let sink = ReplayedSession(id: id, playerID: playerID, login: record.login)
            return .join(record, sink)
        case .leave(let id): return .leave(id)
        case .command(let id, let command, let receivedAt): return .command(id, command, receivedAt: receivedAt)
        case .reload(let id): return .reload(id)
        case .arrive(let record, let origin): return .arrive(record, from: origin)
        case .event(let event): return .event(event)
        case .watch(let neighbour, let isNew): return .watch(from: neighbour, isNew: isNew)
        case .border(let strip): return .border(strip)
        case .resume(let script): return .resume(script: script)
        case .replaceGame(let number, let problems):
            return game == nil ? .replaceGame(try recorded(number), problems: problems) : nil
        }
    }
}

/// The crashes that there were before the recording began.
private struct RecordedCrashes: CrashHistory {
    let crashes: [ScriptCrash]
    func forgive(_ path: String) {}
}

/// A connection that there was.
final class ReplayedSession: SessionSink {
    let id: SessionID
    let playerID: Int
    let login: String?
    let thread = SessionThread.caller

    init(id: SessionID, playerID: Int, login: String?) {
        self.id = id
        self.playerID = playerID
        self.login = login
    }

    func deliver(_ message: OutboundMessage) {}
    func flush() {}
}
