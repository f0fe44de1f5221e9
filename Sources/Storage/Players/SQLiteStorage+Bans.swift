import GRDB

/// Bans and mutes.
extension SQLiteStorage {
    package func addBan(_ ban: Ban) async throws(StorageError) -> Ban {
        try await write { db in
            var stored = ban
            try ban.insert(db, id: nil)
            stored.id = Int(db.lastInsertedRowID)
            return stored
        }
    }

    package func bans(before: Int?, limit: Int?) async throws(StorageError) -> [Ban] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM bans WHERE id < ? ORDER BY id DESC LIMIT ?",
                arguments: [before ?? .max, limit ?? -1]
            ).map(Ban.init)
        }
    }

    package func bans(ofPlayer id: Int) async throws(StorageError) -> [Ban] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM bans WHERE player_id = ? ORDER BY id DESC", arguments: [id])
                .map(Ban.init)
        }
    }

    package func deleteBan(id: Int) async throws(StorageError) -> Ban? {
        try await write { db in
            try Row.fetchOne(db, sql: "DELETE FROM bans WHERE id = ? RETURNING *", arguments: [id]).map(Ban.init)
        }
    }

    package func setMute(_ mute: Mute) async throws(StorageError) { try await write { db in try mute.insert(db) } }

    package func deleteMute(ofPlayer id: Int) async throws(StorageError) -> Mute? {
        try await write { db in
            try Row.fetchOne(db, sql: "DELETE FROM mutes WHERE player_id = ? RETURNING *", arguments: [id])
                .map(Mute.init)
        }
    }

    package func mutes() async throws(StorageError) -> [Mute] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM mutes ORDER BY player_id").map(Mute.init)
        }
    }
}

extension Ban {
    init(_ row: Row) {
        self.init(
            id: row["id"], playerID: row["player_id"], addresses: row["addresses"], reason: row["reason"],
            madeBy: row["made_by"], created: row["created"], expires: row["expires"])
    }

    /// Writes the ban into its table.
    ///
    /// - Parameters:
    ///   - db: The database.
    ///   - id: Its number; `nil` for the next one.
    /// - Throws: The database's error, also for a player without an account.
    func insert(_ db: Database, id: Int?) throws {
        try db.execute(
            sql: """
                INSERT INTO bans (id, player_id, addresses, reason, made_by, created, expires)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: [id, playerID, addresses, reason, madeBy, created, expires])
    }
}

extension Mute {
    init(_ row: Row) {
        self.init(
            playerID: row["player_id"], reason: row["reason"], madeBy: row["made_by"], created: row["created"],
            expires: row["expires"])
    }

    /// Writes the mute into its table, instead of an earlier one of the player.
    func insert(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO mutes (player_id, reason, made_by, created, expires) VALUES (?, ?, ?, ?, ?)
                """, arguments: [playerID, reason, madeBy, created, expires])
    }
}
