/// Sessions of operators, and keys of programs.
extension SQLStore {
    package func createOperatorSession(
        _ session: OperatorSession, checked passwordHash: String?, limit: Int
    ) async throws(StorageError) -> OperatorSession? {
        try await writing { db in
            if case .account(let id) = session.holder {
                guard let account = try OperatorRow.account(db, id), account.isUsable(with: passwordHash) else {
                    return nil
                }
            }
            try db.run("DELETE FROM operator_sessions WHERE expires <= $1", [.real(session.created)])
            let holder = session.holder
            try db.run(
                """
                DELETE FROM operator_sessions WHERE \(holder.column) = $1 AND id <= (
                    SELECT id FROM operator_sessions WHERE \(holder.column) = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
                """, [holder.value, .integer(max(limit - 1, 0))])
            var stored = session
            stored.id = try db.insert(
                """
                INSERT INTO operator_sessions
                    (hash, \(holder.column), created, expires, last_used, address, agent)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .bytes(session.hash), holder.value, .real(session.created), .real(session.expires),
                    .real(session.lastUsed), .text(session.address), .text(session.agent),
                ])
            return stored
        }
    }

    package func operatorSession(hash: [UInt8]) async throws(StorageError) -> OperatorSession? {
        try await reading { session in
            try session.first("\(OperatorSessionRow.select) WHERE hash = $1", [.bytes(hash)])
                .map(OperatorSessionRow.session)
        }
    }

    package func operatorSessions(
        of holder: OperatorSession.Holder?, at now: Double
    ) async throws(StorageError) -> [OperatorSession] {
        try await reading { session in
            let condition = holder.map { " AND \($0.column) = $2" } ?? ""
            return try session.rows(
                "\(OperatorSessionRow.select) WHERE expires > $1\(condition) ORDER BY id DESC",
                [.real(now)] + (holder.map { [$0.value] } ?? [])
            ).map(OperatorSessionRow.session)
        }
    }

    package func noteUse(ofOperatorSession id: Int, at now: Double) async throws(StorageError) {
        try await writing { session in
            try session.run(
                "UPDATE operator_sessions SET last_used = $1 WHERE id = $2", [.real(now), .integer(id)])
        }
    }

    package func deleteOperatorSession(
        id: Int, of holder: OperatorSession.Holder?
    ) async throws(StorageError) -> OperatorSession? {
        try await writing { db in
            let session = try db.first("\(OperatorSessionRow.select) WHERE id = $1", [.integer(id)])
                .map(OperatorSessionRow.session)
            guard let session, holder == nil || holder == session.holder else { return nil }
            try db.run("DELETE FROM operator_sessions WHERE id = $1", [.integer(id)])
            return session
        }
    }

    package func deleteOperatorSessions(of holder: OperatorSession.Holder) async throws(StorageError) -> Int {
        try await writing { try OperatorSessionRow.deleteAll($0, of: holder) }
    }

    // MARK: - Keys of programs

    package func createAPIKey(
        name: String, hash: [UInt8], role: OperatorRole, createdBy: Int?, created: Double
    ) async throws(StorageError) -> APIKey? {
        try await writing { session in
            if let createdBy {
                guard let creator = try OperatorRow.account(session, createdBy), creator.disabled == nil,
                    creator.role >= role
                else { return nil }
            }
            let isTaken = try session.hasRow("SELECT 1 FROM api_keys WHERE lower(name) = $1", [.text(asciiLower(name))])
            guard !isTaken else { throw StorageError.keyNameTaken(name) }
            let id = try session.insert(
                "INSERT INTO api_keys (name, hash, role, created_by, created) VALUES ($1, $2, $3, $4, $5)",
                [.text(name), .bytes(hash), .text(role.rawValue), SQLValue(createdBy), .real(created)])
            return APIKey(id: id, name: name, hash: hash, role: role, createdBy: createdBy, created: created)
        }
    }

    package func apiKeys() async throws(StorageError) -> [APIKey] {
        try await reading { try $0.rows("\(APIKeyRow.select) ORDER BY id").map(APIKeyRow.key) }
    }

    package func apiKey(hash: [UInt8]) async throws(StorageError) -> APIKey? {
        try await reading { session in
            try session.first("\(APIKeyRow.select) WHERE hash = $1", [.bytes(hash)]).map(APIKeyRow.key)
        }
    }

    package func noteUse(ofAPIKey id: Int, at now: Double) async throws(StorageError) {
        try await writing { session in
            try session.run("UPDATE api_keys SET last_used = $1 WHERE id = $2", [.real(now), .integer(id)])
        }
    }

    package func deleteAPIKey(id: Int) async throws(StorageError) -> APIKey? {
        try await writing { session in
            let key = try session.first("\(APIKeyRow.select) WHERE id = $1", [.integer(id)]).map(APIKeyRow.key)
            if key != nil { try session.run("DELETE FROM api_keys WHERE id = $1", [.integer(id)]) }
            return key
        }
    }
}

/// The table of operators' sessions.
enum OperatorSessionRow {
    static let select = """
        SELECT id, hash, operator_id, key_hash, created, expires, last_used, address, agent FROM operator_sessions
        """

    /// Reads a row of `select`.
    @Sendable static func session(_ row: SQLRow) throws -> OperatorSession {
        let account = try row.optionalInteger(2).map(OperatorSession.Holder.account)
        return OperatorSession(
            id: try row.integer(0), hash: try row.bytes(1), holder: try account ?? .keyFile(hash: row.bytes(3)),
            created: try row.real(4), expires: try row.real(5), lastUsed: try row.real(6), address: try row.text(7),
            agent: try row.text(8))
    }

    /// Ends all sessions of a holder, and returns how many there were.
    @discardableResult
    static func deleteAll(_ session: some SQLSession, of holder: OperatorSession.Holder) throws -> Int {
        try session.run("DELETE FROM operator_sessions WHERE \(holder.column) = $1", [holder.value])
    }
}

/// The table of keys of programs.
enum APIKeyRow {
    static let select = "SELECT id, name, hash, role, created_by, created, last_used FROM api_keys"

    /// Reads a row of `select`.
    @Sendable static func key(_ row: SQLRow) throws -> APIKey {
        APIKey(
            id: try row.integer(0), name: try row.text(1), hash: try row.bytes(2),
            role: try OperatorRow.role(row.text(3)),
            createdBy: try row.optionalInteger(4), created: try row.real(5), lastUsed: try row.optionalReal(6))
    }

    /// Revokes the keys that an operator made, as far as their role is above the operator's.
    ///
    /// - Parameters:
    ///   - session: The store, in a transaction.
    ///   - id: The operator's number.
    ///   - role: The role that the operator has from now on; `nil` for none.
    /// - Returns: The names of the revoked keys.
    /// - Throws: The database's error.
    static func revoke(_ session: some SQLSession, of id: Int, above role: OperatorRole?) throws -> [String] {
        let kept = OperatorRole.allCases.filter { kept in role.map { kept <= $0 } ?? false }
        let condition =
            kept.isEmpty ? "" : " AND role NOT IN (\(kept.indices.map { "$\($0 + 2)" }.joined(separator: ", ")))"
        return try session.rows(
            "DELETE FROM api_keys WHERE created_by = $1\(condition) RETURNING name",
            [.integer(id)] + kept.map { .text($0.rawValue) }
        ).map { try $0.text(0) }.sorted()
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

    /// The column's value in the holder's rows.
    fileprivate var value: SQLValue {
        switch self {
        case .account(let id): .integer(id)
        case .keyFile(let hash): .bytes(hash)
        }
    }
}
