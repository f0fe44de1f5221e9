/// Why a recording can't be written, read or replayed; the description is one line, in most cases with what to do.
package enum RecordingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file can't be made or written to.
    case unwritable(path: String, reason: String)
    /// The file can't be read.
    case unreadable(path: String, reason: String)
    /// The file is not a recording.
    case notARecording(path: String)
    /// The file's format is newer than this program knows.
    case newerVersion(path: String, found: Int, known: Int)
    /// The file is a recording that ends before the first map began.
    case empty(path: String)
    /// The file holds values that are not possible.
    case malformed(String)
    /// The requested map is not in the recording.
    case noSuchMap(Int, known: [Int])
    /// The scripts' memory limit does not hold a VM.
    case noMemory(String)

    package var description: String {
        switch self {
        case .unwritable(let path, let reason):
            "recording \"\(path)\" can't be written (\(reason)); name a file in a folder that this user may write to with --record FILE"
        case .unreadable(let path, let reason):
            "recording \"\(path)\" can't be read (\(reason)); name a file that perigee serve --record FILE wrote"
        case .notARecording(let path):
            "\"\(path)\" is no recording; name a file that perigee serve --record FILE wrote"
        case .newerVersion(let path, let found, let known):
            "recording \"\(path)\" has format \(found), and this perigee knows up to \(known); replay it with the version that recorded it, or a newer one"
        case .empty(let path):
            "recording \"\(path)\" ends before the first map began; the server was stopped too early"
        case .malformed(let what):
            "the recording is damaged, or another version wrote it: \(what)"
        case .noSuchMap(let id, let known):
            "map \(id) is not in the recording; it has \(known.map(String.init).joined(separator: ", "))"
        case .noMemory(let reason):
            "the map's scripts can't be started: \(reason)"
        }
    }
}
