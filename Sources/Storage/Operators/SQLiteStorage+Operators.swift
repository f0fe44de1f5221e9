import GRDB

/// Operators' accounts.
extension SQLiteStorage {
    package func createFirstOperator(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> OperatorAccount? {
        try await write { db in
            guard try !Self.hasOperator(db) else { return nil }
            return try Self.insert(db, login, passwordHash, .owner, created)
        }
    }

    package func createOperator(
        login: String, passwordHash: String, role: OperatorRole, created: Double
    ) async throws(StorageError) -> OperatorAccount {
        do {
            return try await write { db in try Self.insert(db, login, passwordHash, role, created) }
        } catch .loginTaken {
            throw .loginTaken(login)
        }
    }

    package func operators() async throws(StorageError) -> [OperatorAccount] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM operators ORDER BY id").map(OperatorAccount.init)
        }
    }

    package func operatorAccount(id: Int) async throws(StorageError) -> OperatorAccount? {
        try await read { db in try Self.account(db, id) }
    }

    package func operatorAccount(login: String) async throws(StorageError) -> OperatorAccount? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM operators WHERE login_key = ?", arguments: [loginKey(login)]
            ).map(OperatorAccount.init)
        }
    }

    package func changeOperator(
        id: Int, _ changes: [OperatorChange]
    ) async throws(StorageError) -> (before: OperatorAccount, after: OperatorAccount, revokedKeys: [String])? {
        try await write { db in
            guard let before = try Self.account(db, id) else { return nil }
            for case .passwordHash(_, let replaced?) in changes where !before.isUsable(with: replaced) { return nil }
            for change in changes {
                switch change {
                case .role(let role): try Self.set(db, id, "role", role.rawValue)
                case .disabled(let since):
                    try Self.set(db, id, "disabled", since)
                    if since != nil { try Self.deleteSessions(db, of: .account(id)) }
                case .passwordHash(let hash, _):
                    try Self.set(db, id, "password_hash", hash)
                    try Self.deleteSessions(db, of: .account(id))
                }
            }
            try Self.requireOwner(db, insteadOf: before)
            guard let after = try Self.account(db, id) else { return nil }
            return (before, after, try Self.revokeKeys(db, of: id, above: after.disabled == nil ? after.role : nil))
        }
    }

    package func deleteOperator(
        id: Int
    ) async throws(StorageError) -> (account: OperatorAccount, revokedKeys: [String])? {
        try await write { db in
            guard let account = try Self.account(db, id) else { return nil }
            let keys = try Self.revokeKeys(db, of: id, above: nil)
            try db.execute(sql: "DELETE FROM operators WHERE id = ?", arguments: [id])
            try Self.requireOwner(db, insteadOf: account)
            return (account, keys)
        }
    }

    private static func hasOperator(_ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM operators)") ?? false
    }

    /// Finds an account by its number.
    static func account(_ db: Database, _ id: Int) throws -> OperatorAccount? {
        try Row.fetchOne(db, sql: "SELECT * FROM operators WHERE id = ?", arguments: [id]).map(OperatorAccount.init)
    }

    private static func insert(
        _ db: Database, _ login: String, _ passwordHash: String, _ role: OperatorRole, _ created: Double
    ) throws -> OperatorAccount {
        try db.execute(
            sql: "INSERT INTO operators (login, login_key, password_hash, role, created) VALUES (?, ?, ?, ?, ?)",
            arguments: [login, loginKey(login), passwordHash, role.rawValue, created])
        return OperatorAccount(
            id: Int(db.lastInsertedRowID), login: login, passwordHash: passwordHash, role: role, created: created)
    }

    private static func set(_ db: Database, _ id: Int, _ column: String, _ value: (any DatabaseValueConvertible)?)
        throws
    {
        try db.execute(sql: "UPDATE operators SET \(column) = ? WHERE id = ?", arguments: [value, id])
    }

    /// Checks, at the end of a transaction, that the change of an owner's account left an owner who can log in.
    ///
    /// The error undoes the transaction.
    private static func requireOwner(_ db: Database, insteadOf before: OperatorAccount) throws {
        guard before.role == .owner, before.disabled == nil else { return }
        let isLeft = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM operators WHERE role = ? AND disabled IS NULL)",
            arguments: [OperatorRole.owner.rawValue])
        guard isLeft == true else { throw StorageError.lastOwner(before.login) }
    }
}

extension OperatorAccount {
    /// Whether the account can be used, and its password is still the one that was checked.
    func isUsable(with checkedHash: String?) -> Bool { disabled == nil && passwordHash == checkedHash }

    fileprivate init(_ row: Row) throws {
        self.init(
            id: row["id"], login: row["login"], passwordHash: row["password_hash"],
            role: try OperatorTables.role(row, "role"), created: row["created"], disabled: row["disabled"])
    }
}
