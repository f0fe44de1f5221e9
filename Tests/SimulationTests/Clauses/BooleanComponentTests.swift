import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Components of type boolean [2-lua-api 7]") struct BooleanComponentTests {
    static let files = [
        "components/open.lua": "--@type boolean\n--@default false\n",
        "components/seen.lua": "--@type boolean\n",
        "components/lit.lua": "--@type boolean\n--@default true\nprint(name, old, value, object.components.lit)\n",
    ]

    static let cases = [
        ScriptCase(
            "the default, and nil without one",
            "local c = object.components print(c.open, c.seen, c.lit, type(c.open))",
            prints: ["false\tnil\ttrue\tboolean"]),
        ScriptCase(
            "it keeps true, false and nil",
            "local c = object.components for _, v in ipairs({true, false}) do c.open = v print(c.open == v, c.open) end "
                + "c.open = nil print(c.open)", prints: ["true\ttrue", "true\tfalse", "nil"]),
        ScriptCase("false is false in a condition", "print(object.components.open and 1 or 2)", prints: ["2"]),
        ScriptCase(
            "it is listed", "local n = 0 for k, v in pairs(object.components) do if v == false then print(k) end end",
            prints: ["open"]),
        ScriptCase(
            "a trigger runs for a different value, with old and value",
            "local c = object.components c.lit = true c.lit = false c.lit = false c.lit = nil c.lit = true",
            prints: ["lit\ttrue\tfalse\tfalse", "lit\tfalse\tnil\tnil", "lit\tnil\ttrue\ttrue"]),
        ScriptCase(
            "objects.add", "print(objects.add('objects', {components = {open = true}}).components.open)",
            prints: ["true"]),
        ScriptCase(
            "a number is refused", "object.components.open = 1",
            error: "open must be true or false or nil, got a number"),
        ScriptCase(
            "a text is refused", "object.components.open = 'true'",
            error: "open must be true or false or nil, got a string"),
        ScriptCase("a table is refused", "object.components.open = {}", error: "got a table"),
        ScriptCase(
            "objects.add refuses another type", "print(objects.add('objects', {components = {open = 1}}))",
            prints: ["nil"], error: "component 'open' takes a boolean or nil, got number"),
        ScriptCase(
            "a number component refuses a boolean", "object.components.hp = true", error: "must be a finite number"),
    ]

    @Test("a rule", arguments: cases) func rule(_ one: ScriptCase) throws { try one.check(Self.files) }

    @Test("clients get true, false and null, and only what differs")
    func wire() throws {
        let map = try ScriptWorld.map(Self.files)
        let player = try #require(map.players[1])
        map.script("object.components.open = true object.components.seen = false")
        let state = try #require(player.world["players_1"]?["components"]?.object)
        #expect(state["open"] == .bool(true) && state["seen"] == .bool(false) && state["lit"] == .bool(true))
        map.script("object.components.open = nil object.components.seen = true object.components.seen = false")
        let after = try #require(player.world["players_1"]?["components"]?.object)
        #expect(after["open"] == .null && after["seen"] == .bool(false))
    }

    @Test("it is stored, read back, and kept by a reload")
    func stored() throws {
        let map = try ScriptWorld.map(Self.files)
        map.script("object.components.open = true object.components.seen = false object.components.lit = nil")
        let entity = try #require(map.entity("players_1"))
        let record = try #require(map.simulation.world.record(of: entity))
        #expect(record.components["open"] == .bool(true) && record.components["seen"] == .bool(false))
        #expect(record.components["lit"] == .null)
        try map.change(["components/open.lua": "--@type boolean\n--@default false\nlocal x = 1\n"])
        map.script("print(object.components.open)")
        #expect(map.prints.last == "true")
    }

    @Test(
        "a value is converted when a component's type changes",
        arguments: [
            ("--@type number\n", "1", "true"), ("--@type number\n", "0", "false"), ("--@type number\n", "2", "nil"),
            ("--@type string\n", "'true'", "true"), ("--@type string\n", "'false'", "false"),
            ("--@type string\n", "'yes'", "nil"), ("--@type json\n", "{}", "nil"),
        ])
    func retyped(_ old: String, value: String, expected: String) throws {
        let map = try ScriptWorld.map(["components/flag.lua": old])
        map.script("object.components.flag = \(value)")
        try map.change(["components/flag.lua": "--@type boolean\n"])
        map.script("print(object.components.flag)")
        #expect(map.prints == [expected])
    }

    @Test("and back", arguments: [("number", "true", "1"), ("number", "false", "0"), ("string", "true", "true")])
    func retypedBack(_ type: String, value: String, expected: String) throws {
        let map = try ScriptWorld.map(["components/flag.lua": "--@type boolean\n"])
        map.script("object.components.flag = \(value)")
        try map.change(["components/flag.lua": "--@type \(type)\n"])
        map.script("print(object.components.flag)")
        #expect(map.prints == [expected])
    }
}
