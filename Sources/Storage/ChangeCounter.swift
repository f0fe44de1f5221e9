import GRDB
import GRDBSQLite

/// The change counter in the header of a database's file [SQLite's file format, 1.3.7]: SQLite raises it when it writes
/// the first page. A file whose counter is lower than it was is an older copy, whatever its other pages say.
struct ChangeCounter: Equatable {
    private static let offset: Int64 = 24

    private let value: UInt32

    /// Reads the counter from the file itself, past the write-ahead log and SQLite's cache; `nil` when it can't be read.
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

    /// Raises the counter in the write-ahead log; the next checkpoint moves it into the file.
    static func raise(_ db: Database) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        // SQLite writes the first page for this, although the value stays.
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Whether the counter is lower than another one; it begins again at 0 after its highest value.
    func isBefore(_ other: ChangeCounter) -> Bool { Int32(bitPattern: value &- other.value) < 0 }
}
