import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

@Suite("Leases in PostgreSQL: a statement that another transaction held up") struct HeldLeasesTests {
    private typealias Test = TestLeases

    /// Lets a call wait for another transaction: that one does what `former` says before the call is sent, and what
    /// `later` says while the call waits. Then it commits.
    private func hold<T: Sendable>(
        _ test: TestLeases, _ former: String..., then later: [String] = [],
        call: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let other = try test.connection()
        for sql in ["BEGIN"] + former { try Test.run(sql, on: other) }
        async let outcome = call()
        try await test.waitForWaiter(on: try test.connection())
        for sql in later + ["COMMIT"] { try Test.run(sql, on: other) }
        return try await outcome
    }

    private let lock = "SELECT FROM nodes WHERE node_id = 'n1' FOR UPDATE"

    // MARK: - Renewals and joins

    @Test("a renewal that was overtaken by a later one does nothing")
    func lateRenewal() async throws {
        let test = try await TestLeases()
        let membership = try await test.join(1...2)[0]
        let view = try await hold(
            test, lock, then: ["UPDATE nodes SET renewals = 2, takers = '{n2}' WHERE node_id = 'n1'"]
        ) { try await test.store.renew(membership, number: 1, takers: [Test.name(8)]) }
        #expect(view == nil)
        #expect(try test.row(1) == "(1,2,f,f,{n2})")
    }

    @Test(
        "a renewal that comes after an eviction, or after a new start, does nothing",
        arguments: [("is_dead = true", "(1,0,t,f,{})"), ("incarnation = 2", "(2,0,f,f,{})")])
    func endedRenewal(end: String, row: String) async throws {
        let test = try await TestLeases()
        let membership = try await test.join(1...1)[0]
        let view = try await hold(test, "UPDATE nodes SET \(end) WHERE node_id = 'n1'") {
            try await test.store.renew(membership, number: 1, takers: [Test.name(8)])
        }
        #expect(view == nil)
        #expect(try test.row(1) == row)
    }

    @Test("what a renewal reads is not older than the renewal, although it had to wait")
    func youngView() async throws {
        let test = try await TestLeases()
        let membership = try await test.join(1...2)[0]
        try await test.store.addMaps([1, 2])
        let changes = [
            "UPDATE maps SET node_id = 'n1', incarnation = 1, epoch = 7 WHERE map_id = 2",
            "UPDATE nodes SET renewals = 9 WHERE node_id = 'n2'", "UPDATE map_changes SET version = 50",
        ]
        let view = try await hold(test, lock, then: changes) {
            try await test.store.renew(membership, number: 1, takers: [])
        }
        #expect(view?.leases == [MapLease(mapID: 2, epoch: 7)])
        #expect(view?.nodes.first { $0.seen.name == Test.name(2) }?.seen.sign.renewal == 9)
        #expect(view?.directoryVersion == 50)
    }

    @Test("of two processes that join under one name at the same moment, one becomes the node")
    func lateJoin() async throws {
        let test = try await TestLeases()
        let first = try await hold(
            test, "INSERT INTO nodes VALUES ('n1', 1, 0, false, false, '{}', 'other', 'other')"
        ) { try await test.store.join(Test.description(1), seen: 0) }
        #expect(first == nil)
        let second = try await hold(
            test, lock, then: ["UPDATE nodes SET incarnation = 2 WHERE node_id = 'n1'"]
        ) { try await test.store.join(Test.description(1), seen: 1) }
        #expect(second == nil)
        #expect(try test.row(1) == "(2,0,f,f,{})")
        #expect(try test.run("SELECT public_address FROM nodes").rows[0].text(0) == "other")
    }

    @Test("a node that joins frees a map that its former membership was given at the last moment")
    func joinBesidePlace() async throws {
        let test = try await TestLeases()
        try await test.join(1...1)
        try await test.store.addMaps([1])
        let joined = try await hold(
            test, "SELECT FROM nodes WHERE node_id = 'n1' FOR SHARE",
            then: ["UPDATE maps SET node_id = 'n1', incarnation = 1, epoch = epoch + 1"]
        ) { try await test.store.join(Test.description(1), seen: 1) }
        #expect(joined?.membership.incarnation == 2)
        #expect(try await test.places() == ["1:2 free"])
    }

