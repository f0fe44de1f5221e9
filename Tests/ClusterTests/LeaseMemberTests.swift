import Storage
import Testing

@testable import Cluster

@Suite("What a node asks of the store, and what it makes of the answers") struct LeaseMemberTests {
    private static let failure = StorageError.failed(path: "store", reason: "no answer")
    private let me = ClusterGame.name("a")
    private let other = ClusterGame.name("b")
    private var membership: Membership { Membership(name: me, incarnation: 5) }

    /// What a member sees: itself, and perhaps another node with a sign.
    private func view(other renewal: Int? = nil, leases: Set<MapLease> = [], isAnyMapFree: Bool = false) -> ClusterView
    {
        func node(_ name: NodeName, _ sign: LeaseSign) -> ClusterMember {
            ClusterMember(
                seen: LeaseWatch.Seen(name: name, sign: sign, isDead: false, takers: [me]),
                description: ClusterGame.description(name), isDraining: false)
        }
        var nodes = [node(me, LeaseSign(incarnation: 5, renewal: 1))]
        if let renewal { nodes.append(node(other, LeaseSign(incarnation: 1, renewal: renewal))) }
        return ClusterView(
            nodes: nodes, leases: leases, isAnyMapFree: isAnyMapFree, directoryVersion: 0, storeTime: 0)
    }

    /// A node that has joined, and has renewed and read the directory at 10 s; its next renewal is due 250 ms later.
    private func joined(maps: [Int] = []) throws -> LeaseMember {
        var member = LeaseMember(node: ClusterGame.description(me), maps: maps, times: LeaseTimes())
        let now = Duration.seconds(10)
        for reply: LeaseReply in [
            .incarnation(4), .joined(membership, takers: [other]), .view(view()), .directory([]),
        ] {
            _ = try answer(&member, reply, at: now)
        }
        return member
    }

    /// Sends the next call, whatever it is, and has it answered at once.
    private func answer(_ member: inout LeaseMember, _ reply: LeaseReply, at now: Duration) throws -> [ClusterEvent] {
        let request = try next(&member, at: now)
        return member.take(reply, to: request, at: now)
    }

    private func next(_ member: inout LeaseMember, at now: Duration) throws -> LeaseRequest {
        let request = member.nextRequest(at: now)
        return try #require(request)
    }

    private func isRenewal(_ request: LeaseRequest?) -> Bool {
        if case .renew = request?.call { true } else { false }
    }

    @Test("one call at a time is under way, and a late answer to another one changes nothing")
    func oneCall() throws {
        var member = try joined()
        let first = try next(&member, at: .seconds(11))
        #expect(member.nextRequest(at: .seconds(12)) == nil)
        #expect(member.fail(first, Self.failure) == [.storeLost(Self.failure)])
        let second = try next(&member, at: .seconds(12))
        #expect(member.take(.view(view(leases: [MapLease(mapID: 1, epoch: 1)])), to: first, at: .seconds(12)).isEmpty)
        #expect(member.fail(first, Self.failure).isEmpty)
        #expect(!member.mayRun(at: .seconds(12)) && member.nextRequest(at: .seconds(12)) == nil)
        #expect(member.take(.view(view()), to: second, at: .seconds(12)) == [.storeFound])
        #expect(member.mayRun(at: .seconds(12)))
    }

    @Test("renewals are numbered from 1, also those that have failed, and anew in each membership")
    func numbers() throws {
        var member = try joined()
        for number in 2...4 {
            let request = try next(&member, at: .seconds(10 + number))
            guard case .renew(membership, number, _) = request.call else { throw Self.failure }
            _ = member.fail(request, Self.failure)
        }
        _ = try answer(&member, .refused, at: .seconds(20))
        _ = try answer(&member, .incarnation(6), at: .seconds(21))
        let again = Membership(name: me, incarnation: 7)
        #expect(try answer(&member, .joined(again, takers: []), at: .seconds(21)) == [.joined(again)])
        guard case .renew(again, 1, _) = member.nextRequest(at: .seconds(21))?.call else { throw Self.failure }
    }

    @Test("those that may evict a node are named in its first renewal too, before it has seen anybody")
    func firstTakers() throws {
        var member = LeaseMember(node: ClusterGame.description(me), times: LeaseTimes())
        _ = try answer(&member, .incarnation(4), at: .seconds(1))
        _ = try answer(&member, .joined(membership, takers: [other]), at: .seconds(1))
        let first = try next(&member, at: .seconds(1))
        guard case .renew(_, _, [other]) = first.call else { throw Self.failure }
        _ = member.take(.view(view()), to: first, at: .seconds(1))
        _ = try answer(&member, .directory([]), at: .seconds(1))
        guard case .renew(_, _, []) = try next(&member, at: .seconds(2)).call else { throw Self.failure }
    }

