import Testing

@testable import Cluster

@Suite("How a node leaves, drains, and shares the store with its own past", .timeLimit(.minutes(5)))
struct ClusterLifeTests {
    private let a = ClusterGame.name("a")
    private let b = ClusterGame.name("b")

    private func game() async throws -> (game: ClusterGame, a: ClusterGame.Process, b: ClusterGame.Process) {
        let (game, processes) = try await ClusterGame.start([a, b], maps: 4)
        return (game, processes[0], processes[1])
    }

    @Test("times with which a map could run twice are refused")
    func unsafeTimes() {
        var times = LeaseTimes()
        times.run = times.watch
        let clock = NodeClock(time: SharedTime(), node: 0)
        let store = NodeLine(a, store: SharedStore([a], time: clock.time), clock: clock)
        #expect(throws: ClusterNodeError.unsafeTimes(times)) {
            try ClusterNode(
                ClusterGame.description(a), maps: [], store: store, peers: NodePeers(clock: clock) { _ in nil },
                times: times, clock: clock)
        }
    }

    @Test("a node that drains keeps its maps and gets no more; when it leaves, they open elsewhere at once")
    func drain() async throws {
        let (game, a, b) = try await game()
        b.node.drain()
        await game.advance(by: .milliseconds(600))
        #expect(b.node.isDraining && !a.node.isDraining && b.node.leases.count == 2 && game.allRun)
        a.node.addMaps([4, 5])
        await game.advance(by: .seconds(1))
        #expect(a.node.leases.count == 4 && b.node.leases.count == 2)
        let left = b.node.leases
        b.node.leave()
        #expect(!left.contains { b.node.mayRun($0) })
        await game.advance(by: .seconds(1))
        #expect(game.hasEnded(b) && a.node.leases.count == 6 && game.allRun)
        #expect(await b.run.value == nil)
        await game.stop()
    }

    @Test("a node that can't tell the store that it leaves ends all the same, and is evicted")
    func leaveWithoutStore() async throws {
        let (game, a, b) = try await game()
        b.store.fault = .refusal
        b.node.leave()
        await game.advance(by: .seconds(1))
        #expect(game.hasEnded(b) && a.node.leases.count == 2)
        await game.advance(by: .seconds(3))
        #expect(a.node.leases.count == 4)
        await game.stop()
    }

    @Test("a node that is started again has its maps back within half a second")
    func restart() async throws {
        let (game, a, b) = try await game()
        await game.kill(b)
        let again = try game.start(self.b)
        await game.advance(by: .milliseconds(500))
        #expect(again.node.leases.count == 2 && a.node.leases.count == 2 && game.allRun)
        await game.stop()
    }

    @Test("when a second process has the same name, the older one ends")
    func sameName() async throws {
        let (game, _, older) = try await game()
        let newer = try game.start(b)
        // Both run its maps for a moment: the rule holds for one process of a name.
        for _ in 0..<40 where !game.hasEnded(older) {
            game.time.advance(by: ClusterGame.step)
            await game.settle()
        }
        try #require(game.hasEnded(older))
        #expect(await older.run.value == .nameTaken(b))
        await game.advance(by: .seconds(1))
        #expect(newer.node.leases.count == 2 && game.allRun && !game.hasEnded(newer))
        await game.stop()
    }

    @Test("a frozen process that was evicted, and whose name was taken meanwhile, ends when it wakes")
    func sameNameLater() async throws {
        let (game, _, older) = try await game()
        game.time.freeze(older.number)
        await game.advance(by: .seconds(5))
        let newer = try game.start(b)
        await game.advance(by: .seconds(2))
        game.time.unfreeze(older.number)
        await game.advance(by: .seconds(1))
        #expect(game.hasEnded(older) && !game.hasEnded(newer))
        #expect(newer.node.membership == Membership(name: b, incarnation: 3))
        await game.stop()
    }

    @Test("renewals that come to the store after later ones do no harm")
    func lateRenewals() async throws {
        let (game, a, b) = try await game()
        let leases = b.node.leases
        for _ in 0..<5 {
            b.store.fault = .late(.milliseconds(1_700))
            await game.advance(by: .milliseconds(300))
            b.store.fault = nil
            await game.advance(by: .seconds(2))
        }
        #expect(b.node.membership?.incarnation == 1 && b.node.leases == leases && game.allRun)
        #expect(a.node.membership?.incarnation == 1)
        await game.stop()
    }

    @Test("a node does not take its own late join for another process")
    func lateJoin() async throws {
        let game = ClusterGame([a], maps: 2)
        let process = try game.start(a, maps: [0, 1])
        process.store.fault = .late(.milliseconds(1_100))
        await game.advance(by: .milliseconds(1_100))
        process.store.fault = nil
        await game.settle()
        process.store.fault = .late(.milliseconds(1_100))
        await game.advance(by: .seconds(3))
        process.store.fault = nil
        await game.advance(by: .seconds(2))
        #expect(!game.hasEnded(process) && game.allRun)
        #expect(process.node.membership?.incarnation == game.store.incarnation(of: a))
        await game.stop()
    }

    @Test("a node calls a store that fails at once, and asks others, a few times a second only")
    func neverSpins() async throws {
        let (game, _, b) = try await game()
        b.store.fault = .refusal
        let (calls, sleeps) = (b.store.calls, game.time.sleeps(of: b.number))
        await game.advance(by: .seconds(10))
        // One call every 0.25 s; the loops sleep once for each call and each round of questions.
        #expect((38...44).contains(b.store.calls - calls), "\(b.store.calls - calls)")
        #expect(game.time.sleeps(of: b.number) - sleeps < 160)
        await game.stop()
    }
}
