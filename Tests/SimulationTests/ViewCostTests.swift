import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// A tick costs what changed times who sees it, counted exactly.
@Suite("The cost of views") struct ViewCostTests {
    /// A connection that drops what it is sent.
    private final class Silent: SessionSink {
        let id: SessionID
        let playerID: Int
        let thread = SessionThread.caller

        init(_ number: Int) { (id, playerID) = (UInt64(number), number) }

        func deliver(_ message: OutboundMessage) {}
        func flush() {}
    }

    /// 2,000 players in rows, 10 tiles from each other, and a goblin between three of them.
    private func map(viewDistance: Int) throws -> (map: TestMap, goblin: EntityHandle) {
        let files = [
            "game.yaml": "tick_rate: 60\nsend_rate: 60\nview_distance: \(viewDistance)\n",
            "maps/1-field.tmj":
                #"{"width": 510, "height": 410, "tilewidth": 32, "tileheight": 32, "layers": [], "tilesets": []}"#,
        ]
        let map = try TestMap(
            files, records: [EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, prefab: "goblin", x: 254.5, y: 203.5)])
        let joins = (0..<2000).map { index in
            let record = EntityRecord(
                key: EntityKey(.players, index + 1), login: "p\(index)", mapID: 1, prefab: "p",
                x: Double(index % 50) * 10, y: Double(index / 50) * 10)
            return MapInput.join(record, Silent(index + 1))
        }
        map.tick(joins)
        // Joins are paced.
        for _ in 0..<200 where map.simulation.playerCount < 2000 { map.tick() }
        map.tick()
        #expect(map.simulation.playerCount == 2000)
        return (map, try #require(map.entity("enemys_1")))
    }

    @Test("with 2,000 idle players, an entity that moves is told to the 3 that see it; no other session is looked at")
    func threeOfMany() throws {
        let (map, goblin) = try map(viewDistance: 8)
        let comparisons = map.simulation.sessions.viewers.comparisons
        map.simulation.world.set(.x, 254.25, slot: Int(goblin.slot))
        #expect(map.tick().map(\.sink.playerID) == [1026, 1027, 1076])
        #expect(map.simulation.views.visits == 3 && map.simulation.deltas.visits == 0)
        #expect(map.simulation.sessions.viewers.comparisons - comparisons <= 9, "far clients are not compared either")
    }

    @Test("in a tick without changes no session is looked at; with a request, only its own", arguments: [0, 8])
    func request(viewDistance: Int) throws {
        let (map, _) = try map(viewDistance: viewDistance)
        map.tick()
        #expect(map.simulation.views.visits + map.simulation.deltas.visits == 0)
        #expect(map.tick([.reload(5)]).map(\.sink.playerID) == [5])
        #expect(map.simulation.views.visits + map.simulation.deltas.visits == 1)
        map.tick()
        #expect(map.simulation.views.visits + map.simulation.deltas.visits == 0)
    }
}
