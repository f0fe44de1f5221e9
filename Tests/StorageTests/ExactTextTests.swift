import JSONValues
import Testing
import World

@testable import Storage

@Suite("Every text comes back from the store byte for byte") struct ExactTextTests {
    static let texts = [
        "", "a\0b", "\0", "ends\0", "\0begins", "\u{1}\u{1F}\u{7F}", "line\nline\r\n\t", "'\"\\", "caf\u{E9}",
        "cafe\u{301}", "\u{FEFF}x", "\u{FFFD}\u{FFFF}", "\u{10FFFF}\u{1F600}", "\u{202E}x", " x ",
        String(repeating: "\u{1F600}\0", count: 5000),
    ]

    /// An entity that has the text everywhere: in its names, in components, in keys of tables, in an event's data.
    static func record(_ text: String) -> EntityRecord {
        let value = JSON.object(["k": .string(text), text: .array([.string(text)])])
        return EntityRecord(
            key: EntityKey(.players, 1), login: text, mapID: 1, prefab: text, side: text, action: text,
            components: ["note": .string(text), "bag": value],
            events: ["move": EventRecord(action: "to", data: value, time: 5)])
    }

    private func expectSame(_ stored: EntityRecord?, _ text: String) throws {
        let stored = try #require(stored)
        for name in [stored.login, stored.prefab, stored.side, stored.action] {
            #expect(name.map { Array($0.utf8) } == Array(text.utf8))
        }
        #expect(stored.components == Self.record(text).components)
        #expect(stored.events == Self.record(text).events)
    }

    @Test("after a save, after opening again, and in what a lost database leaves", arguments: texts)
    func stored(_ text: String) async throws {
        let folder = try TemporaryFolder()
        var storage = try SQLiteStorage(path: folder.database)
        let account = try await storage.createAccount(login: text, passwordHash: "h", created: 1)
        try await storage.save([Self.record(text)], removed: [], at: 7)
        try expectSame(try await storage.player(id: 1)?.record, text)
        try storage.close()
        storage = try SQLiteStorage(path: folder.database)
        try expectSame(try await storage.player(id: 1)?.record, text)
        let found = try await storage.account(login: text)
        #expect(found == account && found.map { Array($0.login.utf8) } == Array(text.utf8))
        _ = try await storage.replaceLostStore(named: "x")
        try expectSame(try await storage.player(id: 1)?.record, text)
        #expect(try await storage.account(login: text)?.login.utf8.elementsEqual(text.utf8) == true)
    }

    @Test("after export and import, where names have no NUL", arguments: texts)
    func transferred(_ text: String) async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.file("a.sqlite"))
        var record = Self.record(text)
        let name = String(text.filter { $0 != "\0" })
        (record.login, record.prefab, record.side, record.action) = (name, name, name, name)
        try await storage.save([record], removed: [], at: 7)
        var lines: [String] = []
        try SQLiteStorage.export(folder.file("a.sqlite")) { lines.append($0) }
        #expect(lines.allSatisfy { !$0.utf8.contains { $0 < 0x20 } })
        let copy = try SQLiteStorage(path: folder.file("b.sqlite"))
        _ = try await copy.importLines(lines.map { $0[...] }, file: "x.jsonl", replacing: false)
        let stored = try #require(try await copy.player(id: 1)?.record)
        #expect(stored.components == record.components && stored.events == record.events)
        #expect([stored.login, stored.prefab, stored.side, stored.action].allSatisfy { $0?.isExactly(name) == true })
    }

    @Test("import refuses a name with NUL", arguments: ["login", "prefab", "side", "action"])
    func refused(_ field: String) async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.file("a.sqlite"))
        var record = EntityRecord(key: EntityKey(.players, 1), login: "Ann", mapID: 1)
        switch field {
        case "login": record.login = "a\0b"
        case "prefab": record.prefab = "a\0b"
        case "side": record.side = "a\0b"
        default: record.action = "a\0b"
        }
        let lines = [TransferLine.head, .entity(record)].map(\.json.text)
        await #expect(
            throws: StorageError.malformed(
                file: "x", line: 2, reason: "\(field) can't contain the character NUL (\\u0000)")
        ) {
            try await storage.importLines(lines.map { $0[...] }, file: "x", replacing: false)
        }
    }
}
