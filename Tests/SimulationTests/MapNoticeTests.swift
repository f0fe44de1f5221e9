import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Clients are told when their map or their timeouts change [1-protocol 7, checklist 139]")
struct MapNoticeTests {
    private static let files = [
        "maps/1-field.tmj": map(tiles: "1,1,1,1"), "events/walk/to.lua": "--@public true\nobject.x = 1\n",
        "events/walk/timeout.lua": "return 0.25\n", "events/rest/index.lua": "--@public true\nobject.x = 2\n",
        "lib/speed.lua": "function pause() return 3 end\n", "events/rest/timeout.lua": "return pause()\n",
    ]

    private static func map(tiles: String, name: String = "ground", objects: String = "", spaces: String = "") -> String
    {
        """
        {"type":"map","orientation":"orthogonal","infinite":false,"width":2,"height":2,"tilewidth":32,"tileheight":32,
        "tilesets":[],\(spaces)"layers":[{"type":"tilelayer","name":"\(name)","width":2,"height":2,"data":[\(tiles)]},
        {"type":"objectgroup","name":"things","objects":[\(objects)]}]}
        """
    }

    private static func notices(_ player: TestPlayer) -> [JSONObject] {
        player.direct.compactMap(\.object).filter { $0["action"] == .string("map") }
    }

    @Test(
        "a changed geometry is told once, with the entity tag that its download has",
        arguments: [
            ["maps/1-field.tmj": map(tiles: "1,2,1,1")], ["maps/1-field.tmj": map(tiles: "1,1,0,1", name: "collision")],
            ["maps/1-field.tmj": map(tiles: "1,1,1,1", name: "floor")],
        ])
    func changed(files: [String: String]) throws {
        let map = try TestMap(Self.files)
        let players = [map.join(1, x: 0, y: 0), map.join(2, x: 1, y: 1)]
        try map.change(files)
        map.tick()
        for player in players {
            let tag = map.simulation.world.geometry.contentTag
            #expect(
                Self.notices(player) == [["action": .string("map"), "map_id": .number(1), "etag": .string(tag)]])
        }
        let late = map.join(3, x: 0, y: 1)
        #expect(Self.notices(late) == [])
    }

    @Test("what clients don't get of the map is no reason to tell them")
    func unchanged() throws {
        let map = try TestMap(Self.files)
        let player = map.join(1, x: 0, y: 0)
        try map.change(["maps/1-field.tmj": Self.map(tiles: "1,1,1,1", spaces: "  ")])
        let start = #"{"id":1,"type":"players","x":0,"y":0,"point":true}"#
        try map.change(["maps/1-field.tmj": Self.map(tiles: "1,1,1,1", objects: start)])
        try map.change(["maps/1-field.tmj": "{"])
        try map.change(["events/walk/to.lua": "--@public true\nobject.x = 5\n"])
        map.tick()
        #expect(Self.notices(player) == [])
    }

    @Test("tags differ with everything that clients get, and with nothing else")
    func tags() {
        let plain = MapGeometry(id: 1, name: "m", width: 2, height: 1)
        var others: [MapGeometry] = []
        func other(_ change: (inout MapGeometry) -> Void) {
            var geometry = plain
            change(&geometry)
            others.append(geometry)
        }
        other { $0.id = 2 }
        other { $0.name = "n" }
        other { $0.originX = 1 }
        other { $0.originY = 1 }
        other { ($0.width, $0.height) = (1, 2) }
        other { $0.tileWidth = 16 }
        other { $0.blocked = [true, false] }
        other { $0.blocked = [false, true] }
        other { $0.layers = [.init(name: "a", tiles: [1, 2])] }
        other { $0.layers = [.init(name: "a", tiles: [2, 1])] }
        other { $0.layers = [.init(name: "a", tiles: [1, 2], offsetX: 1)] }
        other { $0.layers = [.init(name: "a", tiles: [1, 2], offsetY: 1)] }
        other { $0.tileProperties = [1: ["a": .bool(true)]] }
        other { $0.properties = ["a": .bool(true)] }
        let tags = [plain.contentTag] + others.map(\.contentTag)
        #expect(Set(tags).count == tags.count)
        #expect(tags.allSatisfy { $0.count == 34 && $0.hasPrefix("\"") && $0.hasSuffix("\"") })
        var same = plain
        same.spawns = [.init(id: 1, kind: .players, x: 0, y: 0)]
        same.starts = [true, false]
        #expect(same.contentTag == plain.contentTag)
    }

    private static func timeouts(_ message: JSON) -> [String: Double]? {
        guard let groups = message.object?["timeouts"]?.object else { return nil }
        var timeouts: [String: Double] = [:]
        for (group, value) in groups.members { timeouts[group] = value.object?["timeout"]?.number }
        return timeouts
    }

    @Test(
        "a changed formula, a removed one, a lib that formulas call and a public list: new timeouts, once",
        arguments: [false, true],
        [
            ["events/walk/timeout.lua": "return 0.5\n"], ["events/walk/timeout.lua": nil],
            ["lib/speed.lua": "function pause() return 7 end\n"],
            ["events/rest/index.lua": "--@public false\nobject.x = 2\n"],
        ] as [[String: String?]])
    func timeouts(hasViews: Bool, change: [String: String?]) throws {
        var files = Self.files
        files["game.yaml"] = "tick_rate: 60\nsend_rate: 60\nview_distance: \(hasViews ? 8 : 0)\n"
        let map = try TestMap(files)
        map.compressed = [2]
        let players = [map.join(1, x: 0, y: 0), map.join(2, x: 1, y: 1)]
        map.tick()
        let before = players.map(\.messages.count)
        try map.change(change)
        map.tick()
        map.tick()
        for (player, count) in zip(players, before) {
            let told = player.messages.dropFirst(count).compactMap(Self.timeouts)
            #expect(told.count == 1)
            let times = told.first ?? [:]
            switch change.first?.key {
            case "events/walk/timeout.lua":
                #expect(times["walk"] == (change == ["events/walk/timeout.lua": nil] ? 1 : 0.5))
            case "lib/speed.lua": #expect(times == ["walk": 0.25, "rest": 7])
            default: #expect(times["rest"] == nil && times["walk"] == 0.25)
            }
        }
    }

    @Test("another script is no reason for new timeouts")
    func otherScripts() throws {
        let map = try TestMap(Self.files)
        let player = map.join(1, x: 0, y: 0)
        let before = player.messages.count
        try map.change(["events/walk/to.lua": "--@public true\nobject.x = 5\n"])
        map.tick()
        #expect(player.messages.dropFirst(before).allSatisfy { Self.timeouts($0) == nil })
    }
}
