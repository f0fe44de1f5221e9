import OperatorAPI
import Synchronization

/// The entries that wait for the reader of one stream. Any thread may call it.
///
/// It is bounded: when the reader is slower than the maps, the oldest entries go, and the reader is told how many. So a
/// slow reader costs a map nothing more than a fast one, and takes no more memory.
final class LogQueue: Sendable {
    /// The most entries that wait.
    static let maxEntries = 500
    /// The most bytes that wait, as ``LogEntry/weight`` counts them.
    static let maxBytes = 256 << 10

    /// Why a stream ends.
    enum End: String, Sendable {
        /// The server stops.
        case stopping
        /// Its owner opened more streams.
        case replaced
        /// Its owner's session has ended.
        case loggedOut = "logged_out"
        /// Its connection has closed.
        case left
    }

    /// What is to be written now.
    struct Batch: Sendable {
        var entries: [LogEntry] = []
        /// How many entries before these are missing.
        var skipped = 0
        /// Whether a sign of life is due.
        var isBeat = false
        var end: End?
    }

    private struct State {
        var batch = Batch()
        var bytes = 0
    }

    private let state = Mutex(State())
    /// Has an element after each change, until the end was taken.
    let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    init() { (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// Adds an entry.
    func offer(_ entry: LogEntry) {
        state.withLock { Self.add(entry, to: &$0) }
        change.yield()
    }

    /// Adds the entries with which the stream begins, before those that were offered already.
    ///
    /// - Parameters:
    ///   - entries: The entries, oldest first.
    ///   - skipped: How many entries before them are missing.
    func begin(with entries: [LogEntry], skipped: Int) {
        state.withLock { state in
            let later = state.batch
            state = State()
            (state.batch.isBeat, state.batch.end) = (later.isBeat, later.end)
            state.batch.skipped = skipped
            if later.skipped == 0 {
                for entry in entries { Self.add(entry, to: &state) }
            } else {
                // Newer entries are missing already, and only what is older than all others may be.
                state.batch.skipped += entries.count + later.skipped
            }
            for entry in later.entries { Self.add(entry, to: &state) }
        }
        change.yield()
    }

    private static func add(_ entry: LogEntry, to state: inout State) {
        state.batch.entries.append(entry)
        state.bytes += entry.weight
        guard state.bytes > maxBytes || state.batch.entries.count > maxEntries else { return }
        // A tenth at once, so that a flood does not move all entries for each new one.
        var count = 0
        while count < state.batch.entries.count - 1, count < maxEntries / 10 || state.bytes > maxBytes {
            state.bytes -= state.batch.entries[count].weight
            count += 1
        }
        state.batch.entries.removeFirst(count)
        state.batch.skipped += count
    }

    /// Asks for a sign of life.
    func beat() {
        state.withLock { $0.batch.isBeat = true }
        change.yield()
    }

    /// Ends the stream after what waits.
    func end(_ reason: End) {
        state.withLock { $0.batch.end = $0.batch.end ?? reason }
        change.yield()
    }

    /// Takes what waits.
    func take() -> Batch {
        state.withLock { state in
            defer { state = State() }
            return state.batch
        }
    }
}
