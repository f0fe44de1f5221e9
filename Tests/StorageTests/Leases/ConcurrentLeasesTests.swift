import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

@Suite("Leases in PostgreSQL: many nodes at the same time") struct ConcurrentLeasesTests {
    private static let steps = 150
    private static let maps = 40

    /// Writes down each change of a map. Renewals count as young for an hour, so a slow machine changes nothing.
    private static let audit = [
        """
        CREATE TABLE audit (map_id bigint, former bigint, epoch bigint, former_node text, node_id text, incarnation bigint)
        """,
        """
        CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO audit VALUES (new.map_id, old.epoch, new.epoch, old.node_id, new.node_id, new.incarnation);
            RETURN NULL;
        END
        $$
        """,
        "CREATE TRIGGER audit AFTER UPDATE ON maps FOR EACH ROW EXECUTE FUNCTION audit()",
        """
        CREATE FUNCTION young() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            new.renewed_at := clock_timestamp() + interval '1 h';
            RETURN new;
        END
        $$
        """,
        "CREATE TRIGGER young BEFORE INSERT OR UPDATE ON nodes FOR EACH ROW EXECUTE FUNCTION young()",
    ]

    @Test(
        "eight processes, some of one name, join, renew, evict, place, drain and leave as it comes: each map has one owner",
        arguments: [1, 2])
    func chaos(seed: UInt64) async throws {
        let test = try await TestLeases()
        for sql in Self.audit { try test.run(sql) }
        try await test.store.addMaps(Array(1...Self.maps))
        let done = try await withThrowingTaskGroup(of: LeaseWalk.Counts.self) { group in
            for number in 0..<8 {
                group.addTask {
                    // The processes 0 and 6, and 1 and 7, have the same names.
                    var walk = LeaseWalk(test, node: number % 6, maps: Self.maps, seed: seed &* 100 &+ UInt64(number))
                    for _ in 0..<Self.steps { try await walk.step() }
                    await walk.store.close()
                    return walk.counts
                }
            }
            return try await group.reduce(into: LeaseWalk.Counts()) { $0.add($1) }
        }
        // It happened at all.
        #expect(done.joins > 8 && done.renewals > 50 && done.evictions > 5 && done.placed > 20, "\(done)")
        #expect(done.refusedJoins + done.refusedRenewals + done.refusedEvictions > 20, "\(done)")
        try check(test)
        #expect(try test.run("SELECT count(*) FROM audit").rows[0].integer(0) >= done.placed)
    }

    private func check(_ test: TestLeases) throws {
        func count(_ sql: String) throws -> Int { try test.run(sql).rows[0].integer(0) }
        #expect(try count(TestLeases.orphans) == 0)
        #expect(try count("SELECT count(*) FROM audit WHERE epoch <> former + 1") == 0)
        // An owner loses the map before another one gets it, and one epoch is one owner's.
        #expect(try count("SELECT count(*) FROM audit WHERE (former_node IS NULL) = (node_id IS NULL)") == 0)
        #expect(
            try count("SELECT count(*) FROM (SELECT FROM audit GROUP BY map_id, epoch HAVING count(*) > 1) AS t") == 0)
    }
}
