import Storage
import Testing

@testable import Cluster
@testable import PostgresStorage

@Suite("Leases in PostgreSQL: each call") struct PostgresLeasesTests {
    private typealias Test = TestLeases

    // MARK: - Joining

    @Test("a node that joins gets a new incarnation and the living nodes as takers")
    func join() async throws {
        let test = try await TestLeases()
        #expect(try await test.store.incarnation(of: Test.name(1)) == 0)
        let first = try await test.store.join(Test.description(1), seen: 0)
        #expect(first?.membership == Membership(name: Test.name(1), incarnation: 1))
        #expect(first?.takers == [])
        try await test.join(2...3)
        try await test.store.leave(Membership(name: Test.name(2), incarnation: 1))
        let fourth = try await test.store.join(Test.description(4), seen: 0)
        #expect(fourth?.takers == [Test.name(1), Test.name(3)])
        #expect(try test.row(4) == "(1,0,f,f,\"{n1,n3}\")")
        #expect(try await test.store.incarnation(of: Test.name(4)) == 1)
    }

    @Test("a join that comes late, after another one, does nothing")
    func lateJoin() async throws {
        let test = try await TestLeases()
        let memberships = try await test.join(1...1)
        try await test.store.addMaps([1])
        try await test.place()
        #expect(try await test.store.renew(memberships[0], number: 1, takers: [Test.name(7)]) != nil)
        for seen in [0, 2, 7] {
            #expect(try await test.store.join(Test.description(1), seen: seen) == nil)
        }
        // A node that never joined has no incarnation to be seen.
        #expect(try await test.store.join(Test.description(2), seen: 1) == nil)
        #expect(try test.row(1) == "(1,1,f,f,{n7})")
        #expect(try test.row(2) == "none")
        #expect(try await test.places() == ["1:1 n1.1"])
    }

    @Test("a node that starts again frees the maps that it had, counts renewals anew, and does not drain")
    func rejoin() async throws {
        let test = try await TestLeases()
        let former = try await test.join(1...1)[0]
        try await test.store.addMaps([1, 2])
        try await test.place()
        try await test.store.setDraining(true, Test.name(1))
        let view = try await test.store.renew(former, number: 1, takers: [])
        #expect(view?.leases == [MapLease(mapID: 1, epoch: 1), MapLease(mapID: 2, epoch: 1)])
        var description = Test.description(1)
        description.publicAddress = "elsewhere.example.com"
        let joined = try await test.store.join(description, seen: 1)
        #expect(joined?.membership.incarnation == 2)
        #expect(try test.row(1) == "(2,0,f,f,{})")
        #expect(try await test.places() == ["1:2 free", "2:2 free"])
        #expect(try await test.store.renew(former, number: 2, takers: []) == nil)
        let membership = try #require(joined).membership
        let later = try await test.store.renew(membership, number: 1, takers: [])
        #expect(later?.nodes.map(\.description) == [description])
        #expect(later?.leases == [] && later?.isAnyMapFree == true)
        #expect(try #require(later).directoryVersion > (try #require(view)).directoryVersion)
    }

    // MARK: - Renewing

    @Test("a renewal shows the nodes, the node's own maps, whether one is free, and the store's time")
    func renew() async throws {
        let test = try await TestLeases()
        let memberships = try await test.join(1...3)
        try await test.store.addMaps([10, 11, 12, 13])
        #expect(try await test.store.renew(memberships[2], number: 1, takers: [Test.name(1)]) != nil)
        try await test.store.setDraining(true, Test.name(3))
        try await test.place()
        try await test.store.leave(memberships[1])
        let before = try test.run("SELECT extract(epoch FROM clock_timestamp())::double precision").rows[0].real(0)
        let view = try #require(try await test.store.renew(memberships[0], number: 5, takers: [Test.name(2)]))
        let nodes = view.nodes.sorted { $0.seen.name < $1.seen.name }
        #expect(nodes.map(\.description) == (1...3).map(Test.description))
        #expect(nodes.map(\.seen.sign.renewal) == [5, 0, 1])
        #expect(nodes.map(\.seen.sign.incarnation) == [1, 1, 1])
        #expect(nodes.map(\.seen.isDead) == [false, true, false])
        #expect(nodes.map(\.isDraining) == [false, false, true])
        // Of the takers it shows the node that looks: n2 and n3 count n1 among theirs, n1 does not.
        #expect(nodes.map(\.seen.takers) == [[], [Test.name(1)], [Test.name(1)]])
        #expect(view.leases == [MapLease(mapID: 10, epoch: 1), MapLease(mapID: 12, epoch: 1)])
        #expect(view.isAnyMapFree)
        #expect((before..<(before + 60)).contains(view.storeTime))
        try await test.place()
        #expect(try await test.store.renew(memberships[0], number: 6, takers: [])?.isAnyMapFree == false)
        #expect(try test.row(1) == "(1,6,f,f,{})")
    }

