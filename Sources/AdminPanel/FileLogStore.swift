import Dispatch
import Foundation
import Simulation
import Synchronization

/// Appends the lines of the maps' logs to files: `map-4.log` and `map-4-errors.log` in one folder.
///
/// Writing happens on a queue of its own. Bounded: what can't be written in time is dropped and counted in the file,
/// and a file that has grown too large becomes `….1`, in place of the one before.
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
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "perigee.log-store")

    /// Opens a log folder, making it if need be.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - maxFileSize: The size in bytes at which a file is put aside.
    /// - Throws: What the file system says when the folder can't be made.
    package init(directory: String, maxFileSize: Int = maxFileSize) throws {
        self.directory = directory
        self.maxFileSize = maxFileSize
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    package func append(_ lines: [String], mapID: Int, isError: Bool) {
        let name = isError ? "map-\(mapID)-errors.log" : "map-\(mapID).log"
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(contentsOf: line.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
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

    /// Waits until everything that was appended is in the files.
    package func flush() {
        queue.sync { write() }
    }

    private func write() {
        let (pending, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.pending, state.dropped)
        }
        for (name, bytes) in pending.sorted(by: { $0.key < $1.key }) { write(bytes, to: "\(directory)/\(name)") }
        if dropped > 0 {
            write(
                Array("\(dropped) lines came faster than they could be written and are missing\n".utf8),
                to: "\(directory)/dropped.log")
        }
    }

    private func write(_ bytes: [UInt8], to path: String) {
        // A log that can't be written must not stop the game; the panel still has it in memory.
        guard let file = fopen(path, "a") else { return }
        defer { fclose(file) }
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        if ftell(file) > maxFileSize {
            try? FileManager.default.removeItem(atPath: path + ".1")
            try? FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        }
    }
}
