import JSONValues
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Snapshots that several players get in one tick") struct SharedSnapshotTests {
    private static let text = JSON.string(String(repeating: "x", count: 30_000))

    private func map(viewDistance: Int) throws -> TestMap {
        try TestMap(
            [
                "game.yaml": "tick_rate: 60\nsend_rate: 60\nview_distance: \(viewDistance)\n",
                "maps/1-field.tmj": TestMaps.empty, "components/text.lua": "--@type string\n",
                "components/purse.lua": "--@type number\n--@default 1\n--@private\n--@entities players\n",
            ],
            records: [
                EntityRecord(
                    key: EntityKey(.objects, 1), mapID: 1, prefab: "book", x: 2, y: 1,
                    components: ["text": Self.text])
            ])
    }

    private func record(_ id: Int) -> EntityRecord {
        EntityRecord(key: EntityKey(.players, id), login: "player\(id)", mapID: 1, prefab: "Player", x: 1, y: 1)
    }

    @Test(
        "they share one buffer, with and without view_distance, and each has its own player's record",
        arguments: [0, 5])
    func shared(viewDistance: Int) throws {
        let map = try map(viewDistance: viewDistance)
        let players = [1, 2].map { TestPlayer(id: SessionID($0), playerID: $0) }
        let deliveries = map.tick(players.map { .join(record($0.playerID), $0) })
        let snapshots = deliveries.map(\.message).filter { $0.kind == .snapshot }
        #expect(snapshots.count == 2)
        let tails = try snapshots.map { try #require($0.tail) }
        #expect(tails[0].shared === tails[1].shared)
        for snapshot in snapshots {
            #expect(snapshot.webSocketFrame.readableBytes < 2000, "the rest is in the part in common")
        }
        for player in players {
            #expect(Set(player.world.keys) == ["players_1", "players_2", "objects_1"])
            #expect(player.world["objects_1"]?["components"]?.object?["text"] == Self.text)
            let own = player.world["players_\(player.playerID)"]
            let other = player.world["players_\(3 - player.playerID)"]
            #expect(own?["components"]?.object?["purse"] == .number(1) && own?["sides"] != nil)
            #expect(other?["components"]?.object?["purse"] == nil && other?["sides"] == nil)
        }
        // The next tick's snapshot has a buffer of its own.
        let later = map.tick([.reload(1)]).map(\.message).filter { $0.kind == .snapshot }
        #expect(later.first?.tail.map { $0.shared === tails[0].shared } == false)
    }

    @Test("where the view differs, nothing is shared")
    func otherPlace() throws {
        let map = try map(viewDistance: 5)
        let players = [1, 2].map { TestPlayer(id: SessionID($0), playerID: $0) }
        var second = record(2)
        second.x = 3
        let deliveries = map.tick([.join(record(1), players[0]), .join(second, players[1])])
        let shared = deliveries.compactMap { $0.message.tail?.shared }
        #expect(shared.count == 2 && shared[0] !== shared[1])
    }

    @Test("a short snapshot is one buffer of its own")
    func short() throws {
        let map = try TestMap(["maps/1-field.tmj": TestMaps.empty])
        let player = TestPlayer(id: 1, playerID: 1)
        let snapshot = map.tick([.join(record(1), player)]).first?.message
        #expect(snapshot?.kind == .snapshot && snapshot?.tail == nil)
    }
}
