import GRDB
import Glibc
import Synchronization

/// One database file that is open, alone, and whether it is still there. Any thread.
final class OpenDatabase: Sendable {
    /// How much the write-ahead log grows before it is moved into the database, in bytes.
    private static let maxLogGrowth = 4 << 20
    /// How many looks there are at most between two such moves.
    fileprivate static let maxLooks = 40

    private struct Watch {
        var marks: DatabaseMarks
        /// Since the log was moved; the first look moves what an earlier process left in it.
        var looks = OpenDatabase.maxLooks
        /// The game's time that was written last.
        var alive: Double?
    }

    let path: String
    let pool: DatabasePool
    private let lock: StorageLock
    private let watch: Mutex<Watch>

    /// Opens a database, making or upgrading it as needed.
    ///
    /// - Parameter path: The file; its folder must exist.
    /// - Throws: ``StorageError``.
    init(path: String) throws(StorageError) {
        self.path = path
        var information = stat()
        if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFREG {
            throw .unusable(path: path, reason: "it is no plain file")
        }
        lock = try StorageLock(databasePath: path)
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                // `look` does that: so it knows when another program wrote to the file.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteSchema.prepare(pool, path: path)
        } catch {
            throw StorageError(error, path: path, isOpening: true)
        }
        watch = Mutex(Watch(marks: DatabaseMarks(path)))
    }

    /// Closes the database after moving the log into it; later calls fail.
    func close() throws {
        _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try pool.close()
        lock.release()
    }

    /// Notes the game's time that was written: a database that tells another is not this one.
    func wrote(alive: Double) { watch.withLock { $0.alive = alive } }

    /// Looks whether the database is still the one that was opened; costs three looks at the file system. Every half a
    /// minute, and when the write-ahead log has grown, it is moved into the database.
    ///
    /// - Returns: What became of it; `nil` when nothing did, and when that can't be found out now.
    func loss() async -> String? {
        do {
            return try await pool.writeWithoutTransaction { try self.look($0) }
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: return "\(path) is damaged: \(error.message ?? "\(error)")"
            default: return nil
            }
        } catch {
            return nil
        }
    }

    /// On the one connection that writes, so that nothing else moves the log meanwhile.
    private func look(_ db: Database) throws -> String? {
        let (now, old) = (DatabaseMarks(path), watch.withLock { $0 })
        if let loss = now.loss(since: old.marks) { return loss }
        if now.isChanged(since: old.marks) {
            if let loss = try damage(db, alive: old.alive) { return loss }
        } else {
            guard old.looks >= Self.maxLooks || now.logBytes > old.marks.logBytes + Self.maxLogGrowth else {
                watch.withLock { $0.looks += 1 }
                return nil
            }
            _ = try db.checkpoint(.passive)
        }
        let after = DatabaseMarks(path)
        if let loss = after.loss(since: now) { return loss }
        watch.withLock { watch in
            watch.marks = after
            watch.looks = 0
        }
        return nil
    }

    /// Reads the whole database after another program wrote to its file.
    private func damage(_ db: Database, alive: Double?) throws -> String? {
        do {
            // Then all is in the database itself, and nothing of it in memory.
            _ = try db.checkpoint(.full)
            try db.execute(sql: "PRAGMA shrink_memory")
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "it is empty"
            guard verdict == "ok" else { return "\(path) was changed by another program and is damaged: \(verdict)" }
            if let alive, try Double.fetchOne(db, sql: "SELECT alive FROM game_clock") != alive {
                return "the content of \(path) was replaced"
            }
            return nil
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR || error.resultCode == .SQLITE_ERROR
        {
            return "\(path) was changed by another program and can't be read: \(error.message ?? "\(error)")"
        }
    }
}
