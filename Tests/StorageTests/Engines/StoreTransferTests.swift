import JSONValues
import Testing
import World

@testable import Storage

@Suite("Export and import, also from one engine to another") struct StoreTransferTests {
    private func fill(_ storage: any GameStorage) async throws {
        _ = try await storage.createAccount(login: "Ann", passwordHash: "$argon2id$x", created: 1.5)
        _ = try await storage.createAccount(login: "Bört", passwordHash: "$argon2id$y", created: 2)
        var player = EntityRecord(key: EntityKey(.players, 1), login: "Ann", mapID: 2, prefab: "Player", x: 0.1, y: -7)
        player.components = ["bag": .object(["list": .array([]), "map": .object([:])]), "none": .null]
        try await storage.save([StoreTests.goblin, player], removed: [], at: 1_700_000_000.25)
        let others = [EntityKey(.objects, 90), EntityKey(.animals, 2)].map { EntityRecord(key: $0, mapID: 1) }
        try await storage.save(others, removed: [])
        try await storage.save([], removed: [EntityKey(.objects, 90)])
    }

    @Test(
        "export, import and export again gives the same text, also while the database is in use",
        arguments: Engine.allCases, Engine.allCases)
    func roundTrip(from engine: Engine, to other: Engine) async throws {
        let (source, target) = (try await TestStore(engine), try await TestStore(other))
        defer {
            source.remove()
            target.remove()
        }
        let (storage, copy) = (source.storage, target.storage)
        try await fill(storage)
        let exported = try source.exported()
        #expect(exported.count == 11, "\(exported)")
        let count = try await copy.importLines(exported.map { $0[...] }, file: "x.jsonl", replacing: false)
        #expect(count == (2, 3))
        #expect(try target.exported() == exported)
        #expect(try await copy.account(login: "ann") == storage.account(login: "ann"))
        #expect(try await copy.player(id: 1)?.record == storage.player(id: 1)?.record)
        #expect(try await copy.lastAlive() == 1_700_000_000.25)
        #expect(try await copy.player(id: 1)?.savedAt == 1_700_000_000.25)
        #expect(try await copy.highestID(.objects) == 90)
        let next = try await copy.createAccount(login: "next", passwordHash: "h", created: 3)
        #expect(next.id == 3)
    }

