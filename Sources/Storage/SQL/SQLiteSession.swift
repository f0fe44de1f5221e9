import GRDB
import GRDBSQLite

/// A connection to a SQLite database, which GRDB holds in a transaction or for reading.
///
/// Texts and bytes are passed with their lengths, so a text may contain the character NUL; GRDB passes texts as C
/// strings.
struct SQLiteSession: SQLSession {
    let db: Database

    var dialect: SQLDialect { .sqlite }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try each(sql, arguments) { rows.append($0) }
        return rows
    }

    func forEachRow(_ sql: String, _ body: (SQLRow) throws -> Void) throws { try each(sql, [], body) }

    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try each(sql, arguments) { _ in }
        return db.changesCount
    }

    func runAll(_ statements: [SQLStatement]) throws {
        for (index, statement) in statements.enumerated() {
            do {
                try run(statement.sql, statement.arguments)
            } catch {
                let isConflict = (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
                throw SQLBatchError(index: index, isConflict: isConflict, error: error)
            }
        }
    }

    /// Does nothing: SQLite's AUTOINCREMENT counts rows that are made with a number too.
    func raiseNumbers() {}

    /// Prepares a statement that is carried out several times.
    ///
    /// - Parameter sql: The statement; its parameters are `$1`, `$2` and so on.
    /// - Returns: The statement, to be used before the transaction ends.
    /// - Throws: `DatabaseError`.
    func prepare(_ sql: String) throws -> PreparedStatement {
        // SQLite would number `$1` by its place in the text; `?1` has its own number.
        let translated = String(
            decoding: sql.utf8.map { $0 == UInt8(ascii: "$") ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
        return PreparedStatement(try db.cachedStatement(sql: translated), db)
    }

    private func each(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try prepare(sql).each(arguments, body)
    }
}

/// A statement of SQLite that can be carried out several times.
struct PreparedStatement {
    /// Keeps `handle` valid.
    private let cached: Statement
    private let handle: SQLiteStatement
    private let db: Database

    fileprivate init(_ statement: Statement, _ db: Database) {
        cached = statement
        handle = statement.sqliteStatement
        self.db = db
    }

    /// Tells SQLite to copy the bytes of a parameter.
    // SAFETY: SQLite defines this constant as the pointer with all bits set; it is never called.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// Carries the statement out and drops its rows.
    func run(_ arguments: [SQLValue]) throws { try each(arguments) { _ in } }

    /// Carries the statement out.
    ///
    /// - Parameters:
    ///   - arguments: The values of its parameters.
    ///   - body: Called with each row.
    /// - Throws: `DatabaseError`, and what `body` throws.
    func each(_ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, argument) in arguments.enumerated() { try require(bind(argument, Int32(index + 1)), SQLITE_OK) }
        let columns = sqlite3_column_count(handle)
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else { return try require(code, SQLITE_DONE) }
            try body(SQLRow((0..<columns).map(value)))
        }
    }

    private func require(_ code: Int32, _ wanted: Int32) throws {
        guard code != wanted else { return }
        let extended = sqlite3_extended_errcode(db.sqliteConnection)
        throw DatabaseError(
            resultCode: ResultCode(rawValue: extended == SQLITE_OK ? code : extended),
            message: String(cString: sqlite3_errmsg(db.sqliteConnection)), sql: cached.sql)
    }

    private func bind(_ value: SQLValue, _ index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let value): return sqlite3_bind_int64(handle, index, Int64(value))
        case .real(let value): return sqlite3_bind_double(handle, index, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                // A null pointer, as that of an empty text may be, would be NULL.
                guard let start = bytes.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, Self.copied) }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text(handle, index, $0, Int32(bytes.count), Self.copied)
                }
            }
        case .bytes(let value):
            guard !value.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return sqlite3_bind_blob(handle, index, value, Int32(value.count), Self.copied)
        }
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(handle, column)))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(handle, column) else { return .text("") }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(handle, column) else { return .bytes([]) }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .bytes([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
