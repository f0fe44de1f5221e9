import Glibc
package import Logging
import NIOCore
import Synchronization

/// How many connections the process has files for; when they are used up, no listener accepts until one ends.
///
/// Clients that wait stay in the kernel's accept backlog; they need no answer. Some files are kept back, so that the
/// database, logs and pages can still be opened for clients that are connected. The process must never be without any:
/// when its threads are busy, Swift's dispatch library opens `/proc/self/task/*/stat` once a second and traps if it
/// can't. Any thread may call it.
package final class ConnectionCapacity: Sendable {
    private struct State {
        var open = 0
        /// Resumes the listeners that wait.
        var waiting: [@Sendable () -> Void] = []
        var toldAt: NIODeadline?
    }

    /// Files kept for what is no connection: readers of the database, logs, static files.
    static let reserve = 64
    /// The fewest connections, however few files there are.
    static let minimum = 8

    /// The most connections.
    let limit: Int
    private let metrics: TransportMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a count of a number of connections, none of them open.
    ///
    /// - Parameters:
    ///   - limit: How many.
    ///   - metrics: Counts the times at which none was left.
    ///   - logger: Reports that, once a minute.
    package init(
        limit: Int = ConnectionCapacity.systemLimit(), metrics: TransportMetrics, logger: Logger
    ) {
        self.limit = limit
        self.metrics = metrics
        self.logger = logger
    }

    /// How many connections the system allows this process beside what it has open now; raises the limit of open files
    /// to what is allowed.
    ///
    /// Shells start programs with 1,024, which is too few for a thousand players.
    package static func systemLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var files = rlimit()
        guard getrlimit(resource, &files) == 0 else { return minimum }
        if files.rlim_cur < files.rlim_max {
            // When it may not, the lower limit stays.
            var raised = files
            raised.rlim_cur = files.rlim_max
            if setrlimit(resource, &raised) == 0 { files = raised }
        }
        let allowed = files.rlim_cur > rlim_t(Int32.max) ? Int(Int32.max) : Int(files.rlim_cur)
        return connections(files: allowed, open: openFiles())
    }

    /// How many connections a number of files is enough for.
    ///
    /// - Parameters:
    ///   - files: The files that the process may have.
    ///   - open: Those of them that it has already.
    /// - Returns: The rest without the ``reserve``, but never less than the ``minimum``.
    static func connections(files: Int, open: Int) -> Int { max(minimum, files - open - reserve) }

    private static func openFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// Whether a listener may accept another connection now.
    ///
    /// - Parameter resume: If it may not: called once when it may again.
    /// - Returns: Whether there is room.
    func mayAccept(orElse resume: @escaping @Sendable () -> Void) -> Bool {
        let now = NIODeadline.now()
        let (isFree, tells) = state.withLock { state -> (Bool, Bool) in
            if state.open < limit { return (true, false) }
            state.waiting.append(resume)
            guard state.toldAt.map({ now - $0 >= .seconds(60) }) ?? true else { return (false, false) }
            state.toldAt = now
            return (false, true)
        }
        if !isFree { metrics.acceptsPaused.count() }
        if tells {
            logger.warning(
                "no files are left for connections; new ones wait until others end",
                metadata: ["connections": "\(limit)", "remedy": "a higher limit of open files (ulimit -n)"])
        }
        return isFree
    }

    /// Counts an accepted connection.
    func connectionOpened() {
        metrics.connections.count()
        state.withLock { $0.open += 1 }
    }

    /// Counts the end of one.
    func connectionClosed() {
        metrics.connections.count(-1)
        let waiting = state.withLock { state in
            state.open -= 1
            guard state.open < limit else { return [@Sendable () -> Void]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }
}