    @Test(
        "an import into a store with a game is refused, unless it replaces the whole game", arguments: Engine.allCases)
    func replacing(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await fill(storage)
        let exported = try store.exported().map { $0[...] }
        await #expect(throws: store.notEmpty) {
            try await storage.importLines(exported, file: "x", replacing: false)
        }
        let later = try await storage.createAccount(login: "later", passwordHash: "h", created: 3)
        #expect(try await storage.importLines(exported, file: "x", replacing: true) == (2, 3))
        #expect(try await storage.account(login: "later") == nil)
        #expect(try store.exported().map { $0[...] } == exported)
        let next = try await storage.createAccount(login: "next", passwordHash: "h", created: 3)
        #expect(next.id > later.id, "the number of an account that is gone is not used again")
    }

    @Test(
        "an import of thousands of lines is done in portions, and its first wrong line is named",
        arguments: Engine.allCases)
    func large(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        var lines = [TransferLine.head.json.text]
        for id in 1...1300 {
            lines.append(
                TransferLine.account(Account(id: id, login: "p\(id)", passwordHash: "h", created: 1)).json.text)
            lines.append(TransferLine.entity(EntityRecord(key: EntityKey(.players, id), mapID: 1)).json.text)
        }
        let good = lines.map { $0[...] }
        lines.insert(lines[2000], at: 2400)
        lines[2500] = "{"
        let bad = lines.map { $0[...] }
        let error = await #expect(throws: StorageError.self) {
            try await storage.importLines(bad, file: "x", replacing: false)
        }
        #expect(
            error
                == .malformed(
                    file: "x", line: 2401, reason: "the account, entity or ban of this line is there already"))
        #expect(try await store.count("entities") == 0)
        #expect(try await storage.importLines(good, file: "x", replacing: false) == (1300, 1300))
        #expect(try await store.count("entities") == 1300)
        #expect(try await storage.player(id: 1300)?.record.mapID == 1)
    }

    @Test(
        "the error names the number of a wrong line, and nothing is imported", arguments: Engine.allCases,
        Self.wrongLines)
    func malformed(engine: Engine, wrong: (index: Int, text: String, says: String)) async throws {
        let (source, target) = (try await TestStore(.sqlite), try await TestStore(engine))
        defer {
            source.remove()
            target.remove()
        }
        try await fill(source.storage)
        var exported = try source.exported().map { $0[...] }
        exported[wrong.index] = wrong.text[...]
        let (storage, lines) = (target.storage, exported)
        let error = await #expect(throws: StorageError.self) {
            try await storage.importLines(lines, file: "x.jsonl", replacing: false)
        }
        #expect(
            error?.description.hasPrefix("x.jsonl:\(wrong.index + 1): ") == true, "\(String(describing: error))")
        #expect(error?.description.contains(wrong.says) == true, "\(String(describing: error))")
        #expect(try await storage.account(id: 1) == nil)
        #expect(try await storage.highestID(.enemys) == 0)
    }

    private static let wrongLines: [(index: Int, text: String, says: String)] = [
        (0, "{}", "a line is an object such as"), (0, "{\"alive\":1}", "not an export: the first line must be"),
        (0, "{\"perigee\":\"export\",\"version\":2}", "version 2, and this perigee reads 1"),
        (2, "{\"perigee\":\"export\",\"version\":1}", "another export begins here"),
        (3, "{\"account\":", "not JSON"),
        (3, "{\"account\":5}", "account must be an object, not number"),
        (3, "{\"alive\":\"x\"}", "alive must be a number, not string"),
        (3, "{\"perigee\":1}", "perigee must be \"export\""),
        (3, "[]", "not array"), (3, "{\"acount\":{}}", "can't begin with \"acount\""),
        (3, "{\"account\":{\"id\":0,\"login\":\"x\",\"password_hash\":\"h\",\"created\":1}}", "id is 0"),
        (3, "{\"account\":{\"id\":1,\"login\":\"x\",\"password_hash\":\"h\",\"created\":1}}", "is there already"),
        (
            3, "{\"account\":{\"id\":7,\"login\":\"ANN\",\"password_hash\":\"h\",\"created\":1}}",
            "is there already"
        ),
        (3, "{\"account\":{\"id\":7,\"login\":\"x\",\"password_hash\":\"h\"}}", "the account has no created"),
        (
            3, "{\"account\":{\"id\":7,\"login\":\"x\",\"password_hash\":\"h\",\"created\":1,\"a\":1}}",
            "no field \"a\""
        ),
        (3, "{\"highest\":{\"kind\":\"goblins\",\"id\":7}}", "kind is \"goblins\"; it must be one of players"),
        (4, "{\"entity\":{\"kind\":\"enemys\",\"id\":1.5}}", "id is 1.5; it must be a whole number"),
    ]

    @Test("spellings of one name that were one name before are refused in an import", arguments: Engine.allCases)
    func twice(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        func account(_ id: Int, _ login: String) -> Substring {
            "{\"account\":{\"id\":\(id),\"login\":\"\(login)\",\"password_hash\":\"h\",\"created\":1}}"
        }
        for pair in [("Ann", "ANN"), ("σας", "σας"), ("ΣΑΣ", "Σασ")] {
            await #expect(throws: StorageError.self) {
                try await storage.importLines(
                    ["{\"perigee\":\"export\",\"version\":1}", account(1, pair.0), account(2, pair.1)], file: "x",
                    replacing: false)
            }
        }
    }
}
