import Dispatch
import GameFolder
import Glibc
import JSONValues
import Simulation
import Synchronization
import World

/// A recording that is being written: the inputs of all maps of a server, so that ``ReplayRunner`` can run them again.
///
/// Maps append whole steps, which wait in memory; twice a second they are packed and written on the file's own queue.
/// When the size limit is reached, the disk is too slow or writing fails, the recording ends: what is in it stays
/// usable, and the game continues. Keeping only the newest part is not possible: a replay would have to start with the
/// state of a map's scripts, and their functions and the values that those hold can't be put into a file.
package final class RecordingFile: Sendable {
    /// The smallest limit: a game's definition and a while of playing.
    package static let minLimitBytes = 1 << 20
    /// Seconds between two writes; a killed server loses the steps of this time.
    private static let drainPeriod = 0.5
    /// The most bytes that may wait to be written, before they are packed.
    private static let maxWaiting = 64 << 20
    /// How many definitions are remembered, so that each is written once for all maps.
    private static let maxKnown = 8

    private struct State {
        var steps: [Int: [UInt8]] = [:]
        var waiting = 0
        var definitions: [(number: Int, files: GameFiles)] = []
        var known: [(number: Int, files: GameFiles)] = []
        var lastNumber = 0
        var end: RecordingEnd?
    }

    /// The state that only the queue uses after the initializer.
    private struct Output {
        var descriptor: Int32
        var written = 0
        var lastDefinition: (number: Int, files: GameFiles)?
    }

    /// The file.
    package let path: String
    private let limitBytes: Int
    private let onEnd: @Sendable (RecordingEnd) -> Void
    private let state = Mutex(State())
    private let output: Mutex<Output>
    private let isOpen = Atomic(true)
    private let queue = DispatchQueue(label: "perigee.recording", qos: .utility)

    /// Makes the file, replacing a file of that name.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limitBytes: The most bytes that the file may have; at least ``minLimitBytes``.
    ///   - head: The properties of the recording.
    ///   - onEnd: Called, on any thread, when the recording ends before ``close()``.
    /// - Throws: ``RecordingError/unwritable(path:reason:)``.
    package init(
        path: String, limitBytes: Int, head: RecordingHead, onEnd: @escaping @Sendable (RecordingEnd) -> Void
    ) throws(RecordingError) {
        self.path = path
        self.limitBytes = max(limitBytes, Self.minLimitBytes)
        self.onEnd = onEnd
        let descriptor: Int32
        do {
            descriptor = try PlainFile.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        } catch {
            throw .unwritable(path: path, reason: error.reason)
        }
        // The recording holds what players wrote, so only its owner may read it; an older file may have allowed all.
        fchmod(descriptor, 0o600)
        output = Mutex(Output(descriptor: descriptor))
        var start = RecordingFormat.magic
        withUnsafeBytes(of: RecordingFormat.version.littleEndian) { start.append(contentsOf: $0) }
        start += RecordingFormat.chunk(.head, head.json.bytes) ?? []
        guard output.withLock({ write(start, to: &$0) }) else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        drainLater()
    }

    deinit {
        output.withLock { if $0.descriptor >= 0 { _ = Glibc.close($0.descriptor) } }
    }

    /// Writes what waits and the end of the recording, and closes the file.
    package func close() {
        state.withLock { if $0.end == nil { $0.end = .stopped } }
        isOpen.store(false, ordering: .relaxed)
        flush()
    }

    /// Writes what waits.
    func flush() { queue.sync { drain() } }

    // MARK: Maps

    var isRecording: Bool { isOpen.load(ordering: .relaxed) }

    /// Adds whole steps of a map to what waits to be written.
    func append(_ steps: [UInt8], of mapID: Int) {
        let isFull = state.withLock { state in
            guard state.end == nil else { return false }
            state.steps[mapID, default: []].append(contentsOf: steps)
            state.waiting += steps.count
            return state.waiting > Self.maxWaiting
        }
        if isFull { stop(.overrun) }
    }

    /// The number of a definition, which is written before the steps that refer to it; `nil` when there are no files.
    func number(of files: GameFiles?) -> Int? {
        guard let files else { return nil }
        return state.withLock { state in
            if let known = state.known.last(where: { $0.files === files }) { return known.number }
            state.lastNumber += 1
            let entry = (state.lastNumber, files)
            state.known.append(entry)
            if state.known.count > Self.maxKnown { state.known.removeFirst() }
            state.definitions.append(entry)
            return state.lastNumber
        }
    }

    /// Ends the recording early.
    func stop(_ reason: RecordingEnd) {
        let isFirst = state.withLock { state in
            guard state.end == nil else { return false }
            state.end = reason
            return true
        }
        guard isFirst else { return }
        isOpen.store(false, ordering: .relaxed)
        onEnd(reason)
        queue.async { self.drain() }
    }

    // MARK: The queue

    private func drainLater() {
        queue.asyncAfter(deadline: .now() + Self.drainPeriod) { [weak self] in
            guard let self, isRecording else { return }
            drain()
            drainLater()
        }
    }

    /// Packs and writes what waits.
    private func drain() {
        let (definitions, steps, end) = state.withLock { state in
            defer {
                state.definitions = []
                state.steps = [:]
                state.waiting = 0
            }
            return (state.definitions, state.steps, state.end)
        }
        let failure: RecordingEnd? = output.withLock { output in
            guard output.descriptor >= 0 else { return nil }
            var failure: RecordingEnd?
            for definition in definitions where failure == nil {
                let content = Self.content(of: definition, after: output.lastDefinition)
                output.lastDefinition = definition
                failure = put(.definition, content, to: &output)
            }
            for (mapID, content) in steps.sorted(by: { $0.key < $1.key }) where failure == nil {
                failure = put(.steps, map: mapID, content, to: &output)
            }
            guard let reason = failure ?? end else { return nil }
            if reason != .failed, let chunk = RecordingFormat.chunk(.end, [reason.rawValue]) {
                _ = write(chunk, to: &output)
            }
            _ = Glibc.close(output.descriptor)
            output.descriptor = -1
            return failure
        }
        if let failure { stop(failure) }
    }

    private func put(_ kind: RecordingFormat.Kind, map: Int = 0, _ content: [UInt8], to output: inout Output)
        -> RecordingEnd?
    {
        guard let chunk = RecordingFormat.chunk(kind, map: map, content) else { return .failed }
        // 64 bytes are reserved for the end chunk.
        guard output.written + chunk.count + 64 <= limitBytes else { return .limit }
        return write(chunk, to: &output) ? nil : .failed
    }

    private func write(_ bytes: [UInt8], to output: inout Output) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
            output.written += count
        }
        return true
    }

    /// A definition as its differences from the previously written one.
    private static func content(
        of definition: (number: Int, files: GameFiles), after before: (number: Int, files: GameFiles)?
    ) -> [UInt8] {
        let old = before?.files.contents ?? [:]
        let changed = definition.files.contents.filter { old[$0.key] != $0.value }.sorted { $0.key < $1.key }
        let removed = old.keys.filter { definition.files.contents[$0] == nil }.sorted()
        var tape = TapeWriter()
        tape.write(definition.number)
        tape.write(before?.number ?? 0)
        tape.write(unsigned: UInt64(changed.count))
        for (path, bytes) in changed {
            tape.write(path)
            tape.write(bytes)
        }
        tape.write(unsigned: UInt64(removed.count))
        for path in removed { tape.write(path) }
        return tape.bytes
    }
}
