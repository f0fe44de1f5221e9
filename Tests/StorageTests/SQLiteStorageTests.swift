import Foundation
import GRDB
import JSONValues
import Testing
import World

@testable import Storage

@Suite("SQLite store") struct SQLiteStorageTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("perigee.db")
    }

    @Test("after a crash the files on disk open without damage and have all saves")
    func uncleanClose() async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.save([StoreTests.goblin], removed: [])
        // The open database's files, copied without closing it, are what a killed process leaves behind.
        let crashed = folder.file("crashed.db")
        for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: crashed + suffix) }
        let reopened = try SQLiteStorage(path: crashed)
        #expect(try await reopened.entities(mapID: 4) == [StoreTests.goblin])
        try await reopened.save([StoreTests.player], removed: [])
        #expect(try await reopened.player(id: 24)?.record == StoreTests.player)
    }

    @Test("the journal is a write-ahead log")
    func journalMode() async throws {
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        #expect(try await storage.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 1)
    }
}
