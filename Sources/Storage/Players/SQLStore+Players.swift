import World

/// The search for accounts, and what operators do with them.
extension SQLStore {
    package func players(_ search: PlayerSearch) async throws(StorageError) -> [PlayerAccount] {
        try await reading { session in
            let statement = try PlayerQuery.statement(search, session)
            return try session.rows(statement.sql, statement.arguments).map(PlayerQuery.account)
        }
    }

    package func players(ids: [Int]) async throws(StorageError) -> [PlayerAccount] {
        guard !ids.isEmpty else { return [] }
        return try await reading { session in
            let places = ids.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            return try session.rows(
                "SELECT \(PlayerQuery.columns) FROM accounts a WHERE a.id IN (\(places)) ORDER BY a.id DESC",
                ids.map(SQLValue.integer)
            ).map(PlayerQuery.account)
        }
    }

    package func resetPassword(_ hash: String, ofPlayer id: Int) async throws(StorageError) -> Int? {
        let ended: Int? = try await writing { session in
            let changed = try session.run(
                "UPDATE accounts SET password_hash = $1 WHERE id = $2", [.text(hash), .integer(id)])
            guard changed > 0 else { return nil }
            return try PlayerQuery.endSessions(session, ofPlayer: id)
        }
        // Reads the account again, so that a database that replaces a lost one gets the new hash.
        _ = try await account(id: id)
        return ended
    }

    package func erasePlayer(id: Int, auditTarget target: String) async throws(StorageError) -> Bool {
        let isErased = try await writing { session in
            try session.run(
                "DELETE FROM entities WHERE kind = $1 AND id = $2",
                [session.dialect.value(.players), .integer(id)])
            let isAboutPlayer = PlayerQuery.auditCondition(player: id, target: target, session.dialect)
            try session.run(
                "UPDATE audit_log SET before = NULL, after = NULL WHERE \(isAboutPlayer.sql)", isAboutPlayer.arguments)
            // Sessions, bans and the mute refer to the account, and go with it.
            return try session.run("DELETE FROM accounts WHERE id = $1", [.integer(id)]) > 0
        }
        forget(account: id)
        return isErased
    }

    package func auditEntries(
        ofPlayer id: Int, auditTarget target: String
    ) async throws(StorageError) -> [AuditEntry] {
        try await reading { session in
            let isAboutPlayer = PlayerQuery.auditCondition(player: id, target: target, session.dialect)
            return try session.rows(
                "\(AuditRow.select) WHERE \(isAboutPlayer.sql) ORDER BY id DESC", isAboutPlayer.arguments
            ).map(AuditRow.entry)
        }
    }

    // MARK: - Sessions

    package func httpSessions(ofPlayer id: Int, at now: Double) async throws(StorageError) -> [HTTPSession] {
        try await reading { session in
            try session.rows(
                "SELECT hash, player_id, expires, created, address FROM http_sessions"
                    + " WHERE player_id = $1 AND expires > $2 ORDER BY expires DESC",
                [.integer(id), .real(now)]
            ).map { row in
                HTTPSession(
                    hash: try row.bytes(0), playerID: try row.integer(1), expires: try row.real(2),
                    created: try row.optionalReal(3), address: try row.optionalText(4))
            }
        }
    }

    package func deleteHTTPSessions(ofPlayer id: Int) async throws(StorageError) -> Int {
        try await writing { try PlayerQuery.endSessions($0, ofPlayer: id) }
    }
}

/// The statements that search accounts.
enum PlayerQuery {
    static let columns = "a.id, a.login, a.created, a.last_login"

    /// Reads a row of `columns`.
    @Sendable static func account(_ row: SQLRow) throws -> PlayerAccount {
        PlayerAccount(
            id: try row.integer(0), login: try row.text(1), created: try row.real(2),
            lastLogin: try row.optionalReal(3))
    }

    /// The statement of a search.
    ///
    /// - Parameters:
    ///   - search: Which accounts are wanted.
    ///   - session: Where the last account of the page before is looked up.
    /// - Returns: The statement and its arguments.
    /// - Throws: The database's error.
    static func statement(_ search: PlayerSearch, _ session: some SQLSession) throws -> SQLStatement {
        let key = loginKey(search.part)
        if let now = search.bannedAt { return banned(key, search, now, session.dialect) }
        guard !key.isEmpty else {
            return SQLStatement(
                "SELECT \(columns) FROM accounts a WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2",
                [.integer(search.after ?? .max), .integer(max(search.limit, 1))])
        }
        // Rows come by the rest of the login from the part on, then by number; a page begins after the last row of the
        // page before.
        var (from, after) = (key, 0)
        if let last = search.after, let rest = try rest(of: last, from: key, session) { (from, after) = (rest, last) }
        return SQLStatement(
            """
            SELECT \(columns) FROM login_parts p CROSS JOIN accounts a
            WHERE a.id = p.player_id AND p.part >= $1 AND p.part < $2 AND (p.part > $1 OR p.player_id > $3)
                AND p.place = \(session.dialect.place)(a.login_key, $4)
            ORDER BY p.part, p.player_id LIMIT $5
            """,
            [
                .text(from), .text(key + "\u{10FFFF}"), .integer(after), .text(key), .integer(max(search.limit, 1)),
            ])
    }

    /// A player with several bans is found by the latest that is in force.
    private static func banned(
        _ key: String, _ search: PlayerSearch, _ now: Double, _ dialect: SQLDialect
    ) -> SQLStatement {
        let part = key.isEmpty ? "" : "AND \(dialect.place)(a.login_key, $4) > 0"
        return SQLStatement(
            """
            SELECT \(columns) FROM bans b CROSS JOIN accounts a
            WHERE a.id = b.player_id AND b.player_id < $1 \(part) AND b.id = (
                SELECT max(c.id) FROM bans c
                WHERE c.player_id = b.player_id AND (c.expires IS NULL OR c.expires > $2))
            ORDER BY b.player_id DESC LIMIT $3
            """,
            [.integer(search.after ?? .max), .real(now), .integer(max(search.limit, 1))]
                + (key.isEmpty ? [] : [.text(key)]))
    }

    /// The login of an account from a part on; `nil` for an unknown account and for a login without the part.
    private static func rest(of id: Int, from key: String, _ session: some SQLSession) throws -> String? {
        let place = "\(session.dialect.place)(login_key, $2)"
        return try session.first(
            "SELECT substr(login_key, \(place)) FROM accounts WHERE id = $1 AND \(place) > 0",
            [.integer(id), .text(key)]
        )?.text(0)
    }

    /// Ends all HTTP sessions of a player, and returns how many there were.
    static func endSessions(_ session: some SQLSession, ofPlayer id: Int) throws -> Int {
        try session.run("DELETE FROM http_sessions WHERE player_id = $1", [.integer(id)])
    }

    /// The condition for the audit log's entries about a player.
    ///
    /// Entries about the entity have targets such as `players_24 on map 1`, `move/to of players_24 on map 1` and
    /// `map 1, object players_24`.
    static func auditCondition(player id: Int, target: String, _ dialect: SQLDialect) -> SQLStatement {
        let key = "\(EntityKey(.players, id))"
        let ends = "substr(target, length(target) - length($4) + 1) = $4 AND length(target) > length($4)"
        return SQLStatement(
            """
            (target = $1 OR \(dialect.place)(target, $2) = 1 OR \(dialect.place)(target, $3) > 0
                OR \(dialect.place)(target, 'map ') = 1 AND \(ends))
            """,
            [.text(target), .text("\(key) on map "), .text(" of \(key) on map "), .text(", object \(key)")])
    }
}
