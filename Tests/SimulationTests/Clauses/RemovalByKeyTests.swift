import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Removing by key, and entities that are gone [2-lua-api 7]") struct RemovalByKeyTests {
    static let cases = [
        ScriptCase(
            "object.remove(key) removes that entity, not the caller",
            "print(object.remove('enemys_1'), objects.enemys_1, objects.players_1 == object, objects.count())",
            prints: ["true\tnil\ttrue\t5"]),
        ScriptCase("… also with a colon", "print(object:remove('enemys_2'), objects.enemys_2)", prints: ["true\tnil"]),
        ScriptCase(
            "… and false where nobody is", "print(object.remove('enemys_77'), object.remove('x'), objects.count())",
            prints: ["false\tfalse\t6"]),
        ScriptCase(
            "… with its own key it removes the caller",
            "print(objects.enemys_1.remove('enemys_1'), objects.enemys_1)", prints: ["true\tnil"]),
        ScriptCase(
            "… called with the entity itself, it removes it as without an argument",
            "local e = objects.enemys_1 e.remove(e) print(objects.enemys_1)", prints: ["nil"]),
        ScriptCase(
            "another entity is no key", "object.remove(objects.enemys_1)",
            error: "remove takes nothing, to remove this entity, or the key of the entity to remove; got an entity"),
        ScriptCase(
            "nil is no key: a key that was not found must not remove the caller", "object.remove(nil)",
            error: "got nil"),
        ScriptCase("a number is no key", "object.remove(1)", error: "got 1"),
        ScriptCase("a table is no key", "object.remove({})", error: "got table"),
        ScriptCase("a boolean is no key", "object.remove(true)", error: "got boolean"),
        ScriptCase(
            "a second argument is unknown", "object.remove('enemys_1', 2)",
            error: "remove takes key; it does not know argument 2 (2)"),
        ScriptCase(
            "objects.remove of what is gone is false",
            "local e = objects.enemys_1 print(objects.remove(e), objects.remove(e), objects.remove('enemys_1'))",
            prints: ["true\tfalse\tfalse"]),
        ScriptCase(
            "objects[gone] = nil does nothing", "local e = objects.enemys_1 e.remove() objects[e] = nil print('on')",
            prints: ["on"]),
        ScriptCase(
            "exists tells of a kept entity",
            "local e = objects.enemys_1 print(exists(e)) e.remove() print(exists(e), exists(objects.enemys_1))",
            prints: ["true", "false\tfalse"]),
        ScriptCase(
            "exists is about that entity, not about the one in its place",
            "local e = objects.enemys_1 e.remove() local new = objects.add('enemys', {x = 1, y = 1}) "
                + "print(exists(e), exists(new))", prints: ["false\ttrue"]),
        ScriptCase(
            "exists(object)", "print(exists(object)) object.remove() print(exists(object))",
            prints: [
                "true", "false",
            ]),
        ScriptCase(
            "a text is no entity", "exists('enemys_1')",
            error: "exists takes an entity or nil, got string; for a key, objects[key] is nil when there is none"),
        ScriptCase("a number is no entity", "exists(3)", error: "exists takes an entity or nil, got 3"),
        ScriptCase("nothing is no entity", "exists()", error: "exists takes an entity or nil, got nil"),
        ScriptCase(
            "its components are not it", "exists(object.components)", error: "exists takes an entity or nil, got "),
    ]

    @Test("a rule", arguments: cases) func rule(_ one: ScriptCase) throws { try one.check() }

    @Test("a timeout formula may ask, and may remove nobody")
    func readOnly() throws {
        let map = try ScriptWorld.map([
            "events/a/index.lua": "local nothing",
            "events/a/timeout.lua":
                "pcall(object.remove, 'enemys_1') pcall(objects.remove, 'enemys_1') return exists(object) and 3 or 4",
        ])
        map.script("print(object.events.a.timeout(), exists(objects.enemys_1))")
        #expect(map.prints == ["3\ttrue"])
    }
}
