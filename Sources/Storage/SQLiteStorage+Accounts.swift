import Foundation
import GRDB

extension SQLiteStorage {
    package func createAccount(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> Account {
        do {
            let account = try await write { db in
                try db.execute(
                    sql: """
                        INSERT INTO accounts (login, login_key, password_hash, created)
                        VALUES (\(ExactSQLText.parameter), \(ExactSQLText.parameter), ?, ?)
                        """,
                    arguments: [
                        ExactSQLText.bytes(login), ExactSQLText.bytes(loginKey(login)), passwordHash, created,
                    ])
                return Account(
                    id: Int(db.lastInsertedRowID), login: login, passwordHash: passwordHash, created: created)
            }
            known.note(account)
            return account
        } catch .loginTaken {
            throw .loginTaken(login)
        }
    }

    package func account(login: String) async throws(StorageError) -> Account? {
        let account = try await read { db in
            // The account with this very spelling comes first where two accounts had different keys once.
            let (own, shared) = (separateLoginKey(login), loginKey(login))
            return try Row.fetchOne(
                db.cachedStatement(
                    sql: accountColumns
                        + " WHERE login_key IN (CAST(?1 AS TEXT), CAST(?2 AS TEXT))"
                        + " ORDER BY login_key = CAST(?2 AS TEXT) LIMIT 1"),
                arguments: [ExactSQLText.bytes(own), ExactSQLText.bytes(shared)]
            ).map(Account.init)
        }
        if let account { known.note(account) }
        return account
    }

    package func account(id: Int) async throws(StorageError) -> Account? {
        let account = try await read { db in
            try Row.fetchOne(db.cachedStatement(sql: accountColumns + " WHERE id = ?"), arguments: [id]).map(
                Account.init)
        }
        if let account { known.note(account) }
        return account
    }

    package func setPasswordHash(_ hash: String, ofAccount id: Int) async throws(StorageError) {
        try await write { db in
            try db.execute(sql: "UPDATE accounts SET password_hash = ? WHERE id = ?", arguments: [hash, id])
        }
        // Reads the account again, so that a database that replaces a lost one gets the new hash.
        _ = try await account(id: id)
    }
}

// MARK: - HTTP sessions

extension SQLiteStorage {
    package func createHTTPSession(_ session: HTTPSession) async throws(StorageError) {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO http_sessions (hash, player_id, expires, created, address) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    Data(session.hash), session.playerID, session.expires, session.created, session.address,
                ])
            guard let created = session.created else { return }
            try db.execute(
                sql: "UPDATE accounts SET last_login = ? WHERE id = ?", arguments: [created, session.playerID])
        }
    }

    package func httpSession(hash: [UInt8]) async throws(StorageError) -> HTTPSession? {
        try await read { db in
            let statement = try db.cachedStatement(sql: "SELECT player_id, expires FROM http_sessions WHERE hash = ?")
            return try Row.fetchOne(statement, arguments: [Data(hash)]).map { row in
                HTTPSession(hash: hash, playerID: row[0], expires: row[1])
            }
        }
    }

    package func deleteHTTPSession(hash: [UInt8]) async throws(StorageError) {
        try await write { db in
            try db.execute(sql: "DELETE FROM http_sessions WHERE hash = ?", arguments: [Data(hash)])
        }
    }

    package func deleteHTTPSessions(expiredAt now: Double) async throws(StorageError) {
        try await write { db in
            try db.execute(sql: "DELETE FROM http_sessions WHERE expires <= ?", arguments: [now])
        }
    }
}

let accountColumns = "SELECT id, \(ExactSQLText.selected("login")), password_hash, created FROM accounts"

extension Account {
    /// What follows INSERT in a statement that takes ``arguments``.
    static let insertTarget = """
        INTO accounts (id, login, login_key, password_hash, created)
        VALUES (?, \(ExactSQLText.parameter), \(ExactSQLText.parameter), ?, ?)
        """

    /// The account's row, with its number and the key of its login.
    func arguments(key: String) -> StatementArguments {
        [id, ExactSQLText.bytes(login), ExactSQLText.bytes(key), passwordHash, created]
    }

    init(_ row: Row) {
        self.init(id: row[0], login: ExactSQLText.text(row, 1), passwordHash: row[2], created: row[3])
    }
}

/// The key under which an account of another or an older database is kept.
///
/// Before schema version 4, two accounts could have logins that are one login today, such as `ΣΑΣ` and `σας`. Both
/// players must keep their accounts, and the key is unique, so the second account gets a separate key. Two accounts
/// that could never be in one database get the same key on purpose: then SQLite refuses the second as a duplicate.
///
/// - Parameters:
///   - account: The account.
///   - db: The database that gets it.
/// - Returns: The login's key, or the separate one when another account has that and could have it beside this one.
/// - Throws: SQLite's error.
func keptLoginKey(_ account: Account, _ db: Database) throws -> String {
    let key = loginKey(account.login)
    let statement = try db.cachedStatement(sql: "SELECT login FROM accounts WHERE login_key = ? AND id <> ?")
    guard let other = try String.fetchOne(statement, arguments: [key, account.id]),
        formerLoginKey(other) != formerLoginKey(account.login)
    else { return key }
    return separateLoginKey(account.login)
}
