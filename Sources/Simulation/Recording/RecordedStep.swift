import GameFolder
import LuaSandbox
import Wire
import World

/// One step of a map as it was recorded: what came in, and what the map learned from outside while it ran.
struct RecordedStep {
    enum Kind {
        /// The map was made, of this definition.
        case start(seed: UInt64, definition: Int)
        /// Its stored entities came in.
        case populate([EntityRecord])
        case tick([Input])
    }

    /// What came in to a tick; ``MapInput`` without connections.
    enum Input {
        case join(EntityRecord, SessionID, playerID: Int)
        case leave(SessionID)
        case command(SessionID, Command, receivedAt: Double)
        case reload(SessionID)
        case replaceGame(definition: Int, [GameFolderProblem])
        case arrive(EntityRecord, from: Int?)
        case event(RemoteEvent)
        case watch(from: Int, isNew: Bool)
        case border(BorderStrip)
        case resume(script: String)
    }

    /// A script that a limit stopped: the one thing in a step that another run need not repeat.
    struct Stop {
        /// Which call of the step it was, from 0.
        var call: Int
        var path: String
        var error: ScriptError
    }

    var kind: Kind
    /// Unix time in seconds.
    var now: Double
    /// Numbers that new entities were given, in order.
    var ids: [EntityKey] = []
    /// Nanoseconds since the step began, as scripts asked for them.
    var elapsed: [UInt64] = []
    /// CPU time in nanoseconds, as scripts asked for it.
    var cpu: [UInt64] = []
    /// What the store knew of entities that joined.
    var latest: [EntityRecord?] = []
    /// Whether other maps took what was handed to them.
    var handed: [Bool] = []
    /// How many events other maps would still take, as scripts hung some.
    var rooms: [InputShare] = []
    var stops: [Stop] = []
    /// How many joins and arrivals had their turn, if not all that came in.
    var entryCut: Int?
    /// Where its events ended, if not all that were due had their turn.
    var cut: EventCut?
    /// Scripts that an earlier process had died of when the map was made.
    var crashes: [ScriptCrash] = []
    /// The hash of what the step did, in short.
    var check: UInt32 = 0
    /// The hash of all steps up to this one; about once a second.
    var total: TapeHash?
}

/// What begins a value in a map's part of a recording.
enum TapeMark: UInt8 {
    case start = 1, populate, tick
    case id = 16, elapsed, cpu, latest, handed, stop, crash, cut, room, entryCut
    case end = 30, total
}

/// What begins an input.
enum TapeInput: UInt8 {
    case join = 1, leave, command, reload, replaceGame, arrive, resume, event, arriveFrom, watch, border
}

extension TapeReader {
    /// Reads one step.
    ///
    /// - Parameter before: The time of the step before it, as bits; becomes that of this one.
    /// - Returns: The step.
    /// - Throws: ``RecordingError/malformed(_:)``.
    mutating func step(before: inout UInt64) throws(RecordingError) -> RecordedStep {
        var step: RecordedStep
        switch TapeMark(rawValue: try byte()) {
        case .start:
            // A map that was closed and opened again begins anew in the same part of the file.
            before = 0
            let seed = try fixed64()
            let definition = try integer()
            step = RecordedStep(kind: .start(seed: seed, definition: definition), now: try time(&before))
        case .populate:
            let now = try time(&before)
            var records: [EntityRecord] = []
            for _ in 0..<(try count()) { records.append(try record()) }
            step = RecordedStep(kind: .populate(records), now: now)
        case .tick:
            let now = try time(&before)
            var inputs: [RecordedStep.Input] = []
            for _ in 0..<(try count()) { inputs.append(try input()) }
            step = RecordedStep(kind: .tick(inputs), now: now)
        default: throw .malformed("no step where one should begin")
        }
        while try !reading(into: &step) {}
        if !isAtEnd, peek() == TapeMark.total.rawValue {
            _ = try byte()
            step.total = TapeHash(low: try fixed64(), high: try fixed64())
        }
        return step
    }

    private mutating func time(_ before: inout UInt64) throws(RecordingError) -> Double {
        before &+= UInt64(bitPattern: Int64(try integer()))
        return Double(bitPattern: before)
    }

    private mutating func input() throws(RecordingError) -> RecordedStep.Input {
        switch TapeInput(rawValue: try byte()) {
        case .join:
            let (id, playerID) = (try unsigned(), try integer())
            return .join(try record(), id, playerID: playerID)
        case .leave: return .leave(try unsigned())
        case .command:
            let id = try unsigned()
            let receivedAt = try double()
            return .command(id, try command(), receivedAt: receivedAt)
        case .reload: return .reload(try unsigned())
        case .replaceGame:
            let definition = try integer()
            var problems: [GameFolderProblem] = []
            for _ in 0..<(try count()) { problems.append(try problem()) }
            return .replaceGame(definition: definition, problems)
        case .arrive: return .arrive(try record(), from: nil)
        case .watch:
            let neighbour = try integer()
            return .watch(from: neighbour, isNew: try flag())
        case .border:
            var strip = BorderStrip(mapID: try integer(), records: [], acted: [])
            for _ in 0..<(try count()) { strip.records.append(try record()) }
            for _ in 0..<(try count()) { strip.acted.insert(try key()) }
            return .border(strip)
        case .arriveFrom:
            let origin = try integer()
            return .arrive(try record(), from: origin)
        case .event:
            let key = try key()
            let (group, event, data) = (try text(), try text(), try object())
            return .event(RemoteEvent(key: key, group: group, event: event, data: data, mapID: try integer()))
        case .resume: return .resume(script: try text())
        case nil: throw .malformed("an unknown kind of input")
        }
    }

    /// Reads what came in while the step ran.
    ///
    /// - Returns: Whether the step ends.
    private mutating func reading(into step: inout RecordedStep) throws(RecordingError) -> Bool {
        switch TapeMark(rawValue: try byte()) {
        case .id: step.ids.append(try key())
        case .elapsed: step.elapsed.append(try unsigned())
        case .cpu: step.cpu.append(try unsigned())
        case .latest: step.latest.append(try flag() ? try record() : nil)
        case .handed: step.handed.append(try flag())
        case .stop:
            let call = try integer()
            let path = try text()
            step.stops.append(.init(call: call, path: path, error: try scriptError()))
        case .crash:
            let line = try text()
            guard let crash = ScriptCrash(line) else { throw .malformed("no crash: \"\(line)\"") }
            step.crashes.append(crash)
        case .room:
            let count = Int(clamping: try unsigned())
            step.rooms.append(InputShare(count: count, bytes: Int(clamping: try unsigned())))
        case .entryCut: step.entryCut = try integer()
        case .cut: step.cut = EventCut(count: try integer(), greedy: try text())
        case .end:
            step.check = try fixed32()
            return true
        default: throw .malformed("an unknown value within a step")
        }
        return false
    }
}
