import Foundation
import JSONValues
import Testing
import World

@testable import PostgresStorage
@testable import Storage

@Suite("PostgreSQL: what only the shared store has") struct PostgresStorageTests {
    private func open(
        _ address: PostgresAddress, game: String? = nil, isRenamed: Bool = false, lockPatience: Duration = .zero
    ) async throws -> PostgresStorage {
        try await PostgresStorage.open(address, game: game, isRenamed: isRenamed, lockPatience: lockPatience)
    }

    private func problem(
        _ address: PostgresAddress, game: String? = nil
    ) async -> SharedStoreProblem? {
        let error = await #expect(throws: StorageError.self) { _ = try await open(address, game: game) }
        guard case .sharedStore(let store, let problem)? = error else { return nil }
        #expect(store == address.description)
        return problem
    }

    // MARK: - Addresses

    @Test(
        "a wrong address is refused with what to do, and without the password in it",
        arguments: [
            "perigee.sqlite", "mysql://ada:hunter2@db/game", "postgres://ada:hunter2@db/game?colour=blue",
            "postgres://ada:hun@ter2@db:x/game?", "postgres://ada:hunter2@[::1/game",
            "postgres://ada:%zzhunter2@db/game", "postgres://ada:hunt/er2@db/game", "postgres://ada:hun@ter2@db/game",
            "postgres://ada:12/hunter2@db/game",
            "postgres://ada:hunter2@db/ga\0me", "host=db password=hunter2",
        ])
    func wrongAddress(url: String) throws {
        let error = #expect(throws: StorageError.self) { _ = try PostgresAddress(url) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("postgres://USER@HOST/DATABASE"))
        #expect(!text.contains("hun") && !text.contains("er2"), "\(text)")
    }

