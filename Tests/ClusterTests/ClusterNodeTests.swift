import Storage
import Testing

@testable import Cluster

@Suite("Nodes that share a game", .timeLimit(.minutes(5))) struct ClusterNodeTests {
    private let a = ClusterGame.name("a")
    private let b = ClusterGame.name("b")
    private let c = ClusterGame.name("c")

    private func game(
        _ names: [NodeName], maps: Int = 6
    ) async throws -> (game: ClusterGame, processes: [ClusterGame.Process]) {
        try await ClusterGame.start(names, maps: maps)
    }

    private func events(of process: ClusterGame.Process) async -> [ClusterEvent] {
        var events: [ClusterEvent] = []
        for await event in process.node.events { events.append(event) }
        return events
    }

    @Test("nodes join, share the maps, and each one knows where all maps are", arguments: [1, 2, 3])
    func join(_ count: Int) async throws {
        let names = Array([a, b, c].prefix(count))
        let (game, processes) = try await game(names)
        var leases: Set<MapLease> = []
        for process in processes {
            leases.formUnion(process.node.leases)
            for map in 0..<6 {
                let owner = try #require(game.nodes(running: map).first)
                #expect(process.node.directory.node(of: map) == ClusterGame.description(owner))
            }
            #expect(process.node.directory.node(of: 6) == nil)
        }
        #expect(leases.count == 6)
        await game.stop()
        for process in processes {
            let events = await events(of: process)
            #expect(events.first == .joined(Membership(name: process.node.description.name, incarnation: 1)))
            #expect(events.count { if case .open = $0 { true } else { false } } > 0)
            #expect(!leases.contains { process.node.mayRun($0) }, "a node that has ended runs nothing")
        }
    }

    @Test("maps that are added later are given to nodes")
    func addMaps() async throws {
        let (game, processes) = try await game([a], maps: 2)
        processes[0].node.addMaps([2, 3])
        await game.advance(by: .seconds(1))
        #expect(processes[0].node.leases.map(\.mapID).sorted() == [0, 1, 2, 3])
        await game.stop()
    }

    @Test("a node that is killed is evicted after 3 s, and its maps open elsewhere")
    func silence() async throws {
        let (game, processes) = try await game([a, b, c])
        await game.kill(processes[2])
        await game.advance(by: .milliseconds(2_900)) { #expect(!game.allRun) }
        await game.advance(by: .milliseconds(900))
        #expect(game.allRun)
        #expect(processes[0].node.directory.node(of: 5) == ClusterGame.description(game.nodes(running: 5)[0]))
        await game.stop()
    }

    @Test("a node that was frozen does not run its maps when it wakes; it drops them and joins anew")
    func frozen() async throws {
        let (game, processes) = try await game([a, b, c])
        let old = processes[2].node.leases
        try #require(!old.isEmpty)
        game.time.freeze(processes[2].number)
        await game.advance(by: .seconds(8))
        #expect(processes[0].node.leases.count + processes[1].node.leases.count == 6)
        // Asked before the node has noticed anything.
        game.time.unfreeze(processes[2].number)
        #expect(!old.contains { processes[2].node.mayRun($0) })
        await game.advance(by: .seconds(1))
        #expect(processes[2].node.membership == Membership(name: c, incarnation: 3))
        #expect(processes[2].node.leases.isEmpty, "maps stay where they are")
        #expect(!old.contains { processes[2].node.mayRun($0) }, "an old lease does not count in the new membership")
        await game.stop()
        let events = await events(of: processes[2])
        let drops = old.sorted { $0.mapID < $1.mapID }.map { ClusterEvent.drop($0) }
        #expect(
            events.suffix(drops.count + 2) == drops + [
                .lost(Membership(name: c, incarnation: 1)), .joined(Membership(name: c, incarnation: 3)),
            ])
    }

    @Test("when no node reaches the store, all play on; nothing changes hands when it is back", arguments: [2, 3])
    func outage(_ count: Int) async throws {
        let (game, processes) = try await game(Array([a, b, c].prefix(count)))
        let leases = processes.map(\.node.leases)
        for process in processes { process.store.fault = .silence }
        await game.advance(by: .seconds(12)) { #expect(game.allRun, "at \(game.time.now)") }
        for process in processes { process.store.fault = nil }
        await game.advance(by: .seconds(5)) { #expect(game.allRun, "at \(game.time.now)") }
        #expect(processes.map(\.node.leases) == leases)
        #expect(processes.allSatisfy { $0.node.membership?.incarnation == 1 })
        await game.stop()
        let events = await events(of: processes[0]).filter {
            switch $0 {
            case .joined, .lost, .storeLost, .storeFound: true
            case .open, .drop: false
            }
        }
        #expect(events.suffix(2) == [.storeLost(.failed(path: "store", reason: "no answer")), .storeFound])
    }

    @Test("when a node ends while no node reaches the store, the others pause")
    func outageAndDeath() async throws {
        let (game, processes) = try await game([a, b, c])
        for process in processes { process.store.fault = .refusal }
        await game.advance(by: .seconds(3))
        #expect(game.allRun)
        await game.kill(processes[2])
        await game.advance(by: .milliseconds(1_100))
        #expect((0..<6).allSatisfy { game.nodes(running: $0).isEmpty })
        for process in processes { process.store.fault = nil }
        await game.advance(by: .seconds(5))
        #expect(game.allRun)
        await game.stop()
    }

    @Test("a node that alone does not reach the store pauses when it hears that, and goes on after a renewal")
    func cutOff() async throws {
        let (game, processes) = try await game([a, b, c])
        let lease = try #require(processes[2].node.leases.first)
        processes[2].store.fault = .refusal
        // It has renewed within the last 250 ms.
        await game.advance(by: .milliseconds(325))
        #expect(processes[2].node.mayRun(lease), "it asks nobody yet")
        await game.advance(by: .milliseconds(300))
        #expect(!processes[2].node.mayRun(lease))
        processes[2].store.fault = nil
        await game.advance(by: .milliseconds(300))
        #expect(processes[2].node.mayRun(lease))
        processes[2].store.fault = .silence
        await game.advance(by: .seconds(5))
        #expect(game.allRun && !processes[2].node.mayRun(lease), "others have its maps")
        processes[2].store.fault = nil
        await game.advance(by: .seconds(2))
        #expect(processes[2].node.membership?.incarnation == 3)
        await game.stop()
    }

    @Test("a node that reaches neither the store nor the others pauses 1.2 s after its last renewal")
    func alone() async throws {
        let (game, processes) = try await game([a, b])
        let lease = try #require(processes[0].node.leases.first)
        processes[0].store.fault = .silence
        processes[0].peers.isCut = true
        await game.advance(by: .milliseconds(900))
        #expect(processes[0].node.mayRun(lease))
        await game.advance(by: .milliseconds(300)) {
            #expect(processes[0].peers.unanswered <= 1, "a node is not asked again before it has answered")
        }
        #expect(!processes[0].node.mayRun(lease))
        await game.advance(by: .seconds(4))
        #expect(game.allRun)
        await game.stop()
    }
}
