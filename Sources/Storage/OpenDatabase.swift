import GRDB
import Glibc
import Synchronization

/// One open database file that no other server has open, with checks whether it was lost.
///
/// It may be used on any thread.
final class OpenDatabase: Sendable {
    /// How much the write-ahead log grows before a checkpoint moves it into the database, in bytes.
    private static let maxLogGrowth = 4 << 20
    /// After how many checks without a checkpoint the next check makes one.
    fileprivate static let maxChecksBetweenCheckpoints = 40

    private struct Watch {
        var marks: DatabaseMarks
        /// The count in the file after the last checkpoint.
        var checkpoints: CheckpointCount?
        /// It begins at the maximum, so that the first check moves the pages that an earlier process left in the log.
        var checksSinceCheckpoint = OpenDatabase.maxChecksBetweenCheckpoints
        /// The game's time that was last written to this database.
        var alive: Double?
    }

    let path: String
    let pool: DatabasePool
    private let lock: StorageLock
    private let watch: Mutex<Watch>

    /// Opens a database, and makes or upgrades it as needed.
    ///
    /// - Parameter path: The file; its folder must exist.
    /// - Throws: ``StorageError``.
    init(path: String) throws(StorageError) {
        self.path = path
        var information = stat()
        if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFREG {
            throw .unusable(path: path, reason: "it is not a regular file")
        }
        lock = try StorageLock(databasePath: path)
        DatabaseFiles.makePrivate(path)
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                // `look` makes the checkpoints itself. So it knows that any other change of the file comes from another
                // program.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteSchema.prepare(pool, path: path)
            let checkpoints = try pool.read { CheckpointCount(inFileOf: $0) }
            watch = Mutex(Watch(marks: DatabaseMarks(path), checkpoints: checkpoints))
        } catch {
            throw StorageError(error, path: path, isOpening: true)
        }
    }

    private var replaced: String { "the content of \(path) was replaced" }

    /// Closes the database after moving the log into it; later calls fail.
    func close() throws {
        _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try pool.close()
        lock.release()
    }

    /// Notes the game's time that was written; a database that contains another time is not this one.
    func wrote(alive: Double) { watch.withLock { $0.alive = alive } }

    /// Checks whether the database was lost; usually costs three calls of `stat`.
    ///
    /// About every half a minute, and when the write-ahead log has grown, it also moves the log into the database.
    ///
    /// - Returns: What happened to the database; `nil` when it is intact, or when that can't be found out now.
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

    /// Does the work of ``loss()``, on the one connection that writes, so that nothing else in this process writes or
    /// moves the log meanwhile.
    private func look(_ db: Database) throws -> String? {
        let (now, old) = (DatabaseMarks(path), watch.withLock { $0 })
        if let loss = now.loss(since: old.marks) { return loss }
        var isMoved = false
        if now.isChanged(since: old.marks) {
            // Before the log is moved into it, which may hide from where the other pages are.
            if let checkpoints = CheckpointCount(inFileOf: db), let known = old.checkpoints, checkpoints.isBefore(known)
            {
                return replaced
            }
            if let loss = try damage(db, alive: old.alive) { return loss }
        } else {
            guard
                old.checksSinceCheckpoint >= Self.maxChecksBetweenCheckpoints
                    || now.logBytes > old.marks.logBytes + Self.maxLogGrowth
            else {
                watch.withLock { $0.checksSinceCheckpoint += 1 }
                return nil
            }
            try CheckpointCount.raise(db)
            let result = try db.checkpoint(.passive)
            isMoved = result.walFrameCount == result.checkpointedFrameCount
        }
        let after = DatabaseMarks(path)
        if let loss = after.loss(since: now) { return loss }
        // After the metadata: a copy that comes between the two is noticed now, a later one by the metadata.
        let checkpoints = CheckpointCount(inFileOf: db)
        if let checkpoints, let known = old.checkpoints, checkpoints.isBefore(known) || isMoved && checkpoints == known
        {
            return replaced
        }
        watch.withLock { watch in
            watch.marks = after
            watch.checkpoints = checkpoints
            watch.checksSinceCheckpoint = 0
        }
        return nil
    }

    /// Checks the whole database after another program wrote to its file; `nil` when it is intact.
    private func damage(_ db: Database, alive: Double?) throws -> String? {
        do {
            // After these two statements, everything is in the file itself, and the check reads no page from memory.
            _ = try db.checkpoint(.full)
            try db.execute(sql: "PRAGMA shrink_memory")
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "it is empty"
            guard verdict == "ok" else { return "\(path) was changed by another program and is damaged: \(verdict)" }
            if let alive, try Double.fetchOne(db, sql: "SELECT alive FROM game_clock") != alive {
                return replaced
            }
            return nil
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR || error.resultCode == .SQLITE_ERROR
        {
            return "\(path) was changed by another program and can't be read: \(error.message ?? "\(error)")"
        }
    }
}
