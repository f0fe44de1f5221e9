import Dispatch
import Foundation
import JSONValues
package import Logging
import Simulation
import Synchronization

/// Appends the lines of the maps' logs to files: `map-4.log` and `map-4-errors.log` in one folder.
///
/// Each line is one line of a file, whatever scripts and players put into it, see `String.visible`.
///
/// Writing happens on a queue of its own, through a file that is opened each time: a folder that is deleted is made
/// anew. Bounded: what can't be written in time is dropped and counted in the file, and a file that has grown too large
/// becomes `….1`, in place of the one before. A file that can't be written to costs its lines only, and is told once.
package final class FileLogStore: MapLogSink {
    /// The most bytes that wait to be written.
    static let maxPending = 4 << 20
    /// The size at which a file is put aside.
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
    /// Why files can't be written to, by name; only the queue changes it.
    private let failures = Mutex<[String: String]>([:])
    private let queue = DispatchQueue(label: "perigee.log-store")

    /// Opens a log folder, making it if need be.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - maxFileSize: The size in bytes at which a file is put aside.
    ///   - logger: Where a file that can't be written to is told, once, and that it works again.
    /// - Throws: What the file system says when the folder can't be made.
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

    /// Waits until everything that was appended is in the files, or the patience is over: a disk that does not answer
    /// must not keep the process.
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
        // A log that can't be written must not stop the game; the panel still has it in memory.
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
