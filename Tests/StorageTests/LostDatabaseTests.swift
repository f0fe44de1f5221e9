import Foundation
import GRDB
import Testing
import World

@testable import Storage

@Suite("A database that is lost while it is in use") struct LostDatabaseTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.database
    }

    static func stone(_ id: Int) -> EntityRecord {
        EntityRecord(key: EntityKey(.objects, id), mapID: 1, prefab: "stone")
    }

    func lose(_ suffix: String = "") throws { try FileManager.default.removeItem(atPath: path + suffix) }

    @Test("saves are never taken for a loss of the database")
    func sound() async throws {
        let storage = try SQLiteStorage(path: path)
        for id in 1...100 {
            try await storage.save([Self.stone(id)], removed: [], at: Double(id))
            #expect(await storage.loss() == nil)
        }
        try storage.close()
    }

    @Test("the loss names the deleted file", arguments: ["", "-wal", "-shm"])
    func deleted(suffix: String) async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.save([Self.stone(1)], removed: [], at: 5)
        for _ in 0..<3 { #expect(await storage.loss() == nil) }
        try lose(suffix)
        #expect(await storage.loss() == "\(path + suffix) was deleted")
    }

    @Test("another file in the place of the database is a loss")
    func replaced() async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.save([Self.stone(1)], removed: [], at: 5)
        #expect(await storage.loss() == nil)
        try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
        #expect(rename(path + ".copy", path) == 0)
        #expect(await storage.loss() == "another file is in the place of \(path)")
    }

    /// A copy that lacks a part of the database's file, while the clock's page of each second is in its log.
    @Test("an older copy of the database over its file is a loss, whatever the log hides")
    func overwritten() async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.save([Self.stone(1)], removed: [], at: 5)
        #expect(await storage.loss() == nil)
        let older = try Data(contentsOf: URL(filePath: path))
        _ = try await storage.createAccount(login: "Ada", passwordHash: "h", created: 1)
        for second in 0...60 {
            try await storage.save([], removed: [], at: 6 + Double(second))
            #expect(await storage.loss() == nil)
        }
        #expect(try Data(contentsOf: URL(filePath: path)) != older)
        try overwrite(with: older)
        #expect(await storage.loss() == "the content of \(path) was replaced")
    }

    /// Writes another content into the same file; closing it is left to the end of the process, because it would
    /// release SQLite's locks.
    private func overwrite(with content: Data) throws {
        let file = open(path, O_WRONLY)
        try #require(file >= 0)
        #expect(content.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) } == content.count)
    }

    @Test("the new database has the lost one's contents and the known accounts, and gives no number twice")
    func startsAnew() async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.save([Self.stone(1), Self.stone(2)], removed: [], at: 5)
        var ada = try await storage.createAccount(login: "Ada", passwordHash: "h", created: 1)
        try await storage.setPasswordHash("newer", ofAccount: ada.id)
        ada.passwordHash = "newer"
        try lose()
        let rescued = try await storage.replaceLostStore(named: "now")
        #expect(rescued == folder.file("perigee-rescued-now.sqlite"))
        #expect(storage.path == rescued)
        #expect(try await storage.entities(mapID: 1) == [Self.stone(1), Self.stone(2)])
        #expect(try await storage.account(login: "ada") == ada)
        #expect(try await storage.createAccount(login: "Bea", passwordHash: "h", created: 1).id == ada.id + 1)
        #expect(await storage.loss() == nil)
        // A second loss in the same second uses another name, and overwrites no file.
        try FileManager.default.removeItem(atPath: rescued)
        try Data("mine".utf8).write(to: URL(filePath: rescued))
        #expect(try await storage.replaceLostStore(named: "now") == folder.file("perigee-rescued-now-2.sqlite"))
        #expect(try Data(contentsOf: URL(filePath: rescued)) == Data("mine".utf8))
        #expect(try await storage.account(login: "bea") != nil)
        try storage.close()
        #expect(throws: StorageError.rescued(path: path, rescued: rescued)) { try SQLiteStorage(path: path) }
    }

    @Test("unreadable contents are left out, and numbers of lost accounts are not given to other accounts")
    func unreadable() async throws {
        let before = try SQLiteStorage(path: path)
        for number in 1...20 {
            _ = try await before.createAccount(login: "old\(number)", passwordHash: "h", created: 1)
        }
        try before.close()
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.highestID(.players) == 20)
        let known = try #require(try await storage.account(login: "OLD7"))
        truncate(path, 0)
        #expect(await storage.loss() != nil)
        _ = try await storage.replaceLostStore(named: "now")
        #expect(try await storage.account(login: "old7") == known)
        #expect(try await storage.account(login: "old8") == nil)
        #expect(try await storage.createAccount(login: "new", passwordHash: "h", created: 1).id == 21)
    }

    @Test("a deleted folder is made again")
    func folderGone() async throws {
        let inner = folder.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let storage = try SQLiteStorage(path: inner + "/perigee.sqlite")
        try await storage.save([Self.stone(1)], removed: [])
        try FileManager.default.removeItem(atPath: inner)
        #expect(await storage.loss() != nil)
        _ = try await storage.replaceLostStore(named: "now")
        #expect(try await storage.entities(mapID: 1) == [Self.stone(1)])
        try storage.close()
    }

    @Test("the number of known accounts is bounded")
    func bounded() {
        let known = KnownAccounts()
        for id in 1...KnownAccounts.maxCount + 10 {
            known.note(Account(id: id, login: "a", passwordHash: "h", created: 1))
        }
        #expect(known.accounts.count == KnownAccounts.maxCount)
        #expect(known.highest[.players] == KnownAccounts.maxCount + 10)
    }
}
