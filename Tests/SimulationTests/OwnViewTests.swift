import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("A player's own view, and what is always relevant [2-lua-api 7]") struct OwnViewTests {
    static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\n", "maps/1-field.tmj": TestMaps.empty,
        "maps/2-cave.tmj": TestMaps.empty,
        "events/see/index.lua": "--@public true\n--@param far number\nobject.view = data.far\nprint(object.view)\n",
        "events/see/all.lua": "--@public true\nobject.view = nil\nprint(object.view)\n",
        "events/see/timeout.lua": "return 0\n",
        "events/mark/index.lua":
            "--@public true\n--@param on boolean\nlocal far = objects.objects_3\nfar.relevant = data.on and 'always' or nil\nprint(far.relevant)\n",
        "events/mark/timeout.lua": "return 0\n",
    ]

    private static let records = [
        EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, prefab: "near", x: 4, y: 1),
        EntityRecord(key: EntityKey(.enemys, 2), mapID: 1, prefab: "rim", x: 6, y: 1),
        EntityRecord(key: EntityKey(.objects, 3), mapID: 1, prefab: "far", x: 9, y: 1),
    ]

    private func map(_ settings: String = "") throws -> TestMap {
        var files = Self.files
        files["game.yaml"]? += settings
        return try TestMap(files, records: Self.records)
    }

    private func keys(_ player: TestPlayer) -> Set<String> { Set(player.world.keys).subtracting(["players_2"]) }

    private func kinds(_ player: TestPlayer) -> [OutboundMessage.Kind] {
        player.kinds.filter { $0 != .direct && $0 != .notice }
    }

    @Test("a longer and a shorter view than the map's bring and take entities by deltas; nil is the map's again")
    func ownView() throws {
        let map = try map("view_distance: 5\n")
        let player = map.join(1, x: 1, y: 1)
        let other = map.join(2, x: 1, y: 1)
        #expect(keys(player) == ["players_1", "enemys_1", "enemys_2"])
        try map.command(1, "see", ["far": .number(3)])
        #expect(keys(player) == ["players_1", "enemys_1"])
        let gone = player.messages.last?.object?["enemys"]?.array?.first?.object
        #expect(gone?["reason"] == .string("out_of_view") && gone?["key"] == .string("enemys_2"))
        try map.command(1, "see", ["far": .number(4096)])
        #expect(keys(player) == ["players_1", "enemys_1", "enemys_2", "objects_3"], "the whole map")
        try map.command(1, "see/all")
        #expect(keys(player) == ["players_1", "enemys_1", "enemys_2"])
        #expect(kinds(player).dropFirst().allSatisfy { $0 == .delta })
        #expect(Set(other.world.keys) == ["players_1", "players_2", "enemys_1", "enemys_2"], "has the map's view")
        #expect(map.prints == ["3", "4096", "nil"])
    }

    @Test("on a map without view_distance only players with a view of their own have a part of the map")
    func onWholeMap() throws {
        let map = try map()
        let player = map.join(1, x: 1, y: 1)
        let other = map.join(2, x: 1, y: 1)
        #expect(map.simulation.sessions.limitedCount == 0)
        try map.command(1, "see", ["far": .number(3)])
        #expect(keys(player) == ["players_1", "enemys_1"])
        #expect(other.world.count == 5)
        let messages = player.messages.count
        let far = try #require(map.entity("objects_3"))
        map.simulation.world.set(.x, 8.5, slot: Int(far.slot))
        map.tick()
        #expect(player.messages.count == messages && other.world["objects_3"]?["x"] == .number(8.5))
        map.simulation.world.set(.x, 3, slot: Int(far.slot))
        map.tick()
        #expect(keys(player) == ["players_1", "enemys_1", "objects_3"])
        try map.command(1, "see/all")
        #expect(player.world.count == 5 && map.simulation.sessions.limitedCount == 0)
        #expect(kinds(other).filter { $0 == .snapshot }.count == 1, "others are not disturbed")
    }

    @Test("a view of 0 is the player's own place; a view lasts while the player is on the map")
    func lasting() throws {
        let map = try map("view_distance: 5\n")
        map.join(1, x: 1, y: 1)
        try map.command(1, "see", ["far": .number(0)])
        let again = map.join(1)
        #expect(Set(again.world.keys) == ["players_1"], "a new connection of a player that is still there")
        map.tick([.leave(again.id)])
        #expect(keys(map.join(1, x: 1, y: 1)) == ["players_1", "enemys_1", "enemys_2"])
    }

    @Test("what is always relevant is in every view, wherever it is, until it is not")
    func relevant() throws {
        let map = try map("view_distance: 5\n")
        let player = map.join(1, x: 1, y: 1)
        try map.command(1, "mark", ["on": .bool(true)])
        #expect(keys(player).contains("objects_3"))
        let flag = try #require(map.entity("objects_3"))
        map.simulation.world.set(.x, 8, slot: Int(flag.slot))
        map.tick()
        #expect(player.world["objects_3"]?["x"] == .number(8))
        #expect(map.join(2, x: 1, y: 9).world["objects_3"] != nil, "also for players who come later")
        try map.command(1, "mark", ["on": .bool(false)])
        #expect(!keys(player).contains("objects_3"))
        try map.command(1, "mark", ["on": .bool(true)])
        map.simulation.world.remove(flag, movedTo: 2)
        map.tick()
        #expect(player.world["objects_3"] == nil)
        #expect(player.messages.last?.object?["objects"]?.array?.first?.object?["map_id"] == .number(2))
        #expect(map.prints == ["always", "nil", "always"])
    }

    static let mistakes: [ScriptCase] = {
        func view(_ name: String, _ value: String, _ got: String) -> ScriptCase {
            ScriptCase(
                "7: view takes no \(name)", "object.view = \(value)",
                error: "view must be a number of tiles from 0 to 4096, or nil for the map's view_distance, got \(got)")
        }
        func relevant(_ name: String, _ value: String, _ got: String) -> ScriptCase {
            ScriptCase(
                "7: relevant takes no \(name)", "object.relevant = \(value)",
                error: "relevant must be 'always' or nil, got \(got)")
        }
        return [
            view("NaN", "0/0", "NaN"), view("negative number", "-1", "-1"), view("infinity", "1/0", "infinity"),
            view("larger number", "4096.5", "4096.5"), view("text", "'30'", "string"), view("table", "{}", "table"),
            view("boolean", "true", "boolean"), relevant("other text", "'near'", "'near'"),
            relevant("boolean", "true", "boolean"), relevant("number", "1", "1"),
            ScriptCase(
                "7: only players have a view", "for _, o in ipairs(objects.near(0, 0, 99, 'enemys')) do o.view = 3 end",
                error: "only players have a view; this is enemys_"),
            ScriptCase(
                "7: others' view is nil",
                "for _, o in ipairs(objects.near(0, 0, 99, 'enemys')) do assert(o.view == nil) end print('ok')",
                prints: ["ok"]),
        ]
    }()

    @Test("mistakes", arguments: mistakes) func refused(_ script: ScriptCase) throws { try script.check() }
}
