import Dispatch
package import Foundation
import Glibc
import Synchronization

/// The processes and folders that an interrupted benchmark must not leave behind.
package enum RunningProcesses {
    private static let removals = 10
    private static let state = Mutex((pids: Set<Int32>(), folders: Set<String>()))

    static func add(_ pid: Int32) { state.withLock { _ = $0.pids.insert(pid) } }
    static func remove(_ pid: Int32) { state.withLock { _ = $0.pids.remove(pid) } }

    /// Makes a temporary folder that ``removeAll()`` removes.
    ///
    /// - Returns: The folder.
    /// - Throws: An error of the file system.
    package static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        state.withLock { _ = $0.folders.insert(folder.path) }
        return folder
    }

    /// Kills the processes that still run, waits for their end, and removes the folders.
    package static func removeAll() {
        let (pids, folders) = state.withLock { state in
            defer { state = ([], []) }
            return state
        }
        for pid in pids { kill(pid, SIGKILL) }
        for pid in pids { waitpid(pid, nil, 0) }
        for folder in folders { remove(folder) }
    }

    /// Removes a folder; tries again when this process, whose other threads still run, wrote into it meanwhile.
    private static func remove(_ folder: String) {
        for _ in 0..<removals where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Removes everything and ends this process when SIGINT or SIGTERM comes.
    ///
    /// - Returns: A function that restores the default handling of these signals.
    package static func removeAllWhenInterrupted() -> () -> Void {
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                removeAll()
                exit(128 + number)
            }
            source.resume()
            return source
        }
        return {
            for source in sources { source.cancel() }
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
        }
    }
}
