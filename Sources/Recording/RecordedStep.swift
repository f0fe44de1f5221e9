import GameFolder
import LuaSandbox
import Simulation
import World

/// One step of a map as it was recorded: what came in, and what the map learned from outside while it ran.
struct RecordedStep {
    /// A script that a limit stopped: the one thing in a step that another run need not repeat.
    struct Stop {
        /// Which call of the step it was, from 0.
        var call: Int
        var path: String
        var error: ScriptError
    }

    /// What the map was given.
    var given: MapStep
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
    /// How many events other maps would still take, as scripts queued some.
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

extension TapeReader {
    /// Reads one step.
    ///
    /// - Parameters:
    ///   - before: The time of the step before it, as bits; becomes that of this one.
    ///   - game: The game definition of a number in the recording.
    /// - Returns: The step.
    /// - Throws: ``RecordingError/malformed(_:)``, and what `game` throws.
    mutating func step(
        before: inout UInt64, game: (Int) throws(RecordingError) -> GameDefinition
    ) throws(RecordingError) -> RecordedStep {
        let given = try given(before: &before, game: game)
        var step = RecordedStep(given: given, now: Double(bitPattern: before))
        while try !reading(into: &step) {}
        if !isAtEnd, peek() == TapeMark.total.rawValue {
            _ = try byte()
            step.total = TapeHash(low: try fixed64(), high: try fixed64())
        }
        return step
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
