import Foundation
import OperatorAPI

/// The file that keeps the groups of errors over a restart: `error-groups.json` in the folder of the logs.
struct ErrorGroupFile: Sendable {
    private struct Content: Codable {
        /// When it was written, Unix time in seconds.
        var saved: Double
        var groups: [ErrorGroup]
    }

    let path: String

    /// The largest file that is read, in bytes.
    private static let maxBytes = 8 << 20

    /// Reads the groups. A file that is missing or can't be read counts as one without groups: the log files have the
    /// same errors.
    ///
    /// - Returns: The groups, and the time until which they count all errors.
    func read() -> (groups: [ErrorGroup], saved: Double) {
        let bytes = LogFileReader.tail(of: path, maxBytes: Self.maxBytes)
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)) else { return ([], 0) }
        return (content.groups, content.saved)
    }

    /// Writes the groups. Errors are ignored: ``FileLogStore`` reports a folder that can't be written to.
    func write(_ groups: [ErrorGroup], at time: Double) {
        guard let data = try? JSONEncoder().encode(Content(saved: time, groups: groups)) else { return }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
