import Foundation
import GRDB

/// Sessions of operators, and keys of programs.
extension SQLiteStorage {
    package func createOperatorSession(
        _ session: OperatorSession, checked passwordHash: String?, limit: Int
    ) async throws(StorageError) -> OperatorSession? {
        try await write { db in
            if case .account(let id) = session.holder {
                guard let account = try Self.account(db, id), account.isUsable(with: passwordHash) else { return nil }
            }
            try db.execute(sql: "DELETE FROM operator_sessions WHERE expires <= ?", arguments: [session.created])
            let holder = session.holder
            try db.execute(
                sql: """
                    DELETE FROM operator_sessions WHERE id IN (
                        SELECT id FROM operator_sessions WHERE \(holder.condition) ORDER BY id DESC LIMIT -1 OFFSET ?)
                    """, arguments: [holder.value, max(limit - 1, 0)])
            try db.execute(
                sql: """
                    INSERT INTO operator_sessions
                        (hash, \(holder.column), created, expires, last_used, address, agent)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(session.hash), holder.value, session.created, session.expires, session.lastUsed,
                    session.address, session.agent,
                ])
            var stored = session
            stored.id = Int(db.lastInsertedRowID)
            return stored
        }
    }

    package func operatorSession(hash: [UInt8]) async throws(StorageError) -> OperatorSession? {
        try await read { db in
            let statement = try db.cachedStatement(sql: "SELECT * FROM operator_sessions WHERE hash = ?")
            return try Row.fetchOne(statement, arguments: [Data(hash)]).map(OperatorSession.init)
        }
    }

    package func operatorSessions(
        of holder: OperatorSession.Holder?, at now: Double
    ) async throws(StorageError) -> [OperatorSession] {
        try await read { db in
            let condition = holder.map { " AND \($0.condition)" } ?? ""
            let arguments: StatementArguments = holder.map { [now, $0.value] } ?? [now]
            return try Row.fetchAll(
                db, sql: "SELECT * FROM operator_sessions WHERE expires > ?\(condition) ORDER BY id DESC",
                arguments: arguments
            ).map(OperatorSession.init)
        }
    }

    package func noteUse(ofOperatorSession id: Int, at now: Double) async throws(StorageError) {
        try await write { db in
            try db.execute(sql: "UPDATE operator_sessions SET last_used = ? WHERE id = ?", arguments: [now, id])
        }
    }

    package func deleteOperatorSession(
        id: Int, of holder: OperatorSession.Holder?
    ) async throws(StorageError) -> OperatorSession? {
        try await write { db in
            let session = try Row.fetchOne(
                db, sql: "SELECT * FROM operator_sessions WHERE id = ?", arguments: [id]
            ).map(OperatorSession.init)
            guard let session, holder == nil || holder == session.holder else { return nil }
            try db.execute(sql: "DELETE FROM operator_sessions WHERE id = ?", arguments: [id])
            return session
        }
    }

    package func deleteOperatorSessions(of holder: OperatorSession.Holder) async throws(StorageError) -> Int {
        try await write { db in try Self.deleteSessions(db, of: holder) }
    }

    /// Ends all sessions of a holder, and returns how many there were.
    @discardableResult
    static func deleteSessions(_ db: Database, of holder: OperatorSession.Holder) throws -> Int {
        try db.execute(
            sql: "DELETE FROM operator_sessions WHERE \(holder.condition)", arguments: [holder.value])
        return db.changesCount
    }

    // MARK: - Keys of programs

    package func createAPIKey(
        name: String, hash: [UInt8], role: OperatorRole, createdBy: Int?, created: Double
    ) async throws(StorageError) -> APIKey? {
        try await write { db in
            if let createdBy {
                guard let creator = try Self.account(db, createdBy), creator.disabled == nil, creator.role >= role
                else { return nil }
            }
            let isTaken = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM api_keys WHERE name = ?)", arguments: [name])
            guard isTaken == false else { throw StorageError.keyNameTaken(name) }
            try db.execute(
                sql: "INSERT INTO api_keys (name, hash, role, created_by, created) VALUES (?, ?, ?, ?, ?)",
                arguments: [name, Data(hash), role.rawValue, createdBy, created])
            return APIKey(
                id: Int(db.lastInsertedRowID), name: name, hash: hash, role: role, createdBy: createdBy,
                created: created)
        }
    }

    /// Revokes the keys that an operator made, as far as their role is above the operator's.
    ///
    /// - Parameters:
    ///   - db: The database, in a transaction.
    ///   - id: The operator's number.
    ///   - role: The role that the operator has from now on; `nil` for none.
    /// - Returns: The names of the revoked keys.
    /// - Throws: The database's error.
    static func revokeKeys(_ db: Database, of id: Int, above role: OperatorRole?) throws -> [String] {
        let kept = OperatorRole.allCases.filter { kept in role.map { kept <= $0 } ?? false }.map(\.rawValue)
        let places = kept.map { _ in "?" }.joined(separator: ", ")
        var arguments: StatementArguments = [id]
        arguments += StatementArguments(kept)
        return try String.fetchAll(
            db, sql: "DELETE FROM api_keys WHERE created_by = ? AND role NOT IN (\(places)) RETURNING name",
            arguments: arguments
        ).sorted()
    }

    package func apiKeys() async throws(StorageError) -> [APIKey] {
        try await read { db in try Row.fetchAll(db, sql: "SELECT * FROM api_keys ORDER BY id").map(APIKey.init) }
    }

    package func apiKey(hash: [UInt8]) async throws(StorageError) -> APIKey? {
        try await read { db in
            let statement = try db.cachedStatement(sql: "SELECT * FROM api_keys WHERE hash = ?")
            return try Row.fetchOne(statement, arguments: [Data(hash)]).map(APIKey.init)
        }
    }

    package func noteUse(ofAPIKey id: Int, at now: Double) async throws(StorageError) {
        try await write { db in
            try db.execute(sql: "UPDATE api_keys SET last_used = ? WHERE id = ?", arguments: [now, id])
        }
    }

    package func deleteAPIKey(id: Int) async throws(StorageError) -> APIKey? {
        try await write { db in
            let key = try Row.fetchOne(db, sql: "SELECT * FROM api_keys WHERE id = ?", arguments: [id]).map(APIKey.init)
            if key != nil { try db.execute(sql: "DELETE FROM api_keys WHERE id = ?", arguments: [id]) }
            return key
        }
    }
}

extension OperatorSession.Holder {
    /// The column that names this kind of holder.
    fileprivate var column: String {
        switch self {
        case .account: "operator_id"
        case .keyFile: "key_hash"
        }
    }

    /// The condition that the holder's rows fulfil; it takes ``value``.
    fileprivate var condition: String { "\(column) = ?" }

    fileprivate var value: any DatabaseValueConvertible {
        switch self {
        case .account(let id): id
        case .keyFile(let hash): Data(hash)
        }
    }
}

extension OperatorSession {
    fileprivate init(_ row: Row) {
        let account: Int? = row["operator_id"]
        let key: Data? = row["key_hash"]
        self.init(
            id: row["id"], hash: [UInt8](row["hash"] as Data),
            holder: account.map(Holder.account) ?? .keyFile(hash: [UInt8](key ?? Data())), created: row["created"],
            expires: row["expires"], lastUsed: row["last_used"], address: row["address"], agent: row["agent"])
    }
}

extension APIKey {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: row["id"], name: row["name"], hash: [UInt8](row["hash"] as Data),
            role: try OperatorTables.role(row, "role"), createdBy: row["created_by"], created: row["created"],
            lastUsed: row["last_used"])
    }
}
