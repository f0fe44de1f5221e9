import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("tick_limit_ms: all joins and arrivals are handled in turn, however long spawn hooks take")
struct EntryLimitTests {
    static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
        "spawn/players.lua": "os.clock() print(object.key)", "spawn/enemys.lua": "os.clock() print(object.key)",
        "events/step/index.lua": "--@public true\nobject.x = object.x + 1",
        "events/step/timeout.lua": "return 0.1", "events/hit/index.lua": "print('hit', object.key)",
    ]

    private static func joins(_ ids: ClosedRange<Int>) -> [MapInput] {
        ids.map { id in
            .join(
                EntityRecord(key: EntityKey(.players, id), login: "p\(id)", mapID: 1, x: 1, y: 1),
                TestPlayer(id: UInt64(id), playerID: id))
        }
    }

    @Test("joins and arrivals that find no time in a tick come first in the next, in order; commands are not delayed")
    func turns() throws {
        let map = try TestMap(Self.files, clockStepNs: TickLimitTests.cost)
        map.join(1)
        let enemy = EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, x: 1, y: 1)
        let hit = RemoteEvent(key: enemy.key, group: "hit", event: "index", data: [:], mapID: 2)
        map.tick(Self.joins(2...9) + [.arrive(enemy, from: nil), .event(hit), .leave(9)], seconds: 0.1)
        #expect(map.simulation.playerCount == 3, "two a tick")
        #expect(map.simulation.nextWake == map.now)
        for tick in 1...3 {
            try map.command(1, "step")
            #expect(map.players[1]?.world["players_1"]?["x"] == .number(Double(5 + tick)))
        }
        // Two joins a tick, in order: the ninth player joined and left in the fourth tick.
        #expect(map.simulation.playerCount == 8)
        map.tick(seconds: 0.1)
        #expect(map.simulation.entries.waiting.isEmpty)
        map.tick(seconds: 0.1)
        #expect(map.prints == (1...9).map { "players_\($0)" } + ["enemys_1", "hit\tenemys_1"])
        #expect(map.entity("players_9") == nil)
    }

    @Test("a map's last tick handles all waiting joins and arrivals")
    func last() throws {
        let map = try TestMap(Self.files, clockStepNs: TickLimitTests.cost)
        _ = map.simulation.tick(now: map.now + 1, inputs: Self.joins(1...4))
        #expect(map.simulation.entries.waiting.count == 2)
        _ = map.simulation.tick(now: map.now + 2, inputs: Self.joins(5...9) + [.close])
        #expect(map.simulation.playerCount == 9)
    }

    @Test("thousands of events for entities that do not exist make only a few lines in the log")
    func strayEvents() throws {
        let map = try TestMap(["events/hit/index.lua": ""])
        let stray = RemoteEvent(key: EntityKey(.enemys, 1), group: "hit", event: "index", data: [:], mapID: 2)
        let before = map.log.count
        map.tick(Array(repeating: .event(stray), count: 4096))
        let lines = map.log.dropFirst(before)
        #expect(lines.count == 11)
        #expect(lines.last == "… and 4086 more lines about events and entities that come from other maps or go there")
    }
}
