import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Reloads do not disturb timing [3-game-folder, hot reload]") struct ReloadTimingTests {
    @Test("timers keep their phase, whatever else a reload changes")
    func phase() throws {
        let map = try HotReloadTests.map([
            "events/beat/index.lua": QueueTests.clock + " object.events.add('beat')",
            "events/beat/timeout.lua": "return 0.5",
        ])
        try QueueTests.add(map, "beat")
        let changes: [[String: String?]] = [
            ["events/a/index.lua": "print('a')"], ["components/a.lua": "--@type number\n"], ["events/a/index.lua": nil],
            ["events/say/timeout.lua": "--@order -9\nreturn 2"], ["components/a.lua": nil],
            ["events/beat/timeout.lua": "--@order 7\nreturn 0.5"], ["game.yaml": "tick_rate: 16\nsend_rate: 8\n"],
        ]
        for round in 0..<42 { try map.change(changes[round % changes.count]) }
        #expect(map.prints == ["0.00", "0.50", "1.00", "1.50", "2.00", "2.50"])
        #expect(map.errors == [])
    }

    @Test("a pending event keeps its data and the moment at which it is due")
    func due() throws {
        let map = try HotReloadTests.map()
        let player = try #require(map.entity("players_1"))
        let world = map.simulation.world
        try QueueTests.add(map, "say", "more")
        map.tick()
        try world.addEvent(group: "say", data: ["text": .string("later")], to: player, now: map.now)
        let before = try #require(world.record(of: player)?.events["say"])
        try map.change([
            "events/aaa/index.lua": "print(1)", "events/say/before.lua": "print(2)", "lib/a.lua": "function f() end",
            "events/say/timeout.lua": "--@order 2\nreturn 9",
        ])
        #expect(world.record(of: player)?.events["say"] == before)
        map.advance(1)
        #expect(map.prints == ["more", "v1\tlater"])
    }
}