    @Test("a map whose epoch has risen is dropped before it is opened again")
    func epochs() throws {
        var member = try joined()
        let (old, new) = (MapLease(mapID: 1, epoch: 3), MapLease(mapID: 1, epoch: 5))
        let opened = try answer(&member, .view(view(leases: [old, MapLease(mapID: 2, epoch: 1)])), at: .seconds(11))
        #expect(opened == [.open(old), .open(MapLease(mapID: 2, epoch: 1))])
        #expect(
            try answer(&member, .view(view(leases: [new])), at: .seconds(12)) == [
                .drop(old), .drop(MapLease(mapID: 2, epoch: 1)), .open(new),
            ])
        #expect(member.leases == [new])
    }

    @Test("after a refused renewal the node has no maps, and joins with the incarnation that it reads")
    func refused() throws {
        var member = try joined()
        let lease = MapLease(mapID: 1, epoch: 3)
        _ = try answer(&member, .view(view(leases: [lease])), at: .seconds(11))
        #expect(try answer(&member, .refused, at: .seconds(15)) == [.drop(lease), .lost(membership)])
        #expect(member.runsUntil == nil && member.membership == nil)
        #expect(member.nextRequest(at: .seconds(15)) == nil, "it waits for the time of the next call")
        _ = try answer(&member, .incarnation(6), at: .milliseconds(15_250))
        guard case .join(_, seen: 6) = member.nextRequest(at: .milliseconds(15_250))?.call else { throw Self.failure }
    }

    @Test(
        "another process has the name when the last renewal was young, or when there was more than an eviction",
        arguments: [(11.0, 5, false), (11, 6, true), (13, 6, false), (13, 7, true)])
    func nameTaken(_ second: Double, _ incarnation: Int, _ isTaken: Bool) throws {
        var member = try joined()
        _ = try answer(&member, .refused, at: .seconds(second))
        _ = try answer(&member, .incarnation(incarnation), at: .seconds(second + 1))
        #expect(member.end == (isTaken ? .nameTaken : nil))
        #expect((member.nextRequest(at: .seconds(20)) == nil) == isTaken)
    }

    @Test("after an eviction, a join of the node's own that came late is no other process")
    func ownLateJoin() throws {
        var member = try joined()
        _ = try answer(&member, .refused, at: .seconds(15))
        _ = try answer(&member, .incarnation(6), at: .seconds(16))
        _ = member.fail(try next(&member, at: .seconds(16)), Self.failure)
        _ = try answer(&member, .incarnation(7), at: .seconds(17))
        guard case .join(_, seen: 7) = try next(&member, at: .seconds(17)).call else { throw Self.failure }
    }

    @Test("as long as a renewal is under way, the nodes that its list adds may evict too")
    func longerList() throws {
        var member = try joined()
        _ = try answer(&member, .view(view(other: 7)), at: .seconds(11))
        #expect(member.mayRun(at: .seconds(14)), "nobody may evict it")
        _ = try next(&member, at: .seconds(12))
        #expect(member.mayRun(at: .milliseconds(12_199)) && !member.mayRun(at: .seconds(14)))
    }

    @Test("when the store is slow, evictions and the node's own renewals take turns")
    func turns() throws {
        var member = try joined(maps: [1])
        var renewals = 0
        for halfSecond in 22..<40 {
            let now = Duration.milliseconds(halfSecond * 500)
            let request = try next(&member, at: now)
            switch request.call {
            case .renew:
                renewals += 1
                _ = member.take(.view(view(isAnyMapFree: true)), to: request, at: now + .milliseconds(450))
            case .place: _ = member.take(.placed(0), to: request, at: now + .milliseconds(450))
            default: Issue.record("\(request.call)")
            }
            #expect(member.mayRun(at: now + .milliseconds(450)) || halfSecond == 22)
        }
        #expect(renewals == 9)
    }

    @Test("a node that stood still for long watches the others anew")
    func stoodStill() throws {
        var member = try joined()
        _ = try answer(&member, .view(view(other: 7)), at: .seconds(11))
        _ = try answer(&member, .view(view(other: 7)), at: .seconds(20))
        #expect(isRenewal(member.nextRequest(at: .milliseconds(20_250))), "no eviction")
    }

    @Test("a silent node is evicted, unless a call has failed meanwhile", arguments: [false, true])
    func eviction(_ fails: Bool) throws {
        var member = try joined()
        var now = Duration.milliseconds(10_250)
        for round in 0..<13 {
            let request = try next(&member, at: now)
            _ =
                fails && round == 6
                ? member.fail(request, Self.failure) : member.take(.view(view(other: 7)), to: request, at: now)
            now += .milliseconds(250)
        }
        _ = try answer(&member, .view(view(other: 7)), at: now)
        let next = member.nextRequest(at: now)
        guard !fails, case .evict(let eviction, membership) = next?.call else { return #expect(fails && next == nil) }
        #expect(eviction.node == other && eviction.sign == LeaseSign(incarnation: 1, renewal: 7))
    }

    @Test("maps are added again until that has succeeded; then comes a renewal at once")
    func addMaps() throws {
        var member = LeaseMember(node: ClusterGame.description(me), maps: [1, 2], times: LeaseTimes())
        for reply: LeaseReply in [.incarnation(4), .joined(membership, takers: []), .view(view()), .directory([])] {
            _ = try answer(&member, reply, at: .seconds(1))
        }
        let request = try next(&member, at: .seconds(1))
        guard case .addMaps([1, 2]) = request.call else { throw Self.failure }
        _ = member.fail(request, Self.failure)
        _ = try answer(&member, .view(view()), at: .seconds(2))
        let again = try next(&member, at: .seconds(2))
        guard case .addMaps([1, 2]) = again.call else { throw Self.failure }
        member.addMaps([3])
        _ = member.take(.done, to: again, at: .seconds(2))
        _ = try answer(&member, .view(view()), at: .seconds(2))
        guard case .addMaps([3]) = member.nextRequest(at: .seconds(2))?.call else { throw Self.failure }
    }

    @Test("a node that was given maps renews at once, and sees them")
    func placed() throws {
        var member = try joined()
        _ = try answer(&member, .view(view(isAnyMapFree: true)), at: .seconds(11))
        _ = try answer(&member, .placed(1), at: .seconds(11))
        #expect(isRenewal(member.nextRequest(at: .seconds(11))))
        member = try joined()
        _ = try answer(&member, .view(view(isAnyMapFree: true)), at: .seconds(11))
        _ = try answer(&member, .placed(0), at: .seconds(11))
        #expect(member.nextRequest(at: .seconds(11)) == nil)
    }

    @Test("a node that leaves while a renewal is under way does not get its maps back by the answer")
    func leaveWhileRenewing() throws {
        var member = try joined()
        let lease = MapLease(mapID: 1, epoch: 3)
        _ = try answer(&member, .view(view(leases: [lease])), at: .seconds(11))
        let renewal = try next(&member, at: .seconds(12))
        #expect(member.leave() == [.drop(lease)])
        #expect(member.take(.view(view(leases: [lease])), to: renewal, at: .seconds(12)).isEmpty)
        #expect(member.leases.isEmpty && member.runsUntil == nil)
        guard case .leave(membership) = try next(&member, at: .seconds(12)).call else { throw Self.failure }
    }

    @Test("a node that leaves does not care who has its name")
    func leaveWhileReading() throws {
        var member = try joined()
        _ = try answer(&member, .refused, at: .seconds(11))
        let read = try next(&member, at: .seconds(12))
        _ = member.leave()
        _ = member.take(.incarnation(6), to: read, at: .seconds(12))
        #expect(member.nextRequest(at: .seconds(12)) == nil && member.end == .left)
    }

    @Test("others are asked 0.6 s after the last renewal was sent, and then every 0.1 s")
    func questions() throws {
        var member = try joined()
        _ = try answer(&member, .view(view(other: 7)), at: .seconds(11))
        _ = try answer(&member, .view(view(other: 8)), at: .seconds(12))
        #expect(member.internalAddress(of: other) == "b:9090")
        #expect(member.asksAt(after: .seconds(12)) == .milliseconds(12_600))
        let question = LeaseQuestion(asker: membership, node: other)
        for (milliseconds, isAsked) in [(12_599, false), (12_600, true), (12_650, false), (12_700, true)] {
            #expect(member.questions(at: .milliseconds(milliseconds)) == (isAsked ? [question] : []))
        }
        #expect(member.asksAt(after: .milliseconds(12_700)) == .milliseconds(12_800))
    }

    @Test("a node that leaves while its join is under way ends that membership too")
    func leaveWhileJoining() throws {
        var member = LeaseMember(node: ClusterGame.description(me), times: LeaseTimes())
        _ = try answer(&member, .incarnation(4), at: .zero)
        let join = try next(&member, at: .zero)
        #expect(member.leave().isEmpty && member.nextRequest(at: .zero) == nil)
        #expect(member.take(.joined(membership, takers: []), to: join, at: .zero).isEmpty && member.runsUntil == nil)
        let leave = try next(&member, at: .zero)
        guard case .leave(membership) = leave.call else { throw Self.failure }
        #expect(member.end == nil)
        _ = member.take(.done, to: leave, at: .zero)
        #expect(member.end == .left && member.nextRequest(at: .seconds(9)) == nil)
    }

    @Test("answers to questions of an earlier membership, and questions to another node, are not taken")
    func strangers() throws {
        var member = try joined()
        let now = Duration.milliseconds(10_700)
        for (incarnation, isTaken) in [(4, false), (5, true)] {
            let question = LeaseQuestion(asker: Membership(name: me, incarnation: incarnation), node: other)
            member.hear(.reachable, to: question, askedAt: now, at: now)
            #expect(member.mayRun(at: now) != isTaken)
        }
        let asked = LeaseQuestion(asker: Membership(name: other, incarnation: 1), node: other)
        #expect(member.answer(asked, at: .seconds(10)) == .doubtful)
        #expect(member.answer(LeaseQuestion(asker: asked.asker, node: me), at: .seconds(10)) == .reachable)
    }
}

extension LeaseMember {
    /// Whether the maps of the node run at a time, by the deadline that the maps' threads read.
    fileprivate func mayRun(at now: Duration) -> Bool { runsUntil.map { now < $0 } ?? false }
}