    @Test("a message names user, hosts, ports and database, and never a password")
    func description() throws {
        let address = try PostgresAddress("postgresql://ada:p%40ss@db1,db2:5433/game?sslmode=disable")
        #expect(address.description == "postgres://ada@db1:5432,db2:5433/game")
        #expect(!address.description.contains("ss@"))
        #expect(address.redacted("password p@ss is wrong") == "password *** is wrong")
        #expect(
            try PostgresAddress("postgres://ada@db/game?password=hunter2").description == "postgres://ada@db:5432/game")
    }

    @Test("a database that can't be reached is an error that says where and what to do")
    func unreachable() async throws {
        // Nothing listens at port 1.
        let address = try PostgresAddress("postgres://ada:hunter2@127.0.0.1:1/game")
        let error = await #expect(throws: StorageError.self) { _ = try await open(address) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("can't reach the database postgres://ada@127.0.0.1:1/game"))
        #expect("\(error.map { "\($0)" } ?? "")".contains("Connection refused"))
        #expect(!"\(error.map { "\($0)" } ?? "")".contains("hunter2"))
        let missing = try PostgresAddress(
            TestPostgres.emptyURL().replacingOccurrences(of: "/postgres?", with: "/nobodys?"))
        guard case .unreachable(let reason)? = await problem(missing) else {
            Issue.record("it must be unreachable")
            return
        }
        #expect(reason.contains("database \"nobodys\" does not exist"))
    }

    // MARK: - Whose database it is

    @Test("a database of another program, and one of a newer version, are left as they are")
    func foreignAndNewer() async throws {
        let foreign = try TestPostgres.emptyAddress()
        try TestPostgres.run("CREATE TABLE customers (id bigint)", in: foreign)
        #expect(await problem(foreign) == .foreign)
        #expect(
            try TestPostgres.run(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()", in: foreign
            ).count == 1
        )
        let newer = try TestPostgres.emptyAddress()
        try await open(newer).close()
        try TestPostgres.run("INSERT INTO perigee_schema (version, suits) VALUES (1000, 1000)", in: newer)
        #expect(await problem(newer) == .newer)
        #expect(throws: StorageError.sharedStore(newer.description, .newer)) {
            try PostgresStorage.export(newer) { _ in }
        }
        // The release before can still use tables that say so.
        try TestPostgres.run("UPDATE perigee_schema SET suits = 1 WHERE version = 1000", in: newer)
        try await open(newer).close()
        let empty = try TestPostgres.emptyAddress()
        #expect(throws: StorageError.sharedStore(empty.description, .empty)) {
            try PostgresStorage.export(empty) { _ in }
        }
    }

    @Test("a database holds one game; another one is refused until it says that it was renamed")
    func otherGame() async throws {
        let address = try TestPostgres.emptyAddress()
        try await open(address, game: "Meadow").close()
        try await open(address, game: "Meadow").close()
        #expect(await problem(address, game: "Battle") == .otherGame("Meadow", mine: "Battle"))
        try await open(address, game: "Battle", isRenamed: true).close()
        #expect(await problem(address, game: "Meadow") == .otherGame("Battle", mine: "Meadow"))
        // An import that replaces everything may bring another game.
        let store = try await open(address)
        _ = try await store.importLines([TransferLine.head.json.text[...]], file: "x", replacing: true)
        await store.close()
        try await open(address, game: "Meadow").close()
    }

    @Test("servers that make the tables at the same time wait for each other; one of them gets the database")
    func race() async throws {
        let address = try TestPostgres.emptyAddress()
        let opened = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { try? await open(address) } }
            return await group.reduce(into: [PostgresStorage]()) { if let store = $1 { $0.append(store) } }
        }
        #expect(opened.count == 1)
        #expect(try await opened.first?.highestID(.players) == 0)
    }

    @Test("a server that lost its connection and then the database to another server can't save any more")
    func fence() async throws {
        let address = try TestPostgres.emptyAddress()
        let old = try await open(address)
        try await old.save([StoreTests.goblin], removed: [], at: 1)
        #expect(await problem(address) == .inUse)
        try endConnections(of: address)
        let new = try await open(address)
        var later = StoreTests.goblin
        later.x = 99
        let stale = later
        await #expect(throws: StorageError.sharedStore(address.description, .inUse)) {
            try await old.save([stale], removed: [], at: 2)
        }
        #expect(try await new.entities(mapID: 4) == [StoreTests.goblin])
        #expect(try await new.lastAlive() == 1)
    }

    @Test("a server that gets the database again after another one has stopped does not save what it had before")
    func takenOver() async throws {
        let address = try TestPostgres.emptyAddress()
        // It waits for the lock until PostgreSQL has noticed that the other server is gone.
        let old = try await open(address, lockPatience: .seconds(60))
        try await old.save([StoreTests.goblin], removed: [], at: 1)
        try endConnections(of: address)
        var later = StoreTests.goblin
        later.x = 99
        let new = try await open(address)
        try await new.save([later], removed: [], at: 2)
        await new.close()
        for time in [3.0, 4] {
            await #expect(throws: StorageError.sharedStore(address.description, .takenOver)) {
                try await old.save([StoreTests.goblin], removed: [], at: time)
            }
        }
        let next = try await open(address, lockPatience: .seconds(60))
        #expect(try await next.entities(mapID: 4) == [later])
        #expect(try await next.lastAlive() == 2)
    }

    /// Ends the server's processes of a store's connections.
    private func endConnections(of address: PostgresAddress) throws {
        let schema = try TestPostgres.run("SELECT current_schema()::text", in: address).rows[0].text(0)
        try TestPostgres.run(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid =
                (SELECT oid::bigint FROM pg_namespace WHERE nspname = '\(schema)')
            """, in: address)
    }

    // MARK: - Failures

    @Test("connections that broke while nobody used them are made anew, and nobody notices")
    func reconnecting() async throws {
        let address = try TestPostgres.emptyAddress()
        let storage = try await open(address)
        let account = try await storage.createAccount(login: "ada", passwordHash: "h", created: 1)
        for round in 1...3 {
            // Those of this test: others have other schemas.
            let schema = try TestPostgres.run("SELECT current_schema()::text", in: address).rows[0].text(0)
            try TestPostgres.run(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND application_name = 'perigee-\(schema)'
                """, in: address)
            #expect(try await storage.account(id: account.id) == account)
            try await storage.save([StoreTests.player], removed: [], at: Double(round))
            #expect(try await storage.lastAlive() == Double(round))
        }
    }

    @Test("a statement that takes longer than its limit fails in time, and the connection is given up")
    func deadline() async throws {
        let connection = try PostgresConnection(TestPostgres.emptyAddress(), within: .seconds(10))
        let start = ContinuousClock.now
        let error = #expect(throws: PostgresFailure.self) {
            try connection.run(PostgresStatement("SELECT pg_sleep(60)"), within: .milliseconds(200))
        }
        #expect(error?.kind == .timedOut && error?.breaksConnection == true)
        #expect(start.duration(to: .now) < .seconds(30))
    }

    @Test("of statements sent together, the first that fails is named, and nothing of them stays")
    func pipeline() async throws {
        let address = try TestPostgres.emptyAddress()
        let connection = try PostgresConnection(address, within: .seconds(10))
        try connection.run(PostgresStatement("CREATE TABLE t (id bigint PRIMARY KEY)"), within: .seconds(30))
        let insert = "INSERT INTO t VALUES ($1)"
        let statements = [1, 2, 1, 3].map { PostgresStatement(insert, [PostgresParameter(.integer($0))]) }
        do throws(PipelineFailure) {
            _ = try connection.run(statements, within: .seconds(30))
            Issue.record("the third must fail")
        } catch {
            #expect(error.index == 2)
            #expect((error.error as? PostgresFailure)?.violatesConstraint == true)
        }
        #expect(try connection.run(PostgresStatement("SELECT * FROM t"), within: .seconds(30)).rows == [])
        let large = (1...5000).map { PostgresStatement(insert, [PostgresParameter(.integer($0))]) }
        #expect(try connection.run(large, within: .seconds(30)).count == 5000)
    }

    @Test(
        "a record that can't be stored is named and left out; all others of the batch are saved", arguments: [0, 7, 99])
    func badRecord(place: Int) async throws {
        let storage = try await open(TestPostgres.emptyAddress())
        try await storage.save([StoreTests.goblin], removed: [])
        var records = (1...100).map { EntityRecord(key: EntityKey(.objects, $0), mapID: 1, prefab: "stone") }
        records[place].prefab = "a\0b"
        records[50].action = "ends\0"
        let outcome = try await storage.save(records, removed: [StoreTests.goblin.key], at: 5)
        #expect(outcome.refused.map(\.key) == [min(place, 50), max(place, 50)].map { records[$0].key })
        #expect(outcome.refused.allSatisfy { $0.reason.contains("0x00") })
        let good = records.indices.filter { $0 != place && $0 != 50 }.map { records[$0] }
        #expect(try await storage.entities(mapID: 1) == good)
        #expect(try await storage.entities(mapID: 4) == [])
        #expect(try await storage.lastAlive() == 5)
        #expect(try await storage.save([records[place]], removed: [], at: 6).refused.map(\.key) == [records[place].key])
        #expect(try await storage.lastAlive() == 6)
    }

    @Test("a record that stands twice in a batch counts as it stands last, and one that is removed is gone")
    func twice() async throws {
        let storage = try await open(TestPostgres.emptyAddress())
        let records = [1.0, 2, 3].map { EntityRecord(key: EntityKey(.objects, 1), mapID: 1, x: $0) }
        let other = EntityRecord(key: EntityKey(.objects, 2), mapID: 1)
        try await storage.save(records + [other], removed: [other.key])
        #expect(try await storage.entities(mapID: 1) == [records[2]])
        #expect(try await storage.highestID(.objects) == 2)
    }

    @Test("every text comes back byte for byte; only names can't have NUL", arguments: ExactTextTests.texts)
    func exactText(text: String) async throws {
        let storage = try await open(TestPostgres.emptyAddress())
        let name = String(text.filter { $0 != "\0" })
        var record = ExactTextTests.record(text)
        (record.login, record.prefab, record.side, record.action) = (name, name, name, name)
        try await storage.save([record], removed: [], at: 7)
        let stored = try #require(try await storage.player(id: 1)?.record)
        #expect(stored.components == record.components && stored.events == record.events)
        #expect([stored.login, stored.prefab, stored.side, stored.action].allSatisfy { $0?.isExactly(name) == true })
        _ = try await storage.createAccount(login: name, passwordHash: "h", created: 1)
        #expect(try await storage.account(login: name)?.login.isExactly(name) == true)
    }

    @Test(
        "numbers come back exactly",
        arguments: [0.1, -0.0, 1e308, .leastNonzeroMagnitude, .infinity, 1_670_069_589.9012])
    func numbers(number: Double) async throws {
        let storage = try await open(TestPostgres.emptyAddress())
        var record = StoreTests.goblin
        (record.x, record.z, record.spawnID) = (number, number, .max)
        try await storage.save([record], removed: [], at: number)
        #expect(try await storage.entities(mapID: 4) == [record])
        #expect(try await storage.lastAlive() == number)
    }
}
