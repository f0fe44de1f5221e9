import GRDB
import JSONValues
import World

/// Backup, export and import of a store.
extension SQLiteStorage {
    /// Copies a database as it is at one moment, even while a server writes to it, with SQLite's online backup.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - target: An empty file; it becomes a database that a server can be started with.
    /// - Throws: ``StorageError``.
    package static func backUp(_ path: String, to target: String) throws(StorageError) {
        do {
            let source = try openForReading(path)
            let copy = try DatabaseQueue(path: target)
            try source.backup(to: copy)
            // This leaves one file instead of three; a server sets WAL mode again when it opens the file.
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
            try source.close()
        } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Writes everything in a database as lines of JSON, as it is at one moment; a server may be using it meanwhile.
    ///
    /// Bans and mutes of players are among them. HTTP sessions are left out, because they last for one day only.
    /// Operators, their keys and the audit log are left out, because they belong to the server and not to the game; an
    /// import leaves those of its store as they are.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - write: Called with each line in order, without its line break.
    /// - Throws: ``StorageError``, and what `write` throws.
    package static func export(_ path: String, _ write: (String) throws -> Void) throws {
        let source = try openForReading(path)
        var failure: (any Error)?
        do {
            try source.read { db in
                func put(_ line: TransferLine) throws {
                    do { try write(line.json.text) } catch {
                        failure = error
                        throw error
                    }
                }
                try put(.head)
                if try db.tableExists("game_clock"),
                    let time = try Double.fetchOne(db, sql: "SELECT alive FROM game_clock")
                {
                    try put(.alive(time))
                }
                let accounts = try Row.fetchCursor(db, sql: accountColumns + " ORDER BY id")
                while let row = try accounts.next() { try put(.account(Account(row))) }
                let hasPing = try db.columns(in: "entities").contains { $0.name == "ping" }
                let select = hasPing ? EntityRow.selectStored : EntityRow.select
                let entities = try Row.fetchCursor(db, sql: select + " ORDER BY kind, id")
                while let row = try entities.next() { try put(.entity(try EntityRow.record(row))) }
                let highest = try Row.fetchCursor(db, sql: "SELECT kind, highest FROM highest_ids ORDER BY kind")
                while let row = try highest.next() {
                    guard let kind = EntityKind(name: row[0] as String) else { continue }
                    try put(.highest(kind, row[1]))
                }
                guard try db.tableExists("bans") else { return }
                let bans = try Row.fetchCursor(db, sql: "SELECT * FROM bans ORDER BY id")
                while let row = try bans.next() { try put(.ban(Ban(row))) }
                let mutes = try Row.fetchCursor(db, sql: "SELECT * FROM mutes ORDER BY player_id")
                while let row = try mutes.next() { try put(.mute(Mute(row))) }
            }
            try source.close()
        } catch {
            throw failure ?? StorageError(error, path: path)
        }
    }

    /// Opens a database for reading; another process may be writing to it.
    private static func openForReading(_ path: String) throws(StorageError) -> DatabaseQueue {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try SQLiteSchema.check(queue, path: path, mayBeEmpty: false)
            return queue
        } catch {
            throw StorageError(error, path: path, isOpening: true)
        }
    }

    /// Puts the lines that ``export(_:_:)`` wrote into the store, all or nothing.
    ///
    /// - Parameters:
    ///   - lines: The lines, without their line breaks.
    ///   - file: The file that they come from, for messages.
    ///   - replacing: Whether everything in the store is deleted first; else it must have no accounts, entities
    ///     and bans.
    /// - Returns: How many accounts and entities were imported.
    /// - Throws: ``StorageError``: ``StorageError/notEmpty(path:)``, ``StorageError/malformed(file:line:reason:)``.
    package func importLines(
        _ lines: [Substring], file: String, replacing: Bool
    ) async throws(StorageError) -> (accounts: Int, entities: Int) {
        let path = path
        return try await write { db in
            if replacing {
                for table in ["http_sessions", "bans", "mutes", "accounts", "entities", "highest_ids", "game_clock"] {
                    try db.execute(sql: "DELETE FROM \(table)")
                }
            } else if try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM accounts) OR EXISTS (SELECT 1 FROM entities)"
                    + " OR EXISTS (SELECT 1 FROM bans)") == true
            {
                throw StorageError.notEmpty(path: path)
            }
            var (accounts, entities) = (0, 0)
            for (index, text) in lines.enumerated() where index == 0 || !text.isEmpty {
                do {
                    let line = try TransferLine(text)
                    guard (line == .head) == (index == 0) else {
                        throw TransferLine.Mistake(
                            index == 0
                                ? "this is not an export: the first line must be {\"perigee\":\"export\",\"version\":\(TransferLine.version)}"
                                : "another export begins here")
                    }
                    try Self.insert(line, db)
                    if case .account = line { accounts += 1 }
                    if case .entity = line { entities += 1 }
                } catch {
                    let reason =
                        (error as? DatabaseError).map { error in
                            error.resultCode == .SQLITE_CONSTRAINT
                                ? "the account, entity or ban of this line is there already"
                                : error.message ?? "\(error)"
                        } ?? "\(error)"
                    throw StorageError.malformed(file: file, line: index + 1, reason: reason)
                }
            }
            return (accounts, entities)
        }
    }

    private static func insert(_ line: TransferLine, _ db: Database) throws {
        switch line {
        case .head: break
        case .alive(let time): try note(alive: time, db)
        case .account(let account):
            try db.cachedStatement(sql: "INSERT \(Account.insertTarget)").execute(
                arguments: account.arguments(key: keptLoginKey(account, db)))
        case .entity(let record):
            // An export has no time of the save for each entity. The time at which the game ran last is the latest that
            // it can be.
            let saved = try Double.fetchOne(db, sql: "SELECT alive FROM game_clock")
            try db.cachedStatement(sql: EntityRow.insert).execute(arguments: EntityRow.arguments(record, saved: saved))
            try db.cachedStatement(sql: EntityRow.raiseHighest)
                .execute(arguments: [record.key.kind.name, record.key.id])
        case .highest(let kind, let id):
            try db.cachedStatement(sql: EntityRow.raiseHighest).execute(arguments: [kind.name, id])
        case .ban(let ban):
            if let id = ban.playerID { try requireAccount(id, db) }
            try ban.insert(db, id: ban.id)
        case .mute(let mute):
            try requireAccount(mute.playerID, db)
            try mute.insert(db)
        }
    }

    private static func requireAccount(_ id: Int, _ db: Database) throws {
        let isThere = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?)", arguments: [id])
        guard isThere == true else {
            throw TransferLine.Mistake("it is about player \(id), whose account does not stand above it")
        }
    }
}
