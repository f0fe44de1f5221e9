import Simulation
import SimulationTestKit
import Testing
import World

@testable import Recording

@Suite("Ticks that tick_limit_ms ended are replayed as they ended") struct TickLimitReplayTests {
    /// The CPU time of a script that calls `os.clock()`, in nanoseconds; two of them use up a tick's share of joins.
    private static let cost: UInt64 = 45_000_000

    @Test("a recording has the places where ticks were cut, and the replay cuts them there")
    func events() throws {
        let files = [
            "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
            "events/think/index.lua": "os.clock() print('think', object.key) object.events.add('think')",
            "events/think/timeout.lua": "return 0.1",
            "events/plan/index.lua": "os.clock() print('plan', object.key) object.events.add('plan')",
            "events/plan/timeout.lua": "return 0.1",
            "events/step/index.lua": "--@public true\nobject.x = object.x + 1",
            "events/step/timeout.lua": "return 0.1", "spawn/enemys.lua": "object.events.add('think')",
        ]
        let records = (1...20).map { EntityRecord(key: EntityKey(.enemys, $0), mapID: 1, x: 1, y: 1) }
        let recorded = try RecordedMap(files, records: records, clockStepNs: Self.cost)
        recorded.map.join(1)
        for step in 0..<30 {
            if step % 3 == 0 { try recorded.map.command(1, "step") }
            recorded.map.tick(seconds: 0.1)
        }
        #expect(recorded.map.errors.contains { $0.contains("tick_limit_ms") })
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 1, "\(String(describing: report.difference))")
    }

    @Test("a recording has the players who had to wait, and the replay lets them wait too")
    func joins() throws {
        let files = [
            "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
            "spawn/players.lua": "os.clock() print(object.key)",
        ]
        let recorded = try RecordedMap(files, clockStepNs: Self.cost)
        let joins: [MapInput] = (1...9).map { id in
            .join(
                EntityRecord(key: EntityKey(.players, id), login: "p\(id)", mapID: 1, x: 1, y: 1),
                TestPlayer(id: UInt64(id), playerID: id))
        }
        recorded.map.tick(joins, seconds: 0.1)
        #expect(recorded.map.simulation.playerCount == 2)
        for _ in 0..<20 { recorded.map.tick(seconds: 0.1) }
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 1, "\(String(describing: report.difference))")
    }

    @Test("a recording has the joins that waited for their snapshots")
    func snapshots() throws {
        let recorded = try RecordedMap(["game.yaml": "tick_rate: 10\nsend_rate: 10\n", "spawn/players.lua": "print(1)"])
        let joins: [MapInput] = (1...150).map { id in
            .join(
                EntityRecord(key: EntityKey(.players, id), login: "p\(id)", mapID: 1, x: 1, y: 1),
                TestPlayer(id: UInt64(id), playerID: id))
        }
        recorded.map.tick(joins)
        #expect(recorded.map.simulation.playerCount == 64)
        recorded.map.tick((1...64).map { .reload(UInt64($0)) })
        for _ in 0..<5 { recorded.map.tick() }
        #expect(recorded.map.simulation.playerCount == 150)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 0, "\(String(describing: report.difference))")
    }
}
