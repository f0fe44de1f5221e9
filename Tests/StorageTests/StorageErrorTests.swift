import Foundation
import GRDB
import Testing
import World

@testable import Storage

@Suite("Unusable databases give an error that names the file and the remedy") struct StorageErrorTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("perigee.db")
    }

    func openingError() -> StorageError? {
        let error = #expect(throws: StorageError.self) { try SQLiteStorage(path: path) }
        #expect(error?.description.contains(path) == true)
        return error
    }

    @Test("a file that is not a database")
    func garbage() throws {
        try Data("This is a letter to my aunt, long enough to be mistaken for a header. ".utf8 + Data(count: 4096))
            .write(to: URL(filePath: path))
        guard case .corrupt = openingError() else { return #expect(Bool(false), "expected .corrupt") }
        #expect(try Data(contentsOf: URL(filePath: path)).starts(with: Data("This is".utf8)), "the file was touched")
    }

    @Test("a database whose pages are damaged")
    func damaged() async throws {
        let storage = try SQLiteStorage(path: path)
        let records = (1...500).map { EntityRecord(key: EntityKey(.objects, $0), mapID: 1, prefab: "stone") }
        try await storage.save(records, removed: [])
        try storage.close()
        var bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.count > 20_000)
        for index in 4096..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: path))
        let error = await #expect(throws: StorageError.self) {
            _ = try await SQLiteStorage(path: path).entities(mapID: 1)
        }
        guard case .corrupt(path, _) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test("another program's database is refused and not changed")
    func foreign() async throws {
        let other = try DatabaseQueue(path: path)
        try await other.write { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
        try other.close()
        #expect(openingError() == .foreign(path: path))
        let tables = try await DatabaseQueue(path: path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master")
        }
        #expect(tables == 1)
    }

    @Test("a database of a newer version is refused and not changed")
    func newer() async throws {
        let storage = try SQLiteStorage(path: path)
        try await storage.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999')") }
        try storage.close()
        #expect(openingError() == .newer(path: path))
    }

    @Test("a second server on the same database")
    func inUse() throws {
        let storage = try SQLiteStorage(path: path)
        #expect(openingError() == .inUse(path: path))
        try storage.close()
        _ = try SQLiteStorage(path: path)
    }

    @Test("a folder that does not exist, and a folder in the file's place")
    func unusable() throws {
        for wrong in [folder.file("nowhere/perigee.db"), folder.path] {
            let error = #expect(throws: StorageError.self) { try SQLiteStorage(path: wrong) }
            guard case .unusable(wrong, _) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }
}
