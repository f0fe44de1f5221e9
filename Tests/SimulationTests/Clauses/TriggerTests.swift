import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Component triggers [2-lua-api 4, M8.6 Env 1]") struct TriggerTests {
    /// A case: the rule, the trigger of `hp` (and of other components), the script, its output and its log entries.
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let triggers: [String: String]
        let script: String
        let prints: [String]
        let errors: [String]

        init(_ rule: String, _ triggers: [String: String], _ script: String, prints: [String], errors: [String] = []) {
            self.rule = rule
            self.triggers = triggers
            self.script = script
            self.prints = prints
            self.errors = errors
        }

        var testDescription: String { rule }
    }

    static let cases = [
        Case(
            "it runs inside the assignment", ["hp": "print('in')"],
            "print('before') object.components.hp = 4 print('after')",
            prints: ["before", "in", "after"]),
        Case(
            "M8.6: object, name, value, old", ["hp": "print(object.key, name, old, value, object.components.hp)"],
            "objects.players_2.components.hp = 4", prints: ["players_2\thp\t5\t4\t4"]),
        Case("the same value is no change", ["hp": "print('in')"], "object.components.hp = 5", prints: []),
        Case(
            "nil is a value", ["hp": "print(old, value)"],
            "object.components.hp = nil object.components.hp = nil object.components.hp = 1",
            prints: ["5\tnil", "nil\t1"]),
        Case(
            "a text", ["title": "print(old, value)"],
            "object.components.title = 'knight' object.components.title = 'knight'", prints: ["novice\tknight"]),
        Case(
            "it reads the text just assigned, also when the table of all texts has just been moved",
            ["title": "if object.components.title ~= value then print(value, object.components.title) end"],
            "for i = 1, 300 do objects.add('objects', {prefab = 'p' .. i}) object.components.title = 't' .. i end",
            prints: []),
        Case(
            "a json component assigned whole: old is as it was",
            ["bag": "print(old.gold, value.gold, #old.slots, #value.slots)"],
            "object.components.bag = {gold = 3, slots = {1, 2}} object.components.bag = {gold = 3, slots = {1, 2}}",
            prints: ["0\t3\t0\t2"]),
        Case(
            "a json component changed in place", ["bag": "print(name, old.slots[1], value.slots[1])"],
            "object.components.bag.slots[1] = 'axe' object.components.bag.slots[1] = 'axe' object.components.bag.slots[1] = nil",
            prints: ["bag\tnil\taxe", "bag\taxe\tnil"]),
        Case(
            "value of a json component is the component itself, old a copy", ["bag": "value.gold = 9 old.gold = 8"],
            "object.components.bag.slots[1] = 1 print(object.components.bag.gold)", prints: ["9"]),
        Case(
            "writing the same component inside stores without triggering again",
            ["hp": "print(value) if value > 10 then object.components.hp = 10 end"],
            "object.components.hp = 50 print(object.components.hp)", prints: ["50", "10"]),
        Case(
            "writing the same component of another entity triggers there",
            [
                "hp":
                    "print(object.key, value) if object.key == 'players_1' then objects.players_2.components.hp = value end"
            ],
            "object.components.hp = 3", prints: ["players_1\t3", "players_2\t3"]),
        Case(
            "writing another component inside triggers that one",
            ["hp": "object.components.mana = value * 2 print('hp')", "mana": "print('mana', value)"],
            "object.components.hp = 3", prints: ["mana\t6", "hp"]),
        Case(
            "globals of an outer trigger are back after an inner one",
            [
                "hp":
                    "if object.key == 'players_1' then objects.players_2.components.hp = 1 end print(object.key, name, value, old)"
            ],
            "object.components.hp = 3", prints: ["players_2\thp\t1\t5", "players_1\thp\t3\t5"]),
        Case(
            "the object of the script that assigned is back after the trigger", ["hp": "object = nil"],
            "objects.players_2.components.hp = 3 print(object.key)", prints: ["players_1"]),
        Case(
            "M8.6: a returned value is written to the error log", ["hp": "return 'hp is ' .. value"],
            "object.components.hp = 3 print('on')",
            prints: ["on"], errors: ["components/hp.lua returned hp is 3"]),
        Case(
            "M8.6: a returned table is written as JSON", ["hp": "return {value, {a = true}}"],
            "object.components.hp = 3", prints: [],
            errors: [#"components/hp.lua returned [3,{"a":true}]"#]),
        Case(
            "M8.6: a returned entity is written by its key", ["hp": "return object"], "object.components.hp = 3",
            prints: [], errors: ["components/hp.lua returned players_1"]),
        Case(
            "M8.6: false is a value, nil is none", ["hp": "if value == 1 then return false end return nil"],
            "object.components.hp = 1 object.components.hp = 2", prints: [],
            errors: ["components/hp.lua returned false"]),
        Case(
            "an error in it does not stop the script that assigned, the value stays", ["hp": "error('no')"],
            "object.components.hp = 3 print(object.components.hp)", prints: ["3"], errors: ["components/hp.lua:3: no"]),
        Case(
            "a runtime error in it does not stop the script that assigned", ["hp": "local x = nil + 1"],
            "object.components.hp = 3 print('on')", prints: ["on"],
            errors: ["components/hp.lua:3: attempt to perform arithmetic on a nil value"]),
        Case(
            "M8.6: what can't be written as JSON is still told",
            [
                "hp":
                    "if value == 1 then return print elseif value == 2 then return 0/0 elseif value == 3 then return 1/0 end return {print}"
            ],
            "for i = 1, 4 do object.components.hp = i end", prints: [],
            errors: [
                "components/hp.lua returned a function", "components/hp.lua returned NaN",
                "components/hp.lua returned infinity", "",
            ]),
        Case(
            "M8.6: only the first of several returned values is written", ["hp": "return 1, 2"],
            "object.components.hp = 3", prints: [], errors: ["components/hp.lua returned 1"]),
        Case(
            "its own component of an entity that takes the place of its own triggers",
            [
                "hp":
                    "print(object.key, value) if value == 0 then object.remove() objects.add('enemys', {x = 1, y = 1}).components.hp = 9 end"
            ],
            "objects.enemys_1.components.hp = 0", prints: ["enemys_1\t0", "enemys_101\t9"]),
        Case(
            "its own component, once it has ended, triggers again", ["hp": "print(value)"],
            "object.components.hp = 1 object.components.hp = 2", prints: ["1", "2"]),
        Case(
            "its own component through another's trigger is its own still",
            [
                "hp": "print('hp', value) object.components.mana = value",
                "mana": "object.components.hp = value + 1 print('mana')",
            ],
            "object.components.hp = 3 print(object.components.hp)", prints: ["hp\t3", "mana", "4"]),
        Case(
            "its own json component changed in place does not trigger again",
            ["bag": "print('in') value.gold = value.gold + 1 value.slots[1] = 'a'"],
            "object.components.bag.gold = 5 print(object.components.bag.gold, #object.components.bag.slots)",
            prints: ["in", "6\t1"]),
        Case(
            "what it holds of the entity that it removed is gone",
            ["bag": "object.remove() print(pcall(function() return value.gold end))"],
            "objects.enemys_1.components.bag.gold = 1",
            prints: ["false\tcomponents/bag.lua:4: entity enemys_1 was removed"]),
        Case(
            "it may remove its entity", ["hp": "if value <= 0 then object.remove() end"],
            "objects.enemys_1.components.hp = 0 print(objects.enemys_1)", prints: ["nil"]),
        Case(
            "it may remove its entity, whose json is written", ["bag": "object.remove()"],
            "objects.enemys_1.components.bag.gold = 0.5 print(objects.enemys_1)", prints: ["nil"]),
        Case(
            "it may add entities and events",
            ["hp": "objects.add('objects', {x = 1, y = 1}) object.events.add('heal') print(objects.count())"],
            "object.components.hp = 3", prints: ["7"]),
        Case(
            "table.sort and table.insert on a component trigger with each store",
            ["list": "print(table.concat(value, ' '))"],
            "table.insert(object.components.list, 'a') table.insert(object.components.list, 1, 'b')",
            prints: ["a", "a a", "b a"]),
        Case(
            "its own globals last until it is reloaded", ["hp": "count = (count or 0) + 1 print(count)"],
            "object.components.hp = 3 object.components.hp = 2", prints: ["1", "2"]),
        Case(
            "it runs for a value that objects.add is given", ["hp": "print('in')"],
            "objects.add('enemys', {x = 1, y = 1, components = {hp = 77}})", prints: ["in"]),
    ]

    @Test("a trigger", arguments: cases)
    func trigger(_ example: Case) throws {
        // One of the scripts needs more than the usual 50 ms on a slow machine.
        var files = ["game.yaml": "event_time_limit_ms: 10000\n"]
        for (name, code) in example.triggers {
            files["components/\(name).lua"] = try #require(ScriptWorld.files["components/\(name).lua"]) + code
        }
        let map = try ScriptWorld.map(files)
        map.script(example.script)
        #expect(map.prints == example.prints)
        #expect(map.errors.count == example.errors.count, "\(map.errors)")
        for (given, expected) in zip(map.errors, example.errors) {
            #expect(given.contains(expected), "\(map.errors)")
        }
    }

    @Test("triggers nest 8 deep, then raise an error; the assigned value stays")
    func nesting() throws {
        var files: [String: String] = [:]
        for index in 1...12 {
            files["components/c\(index).lua"] = "--@type number\nobject.components.c\(index + 1) = value"
        }
        files["components/c13.lua"] = "--@type number\n"
        let map = try ScriptWorld.map(files)
        map.script("object.components.c1 = 3 print('on')")
        #expect(map.prints == ["on"])
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.contains(
                "components/c8.lua:2: triggers and hooks nest deeper than 8: c9 was set, its trigger not run")
                == true, "\(map.errors)")
        let entity = try #require(map.entity("players_1"))
        #expect(map.simulation.world.component("c9", of: entity) == .number(3))
        #expect(map.simulation.world.component("c10", of: entity) == .null)
    }

    @Test("M8.6: the error log names the trigger, its entity and the kind 'returned'")
    func returned() throws {
        let map = try ScriptWorld.map(["components/hp.lua": "--@type number\nreturn 1"])
        map.script("objects.enemys_2.components.hp = 3")
        let entry = try #require(map.simulation.log.errors.last)
        #expect(entry.script == "components/hp.lua")
        #expect(entry.kind == "returned")
        #expect(entry.entity == "enemys_2")
    }

    @Test("an endless trigger costs one time limit; the script that assigned the value is stopped too, the map goes on")
    func endless() throws {
        let map = try ScriptWorld.map([
            "components/hp.lua": "--@type number\n--@default 5\nwhile true do end",
            "game.yaml": "event_time_limit_ms: 10\n",
        ])
        map.script("pcall(function() object.components.hp = 1 end) print('not reached')")
        #expect(map.prints == [])
        #expect(map.simulation.log.errors.map(\.kind).contains("time_limit"))
        map.script("print('next')")
        #expect(map.prints == ["next"])
    }
}
