import Simulation

/// A map's log for a test: lines and errors in the order in which they were written.
struct TestLog {
    struct Entry {
        /// `log` or `error`.
        var level: String
        /// For errors: `runtime`, `time_limit` …
        var kind: String?
        var script: String?
        var line: Int?
        var text: String
        var time: Double
        var entity: String?
        var traceback: [String] = []
    }

    /// How many entries are kept. The oldest are removed down to this number when there are more than 500 above it.
    static let maxEntries = 2_000
    /// How many errors are kept in ``errors``; later ones are only in ``entries``.
    static let maxErrors = 100

    private(set) var entries: [Entry] = []
    /// Errors that the test has not expected yet, oldest first, with how often each was repeated in a row.
    private(set) var errors: [(entry: Entry, count: Int)] = []

    mutating func append(_ entry: MapLog.Entry) {
        switch entry {
        case .line(let line):
            add(Entry(level: "log", script: line.script.flatMap(\.nonempty), text: line.text, time: line.time))
        case .error(let error):
            let entry = Entry(
                level: "error", kind: error.kind, script: error.script.flatMap(\.nonempty), line: error.line,
                text: error.message, time: error.time, entity: error.entity,
                traceback: TracebackLines.of(error.traceback ?? ""))
            add(entry)
            if let last = errors.last?.entry, last.text == entry.text, last.kind == entry.kind {
                errors[errors.count - 1].count += 1
            } else if errors.count < Self.maxErrors {
                errors.append((entry, 1))
            }
        }
    }

    private mutating func add(_ entry: Entry) {
        entries.append(entry)
        if entries.count > Self.maxEntries + 500 { entries.removeFirst(entries.count - Self.maxEntries) }
    }

    /// Removes the first unexpected error with the text and kind of `entry`, with all its repetitions in a row.
    mutating func removeError(like entry: Entry) {
        guard let index = errors.firstIndex(where: { $0.entry.text == entry.text && $0.entry.kind == entry.kind })
        else { return }
        errors.remove(at: index)
    }
}

/// Selects the levels of a Lua traceback that help the author of a test.
enum TracebackLines {
    static func of(_ traceback: String) -> [String] {
        traceback.split(separator: "\n").dropFirst().map { String($0.drop { $0 == "\t" }) }
            .filter { line in
                !["\(Expectations.chunkName):", "[host]: in function 'error'", "(...tail calls...)"]
                    .contains { line.hasPrefix($0) }
            }
    }
}

extension String {
    /// The text; `nil` if it is empty.
    var nonempty: String? { isEmpty ? nil : self }
}
