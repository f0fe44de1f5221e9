import Dispatch
import Foundation
import Gateway
import OperatorAPI
package import Simulation
import Synchronization

/// The logs of all maps: passes their lines on to the files, keeps the latest entries, groups errors, and feeds the
/// streams of readers. Any thread may call it.
///
/// Maps call it in their ticks. It holds its lock for short, bounded work only, and never waits for a reader or a disk.
package final class LogHub: MapLogSink {
    /// The most streams at once.
    static let maxStreams = 32
    /// The most streams of one operator; a further one ends the oldest.
    static let maxStreamsEach = 4
    /// How long changed groups of errors wait to be written, in seconds.
    private static let saveDelay = 5

    private struct OpenStream {
        var number: Int
        var owner: String
        var map: Int?
        var queue: LogQueue
    }

    private struct State {
        var last: UInt64 = 0
        var rings: [Int: LogRing] = [:]
        var groups = ErrorGroups()
        var streams: [OpenStream] = []
        var lastStream = 0
        var isSaveScheduled = false
    }

    /// Names this run of the server, so that a reader who comes back after a restart gets everything.
    let run: String
    /// The folder of the log files; `nil` without files.
    let directory: String?
    private let files: FileLogStore?
    private let groupFile: ErrorGroupFile?
    private let now: @Sendable () -> Double
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "perigee.error-groups")

    /// Makes the logs, and reads what an earlier run of the server left in its files.
    ///
    /// - Parameters:
    ///   - files: Where lines are written; `nil` only keeps them in memory.
    ///   - directory: The folder of these files; `nil` reads and keeps none.
    ///   - now: Unix time in seconds; `nil` is the machine's clock.
    package init(
        files: FileLogStore? = nil, directory: String? = nil, now: (@Sendable () -> Double)? = nil
    ) {
        let now = now ?? TimeSource.system.unix
        self.files = files
        self.directory = directory
        self.now = now
        run = String(UInt64(max(now() * 1000, 0)), radix: 36)
        groupFile = directory.map { ErrorGroupFile(path: $0 + "/error-groups.json") }
        recall()
    }

    /// Takes the end of the log files, and the groups of errors with those that happened after they were last saved.
    private func recall() {
        guard let directory, let groupFile else { return }
        let entries = LogFileReader.entries(in: directory)
        let (groups, saved) = groupFile.read()
        state.withLock { state in
            state.groups.restore(groups)
            for entry in entries {
                Self.append(entry, to: &state)
                guard entry.level == .error, entry.time > saved else { continue }
                let kind = entry.kind ?? "error"
                let error = MapDiagnostics.ErrorEntry(
                    time: entry.time, tick: entry.tick, script: entry.script, line: entry.line, kind: kind,
                    message: entry.text, traceback: entry.traceback, entity: entry.entity,
                    // The version is not known, so that it stays until it happens again or is cleared.
                    ran: kind == "syntax" || kind == "folder" ? nil : entry.script)
                state.groups.note(error, id: ErrorGroups.id(of: error), map: entry.map)
            }
        }
    }

    // MARK: - From the maps

    package func append(_ lines: [String], mapID: Int, isError: Bool) {
        files?.append(lines, mapID: mapID, isError: isError)
    }

    package func note(_ entry: MapLog.Entry, mapID: Int) {
        switch entry {
        case .line(let line):
            let entry = LogEntry(
                map: mapID, time: line.time, tick: line.tick, level: line.script == nil ? .server : .print,
                script: line.script, text: line.text)
            state.withLock { Self.append(entry, to: &$0) }
        case .error(let error):
            let isResult = error.kind == "returned"
            let entry = LogEntry(
                map: mapID, time: error.time, tick: error.tick, level: isResult ? .result : .error, kind: error.kind,
                script: error.script, line: error.line, entity: error.entity, text: error.message,
                traceback: error.traceback)
            let id = isResult ? nil : ErrorGroups.id(of: error)
            let mustSave = state.withLock { state in
                Self.append(entry, to: &state)
                guard let id else { return false }
                state.groups.note(error, id: id, map: mapID)
                return Self.scheduleSave(&state)
            }
            if mustSave { saveSoon() }
        }
    }

    private static func append(_ entry: LogEntry, to state: inout State) {
        var entry = entry
        state.last += 1
        entry.number = state.last
        state.rings[entry.map, default: LogRing()].append(entry)
        for stream in state.streams where stream.map == nil || stream.map == entry.map { stream.queue.offer(entry) }
    }

    // MARK: - For readers

    /// The latest entries, oldest first.
    func entries(_ filter: LogFilter, limit: Int) -> [LogEntry] {
        let all = state.withLock { state in
            state.rings.filter { filter.map == nil || $0.key == filter.map }.map(\.value.all)
        }
        return Array(
            all.joined().filter(filter.admits).sorted { $0.number < $1.number }.suffix(limit))
    }

    /// How many entries a new stream begins with.
    static let firstEntries = 300

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - owner: The operator.
    ///   - filter: The filter, of which only the map counts here.
    ///   - number: The last entry that the reader has; `nil` for a new reader.
    /// - Returns: The stream, which ends when it is released; `nil` when there are too many.
    func open(owner: String, _ filter: LogFilter, after number: UInt64?) -> LogStream? {
        let queue = LogQueue()
        guard let opened = register(queue, owner: owner, filter) else { return nil }
        // Maps take the lock in their ticks, so this is done without it. Entries that come meanwhile wait behind these.
        let known = number ?? 0
        let missed = opened.rings.map { ring in ring.drop { $0.number <= known } }
        let latest = missed.map { $0.suffix(Self.firstEntries) }
        let first = latest.joined().sorted { $0.number < $1.number }.suffix(Self.firstEntries)
        queue.begin(
            with: Array(first), skipped: number == nil ? 0 : missed.reduce(0) { $0 + $1.count } - first.count)
        return LogStream(queue: queue) { [self, number = opened.number] in close(number) }
    }

    /// Adds a stream.
    ///
    /// - Returns: Its number, and what there was before it. Only references are copied: the next entry of a map makes
    ///   one copy of its ring. `nil` when there are too many streams.
    private func register(
        _ queue: LogQueue, owner: String, _ filter: LogFilter
    ) -> (number: Int, rings: [ArraySlice<LogEntry>])? {
        state.withLock { state in
            let own = state.streams.filter { $0.owner == owner }
            if own.count >= Self.maxStreamsEach, let oldest = own.first {
                oldest.queue.end(.replaced)
                state.streams.removeAll { $0.number == oldest.number }
            }
            guard state.streams.count < Self.maxStreams else { return nil }
            state.lastStream += 1
            state.streams.append(
                OpenStream(number: state.lastStream, owner: owner, map: filter.map, queue: queue))
            let rings = state.rings.filter { filter.map == nil || $0.key == filter.map }
            return (state.lastStream, rings.values.map(\.all))
        }
    }

    private func close(_ number: Int) { state.withLock { $0.streams.removeAll { $0.number == number } } }

    /// How many streams are open.
    var streamCount: Int { state.withLock { $0.streams.count } }

    // MARK: - Groups of errors

    /// The groups, the latest first; with a map only those that happened there, with its own counts.
    func groups(map: Int? = nil) -> ErrorGroupsAnswer {
        state.withLock { state in
            var groups = state.groups.all
            if let map {
                groups = groups.compactMap { group in
                    guard let place = group.maps.first(where: { $0.map == map }) else { return nil }
                    var group = group
                    (group.count, group.lastSeen, group.maps) = (place.count, place.lastSeen, [place])
                    return group
                }
            }
            return ErrorGroupsAnswer(version: version(state), groups: groups)
        }
    }

    private func version(_ state: State) -> String { "\(run)-\(state.groups.changes)" }

    /// Whether the states of maps can change a group.
    var hasUnmended: Bool { state.withLock { $0.groups.hasUnmended } }

    /// Marks the groups that are mended, see ``ErrorGroups/markMended(by:at:)``.
    func markMended(by states: [Int: ScriptStates]) {
        change { $0.markMended(by: states, at: now()) }
    }

    /// Removes one group, and returns it.
    func removeGroup(_ id: String) -> ErrorGroup? { change { $0.remove(id) } }

    /// Removes groups, and returns how many.
    func removeGroups(where isMeant: (ErrorGroup) -> Bool) -> Int { change { $0.remove(where: isMeant) } }

    private func change<Result: Sendable>(_ body: (inout ErrorGroups) -> Result) -> Result {
        let (result, mustSave) = state.withLock { state in
            let before = state.groups.changes
            let result = body(&state.groups)
            return (result, state.groups.changes != before && Self.scheduleSave(&state))
        }
        if mustSave { saveSoon() }
        return result
    }

    // MARK: - Saving

    /// - Returns: Whether the caller must call ``saveSoon()``.
    private static func scheduleSave(_ state: inout State) -> Bool {
        defer { state.isSaveScheduled = true }
        return !state.isSaveScheduled
    }

    private func saveSoon() {
        guard groupFile != nil else { return }
        queue.asyncAfter(deadline: .now() + .seconds(Self.saveDelay)) { self.save() }
    }

    private func save() {
        guard let groupFile else { return }
        let groups = state.withLock { state in
            state.isSaveScheduled = false
            return state.groups.all
        }
        groupFile.write(groups, at: now())
    }

    /// Writes all lines and groups to the files, see ``FileLogStore/flush(patience:)``.
    package func flush() {
        files?.flush()
        guard groupFile != nil else { return }
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.save()
            isDone.signal()
        }
        // A disk that does not answer must not keep the process from ending.
        _ = isDone.wait(timeout: .now() + 5)
    }
}

/// One reader's stream; it is closed when nothing refers to it any more.
final class LogStream: Sendable {
    let queue: LogQueue
    private let close: @Sendable () -> Void

    init(queue: LogQueue, close: @escaping @Sendable () -> Void) {
        self.queue = queue
        self.close = close
    }

    deinit { close() }
}
