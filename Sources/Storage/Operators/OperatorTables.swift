import GRDB

/// The tables of operators, their sessions, the keys of programs and the audit log.
enum OperatorTables {
    /// The tables, in an order in which a row can be inserted after the rows to which it refers.
    static let names = ["operators", "operator_sessions", "api_keys", "audit_log"]

    /// Makes the tables; schema version 6.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                -- AUTOINCREMENT: the audit log names numbers, which must not get another meaning.
                CREATE TABLE operators (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    login TEXT NOT NULL,
                    login_key TEXT NOT NULL UNIQUE,
                    password_hash TEXT NOT NULL,
                    role TEXT NOT NULL,
                    created REAL NOT NULL,
                    disabled REAL
                ) STRICT;

                -- A session belongs to an account, or to somebody who had the key file of that hash.
                CREATE TABLE operator_sessions (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    hash BLOB NOT NULL UNIQUE,
                    operator_id INTEGER REFERENCES operators (id) ON DELETE CASCADE,
                    key_hash BLOB,
                    created REAL NOT NULL,
                    expires REAL NOT NULL,
                    last_used REAL NOT NULL,
                    address TEXT NOT NULL,
                    agent TEXT NOT NULL,
                    CHECK ((operator_id IS NULL) <> (key_hash IS NULL))
                ) STRICT;
                CREATE INDEX operator_sessions_by_operator ON operator_sessions (operator_id);

                CREATE TABLE api_keys (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
                    hash BLOB NOT NULL UNIQUE,
                    role TEXT NOT NULL,
                    -- Null for a key that was made with the key file.
                    created_by INTEGER REFERENCES operators (id) ON DELETE CASCADE,
                    created REAL NOT NULL,
                    last_used REAL
                ) STRICT;
                CREATE INDEX api_keys_by_creator ON api_keys (created_by);

                CREATE TABLE audit_log (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    kind INTEGER NOT NULL,
                    time REAL NOT NULL,
                    actor TEXT NOT NULL,
                    address TEXT NOT NULL,
                    action TEXT NOT NULL,
                    target TEXT NOT NULL,
                    before TEXT,
                    after TEXT,
                    refusal TEXT
                ) STRICT;
                -- Finds the oldest entry of a kind that may stay.
                CREATE INDEX audit_log_by_kind ON audit_log (kind, id);
                """)
    }

    /// Copies all rows of tables that can be read from one database to another one that has these tables.
    static func copy(_ tables: [String] = names, from source: Database, to target: Database) {
        for table in tables {
            guard let rows = try? Row.fetchCursor(source, sql: "SELECT * FROM \(table)") else { continue }
            while let row = try? rows.next() {
                let columns = row.columnNames.joined(separator: ", ")
                let places = row.columnNames.map { _ in "?" }.joined(separator: ", ")
                // A row that refers to an account that could not be read is left out.
                try? target.execute(
                    sql: "INSERT OR REPLACE INTO \(table) (\(columns)) VALUES (\(places))",
                    arguments: StatementArguments(row.databaseValues))
            }
        }
    }
}
