import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Joins that come late [M2, 1-protocol 2]") struct StaleJoinTests {
    private let ann = EntityKey(.players, 1)

    private func record(hp: Double = 5) -> EntityRecord {
        EntityRecord(
            key: ann, login: "ann", mapID: 1, prefab: "Player", x: 5, y: 3, created: 0, components: ["hp": .number(hp)])
    }

    @Test("a join whose player has moved to another map is redirected there, and changes nothing here")
    func moved() throws {
        let game = try SeveralMaps(MovingTests.files)
        let first = TestPlayer(id: 1, playerID: 1)
        game.tick(1, [.join(record(), first)])
        let map = try #require(game[1])
        let entity = try #require(map.world[ann])
        try map.world.addEvent(group: "go", event: "index", data: ["map": .number(2)], to: entity, now: game.now)
        game.tick(1)
        #expect(game.places(of: ann) == [])
        let late = TestPlayer(id: 2, playerID: 1)
        let deliveries = game.tick(1, [.join(record(hp: 1), late)])
        #expect(deliveries.map(\.message.kind) == [.reconnect(mapID: 2)])
        #expect(game.places(of: ann) == [])
        let there = try #require(game.latest(ann))
        #expect(there.mapID == 2 && there.components["hp"] == .number(5))
        game.tick(2, [.join(there, TestPlayer(id: 3, playerID: 1))])
        #expect(game.places(of: ann) == [2])
    }

    @Test("of two connections the newer one gets the player, in whatever order their joins arrive")
    func order() throws {
        let map = try TestMap(MovingTests.files)
        let (newer, older) = (TestPlayer(id: 9, playerID: 1), TestPlayer(id: 8, playerID: 1))
        map.tick([.join(record(), newer)])
        let deliveries = map.tick([.join(record(), older)])
        #expect(deliveries.filter { $0.sink.id == 8 }.map(\.message.kind) == [.replaced])
        #expect(deliveries.allSatisfy { $0.sink.id == 8 || $0.message.kind != .replaced })
        map.tick([.leave(8)])
        #expect(map.entity("players_1") != nil)
        let newest = map.tick([.join(record(), TestPlayer(id: 10, playerID: 1))])
        #expect(newest.filter { $0.sink.id == 9 }.map(\.message.kind) == [.replaced])
    }
}