    @Test("a renewal of a lower or the same number, of a former incarnation, and of a dead node is refused")
    func refusedRenewals() async throws {
        let test = try await TestLeases()
        let former = try await test.join(1...2)[0]
        let membership = try await test.join(1...1)[0]
        #expect(try await test.store.renew(membership, number: 4, takers: [Test.name(2)]) != nil)
        for number in [3, 4] {
            #expect(try await test.store.renew(membership, number: number, takers: [Test.name(8)]) == nil)
        }
        #expect(try await test.store.renew(former, number: 5, takers: [Test.name(8)]) == nil)
        #expect(try test.row(1) == "(2,4,f,f,{n2})")
        try await test.store.leave(membership)
        #expect(try await test.store.renew(membership, number: 5, takers: [Test.name(8)]) == nil)
        #expect(try test.row(1) == "(2,4,t,f,{n2})")
        let unknown = Membership(name: Test.name(9), incarnation: 1)
        #expect(try await test.store.renew(unknown, number: 1, takers: []) == nil)
    }

    @Test("the directory's version rises with each change of the maps, and with nothing else")
    func directoryVersion() async throws {
        let test = try await TestLeases()
        let memberships = try await test.join(1...2)
        var number = 0
        func version() async throws -> Int {
            number += 1
            return try #require(try await test.store.renew(memberships[1], number: number, takers: [])).directoryVersion
        }
        func rise(_ change: () async throws -> Void) async throws -> Int {
            let before = try await version()
            try await change()
            return try await version() - before
        }
        #expect(try await rise { try await test.store.addMaps([1, 2, 3]) } == 1)
        #expect(try await rise { try await test.store.addMaps([3, 2, 1, 1]) } == 0)
        #expect(try await rise { try await test.place() } == 1)
        #expect(try await rise { try await test.place() } == 0)
        #expect(try await rise { try await test.join(3...3) } == 0)
        #expect(try await rise { try await test.store.setDraining(true, Test.name(3)) } == 0)
        #expect(try await rise { try await test.join(1...1) } == 1)
        #expect(try await rise { try await test.store.leave(memberships[0]) } == 0)
        #expect(try await rise { try await test.place() } == 1)
    }

    // MARK: - Evicting and leaving

    @Test("an eviction by a living taker with the right sign ends the membership and frees its maps")
    func evict() async throws {
        let test = try await TestLeases()
        let memberships = try await test.join(1...2)
        try await test.store.addMaps([1, 2, 3, 4])
        try await test.place()
        #expect(try await test.store.renew(memberships[0], number: 3, takers: [Test.name(2)]) != nil)
        let eviction = Test.eviction(of: memberships[0], renewal: 3)
        #expect(try await test.store.evict(eviction, by: memberships[1]))
        #expect(try test.row(1) == "(2,3,t,f,{n2})")
        #expect(try await test.places() == ["1:2 free", "2:1 n2.1", "3:2 free", "4:1 n2.1"])
        #expect(try await test.store.renew(memberships[0], number: 4, takers: []) == nil)
        // Repeated, it does nothing.
        #expect(try await !test.store.evict(eviction, by: memberships[1]))
        #expect(try await test.place() == 2)
        #expect(try await test.places() == ["1:3 n2.1", "2:1 n2.1", "3:3 n2.1", "4:1 n2.1"])
        #expect(try await test.join(1...1)[0].incarnation == 3)
    }

    /// Why an eviction is refused. The node n1 is in incarnation 2 with renewal 3; n2, in incarnation 2, is its taker.
    enum Refusal: CaseIterable {
        case oldRenewal, oldIncarnation, noTaker, deadSender, formerSender, itself, dead, unknown
    }

    @Test(
        "an eviction is refused without the sign, the place among the takers, or a living sender",
        arguments: Refusal.allCases)
    func refusedEvictions(refusal: Refusal) async throws {
        let test = try await TestLeases()
        try await test.join(1...2)
        let memberships = try await test.join(1...3)
        try await test.store.addMaps([1, 2, 3])
        try await test.place()
        let takers = [Test.name(2), Test.name(1)]
        #expect(try await test.store.renew(memberships[0], number: 3, takers: Set(takers)) != nil)
        var eviction = Test.eviction(of: memberships[0], renewal: 3)
        var sender = memberships[1]
        switch refusal {
        case .oldRenewal: eviction.sign.renewal = 2
        case .oldIncarnation: eviction.sign.incarnation = 1
        case .noTaker: sender = memberships[2]
        case .deadSender: try await test.store.leave(sender)
        case .formerSender: sender.incarnation = 1
        case .itself: sender = memberships[0]
        case .dead: try await test.store.leave(memberships[0])
        case .unknown: eviction.node = Test.name(9)
        }
        let (row, places) = (try test.row(1), try await test.places())
        #expect(try await !test.store.evict(eviction, by: sender))
        #expect(try test.row(1) == row)
        #expect(try await test.places() == places)
    }

