import GameFolder
import LuaSandbox
import Simulation
import World

/// One step of a map as it was recorded: its inputs, and the answers that the map got from outside while the step ran.
struct RecordedStep {
    /// A script that a limit stopped: the only thing in a step that may differ in another run.
    struct Stop {
        /// The number of the call in the step, from 0.
        var call: Int
        var path: String
        var error: ScriptError
    }

    /// The kind of step and its inputs.
    var mapStep: MapStep
    /// Unix time in seconds.
    var now: Double
    /// The keys of new entities, in order.
    var ids: [EntityKey] = []
    /// Nanoseconds since the step began, in the order in which scripts read them.
    var elapsed: [UInt64] = []
    /// CPU time in nanoseconds, in the order in which scripts read it.
    var cpu: [UInt64] = []
    /// The newest stored records of players that joined, in order.
    var latest: [EntityRecord?] = []
    /// Whether other maps accepted the entities and events that were sent to them, in order.
    var accepted: [Bool] = []
    /// How many more events another map would accept, at each time when a script queued one.
    var rooms: [InputShare] = []
    var stops: [Stop] = []
    /// How many steps of a part of the tick were done before the rest had to wait; absent when all were.
    var cuts: [TickPart: Int] = [:]
    /// Where the step's events were cut; `nil` when all due events had their turn.
    var cut: EventCut?
    /// The crashes of earlier processes whose scripts were suspended when the map was made.
    var crashes: [ScriptCrash] = []
    /// The short form of the step's hash.
    var check: UInt32 = 0
    /// The hash of all steps up to this one; present about once a second, else `nil`.
    var total: TapeHash?
}

extension TapeReader {
    /// Reads one step.
    ///
    /// - Parameters:
    ///   - before: The time of the previous step, as bits; becomes the time of this step.
    ///   - game: The game definition of a number in the recording.
    /// - Returns: The step.
    /// - Throws: ``RecordingError/malformed(_:)``, and what `game` throws.
    mutating func step(
        before: inout UInt64, game: (Int) throws(RecordingError) -> GameDefinition
    ) throws(RecordingError) -> RecordedStep {
        let mapStep = try mapStep(before: &before, game: game)
        var step = RecordedStep(mapStep: mapStep, now: Double(bitPattern: before))
        while try !reading(into: &step) {}
        if !isAtEnd, peek() == TapeMark.total.rawValue {
            _ = try byte()
            step.total = TapeHash(low: try fixed64(), high: try fixed64())
        }
        return step
    }

    /// Reads one value that the map got from outside while the step ran, or the end of the step.
    ///
    /// - Returns: Whether the step ends.
    private mutating func reading(into step: inout RecordedStep) throws(RecordingError) -> Bool {
        let mark = try byte()
        switch TapeMark(rawValue: mark) {
        case .id: step.ids.append(try key())
        case .elapsed: step.elapsed.append(try unsigned())
        case .cpu: step.cpu.append(try unsigned())
        case .latest: step.latest.append(try flag() ? try record() : nil)
        case .accepted: step.accepted.append(try flag())
        case .stop:
            let call = try integer()
            let path = try text()
            step.stops.append(.init(call: call, path: path, error: try scriptError()))
        case .crash:
            let line = try text()
            guard let crash = ScriptCrash(line) else { throw malformed("\"\(line)\" is not a crash") }
            step.crashes.append(crash)
        case .room:
            let count = Int(clamping: try unsigned())
            step.rooms.append(InputShare(count: count, bytes: Int(clamping: try unsigned())))
        case .entryCut: step.cuts[.entries] = try integer()
        case .departureCut: step.cuts[.departures] = try integer()
        case .hookCut: step.cuts[.spawnHooks] = try integer()
        case .socketCut: step.cuts[.sockets] = try integer()
        case .collectionCut: step.cuts[.collection] = try integer()
        case .cut: step.cut = EventCut(count: try integer(), greedy: try text())
        case .end:
            step.check = try fixed32()
            return true
        default: throw unknown(mark, "a value within a step")
        }
        return false
    }
}
