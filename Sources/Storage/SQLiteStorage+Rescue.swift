import Foundation
import GRDB
import World

/// Continues in another database when the database is lost while the game runs.
extension SQLiteStorage {
    /// How many times one process may do that.
    static let maxRescues = 16

    package func loss() async -> String? { await database.loss() }

    package func replaceLostStore(named name: String) async throws(StorageError) -> String {
        let old = database
        do {
            return try begin(at: name, instead: old)
        } catch {
            throw StorageError(error, path: home)
        }
    }

    private func begin(at name: String, instead old: OpenDatabase) throws -> String {
        let path = try Self.newFile(beside: home, name)
        let new = try OpenDatabase(path: path)
        do {
            let copied = known.accounts
            try Self.copy(from: old, copied, known.highest, to: new)
            try replace(old, by: new)
            // Accounts that were made or read while `copy` ran.
            let late = Set(known.accounts.map(\.id)).subtracting(copied.map(\.id))
            guard !late.isEmpty else { return path }
            try new.pool.write { db in
                for account in known.accounts where late.contains(account.id) {
                    try Self.put(account, SQLiteSession(db: db))
                }
            }
        } catch {
            try? new.close()
            unlink(path)
            throw error
        }
        return path
    }

    /// The databases that replaced the one at a path after it was lost while a game ran, by ascending name.
    static func rescued(beside path: String) -> [String] {
        let (folder, prefix) = places(of: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".sqlite") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The folder of a database, and the beginning of the names of the databases that replace it.
    private static func places(of path: String) -> (folder: String, prefix: String) {
        let url = URL(fileURLWithPath: path)
        return (url.deletingLastPathComponent().path, url.deletingPathExtension().lastPathComponent + "-rescued-")
    }

    /// Makes an empty file with a name that no file has yet.
    private static func newFile(beside path: String, _ name: String) throws -> String {
        let (folder, prefix) = places(of: path)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in 1...maxRescues {
            let candidate = "\(folder)/\(prefix)\(name)\(number == 1 ? "" : "-\(number)").sqlite"
            let file = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if file >= 0 {
                Glibc.close(file)
                return candidate
            }
            guard errno == EEXIST else {
                throw StorageError.unusable(path: candidate, reason: String(cString: strerror(errno)))
            }
        }
        throw StorageError.unusable(
            path: "\(folder)/\(prefix)\(name).sqlite",
            reason: "\(maxRescues) files of this name exist already; move them away")
    }

    /// Copies everything that can still be read from `old`, and the accounts and numbers that this process remembers.
    ///
    /// When the old file was deleted or replaced, the connection that has it open can still read all of it.
    private static func copy(
        from old: OpenDatabase, _ accounts: [Account], _ highest: [EntityKind: Int], to new: OpenDatabase
    ) throws {
        try old.pool.writeWithoutTransaction { source in
            try new.pool.write { target in
                let (old, new) = (SQLiteSession(db: source), SQLiteSession(db: target))
                let entity = try new.prepare(upsert)
                let raise = try new.prepare(EntityRow.raiseHighest)
                each(old, AccountRow.select) { try put(AccountRow.account($0), new) }
                each(old, EntityRow.select) { row in
                    let stored = try EntityRow.storedRecord(row)
                    try entity.run(EntityRow.values(stored.record, saved: stored.savedAt, .sqlite))
                }
                each(old, "SELECT kind, highest FROM highest_ids") { try raise.run([$0[0], $0[1]]) }
                OperatorTables.copy(OperatorTables.names + [FileVersionTable.name], from: source, to: target)
                for account in accounts { try put(account, new) }
                // After all accounts: one that is replaced takes what refers to it along.
                OperatorTables.copy(PlayerTables.names, from: source, to: target)
                for (kind, id) in highest { try raise.run([.text(kind.name), .integer(id)]) }
                // The numbers of accounts that could not be read must not be given to other accounts.
                if let highest = highest[.players] {
                    try target.execute(
                        sql: "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'accounts'",
                        arguments: [highest])
                    try target.execute(
                        sql: """
                            INSERT INTO sqlite_sequence (name, seq) SELECT 'accounts', ?
                            WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'accounts')
                            """, arguments: [highest])
                }
            }
        }
    }

    private static func put(_ account: Account, _ target: SQLiteSession) throws {
        let insert = AccountRow.insert(account, key: try keptLoginKey(account, target), "INSERT OR REPLACE")
        try target.run(insert.sql, insert.arguments)
    }

    /// Calls `body` with each row until a row can't be read; ignores the errors of `body`.
    private static func each(_ source: SQLiteSession, _ sql: String, _ body: (SQLRow) throws -> Void) {
        try? source.forEachRow(sql) { try? body($0) }
    }
}

/// The key under which an account that is copied into a database is kept there.
func keptLoginKey(_ account: Account, _ target: SQLiteSession) throws -> String {
    let other = try target.first(
        "SELECT login FROM accounts WHERE login_key = $1 AND id <> $2",
        [.text(loginKey(account.login)), .integer(account.id)])
    return keptLoginKey(account.login, beside: try other?.text(0))
}