    @Test("a node that leaves frees its maps; a leave of a membership that has ended does nothing")
    func leave() async throws {
        let test = try await TestLeases()
        let former = try await test.join(1...2)[0]
        try await test.store.addMaps([1, 2])
        try await test.place()
        try await test.store.leave(former)
        #expect(try test.row(1) == "(1,0,t,f,{})")
        #expect(try await test.places() == ["1:2 free", "2:1 n2.1"])
        try await test.join(1...1)
        try await test.place()
        let (row, places) = (try test.row(1), try await test.places())
        #expect(places == ["1:3 n1.2", "2:1 n2.1"])
        try await test.store.leave(former)
        #expect(try test.row(1) == row)
        #expect(try await test.places() == places)
    }

    // MARK: - Placing

    @Test("maps go to the node that carries least, the costliest first")
    func place() async throws {
        let test = try await TestLeases()
        try await test.join(1...3)
        try await test.store.addMaps([1, 2, 3, 4, 5, 6, 7])
        try test.run("UPDATE maps SET cost = CASE map_id WHEN 4 THEN 9 WHEN 6 THEN 4 ELSE map_id END")
        // What n3 has counts: 7.
        try test.run("UPDATE maps SET node_id = 'n3', incarnation = 1, epoch = 5 WHERE map_id = 7")
        #expect(try await test.place() == 6)
        // 9 to n1, 5 to n2, 4 (map 6) to n2, 3 to n3, 2 to n1 or n2 and 1 to the other.
        let places = try await test.places()
        #expect(places.filter { $0.hasSuffix("n3.1") } == ["3:1 n3.1", "7:5 n3.1"])
        #expect(places.contains("4:1 n1.1") && places.contains("5:1 n2.1") && places.contains("6:1 n2.1"))
        let loads = try test.run("SELECT sum(cost) FROM maps GROUP BY node_id ORDER BY 1").rows.map { try $0.real(0) }
        #expect(loads == [10, 10, 11])
        #expect(try await test.place() == 0)
    }

    @Test("many maps are spread evenly over many nodes", arguments: [(1, 5), (2, 9), (7, 100), (16, 3), (31, 500)])
    func spread(nodes: Int, maps: Int) async throws {
        let test = try await TestLeases()
        try await test.join(1...nodes)
        try await test.store.addMaps(Array(1...maps))
        #expect(try await test.place() == maps)
        let counts = try test.run(
            "SELECT count(m.map_id) FROM nodes AS n LEFT JOIN maps AS m USING (node_id) GROUP BY n.node_id"
        ).rows.map { try $0.integer(0) }
        #expect(counts.count == nodes && counts.reduce(0, +) == maps)
        #expect(try #require(counts.max()) - (try #require(counts.min())) <= 1)
    }

    @Test("dead, draining and silent nodes get no maps; without another node all maps stay free")
    func placeBeside() async throws {
        let test = try await TestLeases()
        let memberships = try await test.join(1...4)
        try await test.store.addMaps([1, 2, 3])
        try await test.store.leave(memberships[0])
        try await test.store.setDraining(true, Test.name(2))
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() - interval '1.6 s' WHERE node_id = 'n3'")
        // The others are young, however long the test takes.
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() + interval '1 h' WHERE node_id <> 'n3'")
        #expect(try await test.store.place() == 3)
        #expect(try await test.places() == ["1:1 n4.1", "2:1 n4.1", "3:1 n4.1"])
        try await test.store.leave(memberships[3])
        #expect(try await test.store.place() == 0)
        #expect(try await test.places() == ["1:2 free", "2:2 free", "3:2 free"])
        try await test.store.setDraining(false, Test.name(2))
        #expect(try await test.store.place() == 3)
        #expect(try await test.places() == ["1:3 n2.1", "2:3 n2.1", "3:3 n2.1"])
        // A renewal ends the silence.
        try test.run("UPDATE nodes SET renewed_at = clock_timestamp() - interval '1 h' WHERE node_id = 'n3'")
        #expect(try await test.store.renew(memberships[2], number: 1, takers: []) != nil)
        try await test.store.addMaps([4])
        let isYoung = try test.run(
            "SELECT renewed_at > clock_timestamp() - interval '30 min' FROM nodes WHERE node_id = 'n3'")
        #expect(try isYoung.rows[0].integer(0) == 1)
        #expect(try await test.place() == 1)
        #expect(try await test.places().last == "4:1 n3.1")
    }
}