    // MARK: - Evictions

    /// What the other transaction does while an eviction of n1 by n2 waits.
    private static let refusals = [
        "UPDATE nodes SET renewals = 1 WHERE node_id = 'n1'",
        "UPDATE nodes SET takers = '{n3}' WHERE node_id = 'n1'",
        "UPDATE nodes SET incarnation = 2 WHERE node_id = 'n1'",
        "UPDATE nodes SET is_dead = true WHERE node_id = 'n1'",
        "UPDATE nodes SET is_dead = true WHERE node_id = 'n2'",
        "UPDATE nodes SET incarnation = 2 WHERE node_id = 'n2'",
    ]

    @Test("an eviction does nothing after what refuses it, however late it comes", arguments: refusals)
    func lateEviction(change: String) async throws {
        let test = try await TestLeases()
        try await test.join(2...2)
        let victim = try await test.join(1...1)[0]
        let isEvicted = try await hold(test, change) {
            try await test.store.evict(
                Test.eviction(of: victim, renewal: 0), by: Membership(name: Test.name(2), incarnation: 1))
        }
        #expect(!isEvicted)
        // It raises the incarnation by 1, to 2 or to 3.
        let isNew = change == "UPDATE nodes SET incarnation = 2 WHERE node_id = 'n1'"
        #expect(try await test.store.incarnation(of: victim.name) == (isNew ? 2 : 1))
    }

    @Test("an eviction frees a map that the node was given at the last moment")
    func evictionBesidePlace() async throws {
        let test = try await TestLeases()
        try await test.join(2...2)
        let victim = try await test.join(1...1)[0]
        try await test.store.addMaps([1, 2])
        let isEvicted = try await hold(
            test, "SELECT FROM nodes WHERE node_id = 'n1' FOR SHARE",
            then: ["UPDATE maps SET node_id = 'n1', incarnation = 1, epoch = epoch + 1 WHERE map_id = 2"]
        ) {
            try await test.store.evict(
                Test.eviction(of: victim, renewal: 0), by: Membership(name: Test.name(2), incarnation: 1))
        }
        #expect(isEvicted)
        #expect(try await test.places() == ["1:0 free", "2:2 free"])
    }

    @Test("an eviction leaves a map alone that was handed on at the last moment")
    func evictionBesideHandOver() async throws {
        let test = try await TestLeases()
        try await test.join(2...2)
        let victim = try await test.join(1...1)[0]
        try await test.store.addMaps([1, 2])
        try test.run("UPDATE maps SET node_id = 'n1', incarnation = 1, epoch = 1")
        let isEvicted = try await hold(
            test, "UPDATE maps SET node_id = 'n2', incarnation = 1, epoch = 2 WHERE map_id = 1"
        ) {
            try await test.store.evict(
                Test.eviction(of: victim, renewal: 0), by: Membership(name: Test.name(2), incarnation: 1))
        }
        #expect(isEvicted)
        #expect(try await test.places() == ["1:2 n2.1", "2:2 free"])
    }

    @Test("an eviction that waits too long for a save's lock is given up whole, and succeeds the next time")
    func impatientEviction() async throws {
        let test = try await TestLeases()
        try await test.join(2...2)
        let victim = try await test.join(1...1)[0]
        try await test.store.addMaps([1])
        try test.run("UPDATE maps SET node_id = 'n1', incarnation = 1, epoch = 1")
        let store = PostgresLeases(test.address, limit: .seconds(60), lockLimit: .milliseconds(50))
        let other = try test.connection()
        try Test.run("BEGIN", on: other)
        try Test.run("SELECT FROM maps FOR SHARE", on: other)
        let eviction = Test.eviction(of: victim, renewal: 0)
        let sender = Membership(name: Test.name(2), incarnation: 1)
        #expect(try await !store.evict(eviction, by: sender))
        #expect(try test.row(1) == "(1,0,f,f,{n2})")
        try Test.run("ROLLBACK", on: other)
        #expect(try await store.evict(eviction, by: sender))
        #expect(try await test.places() == ["1:2 free"])
    }

