import GRDB

/// The audit log.
extension SQLiteStorage {
    package func appendAuditEntry(_ entry: AuditEntry, limit: Int) async throws(StorageError) {
        try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO audit_log (kind, time, actor, address, action, target, before, after, refusal)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                entry.kind.rawValue, entry.time, entry.actor, entry.address, entry.action, entry.target, entry.before,
                entry.after, entry.refusal,
            ])
            try db.cachedStatement(
                sql: """
                    DELETE FROM audit_log WHERE kind = ?1 AND id <= (
                        SELECT id FROM audit_log WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                    """
            ).execute(arguments: [entry.kind.rawValue, max(limit, 1)])
        }
    }

    package func auditEntries(_ filter: AuditFilter) async throws(StorageError) -> [AuditEntry] {
        try await read { db in
            var conditions: [String] = []
            var arguments = StatementArguments()
            func require(_ condition: String, _ values: StatementArguments) {
                conditions.append(condition)
                arguments += values
            }
            if let actor = filter.actor { require("actor = ?", [actor]) }
            if let action = filter.action { require("substr(action, 1, length(?)) = ?", [action, action]) }
            if let isRefused = filter.isRefused { require("(refusal IS NULL) = ?", [!isRefused]) }
            if let before = filter.before { require("id < ?", [before]) }
            if let text = filter.text, !text.isEmpty {
                let columns = ["actor", "address", "action", "target", "before", "after", "refusal"]
                require(
                    "(" + columns.map { "instr(lower(\($0)), lower(?)) > 0" }.joined(separator: " OR ") + ")",
                    StatementArguments(columns.map { _ in text }))
            }
            let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            arguments += [max(filter.limit, 1)]
            return try Row.fetchAll(
                db, sql: "SELECT * FROM audit_log \(condition) ORDER BY id DESC LIMIT ?", arguments: arguments
            ).map(AuditEntry.init)
        }
    }
}

extension AuditEntry {
    init(_ row: Row) {
        self.init(
            id: row["id"], time: row["time"], actor: row["actor"], address: row["address"], action: row["action"],
            target: row["target"], before: row["before"], after: row["after"], refusal: row["refusal"])
    }
}
