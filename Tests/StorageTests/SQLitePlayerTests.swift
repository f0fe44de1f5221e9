import Foundation
import GRDB
import Testing
import World

@testable import Storage

@Suite("Players in SQLite: older databases, plans of searches, lost databases") struct SQLitePlayerTests {
    let folder: TemporaryFolder
    let storage: SQLiteStorage

    init() throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.database)
    }

    @Test("accounts of the version before are found too, and a deleted one is not")
    func migration() async throws {
        let path = folder.file("old.sqlite")
        do {
            let queue = try DatabaseQueue(path: path)
            try SQLiteSchema.migrator.migrate(queue, upTo: "6")
            try await queue.write { db in
                try db.execute(
                    sql: "INSERT INTO accounts VALUES (3, 'Ann', 'ann', 'h', 5), (4, 'Joanna', 'joanna', 'h', 6)")
            }
            try queue.close()
        }
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.players(PlayerSearch(part: "NN")).map(\.id) == [3, 4])
        #expect(try await storage.erasePlayer(id: 4, auditTarget: "player 4"))
        #expect(try await storage.players(PlayerSearch(part: "nn")).map(\.id) == [3])
        #expect(try await storage.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM login_parts") } == 3)
    }

    @Test("with 100,000 accounts every search reads in the order of an index, nothing is scanned or sorted")
    func plan() async throws {
        try await storage.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
                    INSERT INTO accounts (login, login_key, password_hash, created)
                        SELECT 'player' || n, 'player' || n, 'h', n FROM n
                    """)
        }
        _ = try await storage.addBan(Ban(playerID: 7, reason: "r", madeBy: "ada", created: 1))
        for search in [
            PlayerSearch(), PlayerSearch(after: 5000), PlayerSearch(part: "player"), PlayerSearch(part: "77777"),
            PlayerSearch(part: "er5", after: 5000), PlayerSearch(part: "nobody"), PlayerSearch(bannedAt: 5),
            PlayerSearch(part: "er", bannedAt: 5, after: 9),
        ] {
            let plan = try await storage.reading { session in
                let statement = try PlayerQuery.statement(search, session)
                return try session.rows("EXPLAIN QUERY PLAN " + statement.sql, statement.arguments)
                    .map { try $0.text(3) }
            }
            #expect(!plan.isEmpty)
            #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") }, "\(search): \(plan)")
            #expect(plan.allSatisfy { !$0.contains("TEMP B-TREE") }, "\(search): \(plan)")
        }
        #expect(try await storage.players(PlayerSearch(part: "77777")).map(\.login) == ["player77777"])
        #expect(try await storage.players(PlayerSearch(part: "9999", limit: 100)).count == 19)
    }

    @Test("a database that replaces a lost one has the bans and mutes that can still be read")
    func rescue() async throws {
        _ = try await storage.createAccount(login: "ada", passwordHash: "h", created: 1)
        _ = try await storage.addBan(Ban(playerID: 1, reason: "x", madeBy: "op", created: 5))
        try await storage.setMute(Mute(playerID: 1, reason: "", madeBy: "op", created: 7))
        unlink(folder.database)
        _ = try await storage.replaceLostStore(named: "now")
        #expect(try await storage.bans(before: nil, limit: nil).map(\.reason) == ["x"])
        #expect(try await storage.mutes().map(\.playerID) == [1])
        #expect(try await storage.players(PlayerSearch(part: "da")).map(\.id) == [1])
    }
}