    @Test("of two nodes that evict each other at the same moment, one is evicted")
    func mutualEviction() async throws {
        let test = try await TestLeases()
        let others = PostgresLeases(test.address, limit: .seconds(60), lockLimit: .seconds(60))
        for _ in 0..<50 {
            let memberships = try await test.join(1...2)
            for (membership, taker) in zip(memberships, memberships.reversed()) {
                #expect(try await test.store.renew(membership, number: 1, takers: [taker.name]) != nil)
            }
            async let first = test.store.evict(Test.eviction(of: memberships[0], renewal: 1), by: memberships[1])
            async let second = others.evict(Test.eviction(of: memberships[1], renewal: 1), by: memberships[0])
            let outcomes = try await [first, second]
            #expect(outcomes.count { $0 } == 1)
        }
    }

    // MARK: - Placements

    /// What another transaction does to n1 while a placement waits for n1.
    private static let ends = [
        "UPDATE nodes SET is_dead = true WHERE node_id = 'n1'",
        "UPDATE nodes SET is_draining = true WHERE node_id = 'n1'",
        "UPDATE nodes SET renewed_at = clock_timestamp() - interval '2 s' WHERE node_id = 'n1'",
    ]

    @Test("a node that died, drains or fell silent while a placement waited gets no map", arguments: ends)
    func latePlacement(end: String) async throws {
        let test = try await TestLeases()
        try await test.join(1...2)
        try await test.store.addMaps([1, 2])
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() + interval '1 h'")
        let count = try await hold(test, end) { try await test.store.place() }
        #expect(count == 1)
        #expect(try await test.places() == ["1:0 free", "2:1 n2.1"])
        #expect(try await test.store.place() == 1)
        #expect(try await test.places() == ["1:1 n2.1", "2:1 n2.1"])
    }

    @Test("a node that started again while a placement waited gets its map in the new incarnation")
    func placementBesideJoin() async throws {
        let test = try await TestLeases()
        try await test.join(1...1)
        try await test.store.addMaps([1])
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() + interval '1 h'")
        let count = try await hold(test, "UPDATE nodes SET incarnation = 2") { try await test.store.place() }
        #expect(count == 1)
        #expect(try await test.places() == ["1:1 n1.2"])
    }

    @Test("a placement leaves out a map that a save has locked, and does nothing while another one runs")
    func lockedMaps() async throws {
        let test = try await TestLeases()
        try await test.join(1...1)
        try await test.store.addMaps([1, 2])
        let other = try test.connection()
        for sql in ["BEGIN", "SELECT FROM maps WHERE map_id = 1 FOR SHARE"] { try Test.run(sql, on: other) }
        #expect(try await test.place() == 1)
        #expect(try await test.places() == ["1:0 free", "2:1 n1.1"])
        try Test.run("ROLLBACK", on: other)
        let key = PostgresSchema.key(PostgresSchema.placeLock)
        for sql in ["BEGIN", "SELECT pg_advisory_xact_lock(\(key))"] { try Test.run(sql, on: other) }
        #expect(try await test.place() == 0)
        try Test.run("ROLLBACK", on: other)
        #expect(try await test.place() == 1)
    }

    @Test("a placement that waits too long for a node's row is given up whole")
    func impatientPlacement() async throws {
        let test = try await TestLeases()
        try await test.join(1...2)
        try await test.store.addMaps([1, 2])
        let store = PostgresLeases(test.address, limit: .seconds(60), lockLimit: .milliseconds(50))
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() + interval '1 h'")
        let other = try test.connection()
        for sql in ["BEGIN", lock] { try Test.run(sql, on: other) }
        #expect(try await store.place() == 0)
        #expect(try await test.places() == ["1:0 free", "2:0 free"])
        try Test.run("ROLLBACK", on: other)
        #expect(try await store.place() == 2)
    }
}
