import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("View distance [1-protocol 4.2]") struct ViewDistanceTests {
    static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\nview_distance: 5\n",
        "maps/1-field.tmj": TestMaps.empty, "maps/2-cave.tmj": TestMaps.empty,
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/purse.lua": "--@type number\n--@default 1\n--@private\n--@entities players\n",
        "events/go/index.lua": "--@public true\n--@param x number\nobject.x = data.x\n",
        "events/go/timeout.lua": "return 0\n",
    ]

    private static let records = [
        EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, prefab: "near", x: 4, y: 1),
        EntityRecord(key: EntityKey(.enemys, 2), mapID: 1, prefab: "rim", x: 6, y: 1),
        EntityRecord(key: EntityKey(.objects, 3), mapID: 1, prefab: "far", x: 9, y: 1),
    ]

    private func map() throws -> TestMap { try TestMap(Self.files, records: Self.records) }

    private func records(_ message: JSON?, _ kind: String) -> [JSONObject] {
        (message?.object?[kind]?.array ?? []).compactMap(\.object)
    }

    @Test("a snapshot has the entities within the distance, all four kinds as arrays, and the complete own record")
    func snapshot() throws {
        let map = try map()
        let player = map.join(1, x: 1, y: 1)
        let other = map.join(2, x: 8, y: 1)
        #expect(Set(player.world.keys) == ["players_1", "enemys_1", "enemys_2"])
        #expect(Set(other.world.keys) == ["players_2", "enemys_1", "enemys_2", "objects_3"])
        let first = player.messages.first?.object
        #expect(EntityKind.allCases.allSatisfy { first?[$0.name]?.array != nil })
        #expect(player.world["players_1"]?["components"]?.object?["purse"] == .number(1))
        #expect(player.world["players_1"]?["sides"] != nil)
    }

    @Test(
        "an entity that comes into view is sent complete, one that leaves it is removed with the reason; others are not sent"
    )
    func walking() throws {
        let map = try map()
        let player = map.join(1, x: 1, y: 1)
        try map.command(1, "go", ["x": .number(3.5)])
        #expect(records(player.messages.last, "objects").isEmpty)
        try map.command(1, "go", ["x": .number(4)])
        let told = try #require(records(player.messages.last, "objects").first)
        #expect(told["key"] == .string("objects_3") && told["prefab"] == .string("far") && told["type"] != nil)
        try map.command(1, "go", ["x": .number(9)])
        #expect(
            records(player.messages.last, "enemys").map { JSON.object($0) } == [])
        try map.command(1, "go", ["x": .number(9.5)])
        #expect(
            records(player.messages.last, "enemys") == [
                [
                    "id": .number(1), "key": .string("enemys_1"), "action": .string("remove"),
                    "reason": .string("out_of_view"),
                ]
            ])
    }

    @Test("changes, removals and moves to another map are sent only to players who see the entity")
    func changes() throws {
        let map = try map()
        let near = map.join(1, x: 1, y: 1)
        let far = map.join(2, x: 9, y: 9)
        let (before, goblin) = (far.messages.count, try #require(map.entity("enemys_1")))
        try map.simulation.world.setComponent("hp", to: .number(3), of: goblin)
        map.tick()
        #expect(near.world["enemys_1"]?["components"]?.object?["hp"] == .number(3))
        map.simulation.world.remove(goblin, movedTo: 2)
        map.tick()
        #expect(records(near.messages.last, "enemys").first?["map_id"] == .number(2))
        #expect(far.messages.count == before, "nothing was in its view")
    }

    @Test("a private component goes only to its owner, an acknowledgement only to the sender [M9.10]")
    func ownParts() throws {
        let map = try map()
        let first = map.join(1, x: 1, y: 1)
        let second = map.join(2, x: 2, y: 1)
        map.tick()
        let player = try #require(map.entity("players_1"))
        try map.simulation.world.setComponent("purse", to: .number(9), of: player)
        try map.command(1, "go", ["x": .number(1)], id: 77)
        #expect(first.world["players_1"]?["components"]?.object?["purse"] == .number(9))
        #expect(first.messages.last?.object?["commands"]?.object?["go"]?.object?["command_id"] == .number(77))
        #expect(second.world["players_1"]?["components"]?.object?["purse"] == nil)
        #expect(second.messages.allSatisfy { $0.object?["commands"] == nil })
    }

    @Test("an entity that is removed and added again under its key in one tick is sent as removed, then complete")
    func sameKey() throws {
        let map = try map()
        let player = map.join(1, x: 1, y: 1)
        let goblin = try #require(map.entity("enemys_1"))
        var record = try #require(map.simulation.world.remove(goblin))
        record.x = 2
        _ = try map.simulation.world.add(record, placement: .exact, now: map.now)
        map.tick()
        let told = records(player.messages.last, "enemys")
        #expect(told.map { $0["action"] == .string("remove") } == [true, false])
        #expect(player.world["enemys_1"]?["x"] == .number(2))
    }
}
