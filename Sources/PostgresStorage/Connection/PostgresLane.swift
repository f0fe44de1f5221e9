import Dispatch
import Storage
import Synchronization

/// Carries out operations of one kind one after the other, on one connection and one thread of its own, which may wait
/// for the network. After the connection broke, the next operation makes a new one.
///
/// At most ``maxWaiting`` operations wait; another one fails at once. While the database can't be reached, an operation
/// fails at once too, except for one in a while that tries to connect.
final class PostgresLane: Sendable {
    /// How many operations wait at most.
    static let maxWaiting = 4096
    /// How long after a failed connection the next one is tried, as a rule.
    static let pause = Duration.milliseconds(300)
    /// How long an operation may have waited when it begins.
    private static let maxWait = Duration.seconds(10)
    /// The longest time for a connection and for preparing it, each.
    private static let connectLimit = Duration.seconds(5)

    /// Prepares a new connection, and returns the server's process for it; it is given the process that had the former
    /// connection, and when it must be done.
    typealias SetUp =
        @Sendable (
            PostgresConnection, _ former: PostgresProcess?, _ deadline: ContinuousClock.Instant
        ) throws -> PostgresProcess?

    private struct State {
        var connection: PostgresConnection?
        /// The server's process that had the last connection.
        var former: PostgresProcess?
        /// Why the last attempt to connect failed, and when.
        var failure: (PostgresFailure, ContinuousClock.Instant)?
        var isClosed = false
    }

    private let address: PostgresAddress
    private let queue: DispatchQueue
    private let pause: Duration
    private let setUp: SetUp
    private let waiting = Atomic(0)
    /// Locked while an operation runs; only the queue's thread locks it.
    private let state = Mutex(State())

    /// Makes a lane; it connects with the first operation.
    ///
    /// - Parameters:
    ///   - name: Its name, for the thread.
    ///   - address: The database.
    ///   - setUp: Prepares each new connection, and returns the server's process for it; it is given the process that
    ///     had the former connection.
    convenience init(
        _ name: String, _ address: PostgresAddress,
        setUp: @escaping @Sendable (PostgresConnection, _ former: PostgresProcess?) throws -> PostgresProcess?
    ) {
        self.init(name, address, pause: Self.pause) { connection, former, _ in try setUp(connection, former) }
    }

    /// Makes a lane; it connects with the first operation.
    ///
    /// - Parameters:
    ///   - name: Its name, for the thread.
    ///   - address: The database.
    ///   - pause: How long after a failed connection the next one is tried.
    ///   - setUp: Prepares each new connection.
    init(_ name: String, _ address: PostgresAddress, pause: Duration, setUp: @escaping SetUp) {
        self.address = address
        self.pause = pause
        self.setUp = setUp
        queue = DispatchQueue(label: "perigee.postgres.\(name)")
    }

    /// Carries out an operation.
    ///
    /// It goes on when the calling task is cancelled.
    ///
    /// - Parameters:
    ///   - deadline: When it fails without an attempt, and when a connection that it needs must be ready. `nil`: the
    ///     usual limits.
    ///   - body: The operation, which runs on the lane's thread; again on a new connection when it says so, but once at
    ///     most.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or ``PostgresFailure``.
    func perform<T: Sendable>(
        until deadline: ContinuousClock.Instant? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Attempt<T>
    ) async throws -> T {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.maxWaiting else {
            waiting.subtract(1, ordering: .relaxed)
            throw PostgresFailure(
                kind: .overloaded, description: "\(Self.maxWaiting) operations wait for the database already")
        }
        let start = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                let result = Result {
                    try self.state.withLock { try self.attempt(body, &$0, since: start, until: deadline) }
                }
                self.waiting.subtract(1, ordering: .relaxed)
                continuation.resume(with: result)
            }
        }
    }

    /// How an operation ended.
    enum Attempt<T: Sendable>: Sendable {
        case done(T)
        /// The connection broke, and nothing of the operation stays: it may run again on another connection.
        case broken(PostgresFailure)
    }

    private func attempt<T>(
        _ body: (PostgresConnection) throws -> Attempt<T>, _ state: inout State, since start: ContinuousClock.Instant,
        until deadline: ContinuousClock.Instant?
    ) throws -> T {
        guard ContinuousClock.now < deadline ?? start + Self.maxWait else {
            throw PostgresFailure(kind: .overloaded, description: "other operations took too long")
        }
        let isNew = state.connection == nil
        if case .done(let value) = try use(body, &state, until: deadline) { return value }
        // An old connection may have been broken for long, as after a restart of the database.
        guard !isNew, case .done(let value) = try use(body, &state, until: deadline) else {
            throw state.failure?.0 ?? PostgresFailure(kind: .disconnected, description: "the connection broke")
        }
        return value
    }

    private func use<T>(
        _ body: (PostgresConnection) throws -> Attempt<T>, _ state: inout State,
        until deadline: ContinuousClock.Instant?
    ) throws -> Attempt<T> {
        let connection = try connected(&state, until: deadline)
        do {
            let outcome = try body(connection)
            if case .broken(let failure) = outcome {
                state.connection = nil
                state.failure = (failure, .now - pause)
            }
            return outcome
        } catch {
            if (error as? PostgresFailure)?.breaksConnection == true { state.connection = nil }
            throw error
        }
    }

    private func connected(_ state: inout State, until deadline: ContinuousClock.Instant?) throws -> PostgresConnection
    {
        guard !state.isClosed else { throw PostgresFailure(kind: .disconnected, description: "the store is closed") }
        if let connection = state.connection { return connection }
        if let (failure, time) = state.failure, time.duration(to: .now) < pause { throw failure }
        do {
            let connectEnd = deadline ?? .now + Self.connectLimit
            let connection = try PostgresConnection(address, within: ContinuousClock.now.duration(to: connectEnd))
            state.former = try setUp(connection, state.former, deadline ?? .now + Self.connectLimit)
            state.connection = connection
            state.failure = nil
            return connection
        } catch {
            if let failure = error as? PostgresFailure { state.failure = (failure, .now) }
            throw error
        }
    }

    /// Closes the connection after the operations that wait; later ones fail.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.state.withLock { state in
                    state.connection = nil
                    state.isClosed = true
                }
                continuation.resume()
            }
        }
    }
}
