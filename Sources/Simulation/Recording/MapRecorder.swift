import GameFolder
import LuaSandbox
import Synchronization
import World

/// Writes down what one map is given and what it does with it, step by step; see ``RecordingFile``.
///
/// A step is put together in memory and handed to the file when it is complete, so a tick never waits for a disk.
///
/// Sendable, because what it stands in for must be: everything but `mapID` is used by its one map, on that map's
/// executor.
package final class MapRecorder: @unchecked Sendable {
    /// The map's number.
    package let mapID: Int
    private let file: RecordingFile
    private var tape = TapeWriter()
    private var digest = StepDigest()
    private var total = TapeHash()
    private var timeBits: UInt64 = 0
    private var totalAt = -Double.infinity
    /// Whether the step under way is written down.
    private var isRecording = false
    private var calls = 0
    private var running: [Int] = []

    init(mapID: Int, file: RecordingFile) {
        self.mapID = mapID
        self.file = file
    }

    // MARK: A step begins

    func start(_ game: GameDefinition, seed: UInt64, now: Double) {
        guard let number = file.number(of: game.files) else { return file.stop(.incomplete) }
        guard begin(.start) else { return }
        tape.write(fixed: seed)
        tape.write(number)
        write(now)
    }

    /// Writes down which scripts are left out from the start.
    func begin(with crashed: CrashedScripts) {
        for crash in crashed.all { note(.crash) { $0.write(crash.line) } }
    }

    func populate(_ records: [EntityRecord], now: Double) {
        guard begin(.populate) else { return }
        write(now)
        tape.write(unsigned: UInt64(records.count))
        for record in records { tape.write(record) }
    }

    func tick(_ inputs: [MapInput], now: Double) {
        guard begin(.tick) else { return }
        write(now)
        tape.write(unsigned: UInt64(inputs.count))
        for input in inputs { write(input) }
    }

    private func begin(_ mark: TapeMark) -> Bool {
        isRecording = file.isRecording
        tape.removeAll()
        digest = StepDigest()
        calls = 0
        running.removeAll()
        if isRecording { tape.write(mark.rawValue) }
        return isRecording
    }

    private func write(_ now: Double) {
        // Of two times that lie close together the bits do too: a tick's time takes three bytes.
        tape.write(Int(Int64(bitPattern: now.bitPattern &- timeBits)))
        timeBits = now.bitPattern
    }

    private func write(_ input: MapInput) {
        switch input {
        case .join(let record, let sink):
            tape.write(TapeInput.join.rawValue)
            tape.write(unsigned: sink.id)
            tape.write(sink.playerID)
            tape.write(record)
        case .leave(let id):
            tape.write(TapeInput.leave.rawValue)
            tape.write(unsigned: id)
        case .command(let id, let command, let receivedAt):
            tape.write(TapeInput.command.rawValue)
            tape.write(unsigned: id)
            tape.write(receivedAt)
            tape.write(command)
        case .reload(let id):
            tape.write(TapeInput.reload.rawValue)
            tape.write(unsigned: id)
        case .replaceGame(let game, let problems):
            let number = file.number(of: game.files)
            if number == nil { file.stop(.incomplete) }
            tape.write(TapeInput.replaceGame.rawValue)
            tape.write(number ?? 0)
            tape.write(unsigned: UInt64(problems.count))
            for problem in problems { tape.write(problem) }
        case .resume(let script):
            tape.write(TapeInput.resume.rawValue)
            tape.write(script)
        case .arrive(let record, let origin):
            if let origin {
                tape.write(TapeInput.arriveFrom.rawValue)
                tape.write(origin)
            } else {
                tape.write(TapeInput.arrive.rawValue)
            }
            tape.write(record)
        case .watch(let neighbour, let isNew):
            tape.write(TapeInput.watch.rawValue)
            tape.write(neighbour)
            tape.write(isNew)
        case .border(let strip):
            tape.write(TapeInput.border.rawValue)
            tape.write(strip.mapID)
            tape.write(unsigned: UInt64(strip.records.count))
            for record in strip.records { tape.write(record) }
            tape.write(unsigned: UInt64(strip.acted.count))
            for key in strip.acted { tape.write(key) }
        case .event(let event):
            tape.write(TapeInput.event.rawValue)
            tape.write(event.key)
            tape.write(event.group)
            tape.write(event.event)
            tape.write(event.data)
            tape.write(event.mapID)
        }
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
    func handed(_ isTaken: Bool) { note(.handed) { $0.write(isTaken) } }
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

extension MapRecorder: CallWatcher {
    func limit(_ usual: Duration) -> Duration {
        running.append(calls)
        calls += 1
        return usual
    }

    func cut(_ measured: EventCut?, after count: Int) -> EventCut? {
        guard let measured else { return nil }
        note(.cut) { tape in
            tape.write(measured.count)
            tape.write(measured.greedy)
        }
        return measured
    }

    func cutsEntries(_ measured: Bool, after count: Int) -> Bool {
        if measured { note(.entryCut) { $0.write(count) } }
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
