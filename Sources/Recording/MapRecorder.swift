import GameFolder
import LuaSandbox
import Simulation
import World

/// Records the inputs of one map, and hashes of what it does with them, step by step; see ``RecordingFile``.
///
/// A step is encoded in memory and appended to the file's queue when it is complete, so a tick never waits for a disk.
///
/// `@unchecked Sendable`: a map has one recorder. Every `var` is touched only by the map's calls to its `MapWatcher`,
/// ids, persistence, router, log and clock, and a map makes those on its own serial executor, or in its initializer,
/// before that executor knows it. `mapID` and `file` are constants, and ``RecordingFile`` has a lock.
final class MapRecorder: @unchecked Sendable {
    private let mapID: Int
    private let file: RecordingFile
    private var tape = TapeWriter()
    private var digest = StepDigest()
    private var total = TapeHash()
    private var timeBits: UInt64 = 0
    private var totalAt = -Double.infinity
    /// Whether the current step is recorded.
    private var isRecording = false
    private var calls = 0
    private var running: [Int] = []

    init(mapID: Int, file: RecordingFile) {
        self.mapID = mapID
        self.file = file
    }

    // MARK: A step begins

    func begin(_ step: MapStep, now: Double) {
        isRecording = file.isRecording
        tape.removeAll()
        digest = StepDigest()
        calls = 0
        running.removeAll()
        guard isRecording else { return }
        tape.write(step, now: now, after: &timeBits) { game in
            if let number = file.number(of: game.files) { return number }
            file.stop(.incomplete)
            return 0
        }
    }

    /// Records the crashes because of which scripts are suspended from the start.
    func begin(with crashes: [ScriptCrash]) {
        for crash in crashes { note(.crash) { $0.write(crash.line) } }
    }

    // MARK: While it runs

    private func note(_ mark: TapeMark, _ body: (inout TapeWriter) -> Void) {
        guard isRecording else { return }
        tape.write(mark.rawValue)
        body(&tape)
    }

    func gave(_ key: EntityKey) { note(.id) { $0.write(key) } }
    func elapsed(_ nanoseconds: UInt64) { note(.elapsed) { $0.write(unsigned: nanoseconds) } }
    func cpu(_ nanoseconds: UInt64) { note(.cpu) { $0.write(unsigned: nanoseconds) } }
    func latest(_ record: EntityRecord?) { note(.latest) { $0.write(optional: record) { $0.write($1) } } }
    func room(_ share: InputShare) {
        note(.room) { tape in
            tape.write(unsigned: UInt64(max(share.count, 0)))
            tape.write(unsigned: UInt64(max(share.bytes, 0)))
        }
    }
    func accepted(_ isTaken: Bool) { note(.accepted) { $0.write(isTaken) } }
    func logged(_ lines: [String], isError: Bool) { if isRecording { digest.note(lines, isError: isError) } }

    // MARK: It ends

    func end(_ deliveries: [MapSimulation.Delivery], _ world: World, now: Double) {
        guard isRecording else { return }
        let hash = digest.finish(deliveries, world)
        total.combine(hash)
        tape.write(TapeMark.end.rawValue)
        tape.write(fixed: hash.short)
        if now - totalAt >= 1 || now < totalAt {
            totalAt = now
            tape.write(TapeMark.total.rawValue)
            tape.write(fixed: total.low)
            tape.write(fixed: total.high)
        }
        file.append(tape.bytes, of: mapID)
    }
}

extension MapRecorder: MapWatcher {
    func limit(_ usual: Duration) -> Duration {
        running.append(calls)
        calls += 1
        return usual
    }

    func sends(_ deliveries: [SocketDelivery]) { if isRecording { digest.note(deliveries) } }

    func cut(_ measured: EventCut?, after count: Int) -> EventCut? {
        guard let measured else { return nil }
        note(.cut) { tape in
            tape.write(measured.count)
            tape.write(measured.greedy)
        }
        return measured
    }

    func cuts(_ part: TickPart, _ measured: Bool, after count: Int) -> Bool {
        if measured { note(part.mark) { $0.write(count) } }
        return measured
    }

    func ended(_ path: String, _ error: ScriptError?) -> ScriptError? {
        guard let call = running.popLast(), let error, error.isFatal else { return error }
        note(.stop) { tape in
            tape.write(call)
            tape.write(path)
            tape.write(error)
        }
        return error
    }
}
