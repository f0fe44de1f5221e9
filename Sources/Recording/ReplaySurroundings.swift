import LuaSandbox
import Simulation
import World

/// Gives a map that is replayed the same answers from outside as when it was recorded.
///
/// A map that does the same asks for the same values. A map of an edited game may ask for others: it gets the remaining
/// recorded values of the kind that it asks for, and then values that continue from there.
///
/// `@unchecked Sendable`: the protocols of a map's surroundings require it. It is safe because a `MapReplay` makes it,
/// gives it to its one `MapSimulation` and calls both on one thread; the simulation calls its surroundings only inside
/// those calls, and nothing else keeps a reference to them.
final class ReplaySurroundings: @unchecked Sendable {
    /// Whether the map must ask for exactly the recorded values, because the game is the recorded one.
    let isStrict: Bool
    private(set) var lines: [ReplayedLine] = []
    private(set) var notes: [ReplayNote] = []
    var digest = StepDigest()
    /// What sockets got in the step.
    private(set) var socketDeliveries: [SocketDelivery] = []
    private var ids: [EntityKind: [Int]] = [:]
    private var lastIDs: [EntityKind: Int] = [:]
    private var elapsed: [UInt64] = []
    private var lastElapsed: UInt64 = 0
    private var cpu: [UInt64] = []
    private var lastCPU: UInt64 = 0
    private var latest: [EntityRecord?] = []
    private var accepted: [Bool] = []
    private var cuts: [TickPart: Int] = [:]
    private var rooms: [InputShare] = []
    private var stops: [RecordedStep.Stop] = []
    private var cut: EventCut?
    private var calls = 0
    private var running: [Int] = []

    /// The least time limit of a call that no limit stopped in the recording: this machine may be slower, or busy.
    private static let patience = Duration.seconds(5)

    init(isStrict: Bool) { self.isStrict = isStrict }

    /// Prepares the recorded values of a step.
    func begin(_ step: RecordedStep) {
        lines = []
        notes = []
        digest = StepDigest()
        socketDeliveries = []
        for key in step.ids { ids[key.kind, default: []].append(key.id) }
        elapsed = step.elapsed.reversed()
        lastElapsed = 0
        cpu = step.cpu.reversed()
        latest = step.latest.reversed()
        accepted = step.accepted.reversed()
        cuts = step.cuts
        rooms = step.rooms.reversed()
        stops = step.stops
        cut = step.cut
        calls = 0
        running = []
    }
}

/// A line of a map's log or error log.
struct ReplayedLine: Equatable {
    var text: String
    var isError: Bool
}

/// A note for people about a replayed step.
package enum ReplayNote: Sendable, Equatable {
    /// A limit, other than that of memory, stopped the script in the recording and again in the replay.
    case stopped(path: String, kind: String)
    /// A limit stopped the script in the recording, but not in the replay. The replay uses the recorded error, but the
    /// script may have done more than in the recording.
    case endedThisTime(path: String, kind: String)

    /// The note as a text for people.
    package var text: String {
        switch self {
        case .stopped(let path, let kind):
            "\(path) was stopped by its \(kind) limit; where in the script that happens differs from run to run, so what follows may differ"
        case .endedThisTime(let path, let kind):
            "\(path) was stopped by its \(kind) limit when it was recorded and runs to its end here, so what follows may differ"
        }
    }
}

extension ReplaySurroundings: EntityIDSource {
    func nextID(_ kind: EntityKind) -> Int {
        if let id = ids[kind]?.first {
            ids[kind]?.removeFirst()
            lastIDs[kind] = id
            return id
        }
        // Far above all numbers that later steps of the recording may give.
        let next = max(lastIDs[kind] ?? 0, 1_000_000_000) + 1
        lastIDs[kind] = next
        return next
    }
}

extension ReplaySurroundings: EntityPersistence {
    func save(_ records: [EntityRecord], removed: [EntityKey]) {}

    func latest(_ key: EntityKey) -> EntityRecord? { latest.popLast() ?? nil }
}

extension ReplaySurroundings: MapRouter {
    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool { accepted.popLast() ?? true }

    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { accepted.popLast() ?? true }

    func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare { rooms.popLast() ?? .unlimited }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    func sendBorder(_ strip: BorderStrip, to mapID: Int) {}
}

extension ReplaySurroundings: MapLogSink {
    func append(_ lines: [String], mapID: Int, isError: Bool) {
        digest.note(lines, isError: isError)
        self.lines += lines.map { ReplayedLine(text: $0, isError: isError) }
    }
}

extension ReplaySurroundings: MapWatcher {
    func limit(_ usual: Duration) -> Duration {
        running.append(calls)
        calls += 1
        let isStopped = isStrict ? stops.contains { $0.call == calls - 1 } : !stops.isEmpty
        return isStopped ? usual : max(usual, Self.patience)
    }

    func sends(_ deliveries: [SocketDelivery]) {
        digest.note(deliveries)
        socketDeliveries += deliveries
    }

    /// Cuts only at recorded places; an edited game has other events, so its events are never cut.
    func cut(_ measured: EventCut?, after count: Int) -> EventCut? { isStrict && cut?.count == count ? cut : nil }

    func cuts(_ part: TickPart, _ measured: Bool, after count: Int) -> Bool { isStrict && cuts[part] == count }

    func ended(_ path: String, _ error: ScriptError?) -> ScriptError? {
        guard let call = running.popLast() else { return error }
        let index =
            isStrict
            ? stops.firstIndex { $0.call == call }
            : error?.isFatal == true ? stops.firstIndex { $0.path == path && $0.error.kind == error?.kind } : nil
        guard let index else { return error }
        let stop = stops.remove(at: index)
        let kind = stop.error.kind
        // The memory in use is the same in every run, so a memory limit needs no note; how far a script gets in some
        // time is not the same.
        if isStrict, error?.kind != kind {
            notes.append(.endedThisTime(path: path, kind: kind.rawValue))
        } else if isStrict, kind != .memory {
            notes.append(.stopped(path: path, kind: kind.rawValue))
        }
        return stop.error
    }
}

extension ReplaySurroundings {
    /// The clock of the replayed map.
    var clock: SimulationClock {
        var clock = SimulationClock(now: { 0 }, monotonic: { 0 })
        clock.elapsed = { [unowned self] _ in
            lastElapsed = elapsed.popLast() ?? lastElapsed
            return lastElapsed
        }
        clock.scriptCPU = { [unowned self] in
            lastCPU = cpu.popLast() ?? lastCPU
            return lastCPU
        }
        return clock
    }
}
