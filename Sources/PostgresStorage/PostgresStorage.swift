package import CoreMetrics
import Glibc
package import Storage
import Synchronization

/// The shared store: a database of PostgreSQL 13 or newer.
///
/// It has two connections, each on a serial queue of its own: saves go over the one that has the database's lock, so a
/// server that lost the lock can't save, and not after another one has had it; everything else goes over the other one.
/// Every operation has a deadline. After a restart of the database both connect anew by themselves. Any task may call
/// it.
package final class PostgresStorage: GameStorage, SQLStore {
    /// How often one of several transactions that are in each other's way is tried.
    private static let maxTries = 8

    /// The database.
    package let address: PostgresAddress
    let saves: PostgresLane
    /// How large a statement of a save may be; only the thread of `saves` locks it.
    let saveBound = Mutex(PostgresSaveBound())
    private let questions: PostgresLane
    private let metrics: StorageMetrics
    /// The number that this server got when it took the database over; `nil` until then.
    private let owner: Ownership

    /// The number of an owner, which the connection that saves compares with that of the database.
    private final class Ownership: Sendable {
        let number = Mutex<String?>(nil)
    }

    private init(_ address: PostgresAddress, lockPatience: Duration, _ metrics: any MetricsFactory) {
        self.address = address
        self.metrics = StorageMetrics(in: metrics)
        let owner = Ownership()
        self.owner = owner
        saves = PostgresLane("saves", address) { connection, former in
            let process = try Self.setUp(connection)
            try Self.lock(connection, former: former, patience: lockPatience)
            guard let number = owner.number.withLock({ $0 }) else { return process }
            let now = try PostgresSession(connection, .single).run(PostgresSchema.owner)
            if now != number { throw PostgresFailure(.takenOver) }
            return process
        }
        questions = PostgresLane("questions", address) { connection, _ in try Self.setUp(connection) }
    }

    /// Opens a database for this process alone, and makes or upgrades its tables as needed.
    ///
    /// - Parameters:
    ///   - address: The database.
    ///   - game: The game's name; the database must hold this game or none. `nil` for the game that it holds.
    ///   - isRenamed: Whether the game may have another name in the database, which is replaced.
    ///   - lockPatience: How long it waits for another server to end, which may have ended a moment ago; PostgreSQL
    ///     notices within 11 s that a machine is gone.
    ///   - metrics: Where reads and writes are counted.
    /// - Returns: The store.
    /// - Throws: ``StorageError``, which says what is wrong and what to do.
    package static func open(
        _ address: PostgresAddress, game: String? = nil, isRenamed: Bool = false,
        lockPatience: Duration = .seconds(12), metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) async throws(StorageError) -> PostgresStorage {
        let store = PostgresStorage(address, lockPatience: lockPatience, metrics)
        do {
            try await store.saves.perform { connection in
                let number = try PostgresSession(connection, .longTransaction).run { session in
                    try PostgresSchema.prepare(session)
                    if let game { try PostgresSchema.claim(session, game: game, isRenamed: isRenamed) }
                    return try PostgresSchema.takeOver(session)
                }
                store.owner.number.withLock { $0 = number }
                return .done(())
            }
            try await store.questions.perform { _ in .done(()) }
            return store
        } catch {
            await store.disconnect()
            throw StorageError(error, address, isOpening: true)
        }
    }

    /// The name of the game that the database holds; `nil` when it holds none yet.
    ///
    /// - Throws: ``StorageError`` when the database fails.
    package func game() async throws(StorageError) -> String? { try await reading(PostgresSchema.game) }

    /// The number of PostgreSQL's process that saves, to measure it.
    ///
    /// - Throws: ``StorageError`` when the database can't be reached.
    package func savingProcess() async throws(StorageError) -> Int {
        try await perform(.read, on: saves) { .done($0.serverProcess) }
    }

    package func close() async { await disconnect() }

    private func disconnect() async {
        await questions.close()
        await saves.close()
    }

    // MARK: - Connections

    /// Prepares a connection: the server ends what takes too long, and notices soon that this process is gone.
    ///
    /// - Returns: The server's process for the connection; `nil` if the server does not tell.
    @discardableResult
    static func setUp(_ connection: PostgresConnection) throws -> PostgresProcess? {
        let calls = PostgresStatement.setting([
            "statement_timeout": "60s", "idle_in_transaction_session_timeout": "10s", "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3", "tcp_user_timeout": "10s", "jit": "off",
        ])
        let start = "(SELECT \(PostgresProcess.start) FROM pg_stat_activity WHERE pid = pg_backend_pid())"
        let result = try connection.run(PostgresStatement("SELECT \(start), \(calls)"), within: .seconds(5))
        return try result.rows.first?.optionalInteger(0).map {
            PostgresProcess(number: connection.serverProcess, start: $0)
        }
    }

    /// Takes the lock of the database for the life of a connection.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - former: The server's process for this server's former connection. It is ended if it has the lock.
    ///   - patience: How long it waits for another server to end.
    /// - Throws: ``PostgresFailure``.
    static func lock(_ connection: PostgresConnection, former: PostgresProcess?, patience: Duration) throws {
        let key = PostgresSchema.key(PostgresSchema.serverLock)
        let deadline = ContinuousClock.now + patience
        while true {
            let row = try connection.run(
                PostgresStatement("SELECT pg_try_advisory_lock(\(key))"), within: .seconds(5)
            ).rows.first
            if try row?.integer(0) == 1 { return }
            guard ContinuousClock.now < deadline else { throw PostgresFailure(.inUse) }
            if let former {
                // The server has not noticed yet that this process's former connection broke.
                try connection.run(
                    PostgresStatement(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
                        WHERE locktype = 'advisory' AND classid = \(PostgresSchema.serverLock)
                            AND objid = \(PostgresSchema.place) AND granted
                            AND pid = \(former.number) AND \(PostgresProcess.start) = \(former.start)
                            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                        """), within: .seconds(5))
            }
            usleep(100_000)
        }
    }

    // MARK: - Transactions

    package func reading<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T {
        try await reading(.single, body)
    }

    func reading<T: Sendable>(
        _ mode: PostgresSession.Mode, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T {
        try await perform(.read, on: questions) { connection in
            do {
                return .done(try PostgresSession(connection, mode).run(body))
            } catch let failure as PostgresFailure where failure.isWorthAnotherConnection {
                return .broken(failure)
            }
        }
    }

    @discardableResult
    package func writing<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T {
        try await perform(.write, on: questions) { connection in
            var tries = 0
            while true {
                tries += 1
                let session = PostgresSession(connection, .transaction)
                do {
                    return .done(try session.run(body))
                } catch let failure as PostgresFailure {
                    if failure.isConflictOfTransactions, tries < Self.maxTries { continue }
                    guard failure.isWorthAnotherConnection, !session.isCommitting else { throw failure }
                    return .broken(failure)
                }
            }
        }
    }

    /// Carries out an operation on a connection, and counts it.
    func perform<T: Sendable>(
        _ operation: StorageMetrics.Operation, on lane: PostgresLane,
        _ body: @escaping @Sendable (PostgresConnection) throws -> PostgresLane.Attempt<T>
    ) async throws(StorageError) -> T {
        let address = address
        return try await metrics.measure(operation) { () async throws(StorageError) in
            do {
                return try await lane.perform(body)
            } catch {
                throw StorageError(error, address)
            }
        }
    }
}

extension PostgresFailure {
    /// Whether the connection broke for a reason that a new one may not have. After a time-out another wait of the same
    /// length would only be in the way of others.
    var isWorthAnotherConnection: Bool { breaksConnection && kind != .timedOut }
}
