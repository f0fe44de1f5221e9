import GRDB

/// The tables, and the migration of a database from an earlier version to this version.
enum SQLiteSchema {
    /// Marks a database as this server's in its header (`PRAGMA application_id`): "PERG".
    static let applicationID = 0x5045_5247

    /// Checks that this server made the database and that the database is not newer than this server.
    ///
    /// - Parameters:
    ///   - reader: The open database.
    ///   - path: Its file, for messages.
    ///   - mayBeEmpty: Whether a database without any table is accepted.
    /// - Throws: ``StorageError/foreign(path:)``, ``StorageError/newer(path:)``, or SQLite's error.
    static func check(_ reader: some DatabaseReader, path: String, mayBeEmpty: Bool) throws {
        let (id, tables, isNewer) = try reader.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0,
                try migrator.hasBeenSuperseded(db)
            )
        }
        guard id == applicationID || mayBeEmpty && tables == 0 else { throw StorageError.foreign(path: path) }
        guard !isNewer else { throw StorageError.newer(path: path) }
    }

    /// Checks that the database is this server's, not newer than this server and not damaged, then migrates it.
    ///
    /// - Parameters:
    ///   - pool: The open database.
    ///   - path: Its file, for messages.
    /// - Throws: ``StorageError/foreign(path:)``, ``StorageError/newer(path:)``,
    ///   ``StorageError/corrupt(path:reason:)``, or SQLite's error.
    static func prepare(_ pool: DatabasePool, path: String) throws {
        try check(pool, path: path, mayBeEmpty: true)
        let verdict = try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        if let verdict, verdict != "ok" { throw StorageError.corrupt(path: path, reason: verdict) }
        try migrator.migrate(pool)
    }

    /// All migrations from an empty database to this version.
    ///
    /// Never change a migration that was released; add a new one instead.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    PRAGMA application_id = \(applicationID);

                    -- AUTOINCREMENT: the number of a deleted account is never given to another player.
                    CREATE TABLE accounts (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        login TEXT NOT NULL,
                        login_key TEXT NOT NULL UNIQUE,
                        password_hash TEXT NOT NULL,
                        created REAL NOT NULL
                    ) STRICT;

                    CREATE TABLE entities (
                        kind TEXT NOT NULL,
                        id INTEGER NOT NULL,
                        map_id INTEGER NOT NULL,
                        login TEXT,
                        prefab TEXT NOT NULL,
                        x REAL,
                        y REAL,
                        z REAL NOT NULL,
                        sort REAL NOT NULL,
                        side TEXT NOT NULL,
                        action TEXT NOT NULL,
                        created REAL NOT NULL,
                        spawn_id INTEGER,
                        components TEXT NOT NULL,
                        events TEXT NOT NULL,
                        PRIMARY KEY (kind, id)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX entities_by_map ON entities (map_id);

                    -- The highest number each kind ever had, so that a removed entity's number is not used again.
                    CREATE TABLE highest_ids (kind TEXT PRIMARY KEY, highest INTEGER NOT NULL) STRICT;

                    CREATE TABLE http_sessions (
                        hash BLOB PRIMARY KEY,
                        player_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                        expires REAL NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX http_sessions_by_expiry ON http_sessions (expires);
                    """)
        }
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    -- When the game ran last, Unix time: what was due after that waits as long as it had to.
                    CREATE TABLE game_clock (id INTEGER PRIMARY KEY CHECK (id = 1), alive REAL NOT NULL) STRICT;
                    """)
        }
        migrator.registerMigration("3") { db in
            try db.execute(
                sql: """
                    -- When the row was written, Unix time by the game's clock, which its events' times are of: what they had
                    -- left then. Of older rows all that is known is that it was not after the game ran last.
                    ALTER TABLE entities ADD COLUMN saved REAL;
                    UPDATE entities SET saved = (SELECT alive FROM game_clock);
                    """)
        }
        // More spellings of a login are the same one. Accounts that differed before are kept apart.
        migrator.registerMigration("4") { db in
            let session = SQLiteSession(db: db)
            for account in try session.rows("\(AccountRow.select) ORDER BY id").map(AccountRow.account)
            where loginKey(account.login) != formerLoginKey(account.login) {
                try session.run(
                    "UPDATE accounts SET login_key = $1 WHERE id = $2",
                    [.text(try keptLoginKey(account, session)), .integer(account.id)])
            }
        }
        migrator.registerMigration("5") { db in
            try db.execute(
                sql: """
                    -- The round trip that the player's client reported last, in seconds.
                    ALTER TABLE entities ADD COLUMN ping REAL;
                    """)
        }
        migrator.registerMigration("6") { db in try OperatorTables.create(db) }
        migrator.registerMigration("file versions") { db in try FileVersionTable.create(db) }
        migrator.registerMigration("players") { db in try PlayerTables.create(db) }
        return migrator
    }
}

extension StorageError {
    /// Translates an error that GRDB threw.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - path: The database file.
    ///   - isOpening: Whether it was thrown while the database was being opened.
    init(_ error: any Error, path: String, isOpening: Bool = false) {
        if let error = error as? StorageError {
            self = error
            return
        }
        if let error = error as? SQLTypeMismatch {
            self = .corrupt(path: path, reason: "\(error)")
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path: path, reason: "\(error)")
            return
        }
        let reason = error.message ?? "SQLite code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self = .corrupt(path: path, reason: reason)
        case .SQLITE_CONSTRAINT where reason.contains("accounts.login_key") || reason.contains("operators.login_key"):
            self = .loginTaken("")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_FULL:
            self = .unusable(path: path, reason: reason)
        case .SQLITE_BUSY where isOpening, .SQLITE_LOCKED where isOpening:
            self = .inUse(path: path)
        default:
            self = .failed(path: path, reason: reason)
        }
    }
}
