package import CoreMetrics
import GRDB
import Synchronization
package import World

/// The embedded store: one SQLite file in WAL mode, for one server process.
///
/// Committed saves survive when the process is killed. With `synchronous = NORMAL`, a power cut may lose the last
/// saves, but it does not damage the file. Reads run in parallel with the one writer. Any task may call it.
package final class SQLiteStorage: GameStorage, SQLStore {
    /// The database file that was opened.
    let home: String
    let known = KnownAccounts()
    private let metrics: StorageMetrics
    private let state: Mutex<State>

    private struct State {
        var database: OpenDatabase
        /// The databases that were lost. They stay open: closing one would delete its log by name, and the file of that
        /// name may belong to another database by now.
        var lost: [OpenDatabase] = []
    }

    /// Opens a database, makes or upgrades it as needed, and reads all of it once to check that it is not damaged.
    ///
    /// - Parameters:
    ///   - path: The file; its folder must exist. A lock file `PATH.lock` in the same folder keeps a second process
    ///     from opening the database.
    ///   - metrics: Where reads and writes are counted.
    /// - Throws: ``StorageError``, which says what is wrong with which file, and what to do.
    package init(
        path: String, metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) throws(StorageError) {
        if let rescued = Self.rescued(beside: path).last { throw .rescued(path: path, rescued: rescued) }
        home = path
        self.metrics = StorageMetrics(in: metrics)
        state = Mutex(State(database: try OpenDatabase(path: path)))
    }

    /// The database that is in use.
    var database: OpenDatabase { state.withLock { $0.database } }

    /// The file of the database that is in use.
    package var path: String { database.path }

    /// Uses another database from now on; calls that are running finish on the old one.
    func replace(_ old: OpenDatabase, by new: OpenDatabase) throws(StorageError) {
        let isFull = state.withLock { state in
            guard state.lost.count < Self.maxRescues else { return true }
            state.lost.append(old)
            // The extra retain keeps it open even after this object is deallocated.
            _ = Unmanaged.passRetained(old)
            state.database = new
            return false
        }
        if isFull { throw .failed(path: home, reason: "it was lost \(Self.maxRescues) times; restart the server") }
    }

    /// Closes the database after moving the log into it; later calls fail.
    ///
    /// - Throws: ``StorageError/failed(path:reason:)`` when a read or write is still running.
    package func close() throws(StorageError) {
        let database = database
        do {
            try database.close()
        } catch {
            throw StorageError(error, path: database.path)
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StorageError) -> T {
        let database = database
        return try await metrics.measure(.read) { () async throws(StorageError) in
            do {
                return try await database.pool.read(body)
            } catch {
                throw StorageError(error, path: database.path)
            }
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StorageError) -> T {
        let database = database
        return try await metrics.measure(.write) { () async throws(StorageError) in
            do {
                // A task of its own is not cancelled: a write is done, and audited, although its client hangs up.
                return try await Task { try await database.pool.write(body) }.value
            } catch {
                throw StorageError(error, path: database.path)
            }
        }
    }
}

// MARK: - Rules that all stores share

extension SQLiteStorage {
    package func reading<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T {
        try await read { try body(SQLiteSession(db: $0)) }
    }

    @discardableResult
    package func writing<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T {
        try await write { try body(SQLiteSession(db: $0)) }
    }

    package func remember(_ account: Account) { known.note(account) }

    package func forget(account id: Int) { known.forget(account: id) }

    package func remember(_ kind: EntityKind, highest: Int) { known.note(kind, highest) }
}

// MARK: - Entities

extension SQLiteStorage {
    package func player(id: Int) async throws(StorageError) -> StoredRecord? {
        try await reading { session in
            try session.first(
                EntityRow.select + " WHERE kind = $1 AND id = $2", [.text(EntityKind.players.name), .integer(id)]
            ).map(EntityRow.storedRecord)
        }
    }

    package func entities(mapID: Int) async throws(StorageError) -> [EntityRecord] {
        try await reading { session in
            try session.rows(
                EntityRow.select + " WHERE map_id = $1 AND kind <> 'players' ORDER BY kind, id", [.integer(mapID)]
            ).map(EntityRow.record)
        }
    }

    @discardableResult
    package func save(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?
    ) async throws(StorageError) -> SaveOutcome {
        guard !records.isEmpty || !removed.isEmpty || time != nil else { return SaveOutcome() }
        let database = database
        try await write { db in
            let session = SQLiteSession(db: db)
            let upsert = try session.prepare(Self.upsert)
            var highest: [EntityKind: Int] = [:]
            for record in records {
                try upsert.run(EntityRow.values(record, saved: time, .sqlite))
                highest[record.key.kind] = max(highest[record.key.kind] ?? 0, record.key.id)
            }
            let delete = try session.prepare("DELETE FROM entities WHERE kind = $1 AND id = $2")
            for key in removed { try delete.run([.text(key.kind.name), .integer(key.id)]) }
            for (kind, id) in highest { try session.run(EntityRow.raiseHighest, [.text(kind.name), .integer(id)]) }
            guard let time else { return }
            let clock = GameClockRow.write(time)
            try session.run(clock.sql, clock.arguments)
        }
        for record in records { known.note(record.key.kind, record.key.id) }
        if let time { database.wrote(alive: time) }
        return SaveOutcome()
    }

    /// Writes an entity, instead of an earlier one of its key; its parameters are ``EntityRow/values(_:saved:_:)``.
    static let upsert = EntityRow.insert.replacing("INSERT INTO", with: "INSERT OR REPLACE INTO")
}
