import Dispatch
import Foundation
import JSONValues
package import Logging
import Simulation
import Synchronization

/// Appends the lines of the maps' logs to files: `map-4.log` and `map-4-errors.log` in one folder.
///
/// Each line takes one line of its file, with escapes for control characters, see `String.visible`.
///
/// A separate dispatch queue writes the lines and opens the file for each write, so a deleted folder is created again.
/// At most ``maxPending`` bytes wait to be written; further lines are dropped, and `dropped.log` says how many. A file
/// larger than `maxFileSize` is renamed to `….1`, which replaces the earlier `….1`. When a file can't be written to,
/// its lines are lost, and the logger reports the reason once.
package final class FileLogStore: MapLogSink {
    /// The most bytes that may wait to be written.
    static let maxPending = 4 << 20
    /// The default size in bytes above which a file is renamed to `….1`.
    static let maxFileSize = 16 << 20

    private struct State {
        var pending: [String: [UInt8]] = [:]
        var size = 0
        var dropped = 0
        var isScheduled = false
    }

    private let directory: String
    private let maxFileSize: Int
    private let logger: Logger
    private let state = Mutex(State())
    /// The reasons why files can't be written to, by file name; only `queue` changes it.
    private let failures = Mutex<[String: String]>([:])
    private let queue = DispatchQueue(label: "perigee.log-store")

    /// Opens a log folder, and creates it if it is missing.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - maxFileSize: The size in bytes above which a file is renamed to `….1`.
    ///   - logger: Reports once when a file can't be written to, and when it can be written again.
    /// - Throws: The error of the file system when the folder can't be created.
    package init(directory: String, maxFileSize: Int = maxFileSize, logger: Logger) throws {
        self.directory = directory
        self.maxFileSize = maxFileSize
        self.logger = logger
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    package func append(_ lines: [String], mapID: Int, isError: Bool) {
        let name = isError ? "map-\(mapID)-errors.log" : "map-\(mapID).log"
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(contentsOf: line.visible.utf8)
            bytes.append(0x0A)
        }
        let mustSchedule = state.withLock { state in
            guard state.size + bytes.count <= Self.maxPending else {
                state.dropped += lines.count
                return false
            }
            state.pending[name, default: []] += bytes
            state.size += bytes.count
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { queue.async { self.write() } }
    }

    /// Waits until all appended lines are in the files, but at most `patience` seconds.
    ///
    /// A disk that does not answer must not keep the process from ending.
    ///
    /// - Parameter patience: How long to wait, in seconds.
    package func flush(patience: Double = 5) {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.write()
            isDone.signal()
        }
        if isDone.wait(timeout: .now() + patience) == .timedOut {
            logger.error("the maps' logs can't be written in time", metadata: ["folder": "\(directory)"])
        }
    }

    private func write() {
        let (pending, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.pending, state.dropped)
        }
        for (name, bytes) in pending.sorted(by: { $0.key < $1.key }) { write(bytes, to: name) }
        if dropped > 0 {
            write(
                Array("\(dropped) lines came faster than they could be written and are missing\n".utf8),
                to: "dropped.log")
        }
    }

    private func write(_ bytes: [UInt8], to name: String) {
        // A log that can't be written must not stop the game; the panel still shows the latest lines from memory.
        do throws(LogFile.Failure) {
            let path = "\(directory)/\(name)"
            let size = try LogFile.append(bytes, to: path)
            if failures.withLock({ $0.removeValue(forKey: name) }) != nil {
                logger.notice("the log can be written again", metadata: ["file": "\(path)"])
            }
            guard size > maxFileSize else { return }
            unlink(path + ".1")
            rename(path, path + ".1")
        } catch {
            guard failures.withLock({ $0.updateValue(error.reason, forKey: name) }) != error.reason else { return }
            logger.error(
                "lines of a log are lost; the panel shows the last ones",
                metadata: ["file": "\(directory)/\(name)", "reason": "\(error.reason)"])
        }
    }
}
