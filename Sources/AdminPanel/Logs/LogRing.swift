import OperatorAPI

/// The latest log entries of one map, bounded in number and bytes: the oldest go first.
struct LogRing {
    /// The most entries.
    static let maxEntries = 1_000
    /// The most bytes, as ``LogEntry/weight`` counts them.
    static let maxBytes = 256 << 10

    /// What has been dropped at the front, until it is worth moving the rest.
    private var gone = 0
    private var entries: [LogEntry] = []
    private var bytes = 0

    /// The entries, oldest first.
    var all: ArraySlice<LogEntry> { entries[gone...] }

    mutating func append(_ entry: LogEntry) {
        entries.append(entry)
        bytes += entry.weight
        while bytes > Self.maxBytes || entries.count - gone > Self.maxEntries {
            bytes -= entries[gone].weight
            // Gives the texts back at once; the place itself goes later, with many others.
            entries[gone].text = ""
            entries[gone].traceback = nil
            gone += 1
        }
        if gone > Self.maxEntries {
            entries.removeFirst(gone)
            gone = 0
        }
    }
}
