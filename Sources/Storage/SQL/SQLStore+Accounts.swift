package import World

/// Players' accounts and their HTTP sessions.
extension SQLStore {
    package func createAccount(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> Account {
        do {
            let id = try await writing { session in
                try session.insert(
                    "INSERT INTO accounts (login, login_key, password_hash, created) VALUES ($1, $2, $3, $4)",
                    [.text(login), .text(loginKey(login)), .text(passwordHash), .real(created)])
            }
            let account = Account(id: id, login: login, passwordHash: passwordHash, created: created)
            remember(account)
            return account
        } catch .loginTaken {
            throw .loginTaken(login)
        }
    }

    package func account(login: String) async throws(StorageError) -> Account? {
        try await account(
            // The account with this very spelling comes first where two accounts had different keys once.
            "WHERE login_key IN ($1, $2) ORDER BY CASE login_key WHEN $1 THEN 0 ELSE 1 END LIMIT 1",
            [.text(separateLoginKey(login)), .text(loginKey(login))])
    }

    package func account(id: Int) async throws(StorageError) -> Account? {
        try await account("WHERE id = $1", [.integer(id)])
    }

    private func account(_ condition: String, _ arguments: [SQLValue]) async throws(StorageError) -> Account? {
        let account = try await reading { session in
            try session.first("\(AccountRow.select) \(condition)", arguments).map(AccountRow.account)
        }
        if let account { remember(account) }
        return account
    }

    package func setPasswordHash(_ hash: String, ofAccount id: Int) async throws(StorageError) {
        try await writing { session in
            try session.run("UPDATE accounts SET password_hash = $1 WHERE id = $2", [.text(hash), .integer(id)])
        }
        // Reads the account again, so that a database that replaces a lost one gets the new hash.
        _ = try await account(id: id)
    }

    package func lastAlive() async throws(StorageError) -> Double? {
        try await reading { try $0.first("SELECT alive FROM game_clock")?.real(0) }
    }

    package func highestID(_ kind: EntityKind) async throws(StorageError) -> Int {
        let highest = try await reading { session in
            let used = try session.first("SELECT highest FROM highest_ids WHERE kind = $1", [.text(kind.name)])
            guard kind == .players else { return try used?.integer(0) ?? 0 }
            let accounts = try session.first("SELECT max(id) FROM accounts")?.optionalInteger(0)
            return max(try used?.integer(0) ?? 0, accounts ?? 0)
        }
        remember(kind, highest: highest)
        return highest
    }

    // MARK: - HTTP sessions

    package func createHTTPSession(_ session: HTTPSession) async throws(StorageError) {
        try await writing { db in
            try db.run(
                "INSERT INTO http_sessions (hash, player_id, expires, created, address) VALUES ($1, $2, $3, $4, $5)",
                [
                    .bytes(session.hash), .integer(session.playerID), .real(session.expires), SQLValue(session.created),
                    SQLValue(session.address),
                ])
            guard let created = session.created else { return }
            try db.run(
                "UPDATE accounts SET last_login = $1 WHERE id = $2", [.real(created), .integer(session.playerID)])
        }
    }

    package func httpSession(hash: [UInt8]) async throws(StorageError) -> HTTPSession? {
        try await reading { session in
            try session.first("SELECT player_id, expires FROM http_sessions WHERE hash = $1", [.bytes(hash)]).map {
                HTTPSession(hash: hash, playerID: try $0.integer(0), expires: try $0.real(1))
            }
        }
    }

    package func deleteHTTPSession(hash: [UInt8]) async throws(StorageError) {
        try await writing { try $0.run("DELETE FROM http_sessions WHERE hash = $1", [.bytes(hash)]) }
    }

    package func deleteHTTPSessions(expiredAt now: Double) async throws(StorageError) {
        try await writing { try $0.run("DELETE FROM http_sessions WHERE expires <= $1", [.real(now)]) }
    }
}

/// The table of accounts.
enum AccountRow {
    static let select = "SELECT id, login, password_hash, created FROM accounts"

    /// Reads a row of `select`.
    @Sendable static func account(_ row: SQLRow) throws -> Account {
        Account(
            id: try row.integer(0), login: try row.text(1), passwordHash: try row.text(2), created: try row.real(3))
    }

    /// Makes an account with the number that it had elsewhere.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - key: The key of its login.
    ///   - verb: `INSERT`, or what replaces an account of the number.
    /// - Returns: The statement.
    static func insert(_ account: Account, key: String, _ verb: String = "INSERT") -> SQLStatement {
        SQLStatement(
            "\(verb) INTO accounts (id, login, login_key, password_hash, created) VALUES ($1, $2, $3, $4, $5)",
            [
                .integer(account.id), .text(account.login), .text(key), .text(account.passwordHash),
                .real(account.created),
            ])
    }
}

/// The key under which an account of another or an older database is kept.
///
/// Before schema version 4, two accounts could have logins that are one login today, such as `ΣΑΣ` and `σας`. Both
/// players must keep their accounts, and the key is unique, so the second account gets a separate key. Two accounts
/// that could never be in one database get the same key on purpose: then the database refuses the second as a
/// duplicate.
///
/// - Parameters:
///   - login: The account's login.
///   - other: The login of another account that has the login's key, if there is one.
/// - Returns: The login's key, or the separate one when the other account could have that key beside this one.
func keptLoginKey(_ login: String, beside other: String?) -> String {
    guard let other, formerLoginKey(other) != formerLoginKey(login) else { return loginKey(login) }
    return separateLoginKey(login)
}
