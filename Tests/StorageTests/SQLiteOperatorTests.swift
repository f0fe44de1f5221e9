import Foundation
import GRDB
import Testing

@testable import Storage

@Suite("Operators in SQLite") struct SQLiteOperatorTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.database
    }

    @Test("a database of the version before gets the tables, and keeps what it has")
    func migration() async throws {
        do {
            let queue = try DatabaseQueue(path: path)
            try SQLiteSchema.migrator.migrate(queue, upTo: "5")
            try await queue.write { db in
                try db.execute(sql: "INSERT INTO accounts VALUES (3, 'Ann', 'ann', 'h', 5)")
            }
            try queue.close()
        }
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.account(id: 3)?.login == "Ann")
        #expect(try await storage.operators() == [])
        #expect(try await storage.createOperator(login: "Ann", passwordHash: "h", role: .viewer, created: 1).id == 1)
    }

    @Test("a database that replaces a lost one has the operators, their sessions, keys and the audit log")
    func rescue() async throws {
        let storage = try SQLiteStorage(path: path)
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .owner, created: 1)
        let open = try await storage.createOperatorSession(
            OperatorStorageTests.session([1], .account(ada.id), at: 5), checked: "h", limit: 3)
        let key = try #require(
            try await storage.createAPIKey(name: "k", hash: [2], role: .editor, createdBy: ada.id, created: 5))
        try await storage.appendAuditEntry(AuditEntry(time: 1, actor: "a", address: "b", action: "c"), limit: 3)
        try FileManager.default.removeItem(atPath: path)
        _ = try await storage.replaceLostStore(named: "now")
        #expect(try await storage.operators() == [ada])
        #expect(try await storage.operatorSession(hash: [1]) == open)
        #expect(try await storage.apiKeys() == [key])
        #expect(try await storage.auditEntries(AuditFilter()).map(\.action) == ["c"])
    }
}
