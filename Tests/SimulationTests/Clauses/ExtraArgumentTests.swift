import GameRules
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Arguments that a function does not know, and ipairs of what has names [2-lua-api 7]")
struct ExtraArgumentTests {
    static let cases = [
        ScriptCase(
            "events.add names a fourth", "object.events.add('heal', 'index', {}, 5)",
            error: "events.add takes group, event, data; it does not know argument 4 (5)"),
        ScriptCase(
            "… and does nothing",
            "pcall(object.events.add, 'heal', 'index', {}, 'x') print(object.events.heal.action)", prints: ["nil"]),
        ScriptCase(
            "several are all named", "object.events.add('heal', nil, nil, true, 'x', {}, print)",
            error: "it does not know argument 4 (true) and argument 5 (a string) and argument 6 (a table) and "
                + "argument 7 (a function)"),
        ScriptCase(
            "a colon does not count", "object.events:add('heal', 'index', {}, 5)", error: "argument 4 (5)"),
        ScriptCase("nil counts too", "object.events.remove('heal', nil)", error: "argument 2 (nil)"),
        ScriptCase(
            "objects.add, which forgives wrong data, does not forgive it either",
            "objects.add('enemys', {x = 1, y = 1}, 'goblin')",
            error: "objects.add takes type, data; it does not know argument 3 (a string)"),
        ScriptCase(
            "… with wrong data before it", "objects.add('x', {print}, 5)",
            error: "objects.add takes type, data; it does not know argument 3 (5)"),
        ScriptCase(
            "more than the host takes", "objects.count('enemys', unpack({}, 1, 40))",
            error: "objects.count takes type; it does not know argument 2 (nil)"),
        ScriptCase(
            "none known", "object.position(1)", error: "position takes no arguments; it does not know argument 1 (1)"),
        ScriptCase("microtime", "microtime(1)", error: "microtime takes no arguments; it does not know argument 1 (1)"),
        ScriptCase("keys", "keys({}, 1)", error: "keys takes t; it does not know argument 2 (a number)"),
        ScriptCase("split", "split('a', ',', 1)", error: "split takes text, separator; it does not know argument 3"),
        ScriptCase("copy", "copy({}, {})", error: "copy takes t; it does not know argument 2 (a table)"),
        ScriptCase("array", "array({}, {})", error: "array takes t; it does not know argument 2 (a table)"),
        ScriptCase("exists", "exists(object, 1)", error: "exists takes entity; it does not know argument 2 (1)"),
        ScriptCase(
            "print and error know any", "print(1, nil, nil) pcall(error, 'x', 1, 2)", prints: ["1\tnil\tnil"],
            error: "x"),
        ScriptCase(
            "ipairs(objects) says what to write", "for _, o in ipairs(objects) do print(o) end",
            error: "ipairs counts 1, 2, 3, and the keys of objects are texts such as players_1; write "
                + "for key, entity in pairs(objects)"),
        ScriptCase("ipairs(object)", "ipairs(object)", error: "this entity has names; write for name, value in pairs"),
        ScriptCase("ipairs(object.components)", "ipairs(object.components)", error: "this components has names"),
        ScriptCase("ipairs(map)", "ipairs(map)", error: "this map has names"),
        ScriptCase(
            "ipairs(object.events)", "for _ in ipairs(object.events) do end",
            error: "events has groups by name, not by number; write for name, group in pairs(object.events)"),
        ScriptCase(
            "ipairs of a list in a component and of objects.near goes on",
            "object.components.list = {'a'} for i, v in ipairs(object.components.list) do print(i, v) end "
                + "for i, o in ipairs(objects.near(5, 5, 0.1)) do print(i, o.key) end",
            prints: ["1\ta", "1\tplayers_1"]),
    ]

    @Test("a rule", arguments: cases) func rule(_ one: ScriptCase) throws { try one.check() }

    @Test("every function of every class refuses one argument more than it has")
    func every() throws {
        let owners = [
            "Entity": "object.", "Events": "object.events.", "EventGroup": "object.events.heal.",
            "Objects": "objects.", "Map": "map.",
        ]
        let sockets = Set(ScriptAPI.socketClasses.map(\.name))
        for owner in ScriptAPI.classes where !sockets.contains(owner.name) {
            let prefix = try #require(owners[owner.name])
            for member in owner.members {
                guard let function = member.function else { continue }
                let arguments = repeatElement("'x'", count: function.parameters.count + 1).joined(separator: ", ")
                let map = try ScriptWorld.map()
                map.script("\(prefix)\(member.name)(\(arguments))")
                let expected = "does not know argument \(function.parameters.count + 1) (a string)"
                #expect(
                    map.errors.count == 1 && map.errors[0].contains(expected), "\(prefix)\(member.name) \(map.errors)")
            }
        }
    }
}
