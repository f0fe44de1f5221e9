import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

@Suite("Leases in PostgreSQL: the connection") struct LeaseConnectionTests {
    private typealias Test = TestLeases

    @Test("a call ends at its deadline, and the next one has a new connection")
    func deadline() async throws {
        let test = try await TestLeases()
        let membership = try await test.join(1...1)[0]
        let store = PostgresLeases(test.address, limit: .milliseconds(300))
        let blocker = try test.connection()
        try Test.run("BEGIN", on: blocker)
        try Test.run("SELECT FROM nodes FOR UPDATE", on: blocker)
        let start = ContinuousClock.now
        await #expect(throws: StorageError.self) { try await store.renew(membership, number: 1, takers: []) }
        #expect(start.duration(to: .now) < .seconds(30))
        try Test.run("ROLLBACK", on: blocker)
        // With the time that a busy machine needs.
        let patient = PostgresLeases(test.address, limit: .seconds(60))
        #expect(try await patient.renew(membership, number: 2, takers: []) != nil)
        await patient.close()
        await #expect(throws: StorageError.self) { try await patient.renew(membership, number: 3, takers: []) }
    }

    @Test("after its connection broke, a call fails without being repeated, and the next one connects")
    func reconnecting() async throws {
        let test = try await TestLeases()
        let membership = try await test.join(1...1)[0]
        let schema = try test.run("SELECT current_schema()::text").rows[0].text(0)
        try test.run(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND application_name = 'perigee-\(schema)'
            """)
        await #expect(throws: StorageError.self) { try await test.store.renew(membership, number: 1, takers: []) }
        #expect(try await test.store.renew(membership, number: 1, takers: []) != nil)
    }

    @Test("a renewal that was acknowledged is on the disk, also where the database does not wait for it by itself")
    func durable() async throws {
        let test = try await TestLeases()
        let connection = try test.connection()
        try Test.run("SET synchronous_commit = off", on: connection)
        try Test.run("SET default_transaction_isolation = 'serializable'", on: connection)
        try connection.run(PostgresLeases.settings(.seconds(1)), within: .seconds(30))
        func setting(_ name: String) throws -> String {
            try Test.run("SELECT current_setting('\(name)')", on: connection).rows[0].text(0)
        }
        #expect(try setting("synchronous_commit") == "on")
        #expect(try setting("default_transaction_isolation") == "read committed")
        #expect(try setting("statement_timeout") == "1s")
        try Test.run("SET synchronous_commit = remote_apply", on: connection)
        try connection.run(PostgresLeases.settings(.seconds(1)), within: .seconds(30))
        #expect(try setting("synchronous_commit") == "remote_apply")
    }
}
