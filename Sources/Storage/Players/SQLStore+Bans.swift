/// Bans and mutes.
extension SQLStore {
    package func addBan(_ ban: Ban) async throws(StorageError) -> Ban {
        try await writing { session in
            var stored = ban
            stored.id = try session.insert(
                """
                INSERT INTO bans (player_id, addresses, reason, made_by, created, expires)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, BanRow.values(ban))
            return stored
        }
    }

    package func bans(before: Int?, limit: Int?) async throws(StorageError) -> [Ban] {
        try await reading { session in
            try session.rows(
                "\(BanRow.select) WHERE id < $1 ORDER BY id DESC LIMIT $2",
                [.integer(before ?? .max), .integer(limit ?? .max)]
            ).map(BanRow.ban)
        }
    }

    package func bans(ofPlayer id: Int) async throws(StorageError) -> [Ban] {
        try await reading { session in
            try session.rows("\(BanRow.select) WHERE player_id = $1 ORDER BY id DESC", [.integer(id)])
                .map(BanRow.ban)
        }
    }

    package func deleteBan(id: Int) async throws(StorageError) -> Ban? {
        try await writing { session in
            try session.first("DELETE FROM bans WHERE id = $1 RETURNING \(BanRow.columns)", [.integer(id)])
                .map(BanRow.ban)
        }
    }

    package func setMute(_ mute: Mute) async throws(StorageError) {
        try await writing { session in
            let insert = MuteRow.insert(mute)
            try session.run(
                """
                \(insert.sql) ON CONFLICT (player_id) DO UPDATE SET reason = excluded.reason,
                    made_by = excluded.made_by, created = excluded.created, expires = excluded.expires
                """, insert.arguments)
        }
    }

    package func deleteMute(ofPlayer id: Int) async throws(StorageError) -> Mute? {
        try await writing { session in
            try session.first("DELETE FROM mutes WHERE player_id = $1 RETURNING \(MuteRow.columns)", [.integer(id)])
                .map(MuteRow.mute)
        }
    }

    package func mutes() async throws(StorageError) -> [Mute] {
        try await reading { try $0.rows("\(MuteRow.select) ORDER BY player_id").map(MuteRow.mute) }
    }
}

/// The table of bans.
enum BanRow {
    static let columns = "id, player_id, addresses, reason, made_by, created, expires"
    static let select = "SELECT \(columns) FROM bans"

    /// Reads a row of `select`.
    @Sendable static func ban(_ row: SQLRow) throws -> Ban {
        Ban(
            id: try row.integer(0), playerID: try row.optionalInteger(1), addresses: try row.optionalText(2),
            reason: try row.text(3), madeBy: try row.text(4), created: try row.real(5), expires: try row.optionalReal(6)
        )
    }

    /// The values of all columns but the number.
    static func values(_ ban: Ban) -> [SQLValue] {
        [
            SQLValue(ban.playerID), SQLValue(ban.addresses), .text(ban.reason), .text(ban.madeBy), .real(ban.created),
            SQLValue(ban.expires),
        ]
    }

    /// Writes a ban with the number that it had elsewhere.
    static func insert(_ ban: Ban) -> SQLStatement {
        SQLStatement(
            "INSERT INTO bans (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)", [.integer(ban.id)] + values(ban))
    }
}

/// The table of mutes.
enum MuteRow {
    static let columns = "player_id, reason, made_by, created, expires"
    static let select = "SELECT \(columns) FROM mutes"

    /// Reads a row of `select`.
    @Sendable static func mute(_ row: SQLRow) throws -> Mute {
        Mute(
            playerID: try row.integer(0), reason: try row.text(1), madeBy: try row.text(2), created: try row.real(3),
            expires: try row.optionalReal(4))
    }

    /// Writes a mute.
    static func insert(_ mute: Mute) -> SQLStatement {
        SQLStatement(
            "INSERT INTO mutes (\(columns)) VALUES ($1, $2, $3, $4, $5)",
            [
                .integer(mute.playerID), .text(mute.reason), .text(mute.madeBy), .real(mute.created),
                SQLValue(mute.expires),
            ])
    }
}
