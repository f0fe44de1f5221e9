package import CoreMetrics
import GRDB
import Synchronization
package import World

/// The embedded store: one SQLite file in WAL mode, for one server process.
///
/// Committed saves survive when the process is killed. With `synchronous = NORMAL`, a power cut may lose the last
/// saves, but it does not damage the file. Reads run in parallel with the one writer. Any task may call it.
package final class SQLiteStorage: Storage, OperatorStorage, PlayerStorage {
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

// MARK: - Entities

extension SQLiteStorage {
    package func player(id: Int) async throws(StorageError) -> StoredRecord? {
        try await read { db in
            let statement = try db.cachedStatement(sql: EntityRow.selectStored + " WHERE kind = ? AND id = ?")
            return try Row.fetchOne(statement, arguments: [EntityKind.players.name, id])
                .map(EntityRow.storedRecord)
        }
    }

    package func entities(mapID: Int) async throws(StorageError) -> [EntityRecord] {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: EntityRow.select + " WHERE map_id = ? AND kind <> 'players' ORDER BY kind, id")
            return try Row.fetchAll(statement, arguments: [mapID]).map(EntityRow.record)
        }
    }

    package func save(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?
    ) async throws(StorageError) {
        guard !records.isEmpty || !removed.isEmpty || time != nil else { return }
        let database = database
        try await write { db in
            let upsert = try db.cachedStatement(sql: EntityRow.upsert)
            var highest: [EntityKind: Int] = [:]
            for record in records {
                try upsert.execute(arguments: EntityRow.arguments(record, saved: time))
                highest[record.key.kind] = max(highest[record.key.kind] ?? 0, record.key.id)
            }
            let delete = try db.cachedStatement(sql: "DELETE FROM entities WHERE kind = ? AND id = ?")
            for key in removed { try delete.execute(arguments: [key.kind.name, key.id]) }
            for (kind, id) in highest {
                try db.cachedStatement(sql: EntityRow.raiseHighest).execute(arguments: [kind.name, id])
            }
            if let time { try Self.note(alive: time, db) }
        }
        for record in records { known.note(record.key.kind, record.key.id) }
        if let time { database.wrote(alive: time) }
    }

    static func note(alive time: Double, _ db: Database) throws {
        try db.cachedStatement(
            sql:
                "INSERT INTO game_clock (id, alive) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET alive = excluded.alive"
        ).execute(arguments: [time])
    }

    package func lastAlive() async throws(StorageError) -> Double? {
        try await read { try Double.fetchOne($0, sql: "SELECT alive FROM game_clock") }
    }

    package func highestID(_ kind: EntityKind) async throws(StorageError) -> Int {
        let highest = try await read { db in
            let used = try Int.fetchOne(
                db, sql: "SELECT highest FROM highest_ids WHERE kind = ?", arguments: [kind.name])
            guard kind == .players else { return used ?? 0 }
            return max(used ?? 0, try Int.fetchOne(db, sql: "SELECT max(id) FROM accounts") ?? 0)
        }
        known.note(kind, highest)
        return highest
    }
}
