import Glibc
import Logging
import NIOCore
import Synchronization

/// How many connections the process has files for; when they are used up, no listener accepts until one ends.
///
/// Who has to wait is in the system's queue meanwhile and need not be told. Some files are kept back, so that the
/// database, logs and pages can still be opened for those who are connected. The process must never be without any: when its
/// threads are busy, Swift's dispatch library opens `/proc/self/task/*/stat` once a second and traps if it can't. Any thread
/// may call it.
final class ConnectionRoom: Sendable {
    private struct State {
        var open = 0
        /// Listeners that wait for room.
        var waiting: [@Sendable () -> Void] = []
        var toldAt: NIODeadline?
    }

    /// Files kept for what is no connection: readers of the database, logs, static files.
    static let reserve = 64
    /// The fewest connections, however few files there are.
    static let minimum = 8

    /// The most connections.
    let limit: Int
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes room for a number of connections.
    ///
    /// - Parameters:
    ///   - limit: How many.
    ///   - metrics: Counts the times at which none was left.
    ///   - logger: Is told of it, once a minute.
    init(limit: Int = ConnectionRoom.systemLimit(), metrics: GatewayMetrics, logger: Logger) {
        self.limit = limit
        self.metrics = metrics
        self.logger = logger
    }

    /// How many connections the system allows this process beside what it has open now; raises the limit of open files to
    /// what is allowed.
    ///
    /// Shells start programs with 1,024, which is too few for a thousand players.
    static func systemLimit() -> Int {
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
        return max(minimum, allowed - openFiles() - reserve)
    }

    private static func openFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// Whether a listener may accept now.
    ///
    /// - Parameter resume: Called once when it may again, if it may not.
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
    func opened() {
        metrics.connections.count()
        state.withLock { $0.open += 1 }
    }

    /// Counts the end of one.
    func closed() {
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
