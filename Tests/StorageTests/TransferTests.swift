import Foundation
import GRDB
import JSONValues
import Testing
import World

@testable import Storage

@Suite("Copies of a store: backup, export, import") struct TransferTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.database
    }

    private func filled() async throws -> SQLiteStorage {
        let storage = try SQLiteStorage(path: path)
        _ = try await storage.createAccount(login: "Ann", passwordHash: "$argon2id$x", created: 1.5)
        _ = try await storage.createAccount(login: "Bört", passwordHash: "$argon2id$y", created: 2)
        var player = EntityRecord(key: EntityKey(.players, 1), login: "Ann", mapID: 2, prefab: "Player", x: 0.1, y: -7)
        player.components = ["bag": .object(["list": .array([]), "map": .object([:])]), "none": .null]
        try await storage.save([StoreTests.goblin, player], removed: [], at: 1_700_000_000.25)
        try await storage.save([EntityRecord(key: EntityKey(.objects, 90), mapID: 1)], removed: [])
        try await storage.save([], removed: [EntityKey(.objects, 90)])
        return storage
    }

    private func lines(_ path: String) throws -> [String] {
        var lines: [String] = []
        try SQLiteStorage.export(path) { lines.append($0) }
        return lines
    }

    @Test("a backup made during writes is consistent, and opens as a store")
    func backup() async throws {
        let storage = try await filled()
        let writer = Task {
            for step in 0..<200 {
                let pair = [0, 1].map {
                    EntityRecord(key: EntityKey(.animals, $0 * 1000 + step + 1), mapID: 1, x: Double(step))
                }
                try await storage.save(pair, removed: [])
            }
        }
        let target = folder.file("copy.sqlite")
        try SQLiteStorage.backUp(path, to: target)
        try await writer.value
        #expect(FileManager.default.fileExists(atPath: target + "-wal") == false)
        let queue = try DatabaseQueue(path: target)
        #expect(try await queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        let (low, high) = try await queue.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM entities WHERE kind = 'animals' AND id <= 1000") ?? -1,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM entities WHERE kind = 'animals' AND id > 1000") ?? -2
            )
        }
        #expect(low == high, "a transaction is in it whole or not at all")
        try queue.close()
        let copy = try SQLiteStorage(path: target)
        #expect(try await copy.player(id: 1)?.record == storage.player(id: 1)?.record)
    }

    @Test("a database of the first version opens with all its contents, and then has the newest version")
    func firstVersion() async throws {
        do {
            let queue = try DatabaseQueue(path: path)
            var first = DatabaseMigrator()
            first.registerMigration("1") { db in
                try db.execute(
                    sql: """
                        PRAGMA application_id = \(SQLiteSchema.applicationID);
                        CREATE TABLE accounts (
                            id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, login_key TEXT NOT NULL UNIQUE,
                            password_hash TEXT NOT NULL, created REAL NOT NULL) STRICT;
                        CREATE TABLE entities (
                            kind TEXT NOT NULL, id INTEGER NOT NULL, map_id INTEGER NOT NULL, login TEXT,
                            prefab TEXT NOT NULL, x REAL, y REAL, z REAL NOT NULL, sort REAL NOT NULL,
                            side TEXT NOT NULL, action TEXT NOT NULL, created REAL NOT NULL, spawn_id INTEGER,
                            components TEXT NOT NULL, events TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
                        CREATE INDEX entities_by_map ON entities (map_id);
                        CREATE TABLE highest_ids (kind TEXT PRIMARY KEY, highest INTEGER NOT NULL) STRICT;
                        CREATE TABLE http_sessions (
                            hash BLOB PRIMARY KEY, player_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                            expires REAL NOT NULL) STRICT, WITHOUT ROWID;
                        CREATE INDEX http_sessions_by_expiry ON http_sessions (expires);
                        INSERT INTO accounts VALUES (3, 'Ann', 'ann', 'h', 5);
                        INSERT INTO entities VALUES
                            ('players', 3, 1, 'Ann', 'Player', 1, 2, 0, 0, 'up', 'idle', 5, NULL, '{"hp":4}', '{}');
                        """)
            }
            try first.migrate(queue)
            try queue.close()
        }
        #expect(try lines(path).count == 3, "it can be exported as it is")
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.player(id: 3)?.record.components == ["hp": .number(4)])
        #expect(try await storage.player(id: 3)?.savedAt == nil)
        #expect(try await storage.lastAlive() == nil)
        try await storage.save([], removed: [], at: 12.5)
        #expect(try await storage.lastAlive() == 12.5)
    }

    @Test(
        "records of an earlier version and imported records count as saved when the game last ran")
    func savedBefore() async throws {
        let ann = EntityRecord(key: EntityKey(.players, 3), login: "Ann", mapID: 1, ping: 0.5)
        do {
            let storage = try SQLiteStorage(path: path)
            try await storage.save([ann], removed: [], at: 12.5)
            #expect(try await storage.player(id: 3) == StoredRecord(record: ann, savedAt: 12.5))
            try await storage.save([], removed: [], at: 14)
            try storage.close()
            // Make the database as the previous version would have left it.
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in
                try db.execute(
                    sql: "ALTER TABLE entities DROP COLUMN saved; DELETE FROM grdb_migrations WHERE identifier = '3'")
            }
            try queue.close()
        }
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.player(id: 3) == StoredRecord(record: ann, savedAt: 14))
        let exported = try lines(path).map { Substring($0) }
        let copy = try SQLiteStorage(path: folder.file("copy.sqlite"))
        _ = try await copy.importLines(exported, file: "lines", replacing: false)
        #expect(try await copy.player(id: 3) == StoredRecord(record: ann, savedAt: 14))
    }

    @Test("files that are not a game's database are refused, each with its reason")
    func wrongFile() throws {
        let missing = folder.file("missing.sqlite")
        #expect(throws: StorageError.self) { try lines(missing) }
        let foreign = folder.file("foreign.sqlite")
        try DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE t (a)") }
        #expect(throws: StorageError.foreign(path: foreign)) { try lines(foreign) }
        #expect(throws: StorageError.foreign(path: foreign)) {
            try SQLiteStorage.backUp(foreign, to: folder.file("x.sqlite"))
        }
    }
}
