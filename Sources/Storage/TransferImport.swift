import World

/// Puts the lines that an export wrote into a store.
package struct TransferImport {
    /// How many rows are written together.
    private static let batchSize = 500

    private let file: String
    private let session: any SQLSession
    /// Statements that wait for the others of their batch, and the lines from which they come, from 1.
    private var waiting: [(line: Int, statement: SQLStatement)] = []
    /// The logins by their keys, of accounts that were imported.
    private var logins: [String: String] = [:]
    private var accounts: Set<Int> = []
    private var entities = 0
    /// The highest number of each kind; written once, at the end.
    private var highest: [EntityKind: Int] = [:]
    /// When the game ran last.
    private var alive: Double?

    private init(file: String, _ session: any SQLSession) {
        self.file = file
        self.session = session
    }

    /// Imports lines, in the transaction of a session; an error must undo it.
    ///
    /// - Parameters:
    ///   - lines: The lines, without their line breaks.
    ///   - file: The file that they come from, for messages.
    ///   - replacing: Whether everything in the store is deleted first; else it must have no accounts, entities and
    ///     bans.
    ///   - session: The store, in a transaction.
    /// - Returns: How many accounts and entities were imported; `nil` for a store that is not empty.
    /// - Throws: ``StorageError/malformed(file:line:reason:)`` for a line, and the store's error.
    package static func run(
        _ lines: [Substring], file: String, replacing: Bool, _ session: any SQLSession
    ) throws -> (accounts: Int, entities: Int)? {
        if replacing {
            for table in ["http_sessions", "bans", "mutes", "accounts", "entities", "highest_ids", "game_clock"] {
                try session.run("DELETE FROM \(table)", [])
            }
        } else {
            for table in ["accounts", "entities", "bans"] {
                guard try !session.hasRow("SELECT 1 FROM \(table) LIMIT 1") else { return nil }
            }
        }
        var importing = TransferImport(file: file, session)
        for (index, text) in lines.enumerated() where index == 0 || !text.isEmpty {
            try importing.take(text, number: index + 1)
        }
        for (kind, id) in importing.highest {
            importing.waiting.append(
                (lines.count, SQLStatement(EntityRow.raiseHighest, [.text(kind.name), .integer(id)])))
        }
        try importing.write()
        try session.raiseNumbers()
        return (importing.accounts.count, importing.entities)
    }

    private mutating func take(_ text: Substring, number: Int) throws {
        do throws(TransferLine.Mistake) {
            let line = try TransferLine(text)
            guard (line == .head) == (number == 1) else {
                throw TransferLine.Mistake(
                    number == 1
                        ? "this is not an export: the first line must be {\"perigee\":\"export\",\"version\":\(TransferLine.version)}"
                        : "another export begins here")
            }
            if let statement = try statement(line) { waiting.append((number, statement)) }
        } catch {
            // An earlier line may be wrong as well, and is named first.
            try write()
            throw StorageError.malformed(file: file, line: number, reason: "\(error)")
        }
        if waiting.count >= Self.batchSize { try write() }
    }

    private mutating func write() throws {
        let batch = waiting
        waiting = []
        guard !batch.isEmpty else { return }
        do {
            try session.runAll(batch.map(\.statement))
        } catch let failure as SQLBatchError {
            let reason =
                failure.isConflict ? "the account, entity or ban of this line is there already" : "\(failure.error)"
            throw StorageError.malformed(file: file, line: batch[failure.index].line, reason: reason)
        }
    }

    /// What puts a line into the store; `nil` for a line that is only remembered.
    private mutating func statement(_ line: TransferLine) throws(TransferLine.Mistake) -> SQLStatement? {
        switch line {
        case .head: return nil
        case .alive(let time):
            alive = time
            return GameClockRow.write(time)
        case .account(let account):
            let key = keptLoginKey(account.login, beside: logins[loginKey(account.login)])
            logins[key] = account.login
            accounts.insert(account.id)
            return AccountRow.insert(account, key: key)
        case .entity(let record):
            entities += 1
            note(record.key.kind, record.key.id)
            // An export has no time of the save for each entity. The time at which the game ran last is the latest that
            // it can be.
            return SQLStatement(EntityRow.insert, EntityRow.values(record, saved: alive, session.dialect))
        case .highest(let kind, let id):
            note(kind, id)
            return nil
        case .ban(let ban):
            if let id = ban.playerID { try requireAccount(id) }
            return BanRow.insert(ban)
        case .mute(let mute):
            try requireAccount(mute.playerID)
            return MuteRow.insert(mute)
        }
    }

    private mutating func note(_ kind: EntityKind, _ id: Int) { highest[kind] = max(highest[kind] ?? 0, id) }

    private func requireAccount(_ id: Int) throws(TransferLine.Mistake) {
        guard accounts.contains(id) else {
            throw TransferLine.Mistake("it is about player \(id), whose account does not stand above it")
        }
    }
}

/// The table with the time at which the game ran last.
package enum GameClockRow {
    /// Writes the time, Unix seconds.
    package static func write(_ time: Double) -> SQLStatement {
        SQLStatement(
            "INSERT INTO game_clock (id, alive) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET alive = excluded.alive",
            [.real(time)])
    }
}
