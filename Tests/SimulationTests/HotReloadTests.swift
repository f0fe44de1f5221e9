import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Hot reload [3-game-folder]") struct HotReloadTests {
    static let files = [
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/title.lua": "--@type string\n--@default \"7\"\n",
        "events/say/index.lua": "--@public true\n--@param text string = \"old\"\nprint('v1', data.text)",
        "events/say/more.lua": "--@public true\nprint('more')", "events/say/timeout.lua": "return 0.5",
    ]

    static func map(_ more: [String: String] = [:]) throws -> TestMap {
        let map = try TestMap(files.merging(more) { $1 }, tickRate: 16, records: ScriptWorld.records)
        map.join(1)
        return map
    }

    static func component(_ name: String, _ map: TestMap, _ key: String = "players_1") -> JSON? {
        map.entity(key).flatMap { map.simulation.world.component(name, of: $0) }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let rule: String
        let declaration: String?
        /// The value of `hp` after the change, which was 3 before; `nil` when the component no longer exists.
        let value: JSON?
        /// A line of the log.
        let line: String?

        var testDescription: String { rule }
    }

    @Test(
        "a changed declaration of a component",
        arguments: [
            Change(
                rule: "another default leaves values", declaration: "--@type number\n--@default 9\n", value: .number(3),
                line: nil),
            Change(
                rule: "made private leaves values", declaration: "--@type number\n--@private\n", value: .number(3),
                line: nil),
            Change(
                rule: "a trigger added leaves values", declaration: "--@type number\nprint(value)", value: .number(3),
                line: nil),
            Change(rule: "number to string: its text", declaration: "--@type string\n", value: .string("3"), line: nil),
            Change(
                rule: "number to json: does not fit, the default is taken and the log says so",
                declaration: "--@type json\n--@default [1]\n", value: .array([.number(1)]),
                line: "players_1: 3 does not fit component 'hp'; it has its default now"),
            Change(
                rule: "for another kind of entity: gone here", declaration: "--@type number\n--@entities enemys\n",
                value: nil, line: nil),
            Change(
                rule: "removed: gone", declaration: nil, value: nil,
                line: "removed components/hp.lua: component hp is gone; its values are kept in the store"),
            Change(
                rule: "an unknown annotation: as before", declaration: "--@type string\n--@colour red\n",
                value: .number(3), line: nil),
            Change(
                rule: "a default of another type: as before", declaration: "--@type string\n--@default 5\n",
                value: .number(3), line: nil),
            Change(
                rule: "code that does not compile: as before", declaration: "--@type string\nif then",
                value: .number(3), line: nil),
        ])
    func component(_ change: Change) throws {
        let map = try Self.map()
        try map.simulation.world.setComponent("hp", to: .number(3), of: try #require(map.entity("players_1")))
        map.tick()
        try map.change(["components/hp.lua": change.declaration])
        #expect(Self.component("hp", map) == change.value)
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["hp"] == change.value)
        if let line = change.line { #expect(map.log.contains(line), "\(map.log)") }
        // With the first declaration back, every value that still fits is back too.
        try map.change(["components/hp.lua": Self.files["components/hp.lua"]])
        let isLost = change.rule.hasPrefix("number to json")
        #expect(Self.component("hp", map) == .number(isLost ? 5 : 3))
        #expect(map.players[1]?.kinds.contains(.refused) == false)
    }

    @Test("a new component appears on all entities with its default, here and at clients")
    func newComponent() throws {
        let map = try Self.map()
        try map.change([
            "components/mana.lua": "--@type number\n--@default 4\n",
            "components/bag.lua": "--@type json\n--@default [1]\n--@entities enemys\n",
        ])
        for key in ["players_1", "enemys_1", "objects_4"] {
            #expect(Self.component("mana", map, key) == .number(4))
            #expect(map.players[1]?.world[key]?["components"]?.object?["mana"] == .number(4))
        }
        #expect(Self.component("bag", map, "enemys_2") == .array([.number(1)]))
        #expect(map.players[1]?.world["enemys_2"]?["components"]?.object?["bag"] == .array([.number(1)]))
        #expect(Self.component("bag", map) == nil)
        map.script("print(object.components.mana, objects.enemys_1.components.bag[1])")
        #expect(map.prints == ["4\t1"])
    }

    @Test("the values of a component whose file is removed stay in the store, and return with the file")
    func removedComponent() throws {
        let map = try Self.map()
        map.script("object.components.hp = 2 objects.enemys_1.components.hp = 1")
        try map.change(["components/hp.lua": nil])
        map.script("print(pcall(function() return object.components.hp end))")
        #expect(map.prints.first?.contains("players have no component 'hp'; they have title") == true, "\(map.prints)")
        map.script("object.x = 1 objects.enemys_1.x = 1")
        map.simulation.save()
        #expect(map.store.saved[EntityKey(.players, 1)]?.components["hp"] == .number(2))
        #expect(map.store.saved[EntityKey(.enemys, 1)]?.components["hp"] == .number(1))
        try map.change(["components/hp.lua": Self.files["components/hp.lua"]])
        #expect(Self.component("hp", map) == .number(2))
        #expect(Self.component("hp", map, "enemys_1") == .number(1))
    }

    struct Script: Sendable, CustomTestStringConvertible {
        let rule: String
        let change: [String: String?]
        /// What `say/index` prints, which was added before the reload with its default parameter.
        let prints: [String]
        /// A part of the only entry in the error log.
        let error: String?
        var line: String?

        var testDescription: String { rule }
    }

    @Test(
        "a pending event during a reload",
        arguments: [
            Script(
                rule: "its code changed: the new one runs, with the data it had",
                change: [
                    "events/say/index.lua": "--@public true\n--@param text string = \"new\"\nprint('v2', data.text)"
                ], prints: ["v2\told"], error: nil),
            Script(
                rule: "another event of the group came before it", change: ["events/say/a.lua": "print('a')"],
                prints: ["v1\told"], error: nil),
            Script(
                rule: "another event of the group went", change: ["events/say/more.lua": nil], prints: ["v1\told"],
                error: nil),
            Script(
                rule: "another group came before its own", change: ["events/a/index.lua": "print('a')"],
                prints: ["v1\told"], error: nil),
            Script(
                rule: "the group's order changed",
                change: ["events/say/timeout.lua": "--@order -5\nreturn 0.5", "events/a/index.lua": "print('a')"],
                prints: ["v1\told"], error: nil),
            Script(
                rule: "a parameter with a default was added",
                change: [
                    "events/say/index.lua":
                        "--@param text string = \"x\"\n--@param n number = 3\nprint(data.text, data.n)"
                ], prints: ["old\t3"], error: nil),
            Script(
                rule: "a mandatory parameter was added: kept aside, and the log says so",
                change: ["events/say/index.lua": "--@param text string = \"x\"\n--@param n number\nprint(data.n)"],
                prints: [], error: nil,
                line: "players_1: pending event is kept aside: say/index needs parameter 'n' (number)"
            ),
            Script(
                rule: "its parameter was removed: kept aside, and the log says so",
                change: ["events/say/index.lua": "print('v2')"], prints: [], error: nil,
                line: "players_1: pending event is kept aside: say/index declares no parameter 'text'; it declares none"
            ),
            Script(
                rule: "its file went: kept aside, and the log says so", change: ["events/say/index.lua": nil],
                prints: [],
                error: nil,
                line: "players_1: pending event is kept aside: group 'say' has no event 'index'; it has more"),
            Script(
                rule: "its group went: kept aside, and the log says so",
                change: ["events/say/index.lua": nil, "events/say/more.lua": nil, "events/say/timeout.lua": nil],
                prints: [], error: nil, line: "players_1: pending event say/index is kept aside: no such group"),
            Script(
                rule: "a syntax error: the old code and the old declaration stay",
                change: ["events/say/index.lua": "--@public false\n--@param n number\nprint('v2' .. )"],
                prints: ["v1\told"], error: "events/say/index.lua:3: "),
            Script(
                rule: "a wrong annotation: the old code and the old declaration stay",
                change: ["events/say/index.lua": "--@public perhaps\nprint('v2')"], prints: ["v1\told"],
                error: "events/say/index.lua:1:11: "),
            Script(
                rule: "M11.14: no code: the old one stays",
                change: ["events/say/index.lua": "--@public true\n-- nothing\n"], prints: ["v1\told"],
                error: "events/say/index.lua"),
            Script(
                rule: "one good and one broken file at once: each for itself",
                change: [
                    "events/say/index.lua": "--@param text string = \"x\"\nprint('v2', data.text)",
                    "events/say/more.lua": "print('more' .. )",
                ], prints: ["v2\told"], error: "events/say/more.lua:1: "),
            Script(
                rule: "a broken game.yaml: the former one stays", change: ["game.yaml": "tick_rate: many\n"],
                prints: ["v1\told"], error: "game.yaml:1:12: "),
        ])
    func pending(_ example: Script) throws {
        let map = try Self.map()
        try QueueTests.add(map, "say", "more")
        map.tick()
        try map.simulation.world.addEvent(group: "say", to: try #require(map.entity("players_1")), now: map.now)
        try map.change(example.change)
        map.advance(1)
        #expect(Array(map.prints.dropFirst()) == example.prints)
        if let line = example.line { #expect(map.log.contains(line), "\(map.log)") }
        if let error = example.error {
            #expect(map.errors.count == 1 && map.errors[0].contains(error), "\(map.errors)")
        } else {
            #expect(map.errors == [])
        }
        #expect(map.players[1]?.kinds.contains(.refused) == false)
    }

    @Test("a broken declaration stays callable by clients as it was")
    func brokenDeclaration() throws {
        let map = try Self.map()
        try map.change(["events/say/index.lua": "--@public false\nprint('v2' .. )"])
        try map.command(1, "say", ["text": .string("hi")])
        #expect(map.prints == ["v1\thi"])
        try map.change(["events/say/index.lua": "--@public false\nprint('v2')"])
        map.advance(1)
        try map.command(1, "say")
        #expect(map.prints == ["v1\thi"])
        #expect(map.players[1]?.refusals.last?.object?["code"] == .string("not_public"))
    }

    @Test("files that are broken at the map's start are left out and named; the rest works; mended files are loaded")
    func brokenAtTheStart() throws {
        let map = try Self.map([
            "events/bad/index.lua": "--@public true\nif then",
            "components/bad.lua": "--@type number\n--@default 1\nif then",
            "components/worse.lua": "--@type nothing\n", "spawn/players.lua": "if then", "lib/bad.lua": "if then",
            "events/say/timeout.lua": "if then", "maps/1-broken.tmj": "{",
        ])
        let broken = [
            "events/bad/index.lua:2:", "components/bad.lua:3:", "components/worse.lua:1:", "spawn/players.lua:1:",
            "lib/bad.lua:1:", "events/say/timeout.lua:1:", "maps/1-broken.tmj",
        ]
        for file in broken { #expect(map.errors.contains { $0.contains(file) }, "\(file) \(map.errors)") }
        try map.command(1, "say")
        try map.command(1, "bad")
        #expect(map.prints == ["v1\told"])
        #expect(map.players[1]?.refusals.first?.object?["code"] == .string("unknown_event"))
        #expect(Self.component("bad", map) == .number(1))
        #expect(Self.component("worse", map) == nil)
        let count = map.errors.count
        map.advance(2)
        try map.change([
            "events/bad/index.lua": "--@public true\nobject.components.bad = 2 print(f())",
            "components/bad.lua": "--@type number\n--@default 1\nprint('trigger')",
            "lib/bad.lua": "function f() return 'lib' end",
        ])
        #expect(map.errors.dropFirst(count).allSatisfy { !$0.contains("bad") }, "\(map.errors)")
        try map.command(1, "bad")
        #expect(Array(map.prints.dropFirst()) == ["trigger", "lib"])
    }

    @Test("a broken file is logged once, not at every reload")
    func complainedOnce() throws {
        let map = try Self.map()
        try map.change(["events/say/index.lua": "if then"])
        for version in 1...3 { try map.change(["events/say/more.lua": "print(\(version))"]) }
        #expect(map.errors.count == 1, "\(map.errors)")
    }

    @Test("groups, tables of components and globals that scripts hold stay usable after a reload")
    func heldProxies() throws {
        let map = try Self.map([
            "components/bag.lua": "--@type json\n--@default {\"slots\":[1]}\n",
            "events/hold/index.lua": """
            --@public true
            group = group or object.events.say
            slots = slots or object.components.bag.slots
            slots[#slots + 1] = #slots
            print(group.action, group.timeout(), table.concat(slots, ' '))
            """, "events/hold/timeout.lua": "return 0",
        ])
        try map.command(1, "hold")
        try map.change([
            "events/aaa/index.lua": "return", "components/aaa.lua": "--@type number\n",
            "components/zzz.lua": "--@type json\n",
        ])
        try map.command(1, "hold")
        try map.change(["events/say/index.lua": nil, "events/say/more.lua": nil, "events/say/timeout.lua": nil])
        try map.command(1, "hold")
        #expect(map.prints == ["nil\t0.5\t1 1", "nil\t0.5\t1 1 2"])
        #expect(map.errors.last?.contains("this event group is not declared any more") == true, "\(map.errors)")
    }

    @Test("timeout formulas and spawn hooks are added, changed and removed")
    func otherScripts() throws {
        let map = try Self.map()
        func timeout() -> String {
            map.script("print(object.events.say.timeout())")
            return map.prints.last ?? ""
        }
        #expect(timeout() == "0.5")
        try map.change(["events/say/timeout.lua": "return 0.25"])
        #expect(timeout() == "0.25")
        try map.change(["events/say/timeout.lua": nil])
        #expect(timeout() == "1")
        try map.change(["spawn/objects.lua": "object.sort = 3"])
        map.script("print(objects.add('objects', {}).sort)")
        try map.change(["spawn/objects.lua": nil])
        map.script("print(objects.add('objects', {}).sort)")
        #expect(map.prints.suffix(2) == ["3", "0"])
    }

    @Test("a reload without a changed file sends and logs nothing")
    func nothingChanged() throws {
        let map = try Self.map()
        map.tick()
        let (lines, messages) = (map.log.count, map.players[1]?.messages.count)
        try map.change([:])
        #expect(map.log.count == lines)
        #expect(map.players[1]?.messages.count == messages)
    }

    @Test(
        "a changed map file: entities on new walls move to the nearest free tile, others stay; new maps can be moved to"
    )
    func mapFile() throws {
        let map = try Self.map(["maps/1-field.tmj": TestMaps.empty])
        map.script("objects.enemys_1.x = 4 objects.enemys_1.y = 3 print(pcall(function() object.map_id = 2 end))")
        try map.change(["maps/1-field.tmj": TestMaps.walled, "maps/2-cave.tmj": TestMaps.empty])
        map.script(
            "local e = objects.enemys_1 print(map.walkable(e.x, e.y), e.distance({x = 4, y = 3}), object.x, map.walkable(4, 3))"
        )
        #expect(map.prints.last == "true\t1\t5\tfalse")
        map.script("objects.enemys_1.map_id = 2")
        #expect(map.store.transferred.count == 1)
        #expect(map.errors == [])
    }
}
