import Storage

/// The tables, and the migration of a database from an earlier version to this version.
///
/// A server of the release before may run on the tables of this release, because servers of a game are replaced one
/// after the other. So a release only adds what the one before does without: columns have a default.
enum PostgresSchema {
    /// A step from one version of the tables to the next.
    private struct Migration {
        /// The version after it.
        let version: Int
        /// The lowest version of a server that can use the tables after it.
        let suits: Int
        let statements: [String]
    }

    /// All migrations from an empty database to this version, by ascending version.
    ///
    /// Never change a migration that was released; add a new one instead.
    private static let migrations = [
        Migration(version: 1, suits: 1, statements: PostgresTables.first),
        Migration(version: 2, suits: 1, statements: LeaseTables.first),
    ]

    private static let newest = migrations.last?.version ?? 0

    /// The schema that has the tables, as a number.
    static let place = "(SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema())"

    /// The upper half of the key of the advisory lock that a server has while it uses the tables: "PERG". The lower
    /// half is ``place``, so several games may be in schemas of one database.
    static let serverLock = 0x5045_5247

    /// The upper half of the key of the lock under which tables are changed.
    private static let migrationLock = serverLock + 1

    /// The upper half of the key of the lock under which maps are given to nodes.
    static let placeLock = serverLock + 2

    /// The key of a lock, as an expression.
    static func key(_ upper: Int) -> String { "(\(upper)::bigint << 32) + \(place)" }

    /// Checks that the database is this server's or empty, and not too new for this server; then migrates it.
    ///
    /// - Parameter session: The database, in a transaction.
    /// - Throws: ``PostgresFailure`` with ``PostgresFailure/Kind/unusable(_:)``, or the database's error.
    static func prepare(_ session: any SQLSession) throws {
        guard try session.hasRow("SELECT 1 WHERE current_schema() IS NOT NULL") else {
            throw PostgresFailure(.noSchema)
        }
        // One server at a time; the lock ends with the transaction.
        _ = try session.rows("SELECT pg_advisory_xact_lock(\(key(migrationLock)))")
        let version = try usableVersion(session) ?? 0
        if version == 0 {
            try session.run("CREATE TABLE perigee_schema (version integer PRIMARY KEY, suits integer NOT NULL)", [])
        }
        for migration in migrations where migration.version > version {
            try session.runAll(migration.statements.map { SQLStatement($0) })
            try session.run(
                "INSERT INTO perigee_schema (version, suits) VALUES ($1, $2)",
                [.integer(migration.version), .integer(migration.suits)])
        }
    }

    /// Checks that the database holds a game, in tables that this server can read.
    ///
    /// - Parameter session: The database.
    /// - Throws: As ``prepare(_:)``.
    static func check(_ session: any SQLSession) throws {
        guard try usableVersion(session) != nil else { throw PostgresFailure(.empty) }
    }

    /// The version of the tables, at most the newest one; `nil` for an empty database.
    private static func usableVersion(_ session: any SQLSession) throws -> Int? {
        let tables = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema()"
        guard try session.hasRow("\(tables) AND tablename = 'perigee_schema'") else {
            guard try !session.hasRow("\(tables) LIMIT 1") else { throw PostgresFailure(.foreign) }
            return nil
        }
        guard let row = try session.first("SELECT version, suits FROM perigee_schema ORDER BY version DESC LIMIT 1")
        else { return nil }
        guard try row.integer(0) <= newest || row.integer(1) <= newest else { throw PostgresFailure(.newer) }
        return min(try row.integer(0), newest)
    }

    /// Checks that the database holds this game, and notes the game in a database that holds none.
    ///
    /// - Parameters:
    ///   - session: The database, in a transaction.
    ///   - game: The game's name.
    ///   - isRenamed: Whether the database may hold a game of another name.
    /// - Throws: ``PostgresFailure`` with ``SharedStoreProblem/otherGame(_:mine:)``, or the database's error.
    static func claim(_ session: any SQLSession, game: String, isRenamed: Bool) throws {
        if let holder = try Self.game(session), holder != game, !isRenamed {
            throw PostgresFailure(.otherGame(holder, mine: game))
        }
        try session.run(
            """
            INSERT INTO settings (name, value) VALUES ('game', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [.text(game)])
    }

    /// Makes the caller the owner of the database: a server that was its owner before can't save any more, even when it
    /// gets the lock again.
    ///
    /// - Parameter session: The database, in a transaction of the connection that has the lock.
    /// - Returns: The owner's number.
    /// - Throws: The database's error.
    static func takeOver(_ session: any SQLSession) throws -> String {
        let number = (Int(try owner(session) ?? "") ?? 0) + 1
        try session.run(
            """
            INSERT INTO settings (name, value) VALUES ('owner', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [.text("\(number)")])
        return "\(number)"
    }

    /// The number of the server that took the database over last.
    static func owner(_ session: any SQLSession) throws -> String? {
        try session.first("SELECT value FROM settings WHERE name = 'owner'")?.text(0)
    }

    /// The name of the game that the database holds.
    @Sendable static func game(_ session: any SQLSession) throws -> String? {
        try session.first("SELECT value FROM settings WHERE name = 'game'")?.text(0)
    }

    /// Forgets which game the database holds.
    static func disclaim(_ session: any SQLSession) throws {
        try session.run("DELETE FROM settings WHERE name = 'game'", [])
    }
}

extension PostgresFailure {
    /// A database that must not be used.
    init(_ problem: SharedStoreProblem) { self.init(kind: .unusable(problem), description: "\(problem)") }
}
