import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

@Suite("Leases in PostgreSQL: a database of the version before") struct LeaseMigrationTests {
    /// Makes the tables as version 1 did.
    private func first() throws -> PostgresAddress {
        let address = try TestPostgres.emptyAddress()
        let connection = try PostgresConnection(address, within: .seconds(30))
        let statements =
            ["CREATE TABLE perigee_schema (version integer PRIMARY KEY, suits integer NOT NULL)"]
            + PostgresTables.first + ["INSERT INTO perigee_schema (version, suits) VALUES (1, 1)"]
        for sql in statements { try connection.run(PostgresStatement(sql), within: .seconds(30)) }
        return address
    }

    @Test("it is upgraded with all that it holds, and a server of that version can use it afterwards")
    func upgrade() async throws {
        let address = try first()
        let connection = try PostgresConnection(address, within: .seconds(30))
        let insert = "INSERT INTO accounts (login, login_key, password_hash, created) VALUES ('ada', 'ada', 'h', 1)"
        try connection.run(PostgresStatement(insert), within: .seconds(30))
        for _ in 1...2 {
            let storage = try await PostgresStorage.open(address)
            #expect(try await storage.account(login: "ada")?.passwordHash == "h")
            await storage.close()
        }
        let versions = try connection.run(
            PostgresStatement("SELECT version, suits FROM perigee_schema ORDER BY version"), within: .seconds(30))
        #expect(try versions.rows.map { [try $0.integer(0), try $0.integer(1)] } == [[1, 1], [2, 1]])
        let leases = PostgresLeases(address, limit: .seconds(60))
        #expect(try await leases.join(TestLeases.description(1), seen: 0) != nil)
        try await leases.addMaps([1])
        #expect(try await leases.directory() == [MapPlace(lease: MapLease(mapID: 1, epoch: 0), owner: nil)])
    }

    @Test("without the tables, a call says what is missing")
    func missing() async throws {
        let address = try first()
        let error = await #expect(throws: StorageError.self) {
            try await PostgresLeases(address, limit: .seconds(60)).directory()
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("relation \"maps\" does not exist"))
    }
}
