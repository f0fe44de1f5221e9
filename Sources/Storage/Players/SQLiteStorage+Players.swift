import Foundation
import GRDB
import World

/// The search for accounts, and what operators do with them.
extension SQLiteStorage {
    package func players(_ search: PlayerSearch) async throws(StorageError) -> [PlayerAccount] {
        try await read { db in
            let (sql, arguments) = try PlayerQuery.statement(search, db)
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map(PlayerAccount.init)
        }
    }

    package func players(ids: [Int]) async throws(StorageError) -> [PlayerAccount] {
        guard !ids.isEmpty else { return [] }
        return try await read { db in
            let places = ids.map { _ in "?" }.joined(separator: ", ")
            return try Row.fetchAll(
                db, sql: "SELECT \(PlayerQuery.columns) FROM accounts a WHERE a.id IN (\(places)) ORDER BY a.id DESC",
                arguments: StatementArguments(ids)
            ).map(PlayerAccount.init)
        }
    }

    package func resetPassword(_ hash: String, ofPlayer id: Int) async throws(StorageError) -> Int? {
        let ended: Int? = try await write { db in
            try db.execute(sql: "UPDATE accounts SET password_hash = ? WHERE id = ?", arguments: [hash, id])
            guard db.changesCount > 0 else { return nil }
            return try Self.endSessions(db, ofPlayer: id)
        }
        // Reads the account again, so that a database that replaces a lost one gets the new hash.
        _ = try await account(id: id)
        return ended
    }

    package func erasePlayer(id: Int, auditTarget target: String) async throws(StorageError) -> Bool {
        let isErased = try await write { db in
            try db.execute(
                sql: "DELETE FROM entities WHERE kind = ? AND id = ?", arguments: [EntityKind.players.name, id])
            let (isAboutPlayer, arguments) = Self.auditCondition(player: id, target: target)
            try db.execute(
                sql: "UPDATE audit_log SET before = NULL, after = NULL WHERE \(isAboutPlayer)", arguments: arguments)
            // Sessions, bans and the mute refer to the account, and go with it.
            try db.execute(sql: "DELETE FROM accounts WHERE id = ?", arguments: [id])
            return db.changesCount > 0
        }
        known.forget(account: id)
        return isErased
    }

    package func auditEntries(
        ofPlayer id: Int, auditTarget target: String
    ) async throws(StorageError) -> [AuditEntry] {
        try await read { db in
            let (isAboutPlayer, arguments) = Self.auditCondition(player: id, target: target)
            return try Row.fetchAll(
                db, sql: "SELECT * FROM audit_log WHERE \(isAboutPlayer) ORDER BY id DESC", arguments: arguments
            ).map(AuditEntry.init)
        }
    }

    /// The condition for the audit log's entries about a player.
    ///
    /// Entries about the entity have targets such as `players_24 on map 1`, `move/to of players_24 on map 1` and
    /// `map 1, object players_24`.
    private static func auditCondition(player id: Int, target: String) -> (sql: String, arguments: StatementArguments) {
        let key = "\(EntityKey(.players, id))"
        return (
            "(target = ?1 OR target GLOB ?2 OR target GLOB ?3 OR target GLOB ?4)",
            [target, "\(key) on map *", "* of \(key) on map *", "map *, object \(key)"]
        )
    }

    // MARK: - Sessions

    package func httpSessions(ofPlayer id: Int, at now: Double) async throws(StorageError) -> [HTTPSession] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT hash, player_id, expires, created, address FROM http_sessions"
                    + " WHERE player_id = ? AND expires > ? ORDER BY expires DESC",
                arguments: [id, now]
            ).map { row in
                HTTPSession(
                    hash: [UInt8](row[0] as Data), playerID: row[1], expires: row[2], created: row[3], address: row[4])
            }
        }
    }

    package func deleteHTTPSessions(ofPlayer id: Int) async throws(StorageError) -> Int {
        try await write { db in try Self.endSessions(db, ofPlayer: id) }
    }

    private static func endSessions(_ db: Database, ofPlayer id: Int) throws -> Int {
        try db.execute(sql: "DELETE FROM http_sessions WHERE player_id = ?", arguments: [id])
        return db.changesCount
    }
}

/// The statements that search accounts.
enum PlayerQuery {
    static let columns = "a.id, CAST(a.login AS BLOB), a.created, a.last_login"

    /// The statement of a search.
    ///
    /// - Parameters:
    ///   - search: Which accounts are wanted.
    ///   - db: Where the last account of the page before is looked up.
    /// - Returns: The statement and its arguments.
    /// - Throws: The database's error.
    static func statement(_ search: PlayerSearch, _ db: Database) throws -> (String, StatementArguments) {
        let key = loginKey(search.part)
        if let now = search.bannedAt { return banned(key, search, now) }
        guard !key.isEmpty else {
            return (
                "SELECT \(columns) FROM accounts a WHERE a.id < ? ORDER BY a.id DESC LIMIT ?",
                [search.after ?? .max, max(search.limit, 1)]
            )
        }
        // Rows come by the rest of the login from the part on, then by number; a page begins after the last row of the
        // page before.
        var (from, after) = (key, 0)
        if let last = search.after, let rest = try rest(of: last, from: key, db) { (from, after) = (rest, last) }
        return (
            """
            SELECT \(columns) FROM login_parts p CROSS JOIN accounts a ON a.id = p.player_id
            WHERE p.part >= CAST(?1 AS TEXT) AND p.part < CAST(?2 AS TEXT)
                AND (p.part > CAST(?1 AS TEXT) OR p.player_id > ?3)
                AND p.place = instr(a.login_key, CAST(?4 AS TEXT))
            ORDER BY p.part, p.player_id LIMIT ?5
            """,
            [
                ExactSQLText.bytes(from), ExactSQLText.bytes(key + "\u{10FFFF}"), after, ExactSQLText.bytes(key),
                max(search.limit, 1),
            ]
        )
    }

    private static func banned(
        _ key: String, _ search: PlayerSearch, _ now: Double
    ) -> (String, StatementArguments) {
        (
            """
            SELECT \(columns) FROM bans b CROSS JOIN accounts a ON a.id = b.player_id
            WHERE b.player_id < ?1 AND (b.expires IS NULL OR b.expires > ?2)
                AND (?3 = '' OR instr(a.login_key, ?3) > 0)
            GROUP BY b.player_id ORDER BY b.player_id DESC LIMIT ?4
            """, [search.after ?? .max, now, key, max(search.limit, 1)]
        )
    }

    /// The login of an account from a part on; `nil` for an unknown account and for a login without the part.
    private static func rest(of id: Int, from key: String, _ db: Database) throws -> String? {
        let login = try Data.fetchOne(
            db, sql: "SELECT CAST(login_key AS BLOB) FROM accounts WHERE id = ?", arguments: [id]
        ).map { String(decoding: $0, as: UTF8.self) }
        return login.flatMap { login in login.range(of: key, options: .literal).map { String(login[$0.lowerBound...]) }
        }
    }
}

extension PlayerAccount {
    init(_ row: Row) { self.init(id: row[0], login: ExactSQLText.text(row, 1), created: row[2], lastLogin: row[3]) }
}
