import JSONValues
import Testing
import World

@testable import Storage

@Suite("Store") struct StoreTests {
    static let goblin = EntityRecord(
        key: EntityKey(.enemys, 7), mapID: 4, prefab: "goblin", x: 1.25, y: -3, z: 0.5, sort: 2, side: "left",
        action: "move", created: 1_670_069_589.9012, spawnID: 12,
        components: ["hp": .number(5), "bag": .object(["slots": .array([.null, .string("ü\"")])]), "none": .null],
        events: [
            "move": EventRecord(
                action: "to", data: .object(["x": .number(1)]), commandID: 1_670_069_589_900, time: 99.5),
            "idle": EventRecord(time: 12),
        ])
    static let player = EntityRecord(key: EntityKey(.players, 24), login: "Ann", mapID: 4, ping: 0.031)

    @Test("an entity is read with all its data as it was saved (checklist 141)", arguments: Engine.allCases)
    func roundTrip(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await storage.save([Self.goblin, Self.player], removed: [])
        #expect(try await storage.entities(mapID: 4) == [Self.goblin])
        #expect(try await storage.entities(mapID: 5) == [])
        #expect(try await storage.player(id: 24)?.record == Self.player)
        #expect(try await storage.player(id: 25) == nil)
    }

    @Test(
        "a write is done although its task was cancelled, as that of a client who hung up", arguments: Engine.allCases)
    func cancelled(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let write = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await storage.save([Self.player], removed: [])
        }
        try await write.value
        #expect(try await storage.player(id: 24)?.record == Self.player)
    }

    @Test("a save replaces and removes entities in one transaction", arguments: Engine.allCases)
    func replaceAndRemove(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await storage.save([Self.goblin, Self.player], removed: [])
        var moved = Self.player
        moved.mapID = 5
        moved.x = 3
        try await storage.save([moved], removed: [Self.goblin.key, EntityKey(.objects, 99)])
        #expect(try await storage.player(id: 24)?.record == moved)
        #expect(try await storage.entities(mapID: 4) == [])
    }

    @Test("the number of a removed entity is not used again", arguments: Engine.allCases)
    func highestID(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        #expect(try await storage.highestID(.enemys) == 0)
        try await storage.save([Self.goblin], removed: [])
        try await storage.save([], removed: [Self.goblin.key])
        #expect(try await storage.highestID(.enemys) == 7)
        #expect(try await storage.highestID(.objects) == 0)
        let account = try await storage.createAccount(login: "a", passwordHash: "h", created: 1)
        #expect(try await storage.highestID(.players) == account.id)
    }

    @Test(
        "logins are unique without regard to case and look-alikes", arguments: Engine.allCases, ["ANN", "ann", "Ａｎｎ"])
    func uniqueLogin(engine: Engine, other: String) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let account = try await storage.createAccount(login: "Ann", passwordHash: "h", created: 5)
        #expect(account.id == 1)
        await #expect(throws: StorageError.loginTaken(other)) {
            try await storage.createAccount(login: other, passwordHash: "h", created: 6)
        }
        #expect(try await storage.account(login: other) == account)
        #expect(try await storage.account(id: 1) == account)
        #expect(try await storage.account(login: "Bob") == nil)
    }

    @Test("HTTP sessions are kept by hash, revoked and purged", arguments: Engine.allCases)
    func httpSessions(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let account = try await storage.createAccount(login: "Ann", passwordHash: "h", created: 5)
        let old = HTTPSession(hash: [1, 2], playerID: account.id, expires: 10)
        let new = HTTPSession(hash: [3, 4], playerID: account.id, expires: 20)
        try await storage.createHTTPSession(old)
        try await storage.createHTTPSession(new)
        #expect(try await storage.httpSession(hash: [1, 2]) == old)
        try await storage.deleteHTTPSessions(expiredAt: 10)
        #expect(try await storage.httpSession(hash: [1, 2]) == nil)
        #expect(try await storage.httpSession(hash: [3, 4]) == new)
        try await storage.deleteHTTPSession(hash: [3, 4])
        #expect(try await storage.httpSession(hash: [3, 4]) == nil)
    }

    @Test("after a normal close and a new start all data are there", arguments: Engine.allCases)
    func reopening(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await storage.save([Self.goblin], removed: [])
        #expect(try await store.reopened().entities(mapID: 4) == [Self.goblin])
    }
}
