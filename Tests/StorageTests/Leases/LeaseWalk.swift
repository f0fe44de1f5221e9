import Storage
import Testing
import World

@testable import Cluster
@testable import PostgresStorage

/// A process of a node that does one thing after another at random, over connections of its own.
struct LeaseWalk: ~Copyable {
    struct Counts: Sendable {
        var joins = 0
        var refusedJoins = 0
        var renewals = 0
        var refusedRenewals = 0
        var evictions = 0
        var refusedEvictions = 0
        var placed = 0

        mutating func add(_ other: Counts) {
            joins += other.joins
            refusedJoins += other.refusedJoins
            renewals += other.renewals
            refusedRenewals += other.refusedRenewals
            evictions += other.evictions
            refusedEvictions += other.refusedEvictions
            placed += other.placed
        }
    }

    let store: PostgresLeases
    private(set) var counts = Counts()
    private let test: TestLeases
    private let node: Int
    private let maps: Int
    private var random: SeededGenerator
    private var membership: Membership?
    private var number = 0
    private var view: ClusterView?
    /// An eviction that may be sent again much later.
    private var former: LeaseWatch.Eviction?
    private var epochs: [Int: Int] = [:]

    init(_ test: TestLeases, node: Int, maps: Int, seed: UInt64) {
        self.test = test
        self.node = node
        self.maps = maps
        random = SeededGenerator(seed: seed)
        store = PostgresLeases(test.address, limit: .seconds(60), lockLimit: .seconds(60))
    }

    /// Does something, and looks at the maps from time to time. Any error, such as that of a deadlock, is thrown.
    mutating func step() async throws {
        guard let membership else { return try await join() }
        switch random.next() % 100 {
        case 0..<50: try await renew(membership)
        case 50..<70: try await evict(as: membership)
        case 70..<82: counts.placed += try await store.place()
        case 82..<86: self.membership = nil
        case 86..<89:
            try await store.leave(membership)
            #expect(try await store.renew(membership, number: number + 1, takers: []) == nil)
            self.membership = nil
        case 89..<93: try await store.setDraining(random.next() % 3 == 0, TestLeases.name(Int(random.next() % 6)))
        case 93..<95: try await store.addMaps((0..<5).map { _ in 1 + Int(random.next() % UInt64(maps)) })
        default: try await look()
        }
    }

    private mutating func join() async throws {
        let seen = try await store.incarnation(of: TestLeases.name(node))
        guard let joined = try await store.join(TestLeases.description(node), seen: seen) else {
            counts.refusedJoins += 1
            return
        }
        #expect(joined.membership.incarnation == seen + 1)
        membership = joined.membership
        number = 0
        counts.joins += 1
    }

    private mutating func renew(_ membership: Membership) async throws {
        // Now and then an old one comes late.
        let isLate = number > 0 && random.next() % 8 == 0
        let others = (view?.nodes ?? []).filter { !$0.seen.isDead && $0.seen.name != membership.name }
        if !isLate { number += 1 }
        guard
            let view = try await store.renew(
                membership, number: number, takers: Set(others.map { $0.seen.name }))
        else {
            counts.refusedRenewals += 1
            if !isLate { self.membership = nil }
            return
        }
        #expect(!isLate)
        counts.renewals += 1
        if let before = self.view { #expect(view.directoryVersion >= before.directoryVersion) }
        self.view = view
    }

    private mutating func evict(as membership: Membership) async throws {
        let others = (view?.nodes ?? []).filter { $0.seen.takers.contains(membership.name) && !$0.seen.isDead }
        var eviction = others.randomElement(using: &random).map {
            LeaseWatch.Eviction(node: $0.seen.name, sign: $0.seen.sign)
        }
        if random.next() % 4 == 0, let former { eviction = former }
        guard let eviction else { return }
        former = eviction
        if try await store.evict(eviction, by: membership) {
            counts.evictions += 1
        } else {
            counts.refusedEvictions += 1
        }
    }

    /// No map's epoch falls, and none belongs to a membership that has ended.
    private mutating func look() async throws {
        for place in try await store.directory() {
            #expect(place.lease.epoch >= epochs[place.lease.mapID] ?? 0)
            epochs[place.lease.mapID] = place.lease.epoch
        }
        #expect(try test.run(TestLeases.orphans).rows[0].integer(0) == 0)
    }
}
