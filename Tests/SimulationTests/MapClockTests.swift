import GameFolder
import NIOCore
import NIOEmbedded
import SimulationTestKit
import Synchronization
import Testing
import World

@testable import Simulation

@Suite("A map ticks by absolute deadlines", .timeLimit(.minutes(15))) struct MapClockTests {
    @Test("30.00 and 60.00 Hz over a minute, although each timer is late", arguments: [30, 60])
    func rate(_ rate: Int) async throws {
        // A map without players ticks at its rate while an event is always due.
        let folder = try TestMap([
            "game.yaml": "tick_rate: \(rate)\n", "maps/1-field.tmj": TestMaps.empty,
            "spawn/enemys.lua": "object.events.add('think')", "events/think/index.lua": "object.events.add('think')",
            "events/think/timeout.lua": "return 0",
        ])
        let loop = NIOAsyncTestingEventLoop()
        let clock = SimulationClock(
            now: { 1_700_000_000 + Double(loop.now.uptimeNanoseconds) / 1e9 },
            monotonic: { loop.now.uptimeNanoseconds })
        let map = try MapActor(
            game: folder.simulation.game, mapID: 1, seed: 7,
            surroundings: .init(ids: TestIDs(), persistence: folder.store, clock: clock), eventLoop: loop)
        let start = loop.now
        async let started: Void = map.start(with: [EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, x: 1, y: 1)])
        while !map.isReady {
            await loop.run()
            await Task.yield()
        }
        await started
        // The loop's clock advances in steps of 3 ms, so that each tick begins up to 3 ms late.
        while loop.now < start + .seconds(60) { await loop.advanceTime(by: .milliseconds(3)) }
        let status = map.recentStatus
        let seconds = status.time - (1_700_000_000 + Double(start.uptimeNanoseconds) / 1e9)
        #expect(seconds > 59.6, "it publishes four times a second")
        #expect(abs(Double(status.tick) - seconds * Double(rate)) <= 1, "\(status.tick) in \(seconds) s")
        #expect(status.ticksMissed == 0)
        await loop.shutdownGracefully()
    }
}
