import JSONValues
import NIOCore
import NIOPosix
import SimulationTestKit
import Testing
import World

@testable import Simulation

extension TestMap {
    /// A map of the same game on an event loop; it ticks once it has started.
    func makeActor(monotonic: @escaping @Sendable () -> UInt64 = { 0 }) throws -> MapActor {
        try MapActor(
            game: simulation.game, mapID: simulation.world.geometry.id, seed: 7,
            surroundings: .init(
                ids: TestIDs(), persistence: store, router: store,
                clock: SimulationClock(now: { 1_700_000_000 }, monotonic: monotonic)),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next())
    }
}

@Suite("Looks at many entities of a map that runs", .timeLimit(.minutes(5))) struct MapLookTests {
    static let files = ["maps/1-field.tmj": TestMaps.empty]

    /// A map with animals, on which a look ends after two of them.
    private func run(_ count: Int, _ body: (MapActor) async throws -> Void) async throws {
        let time = TestTime()
        let map = try TestMap(Self.files).makeActor {
            time.advance(MapActor.lookNanoseconds)
            return time.nanoseconds
        }
        await map.start(
            with: (1...count).map { number in
                EntityRecord(
                    key: EntityKey(.animals, number), mapID: 1, prefab: number % 3 == 0 ? "cow" : "sheep", x: 1, y: 1)
            })
        try await body(map)
        await map.stop()
    }

    @Test("a copy and a search that take several looks have all entities once")
    func copyAndFind() async throws {
        try await run(21) { map in
            let keys = (1...21).map { EntityKey(.animals, $0) }
            #expect(await map.find(EntitySearch()) == keys)
            #expect(await map.find(EntitySearch(text: "cow")) == keys.filter { $0.id % 3 == 0 })
            let copy = try #require(await map.copy(limit: 21))
            #expect(copy.records.map(\.key).sorted { $0.id < $1.id } == keys)
            #expect(await map.copy(limit: 20) == nil)
        }
    }

    @Test("a look whose asker has given up ends")
    func givenUp() async throws {
        try await run(21) { map in
            let search = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await map.find(EntitySearch())
            }
            #expect(await search.value.isEmpty)
        }
        let (ends, end) = AsyncStream.makeStream(of: Bool.self)
        let value = await answer(within: .zero) {
            // The question itself has no end but its cancellation.
            let (silence, rest) = AsyncStream.makeStream(of: Void.self)
            for await _ in silence {}
            rest.finish()
            end.yield(Task.isCancelled)
            return 1
        }
        #expect(value == nil)
        #expect(await ends.first { _ in true } == true)
    }

    @Test("a map that goes to sleep shows what its last tick did")
    func published() async throws {
        let map = try TestMap(Self.files).makeActor()
        await map.start(with: [])
        let added = await map.edit(
            .add(.animals, ["x": .number(1), "y": .number(1)]), within: .seconds(60), runtime: .seconds(60))
        guard case .done = added else {
            Issue.record("\(added)")
            return
        }
        // An answer of the map: its tick has ended.
        #expect(await map.status().entities == 1)
        #expect(map.recentStatus.entities == 1)
        await map.stop()
    }

    @Test("types are counted in several looks; a choice is counted beyond the types that are listed")
    func types() async throws {
        try await run(21) { map in
            let census = await map.census(.init(countsTypes: true, choice: .init(prefab: "sheep")))
            #expect(
                census.types == [
                    .init(kind: .animals, prefab: "cow", count: 7), .init(kind: .animals, prefab: "sheep", count: 14),
                ])
            #expect(census.chosen == 14)
            #expect(await map.census(.init()).types.isEmpty)
        }
        var counts = TypeCounts()
        let records = (1...MapCensus.maxTypes + 1).map {
            EntityRecord(key: EntityKey(.objects, $0), mapID: 1, prefab: "type\($0)", x: 1, y: 1)
        }
        let large = try TestMap(Self.files, records: records).simulation
        var next: Int? = 0
        while let start = next { next = large.count(&counts, from: start) }
        #expect(counts.types.count == MapCensus.maxTypes)
        #expect(records.allSatisfy { counts.count(of: .init(kind: .objects, prefab: $0.prefab)) == 1 })
    }

    @Test("a census of all players is made once a second; a question for one player always")
    func recentCensus() throws {
        let map = try TestMap(Self.files)
        map.join(1)
        var recent = RecentCensus()
        func count(_ player: String?, at time: UInt64) -> Int {
            recent.players(.init(player: player), of: map.simulation, now: map.now, at: time).matching
        }
        #expect(count(nil, at: 5_000_000_000) == 1)
        map.join(2)
        #expect(count(nil, at: 5_900_000_000) == 1)
        #expect(count("player", at: 5_900_000_000) == 2)
        #expect(count(nil, at: 6_000_000_000) == 2)
    }
}
