import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Triggers of the components that objects.add is given, before the spawn hooks [2-lua-api 7]")
struct GivenComponentTests {
    static let files = [
        "components/hp.lua": "--@type number\n--@default 5\n"
            + "print('hp', old, value) if value > 10 then object.components.hp = 10 end",
        "components/title.lua": "--@type string\nprint('title', old, value, object.components.hp)",
        "components/bag.lua": "--@type json\n--@default {}\nprint('bag', next(old), value.gold)",
        "components/open.lua": "--@type boolean\n--@default false\nprint('open', old, value)",
        "spawn/enemys.lua": "if object.x == 1 then print('spawn', object.components.hp) end",
    ]

    static let cases = [
        ScriptCase(
            "a clamping trigger clamps what is given, before the hook reads it",
            "print(objects.add('enemys', {x = 1, y = 1, components = {hp = 50}}).components.hp)",
            prints: ["hp\t5\t50", "spawn\t10", "10"]),
        ScriptCase(
            "each by ascending name, and all values are there from the start",
            "objects.add('enemys', {x = 1, y = 1, components = {title = 'a', open = true, hp = 7, bag = {gold = 3}}})",
            prints: ["bag\tnil\t3", "hp\t5\t7", "open\tfalse\ttrue", "title\tnil\ta\t7", "spawn\t7"]),
        ScriptCase(
            "a value that equals the default is no change",
            "objects.add('enemys', {x = 1, y = 1, components = {hp = 5, open = false, bag = {}}})", prints: ["spawn\t5"]
        ),
        ScriptCase(
            "without components none runs", "objects.add('enemys', {x = 1, y = 1})", prints: ["spawn\t5"]),
    ]

    @Test("a rule", arguments: cases) func rule(_ one: ScriptCase) throws { try one.check(Self.files) }

    @Test("a trigger that fails is told, and the entity is there") func failing() throws {
        let map = try ScriptWorld.map(["components/hp.lua": "--@type number\n--@default 5\nnothing()"])
        map.script("print(objects.add('objects', {x = 1, y = 1, components = {hp = 6}}).components.hp)")
        #expect(map.prints == ["6"])
        #expect(map.errors.count == 1 && map.errors[0].contains("components/hp.lua"), "\(map.errors)")
    }

    @Test("a trigger that removes the entity ends it, and no hook runs") func removing() throws {
        var files = Self.files
        files["components/hp.lua"] = "--@type number\n--@default 5\nif value <= 0 then object.remove() end"
        let map = try ScriptWorld.map(files)
        map.script(
            "local e = objects.add('enemys', {x = 1, y = 1, components = {hp = 0, title = 'x'}}) print(exists(e))")
        #expect(map.prints == ["false"] && map.errors == [])
    }

    @Test("a trigger that adds entities of its own kind without end stops at the limit") func nesting() throws {
        let map = try ScriptWorld.map([
            "components/hp.lua":
                "--@type number\n--@default 5\nobjects.add('objects', {x = 1, y = 1, components = {hp = value + 1}})"
        ])
        map.script("objects.add('objects', {x = 1, y = 1, components = {hp = 6}}) print('on')")
        #expect(map.prints == ["on"])
        #expect(map.errors.contains { $0.contains("nothing was added") }, "\(map.errors)")
        #expect(map.simulation.world.count < 30)
    }

    @Test("stored entities come back without them") func stored() throws {
        let record = EntityRecord(
            key: EntityKey(.enemys, 9), mapID: 1, x: 1, y: 1, components: ["hp": .number(50)])
        let map = try TestMap(Self.files, records: [record])
        #expect(map.prints == ["spawn\t50"])
    }
}
