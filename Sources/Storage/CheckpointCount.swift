import GRDB
import GRDBSQLite

/// How many checkpoints this server's processes made of a database: its user version, in the header of its file
/// [SQLite's file format, 1.3]. A file in which it is lower than it was is an older copy, whatever its other pages say.
struct CheckpointCount: Equatable {
    private static let offset: Int64 = 60

    private let value: UInt32

    /// Reads the count from the file itself, past the write-ahead log and SQLite's cache; `nil` when it can't be read.
    ///
    /// It is read through the file that SQLite has open: closing another descriptor would release SQLite's locks.
    ///
    /// - Parameter db: A connection to the database.
    init?(inFileOf db: Database) {
        var pointer: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &pointer) == SQLITE_OK,
            let file = pointer, let read = file.pointee.pMethods?.pointee.xRead
        else { return nil }
        var bytes: UInt32 = 0
        guard read(file, &bytes, Int32(MemoryLayout.size(ofValue: bytes)), Self.offset) == SQLITE_OK else { return nil }
        value = UInt32(bigEndian: bytes)
    }

    /// Raises the count in the write-ahead log; the next checkpoint moves it into the file.
    static func raise(_ db: Database) throws {
        let count = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        try db.execute(sql: "PRAGMA user_version = \(count &+ 1)")
    }

    /// Whether the count is lower than another one; it begins again at its least value after the highest.
    func isBefore(_ other: CheckpointCount) -> Bool { Int32(bitPattern: value &- other.value) < 0 }
}
