import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("A map") struct MapSimulationTests {
    static let walking = [
        "events/move/right.lua":
            "--@public true\nobject.x = object.x + 1\nobject.side = 'right'\nobject.action = 'walk'",
        "events/move/to.lua": """
        --@public true
        --@param x number
        --@param y number = 3
        object.x = data.x
        object.y = data.y
        """,
        "events/move/timeout.lua": "return 0.2",
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/bag.lua": "--@type json\n--@default {\"slots\":[]}\n--@private\n",
    ]

    @Test("M2.5, M3.4: the first message is the whole world, with every system field of M6.1")
    func firstMessageIsTheWorld() throws {
        let map = try TestMap(Self.walking)
        let player = map.join(24)
        #expect(player.kinds == [.snapshot])
        let snapshot = try #require(player.messages.first?.object)
        #expect(snapshot["action"] == .string("load/index"))
        #expect(snapshot["player"] == .string("players_24"))
        for kind in EntityKind.allCases { #expect(snapshot[kind.name]?.array != nil) }
        let own = try #require(player.world["players_24"])
        for field in [
            "id", "key", "type", "map_id", "prefab", "x", "y", "z", "sort", "side", "action", "created", "components",
            "events", "login", "sides",
        ] {
            #expect(own[field] != nil, "\(field)")
        }
        #expect(own["components"]?.object?["hp"] == .number(5))
        #expect(own["components"]?.object?["bag"]?.object?["slots"] == .array([]))
        #expect(snapshot["timeouts"]?.object?["move"]?.object?["timeout"] == .number(0.2))
    }

    @Test("M0.10, M9.10: a move reaches every player, private components only their owner")
    func deltas() throws {
        let map = try TestMap(Self.walking)
        let one = map.join(1)
        let two = map.join(2, x: 8)
        try map.command(1, "move/right", id: 1_670_069_589_900)
        map.tick()
        #expect(two.world["players_1"]?["x"] == .number(6))
        #expect(one.world["players_1"]?["x"] == .number(6))
        #expect(two.world["players_1"]?["components"]?.object?["bag"] == nil)
        #expect(one.world["players_1"]?["components"]?.object?["bag"] != nil)
        let commands = one.messages.compactMap { $0.object?["commands"]?.object?["move"]?.object }
        #expect(commands.first?["command_id"] == .number(1_670_069_589_900))
        #expect(two.messages.allSatisfy { $0.object?["commands"] == nil })
        #expect(map.errors == [])
    }

    @Test(
        "M0.7: commands sent ahead run as soon as the timeout ends: 0.2 s are 5 steps a second at any tick rate",
        arguments: [60, 30, 20])
    func stepsPerSecond(tickRate: Int) throws {
        let map = try TestMap(Self.walking, tickRate: tickRate)
        _ = map.join(1, x: 0)
        for _ in 0..<(tickRate * 10) { try map.command(1, "move/right") }
        let entity = try #require(map.entity("players_1"))
        let x = try #require(map.simulation.world.record(of: entity)?.x)
        #expect(abs(x - 50) <= 1, "\(x) steps in 10 s")
    }

    @Test("a refused command answers with its reason and never reaches Lua [1-protocol 3]")
    func refusals() throws {
        let map = try TestMap(Self.walking)
        let player = map.join(1)
        try map.command(1, "move/nowhere", id: 7)
        try map.command(1, "move/to", ["x": .string("far")])
        try map.command(1, "move/to", [:])
        try map.command(1, "move/to", ["x": .number(1), "z": .number(1)])
        #expect(
            player.refusals.map { $0.object?["code"]?.string } == [
                "unknown_event", "bad_parameter", "missing_parameter", "unknown_parameter",
            ])
        #expect(player.refusals.first?.object?["command_id"] == .number(7))
        #expect(player.world["players_1"]?["x"] == .number(5))
    }

    @Test(
        "a changed script acts at the next tick; a broken one leaves the old one running and says where [3-game-folder]"
    )
    func hotReload() throws {
        let map = try TestMap(Self.walking)
        _ = map.join(1, components: ["hp": .number(3)])
        try map.change(["events/move/right.lua": "--@public true\nobject.x = object.x + 10"])
        try map.command(1, "move/right")
        map.tick()
        #expect(map.players[1]?.world["players_1"]?["x"] == .number(15))
        try map.change(["events/move/right.lua": "--@public true\nobject.x = object.x +"])
        #expect(map.errors.contains { $0.contains("events/move/right.lua:2:") }, "\(map.errors)")
        map.advance(0.3)
        try map.command(1, "move/right")
        map.tick()
        #expect(map.players[1]?.world["players_1"]?["x"] == .number(25))
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["hp"] == .number(3))
        #expect(map.players[1]?.kinds.contains(.refused) == false)
    }

    @Test("adding a component, removing it or changing its type sends a fresh snapshot; its stored values are kept")
    func schemaReload() throws {
        let map = try TestMap(Self.walking)
        let player = map.join(1, components: ["hp": .number(3)])
        try map.change(["components/mana.lua": "--@type number\n--@default 9\n"])
        #expect(player.world["players_1"]?["components"]?.object?["mana"] == .number(9))
        try map.change(["components/hp.lua": nil])
        #expect(player.world["players_1"]?["components"]?.object?["hp"] == nil)
        try map.change(["components/hp.lua": "--@type string\n"])
        #expect(player.world["players_1"]?["components"]?.object?["hp"] == .string("3"))
    }

    @Test("while true do end costs one limit and one log entry, and the map goes on")
    func endlessLoop() throws {
        let map = try TestMap([
            "game.yaml": "event_time_limit_ms: 20\n", "events/loop/index.lua": "--@public true\nwhile true do end",
            "events/move/right.lua": Self.walking["events/move/right.lua"] ?? "",
        ])
        _ = map.join(1)
        try map.command(1, "loop")
        try map.command(1, "move/right")
        map.advance(0.1)
        #expect(map.simulation.log.errors.count == 1)
        #expect(map.simulation.log.errors.first?.kind == "time_limit")
        #expect(map.simulation.log.errors.first?.script == "events/loop/index.lua")
        #expect(map.simulation.log.errors.first?.line == 2)
        #expect(map.players[1]?.world["players_1"]?["x"] == .number(6))
    }

    @Test("2-lua-api 1: a script that fails 100 times in a row is suspended until it is changed")
    func suspension() throws {
        let map = try TestMap([
            "events/bad/index.lua": "--@public true\nprint('ran')\nlocal x = nil + 1",
            "events/bad/timeout.lua": "return 0",
        ])
        _ = map.join(1)
        for _ in 0..<120 { try map.command(1, "bad") }
        #expect(map.log.filter { $0 == "ran" }.count == 100)
        #expect(map.simulation.log.errors.last?.kind == "suspended")
        try map.change(["events/bad/index.lua": "--@public true\nprint('ran again')"])
        try map.command(1, "bad")
        map.tick()
        #expect(map.log.contains("ran again"))
    }

    @Test("2-lua-api 1: suspended scripts do not affect the scripts that run after them")
    func suspendedScriptsLeaveNothing() throws {
        let records = (1...20).map { EntityRecord(key: EntityKey(.enemys, $0), mapID: 1, x: 1, y: 1) }
        let map = try TestMap(
            [
                "events/bad/index.lua": "--@param n number = 1\nlocal x = nil + data.n",
                "events/good/index.lua": "print(object.key, data)",
            ], records: records)
        for _ in 0..<6 {
            for id in 1...20 { try QueueTests.add(map, "bad", to: "enemys_\(id)") }
            map.tick(seconds: 1.01)
        }
        #expect(map.simulation.log.errors.last?.kind == "suspended")
        for id in 1...20 {
            try QueueTests.add(map, "bad", to: "enemys_\(id)")
            try QueueTests.add(map, "good", to: "enemys_\(id)")
        }
        map.tick(seconds: 1.01)
        #expect(map.prints == (1...20).map { "enemys_\($0)\ttable" })
    }

    @Test(
        "M7.2, M6.1: map_id moves a player off the map: others see its removal, its record is stored, its client reconnects"
    )
    func portal() throws {
        let map = try TestMap([
            "events/portal/index.lua": "--@public true\nobject.x = 1\nobject.map_id = 2",
            "maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty,
            "components/bag.lua": "--@type json\n--@private\n",
        ])
        let one = map.join(1, components: ["bag": .object(["gold": .number(3)])])
        let two = map.join(2)
        try map.command(1, "portal")
        map.tick()
        #expect(one.kinds.last == .reconnect(mapID: 2))
        #expect(two.world["players_1"] == nil)
        #expect(map.store.saved[EntityKey(.players, 1)]?.mapID == 2)
        #expect(map.store.saved[EntityKey(.players, 1)]?.components["bag"] == .object(["gold": .number(3)]))
        #expect(map.entity("players_1") == nil)
    }

    @Test("a second login takes the entity over; the older session gets the reason and is closed [1-protocol 2]")
    func takeOver() throws {
        let map = try TestMap(Self.walking)
        let old = map.join(1)
        try map.command(1, "move/right")
        map.tick()
        let new = map.join(1, x: 0)
        #expect(old.kinds.last == .replaced)
        #expect(new.world["players_1"]?["x"] == .number(6))
        #expect(map.simulation.playerCount == 1)
        map.tick([.leave(old.id)])
        #expect(map.entity("players_1") != nil)
        map.tick([.leave(new.id)])
        #expect(map.entity("players_1") == nil)
        #expect(map.store.saved[EntityKey(.players, 1)]?.x == 6)
        #expect(map.store.removed.isEmpty)
    }

    @Test("an idle map asks to be woken when its next event is due, and never when no event is pending")
    func idle() throws {
        let map = try TestMap([
            "events/tick/index.lua": "object.events.add('tick')", "spawn/objects.lua": "object.events.add('tick')",
        ])
        #expect(map.simulation.nextWake == nil)
        let player = map.join(1)
        #expect(map.simulation.nextWake == map.now)
        map.tick([.leave(player.id)])
        #expect(map.simulation.nextWake == nil)
        let clock = EntityRecord(key: EntityKey(.objects, 1), mapID: 1, x: 1, y: 1)
        let busy = try TestMap(
            ["events/tick/index.lua": "object.events.add('tick')", "spawn/objects.lua": "object.events.add('tick')"],
            records: [clock])
        busy.tick()
        let wake = try #require(busy.simulation.nextWake)
        #expect(abs(wake - busy.now - 1) < 0.01)
    }

    @Test("pending events, their data and due times come back with their entity")
    func restored() throws {
        let files = [
            "events/later/index.lua": "--@param what string\nprint(data.what)", "components/hp.lua": "--@type number\n",
        ]
        let record = EntityRecord(
            key: EntityKey(.objects, 4), mapID: 1, x: 2, y: 2, components: ["hp": .number(1)],
            events: [
                "later": EventRecord(action: "index", data: .object(["what": .string("now")]), time: 1_700_000_003)
            ])
        let map = try TestMap(files, records: [record])
        map.advance(2.9)
        #expect(!map.log.contains("now"))
        map.advance(0.2)
        #expect(map.log.last == "now")
    }
}

enum TestMaps {
    static let empty = """
        {"type":"map","version":"1.8","orientation":"orthogonal","infinite":false,"width":10,"height":10,"tilewidth":32,
        "tileheight":32,"tilesets":[],"layers":[]}
        """
}
