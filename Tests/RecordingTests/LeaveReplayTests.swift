import Simulation
import SimulationTestKit
import Testing
import World

@testable import Recording

@Suite("Replay of leave hooks") struct LeaveReplayTests {
    @Test("leave hooks of all reasons run again in a replay, also those of the tick that ends the map")
    func reasons() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 4\n", "maps/1-one.tmj": RecordingTests.map,
            "maps/2-two.tmj": RecordingTests.map,
            "leave/players.lua": """
            print(object.key, reason)
            object.send({ why = reason })
            objects.add("objects", { prefab = reason, x = object.x, y = object.y })
            """,
            "leave/objects.lua": "print(object.key, reason)",
            "events/go/index.lua": "--@public true\nobject.map_id = 2",
            "events/out/index.lua": "--@public true\nobjects.remove('objects_101') object.remove()",
        ])
        let map = recorded.map
        let first = map.join(1)
        map.join(2)
        map.join(3)
        map.join(4)
        map.tick([.leave(first.id)])
        try map.command(2, "go")
        try map.command(3, "out")
        map.tick([.leaveAtStop(map.players[4]?.id ?? 0)])
        map.tick([.close])
        let reasons = ["disconnected", "moved", "removed", "closed"]
        for reason in reasons { #expect(map.log.contains { $0.hasSuffix("\t\(reason)") }, "\(reason): \(map.log)") }
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
        #expect(report.ticks > 6)
    }

    @Test("where a tick had no more time for leave hooks is recorded, and a replay waits there too")
    func budget() throws {
        let recorded = try RecordedMap(
            [
                "game.yaml": "tick_rate: 16\nsend_rate: 16\ntick_limit_ms: 10\n", "maps/1-one.tmj": RecordingTests.map,
                "leave/players.lua": "os.clock() os.clock() print(object.key)",
            ], clockStepNs: 1_000_000)
        let map = recorded.map
        let players = (1...9).map { map.join($0) }
        map.tick(players.map { .leave($0.id) })
        #expect(map.simulation.world.count == 6)
        map.tick()
        map.tick()
        #expect(map.simulation.world.count == 0)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }
}
