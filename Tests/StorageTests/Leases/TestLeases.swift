import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

/// The leases of a game without maps and nodes, in a database of its own.
final class TestLeases: Sendable {
    let address: PostgresAddress
    let store: PostgresLeases

    /// Each call, and each wait in it, has a long time, because other tests use the machine.
    init() async throws {
        let limit = Duration.seconds(60)
        address = try TestPostgres.emptyAddress()
        try await PostgresStorage.open(address).close()
        store = PostgresLeases(address, limit: limit, lockLimit: limit)
    }

    /// Another connection to the same database.
    func connection() throws -> PostgresConnection { try PostgresConnection(address, within: .seconds(30)) }

    /// Runs a statement as another client.
    @discardableResult
    func run(_ sql: String) throws -> PostgresResult { try Self.run(sql, on: connection()) }

    /// Runs a statement on another connection.
    @discardableResult
    static func run(_ sql: String, on connection: PostgresConnection) throws -> PostgresResult {
        try connection.run(PostgresStatement(sql), within: .seconds(60))
    }

    // MARK: - Nodes

    /// The name of a node.
    static func name(_ number: Int) -> NodeName { NodeName("n\(number)") ?? { preconditionFailure("n\(number)") }() }

    static func description(_ number: Int) -> NodeDescription {
        NodeDescription(
            name: name(number), publicAddress: "n\(number).example.com", internalAddress: "10.0.0.\(number):9090")
    }

    /// Makes nodes members, in the order of their numbers.
    @discardableResult
    func join(_ numbers: ClosedRange<Int>) async throws -> [Membership] {
        var memberships: [Membership] = []
        for number in numbers {
            let seen = try await store.incarnation(of: Self.name(number))
            let joined = try await store.join(Self.description(number), seen: seen)
            memberships.append(try #require(joined).membership)
        }
        return memberships
    }

    /// An eviction by the sign of a membership.
    static func eviction(of membership: Membership, renewal: Int) -> LeaseWatch.Eviction {
        LeaseWatch.Eviction(
            node: membership.name, sign: LeaseSign(incarnation: membership.incarnation, renewal: renewal))
    }

    /// Gives maps to nodes, none of which counts as silent, however slow the machine is.
    @discardableResult
    func place() async throws -> Int {
        try run("UPDATE nodes SET renewed_at = clock_timestamp() + interval '1 h'")
        return try await store.place()
    }

    // MARK: - What the database holds

    /// A node's row without the time of its renewal.
    func row(_ number: Int) throws -> String {
        let columns = "incarnation, renewals, is_dead, is_draining, takers"
        let rows = try run("SELECT ROW(\(columns))::text FROM nodes WHERE node_id = 'n\(number)'").rows
        return try rows.first?.text(0) ?? "none"
    }

    /// The maps as `number:epoch` and their nodes.
    func places() async throws -> [String] {
        try await store.directory().map { place in
            let owner = place.owner.map { "\($0.name).\($0.incarnation)" } ?? "free"
            return "\(place.lease.mapID):\(place.lease.epoch) \(owner)"
        }
    }

    /// How many maps belong to memberships that have ended.
    static let orphans = """
        SELECT count(*) FROM maps AS m LEFT JOIN nodes AS n USING (node_id)
        WHERE m.node_id IS NOT NULL AND (n.is_dead OR n.incarnation <> m.incarnation) IS NOT FALSE
        """

    /// Waits until a statement waits for a lock of another transaction of this database.
    func waitForWaiter(on connection: PostgresConnection) async throws {
        let schema = try Self.run("SELECT current_schema()::text", on: connection).rows[0].text(0)
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let waiters = try Self.run(
                """
                SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                WHERE NOT granted AND application_name = 'perigee-\(schema)'
                """, on: connection)
            if try waiters.rows[0].integer(0) > 0 { return }
            await Task.yield()
        }
        Issue.record("no statement waits")
    }
}
