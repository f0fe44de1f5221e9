import Simulation

/// A map's log as a test reads it: lines and errors in the order in which they came.
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

    /// The most entries kept; of more the oldest go.
    static let maxEntries = 2_000
    /// The most different errors that wait for somebody to expect them.
    static let maxErrors = 100

    private(set) var entries: [Entry] = []
    /// Errors that nobody expected yet, with how often each came in a row.
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

    /// Takes the first error with the text and kind of this one off those that nobody expected; one that came several
    /// times in a row goes whole.
    mutating func removeError(like entry: Entry) {
        guard let index = errors.firstIndex(where: { $0.entry.text == entry.text && $0.entry.kind == entry.kind })
        else { return }
        errors.remove(at: index)
    }
}

/// The levels of a Lua traceback that say something to the author of a test.
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
    /// `nil` for an empty text.
    var nonempty: String? { isEmpty ? nil : self }
}
