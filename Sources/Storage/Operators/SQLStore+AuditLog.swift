/// The audit log.
extension SQLStore {
    package func appendAuditEntry(_ entry: AuditEntry, limit: Int) async throws(StorageError) {
        try await writing { session in
            try session.run(
                """
                INSERT INTO audit_log (kind, time, actor, address, action, target, before, after, refusal)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    .integer(entry.kind.rawValue), .real(entry.time), .text(entry.actor), .text(entry.address),
                    .text(entry.action), .text(entry.target), SQLValue(entry.before), SQLValue(entry.after),
                    SQLValue(entry.refusal),
                ])
            try session.run(
                """
                DELETE FROM audit_log WHERE kind = $1 AND id <= (
                    SELECT id FROM audit_log WHERE kind = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
                """, [.integer(entry.kind.rawValue), .integer(max(limit, 1))])
        }
    }

    package func auditEntries(_ filter: AuditFilter) async throws(StorageError) -> [AuditEntry] {
        try await reading { session in
            var conditions: [String] = []
            var arguments: [SQLValue] = []
            /// Adds a condition, in which `$` is its value.
            func require(_ condition: String, _ value: SQLValue) {
                arguments.append(value)
                conditions.append(condition.replacing("$", with: "$\(arguments.count)"))
            }
            if let actor = filter.actor { require("actor = $", .text(actor)) }
            if let action = filter.action { require("substr(action, 1, length($)) = $", .text(action)) }
            if let isRefused = filter.isRefused {
                conditions.append(isRefused ? "refusal IS NOT NULL" : "refusal IS NULL")
            }
            if let before = filter.before { require("id < $", .integer(before)) }
            if let text = filter.text, !text.isEmpty {
                let columns = ["actor", "address", "action", "target", "before", "after", "refusal"]
                let parts = columns.map { "\(session.dialect.place)(lower(\($0)), $) > 0" }
                require("(" + parts.joined(separator: " OR ") + ")", .text(asciiLower(text)))
            }
            let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            arguments.append(.integer(max(filter.limit, 1)))
            return try session.rows(
                "\(AuditRow.select) \(condition) ORDER BY id DESC LIMIT $\(arguments.count)", arguments
            ).map(AuditRow.entry)
        }
    }
}

/// The table of the audit log.
enum AuditRow {
    static let select = "SELECT id, time, actor, address, action, target, before, after, refusal FROM audit_log"

    /// Reads a row of `select`.
    @Sendable static func entry(_ row: SQLRow) throws -> AuditEntry {
        AuditEntry(
            id: try row.integer(0), time: try row.real(1), actor: try row.text(2), address: try row.text(3),
            action: try row.text(4), target: try row.text(5), before: try row.optionalText(6),
            after: try row.optionalText(7), refusal: try row.optionalText(8))
    }
}

/// A text with the ASCII letters in lower case, as the databases' `lower` makes it of a column.
func asciiLower(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
}
