import GRDB
import World

/// Backup, export and import of a database.
extension SQLiteStorage {
    /// Copies a database as it is at one moment, even while a server writes to it, with SQLite's online backup.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - target: An empty file; it becomes a database that a server can be started with.
    /// - Throws: ``StorageError``.
    package static func backUp(_ path: String, to target: String) throws(StorageError) {
        do {
            let source = try openForReading(path)
            let copy = try DatabaseQueue(path: target)
            try source.backup(to: copy)
            // This leaves one file instead of three; a server sets WAL mode again when it opens the file.
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
            try source.close()
        } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Writes everything in a database as lines of JSON, as it is at one moment; a server may be using it meanwhile.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - write: Called with each line in order, without its line break.
    /// - Throws: ``StorageError``, and what `write` throws.
    package static func export(_ path: String, _ write: (String) throws -> Void) throws {
        let source = try openForReading(path)
        do {
            try source.read { db in
                var export = TransferExport(session: SQLiteSession(db: db))
                export.hasClock = try db.tableExists("game_clock")
                export.hasPing = try db.columns(in: "entities").contains { $0.name == "ping" }
                export.hasBans = try db.tableExists("bans")
                try export.run(write)
            }
            try source.close()
        } catch let error as TransferExport.WriteFailure {
            throw error.error
        } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Opens a database for reading; another process may be writing to it.
    private static func openForReading(_ path: String) throws(StorageError) -> DatabaseQueue {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try SQLiteSchema.check(queue, path: path, mayBeEmpty: false)
            return queue
        } catch {
            throw StorageError(error, path: path, isOpening: true)
        }
    }

    package func importLines(
        _ lines: [Substring], file: String, replacing: Bool
    ) async throws(StorageError) -> (accounts: Int, entities: Int) {
        let path = path
        return try await writing { session in
            guard let count = try TransferImport.run(lines, file: file, replacing: replacing, session) else {
                throw StorageError.notEmpty(path: path)
            }
            return count
        }
    }
}
