import JSONValues
import Storage
import Synchronization
import Testing
import World

@testable import PostgresStorage

@Suite("PostgreSQL: saves of any size", .timeLimit(.minutes(5))) struct PostgresSaveTests {
    /// What one statement of a save did.
    private struct Written: Equatable {
        var records: Int
        var maps: Int
        var removed: Int
        var alive: Double
    }

    /// Notes for each statement what it wrote, and the time that the game's clock then shows.
    private static let notes = [
        """
        CREATE TABLE written (n bigint GENERATED ALWAYS AS IDENTITY, save bigint NOT NULL DEFAULT txid_current(),
            records bigint NOT NULL, maps bigint NOT NULL, removed bigint NOT NULL, alive double precision NOT NULL)
        """,
        """
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO written (records, maps, removed, alive)
                    SELECT count(*), count(DISTINCT map_id), 0, coalesce((SELECT alive FROM game_clock), 0) FROM made;
            ELSE
                INSERT INTO written (records, maps, removed, alive)
                    SELECT 0, 0, count(*), coalesce((SELECT alive FROM game_clock), 0) FROM gone;
            END IF;
            RETURN NULL;
        END
        $$
        """,
        """
        CREATE TRIGGER noted_insert AFTER INSERT ON entities REFERENCING NEW TABLE AS made
        FOR EACH STATEMENT EXECUTE FUNCTION note()
        """,
        """
        CREATE TRIGGER noted_delete AFTER DELETE ON entities REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION note()
        """,
    ]

    /// An empty store whose statements are noted.
    private func open(_ bound: PostgresSaveBound = PostgresSaveBound()) async throws -> PostgresStorage {
        let store = try await PostgresStorage.open(TestPostgres.emptyAddress(), lockPatience: .seconds(60))
        store.saveBound.withLock { $0 = bound }
        return store
    }

    private func noteStatements(_ store: PostgresStorage) throws {
        for sql in Self.notes { try TestPostgres.run(sql, in: store.address) }
    }

    private func statements(_ store: PostgresStorage) throws -> [Written] {
        let rows = try TestPostgres.run(
            """
            SELECT sum(records)::bigint, sum(maps)::bigint, sum(removed)::bigint, max(alive) FROM written
            GROUP BY save ORDER BY min(n)
            """, in: store.address
        ).rows
        return try rows.map {
            Written(
                records: try $0.integer(0), maps: try $0.integer(1), removed: try $0.integer(2), alive: try $0.real(3))
        }
    }

    private func stones(_ numbers: ClosedRange<Int>, maps: Int = 1, x: Double = 0) -> [EntityRecord] {
        numbers.map { EntityRecord(key: EntityKey(.objects, $0), mapID: $0 % maps + 1, prefab: "stone", x: x) }
    }

    /// All objects of the maps up to a number.
    private func stored(_ store: PostgresStorage, maps: Int = 1) async throws -> [EntityRecord] {
        var all: [EntityRecord] = []
        for map in 1...maps { all += try await store.entities(mapID: map) }
        return all.sorted { $0.key.id < $1.key.id }
    }

    @Test("a save of some thousand entities is one statement")
    func small() async throws {
        let store = try await open()
        try await store.save(stones(5001...5010), removed: [], at: 1)
        try noteStatements(store)
        let removed = (5001...5010).map { EntityKey(.objects, $0) }
        try await store.save(stones(1...4000, maps: 3), removed: removed, at: 2)
        #expect(try statements(store) == [Written(records: 4000, maps: 3, removed: 10, alive: 2)])
    }

    @Test("a larger save is several statements: whole maps, then what is removed, and the time with the last")
    func large() async throws {
        let store = try await open(PostgresSaveBound(rows: 10))
        let old = stones(101...115)
        try await store.save(old, removed: [], at: 1)
        try noteStatements(store)
        let new = stones(1...25, maps: 5)
        try await store.save(new, removed: old.map(\.key), at: 2)
        #expect(
            try statements(store) == [
                Written(records: 10, maps: 2, removed: 0, alive: 1),
                Written(records: 10, maps: 2, removed: 0, alive: 1),
                Written(records: 5, maps: 1, removed: 5, alive: 1),
                Written(records: 0, maps: 0, removed: 10, alive: 2),
            ])
        #expect(try await stored(store, maps: 5) == new)
        #expect(try await store.lastAlive() == 2)
    }

    @Test("a save that ends between two statements loses nothing, and is done by the next one")
    func interrupted() async throws {
        let store = try await open(PostgresSaveBound(rows: 10))
        let old = stones(1...3)
        try await store.save(old, removed: [], at: 1)
        // The third statement fails, as if the server were killed before it.
        try TestPostgres.run(
            """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'the disk is gone' USING ERRCODE = '58030'; END $$
            """, in: store.address)
        try TestPostgres.run(
            "CREATE TRIGGER fail BEFORE INSERT ON entities FOR EACH ROW WHEN (new.id = 121) EXECUTE FUNCTION fail()",
            in: store.address)
        let new = stones(101...125)
        let error = await #expect(throws: StorageError.self) {
            try await store.save(new, removed: old.map(\.key), at: 2)
        }
        #expect(error.map { "\($0)" }?.contains("the disk is gone") == true)
        #expect(try await stored(store) == old + new[..<20], "what replaces the old ones is there, and they are too")
        #expect(try await store.lastAlive() == 1, "the clock is not ahead of the entities")
        #expect(try await store.highestID(.objects) == 125, "no number of the rest is given out again")
        try TestPostgres.run("DROP TRIGGER fail ON entities", in: store.address)
        try await store.save(new, removed: old.map(\.key), at: 3)
        #expect(try await stored(store) == new)
        #expect(try await store.lastAlive() == 3)
    }

    @Test("a statement is bounded by its bytes too; a record that is larger is written alone")
    func bytes() async throws {
        let store = try await open(PostgresSaveBound(bytes: 10_000))
        try noteStatements(store)
        var records = stones(1...6)
        for index in records.indices {
            let text = String(repeating: "x", count: index == 2 ? 20_000 : 4000)
            records[index].components = ["text": .string(text)]
        }
        try await store.save(records, removed: [], at: 1)
        #expect(try statements(store).map(\.records) == [2, 1, 2, 1])
        #expect(try await stored(store) == records)
    }

    @Test("a record that is too large for the store is named and left out, wherever it stands", arguments: [1, 4, 7])
    func tooLarge(id: Int) async throws {
        let store = try await open(PostgresSaveBound(rows: 3, largestRecord: 1000))
        var records = stones(1...7)
        try await store.save([records[id - 1]], removed: [], at: 1)
        let before = records[id - 1]
        records[id - 1].components = ["text": .string(String(repeating: "x", count: 1000))]
        let refused = try await store.save(records, removed: [], at: 2).refused
        #expect(refused.map(\.key) == [EntityKey(.objects, id)])
        #expect(refused.allSatisfy { $0.reason.contains("the store takes 1000") })
        records[id - 1] = before
        #expect(try await stored(store) == records)
        #expect(try await store.lastAlive() == 2)
    }

    @Test("records that the database refuses are found in a save of several statements")
    func refused() async throws {
        let store = try await open(PostgresSaveBound(rows: 10))
        var records = stones(1...35)
        for id in [3, 20, 35] { records[id - 1].prefab = "a\0b" }
        let old = stones(101...101)
        try await store.save(old, removed: [], at: 1)
        let outcome = try await store.save(records, removed: old.map(\.key), at: 2)
        #expect(outcome.refused.map(\.key.id) == [3, 20, 35])
        #expect(try await stored(store) == records.filter { $0.prefab == "stone" })
        #expect(try await store.lastAlive() == 2)
    }

    @Test("a save that takes too long is tried again in smaller statements, until they are small enough")
    func tooLong() async throws {
        let store = try await open(PostgresSaveBound(patience: .seconds(1)))
        // A database in which a statement of more than 20 rows does not end.
        try TestPostgres.run(
            """
            CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN IF (SELECT count(*) FROM made) > 20 THEN PERFORM pg_sleep(600); END IF; RETURN NULL; END
            $$
            """, in: store.address)
        try TestPostgres.run(
            """
            CREATE TRIGGER stall AFTER INSERT ON entities REFERENCING NEW TABLE AS made
            FOR EACH STATEMENT EXECUTE FUNCTION stall()
            """, in: store.address)
        let records = stones(1...64)
        var failures = 0
        while (try? await store.save(records, removed: [], at: 2)) == nil {
            failures += 1
            // 64 and 32 rows, and 32 once more after 16; a slow machine may need more.
            try #require(failures < 12)
        }
        #expect(failures >= 3)
        #expect(try await stored(store) == records)
        #expect(try await store.lastAlive() == 2)
    }

    @Test("a statement that is too large is refused before it is sent, and the transaction goes on")
    func tooLargeStatement() throws {
        let address = try TestPostgres.emptyAddress()
        let connection = try PostgresConnection(address, within: .seconds(10), maxStatementBytes: 1000)
        try connection.run(PostgresStatement("CREATE TABLE t (name text)"), within: .seconds(30))
        let insert = "INSERT INTO t VALUES ($1)"
        let large = String(repeating: "x", count: 1000)
        try PostgresSession(connection, .transaction).run { session in
            let error = #expect(throws: PostgresFailure.self) { try session.run(insert, [.text(large)]) }
            #expect(error?.kind == .tooLarge)
            #expect(error?.breaksConnection == false)
            try session.run(insert, [.text("small")])
            #expect(connection.isInTransaction)
            #expect(throws: SQLBatchError.self) {
                try session.runAll([SQLStatement(insert, [.text("a")]), SQLStatement(insert, [.text(large)])])
            }
        }
        #expect(try TestPostgres.run("SELECT name FROM t", in: address).rows.map { try $0.text(0) } == ["small"])
    }
}
