/// Operators' accounts.
extension SQLStore {
    package func createFirstOperator(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> OperatorAccount? {
        try await writing { session in
            guard try !session.hasRow("SELECT 1 FROM operators LIMIT 1") else { return nil }
            return try OperatorRow.insert(session, login, passwordHash, .owner, created)
        }
    }

    package func createOperator(
        login: String, passwordHash: String, role: OperatorRole, created: Double
    ) async throws(StorageError) -> OperatorAccount {
        do {
            return try await writing { try OperatorRow.insert($0, login, passwordHash, role, created) }
        } catch .loginTaken {
            throw .loginTaken(login)
        }
    }

    package func operators() async throws(StorageError) -> [OperatorAccount] {
        try await reading { try $0.rows("\(OperatorRow.select) ORDER BY id").map(OperatorRow.account) }
    }

    package func operatorAccount(id: Int) async throws(StorageError) -> OperatorAccount? {
        try await reading { try OperatorRow.account($0, id) }
    }

    package func operatorAccount(login: String) async throws(StorageError) -> OperatorAccount? {
        try await reading { session in
            try session.first("\(OperatorRow.select) WHERE login_key = $1", [.text(loginKey(login))])
                .map(OperatorRow.account)
        }
    }

    package func changeOperator(
        id: Int, _ changes: [OperatorChange]
    ) async throws(StorageError) -> (before: OperatorAccount, after: OperatorAccount, revokedKeys: [String])? {
        try await writing { session in
            guard let before = try OperatorRow.account(session, id) else { return nil }
            for case .passwordHash(_, let replaced?) in changes where !before.isUsable(with: replaced) { return nil }
            for change in changes {
                switch change {
                case .role(let role): try OperatorRow.set(session, id, "role", .text(role.rawValue))
                case .disabled(let since):
                    try OperatorRow.set(session, id, "disabled", SQLValue(since))
                    if since != nil { try OperatorSessionRow.deleteAll(session, of: .account(id)) }
                case .passwordHash(let hash, _):
                    try OperatorRow.set(session, id, "password_hash", .text(hash))
                    try OperatorSessionRow.deleteAll(session, of: .account(id))
                }
            }
            try OperatorRow.requireOwner(session, insteadOf: before)
            guard let after = try OperatorRow.account(session, id) else { return nil }
            let role = after.disabled == nil ? after.role : nil
            return (before, after, try APIKeyRow.revoke(session, of: id, above: role))
        }
    }

    package func deleteOperator(
        id: Int
    ) async throws(StorageError) -> (account: OperatorAccount, revokedKeys: [String])? {
        try await writing { session in
            guard let account = try OperatorRow.account(session, id) else { return nil }
            let keys = try APIKeyRow.revoke(session, of: id, above: nil)
            // Sessions refer to the account, and go with it.
            try session.run("DELETE FROM operators WHERE id = $1", [.integer(id)])
            try OperatorRow.requireOwner(session, insteadOf: account)
            return (account, keys)
        }
    }
}

/// The table of operators.
enum OperatorRow {
    static let select = "SELECT id, login, password_hash, role, created, disabled FROM operators"

    /// Reads a row of `select`.
    @Sendable static func account(_ row: SQLRow) throws -> OperatorAccount {
        OperatorAccount(
            id: try row.integer(0), login: try row.text(1), passwordHash: try row.text(2),
            role: try role(row.text(3)), created: try row.real(4), disabled: try row.optionalReal(5))
    }

    /// Finds an account by its number.
    static func account(_ session: some SQLSession, _ id: Int) throws -> OperatorAccount? {
        try session.first("\(select) WHERE id = $1", [.integer(id)]).map(account)
    }

    static func insert(
        _ session: some SQLSession, _ login: String, _ passwordHash: String, _ role: OperatorRole, _ created: Double
    ) throws -> OperatorAccount {
        let id = try session.insert(
            "INSERT INTO operators (login, login_key, password_hash, role, created) VALUES ($1, $2, $3, $4, $5)",
            [.text(login), .text(loginKey(login)), .text(passwordHash), .text(role.rawValue), .real(created)])
        return OperatorAccount(id: id, login: login, passwordHash: passwordHash, role: role, created: created)
    }

    static func set(_ session: some SQLSession, _ id: Int, _ column: String, _ value: SQLValue) throws {
        try session.run("UPDATE operators SET \(column) = $1 WHERE id = $2", [value, .integer(id)])
    }

    /// Checks, at the end of a transaction, that the change of an owner's account left an owner who can log in.
    ///
    /// The error undoes the transaction.
    static func requireOwner(_ session: some SQLSession, insteadOf before: OperatorAccount) throws {
        guard before.role == .owner, before.disabled == nil else { return }
        let isLeft = try session.hasRow(
            "SELECT 1 FROM operators WHERE role = $1 AND disabled IS NULL LIMIT 1",
            [.text(OperatorRole.owner.rawValue)])
        guard isLeft else { throw StorageError.lastOwner(before.login) }
    }

    /// The role that a column names.
    ///
    /// - Throws: ``SQLTypeMismatch`` for a text that is no role.
    static func role(_ name: String) throws(SQLTypeMismatch) -> OperatorRole {
        guard let role = OperatorRole(rawValue: name) else {
            throw SQLTypeMismatch(description: "the role of an operator is \"\(name)\"")
        }
        return role
    }
}

extension OperatorAccount {
    /// Whether the account can be used, and its password is still the one that was checked.
    func isUsable(with checkedHash: String?) -> Bool { disabled == nil && passwordHash == checkedHash }
}
