import CoreMetrics
import Glibc
package import Logging
import NIOCore
import Synchronization

/// Limits connections to the number of file descriptors; at the limit, no listener accepts until a connection ends.
///
/// Clients that wait stay in the kernel's accept backlog; they need no answer. ``reserve`` descriptors are kept free,
/// so that the database, logs and static files can still be opened. The process must never run out of descriptors: when
/// its threads are busy, Swift's dispatch library opens `/proc/self/task/*/stat` once a second and traps if this fails.
/// Any thread may call it.
package final class ConnectionCapacity: Sendable {
    private struct State {
        var open = 0
        /// Callbacks that resume the waiting listeners.
        var waiting: [@Sendable () -> Void] = []
        var lastLoggedAt: NIODeadline?
    }

    /// File descriptors kept for other uses than connections: database readers, logs, static files.
    static let reserve = 64
    /// The smallest limit of connections, even with too few file descriptors.
    static let minimum = 8

    /// The most connections.
    let limit: Int
    private let metrics: TransportMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a limit with no open connections.
    ///
    /// - Parameters:
    ///   - limit: The most connections.
    ///   - metrics: Counts connections, and how often a listener had to wait.
    ///   - logger: Reports waiting listeners, at most once a minute.
    package init(
        limit: Int = ConnectionCapacity.systemLimit(), metrics: TransportMetrics, logger: Logger
    ) {
        self.limit = limit
        self.metrics = metrics
        self.logger = logger
    }

    /// The number of connections that the system allows beside the files that are open now.
    ///
    /// It first raises the process's soft limit of open files to the hard limit.
    ///
    /// Shells start programs with 1,024, which is too few for a thousand players.
    package static func systemLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var files = rlimit()
        guard getrlimit(resource, &files) == 0 else { return minimum }
        if files.rlim_cur < files.rlim_max {
            // If the system refuses this, the lower limit stays.
            var raised = files
            raised.rlim_cur = files.rlim_max
            if setrlimit(resource, &raised) == 0 { files = raised }
        }
        let allowed = files.rlim_cur > rlim_t(Int32.max) ? Int(Int32.max) : Int(files.rlim_cur)
        return connections(files: allowed, open: openFiles() ?? 0)
    }

    /// The number of connections for a number of file descriptors.
    ///
    /// - Parameters:
    ///   - files: The most file descriptors that the process may have.
    ///   - open: The file descriptors that are open already.
    /// - Returns: The remaining descriptors minus ``reserve``, but at least ``minimum``.
    static func connections(files: Int, open: Int) -> Int { max(minimum, files - open - reserve) }

    /// How many file descriptors the process has open.
    ///
    /// - Returns: `nil` where the system does not say.
    /// - Complexity: O(open files).
    package static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        // Among the names are `.`, `..` and the descriptor of the folder itself.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// Whether a listener may accept another connection now.
    ///
    /// - Parameter resume: Called once when the listener may accept again; unused when there is room now.
    /// - Returns: Whether there is room.
    func mayAccept(orElse resume: @escaping @Sendable () -> Void) -> Bool {
        let now = NIODeadline.now()
        let (isFree, tells) = state.withLock { state -> (Bool, Bool) in
            if state.open < limit { return (true, false) }
            state.waiting.append(resume)
            guard state.lastLoggedAt.map({ now - $0 >= .seconds(60) }) ?? true else { return (false, false) }
            state.lastLoggedAt = now
            return (false, true)
        }
        if !isFree { metrics.acceptsPaused.increment() }
        if tells {
            logger.warning(
                "no file descriptors are left for connections; new connections wait until others end",
                metadata: ["connections": "\(limit)", "remedy": "a higher limit of open files (ulimit -n)"])
        }
        return isFree
    }

    /// Counts an accepted connection.
    func connectionOpened() {
        metrics.connections.increment()
        state.withLock { $0.open += 1 }
    }

    /// Counts the end of a connection, and resumes the waiting listeners when there is room again.
    func connectionClosed() {
        metrics.connections.decrement()
        let waiting = state.withLock { state in
            state.open -= 1
            guard state.open < limit else { return [@Sendable () -> Void]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }
}
