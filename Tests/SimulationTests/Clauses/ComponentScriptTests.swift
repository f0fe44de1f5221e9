import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("components in a script [2-lua-api 4]") struct ComponentScriptTests {
    static let plain = [
        ScriptCase(
            "M10.1: read, assigned and seen by the next line",
            "local c = object.components c.hp = c.hp - 2 c['title'] = 'knight' print(c.hp, c.title)",
            prints: ["3\tknight"]),
        ScriptCase(
            "M10.1: pairs lists what is not nil",
            "local k = {} for name, value in pairs(object.components) do k[#k + 1] = name end table.sort(k) print(table.concat(k, ' '))",
            prints: ["bag hp list title"]),
        ScriptCase(
            "M10.1: next walks them too",
            "local n, k, v = 0, next(object.components) while k do n = n + 1 k, v = next(object.components, k) end print(n)",
            prints: ["4"]),
        ScriptCase(
            "4: keys(components)", "print(#keys(object.components), #keys(objects.enemys_1.components))",
            prints: ["4\t5"]),
        ScriptCase(
            "M9.4: assigning to the loop's value does nothing",
            "for k, value in pairs(object.components) do value = 1 end print(object.components.hp)", prints: ["5"]),
        ScriptCase(
            "M10.3: nil is allowed, and a value again",
            "object.components.hp = nil print(object.components.hp) object.components.hp = 2 print(object.components.hp)",
            prints: ["nil", "2"]),
        ScriptCase(
            "M10.3: a text may be nil, and empty",
            "local c = object.components c.title = nil print(c.title) c.title = '' print(c.title == '')",
            prints: ["nil", "true"]),
        ScriptCase(
            "M10.3: json may be nil",
            "local c = object.components c.bag = nil print(c.bag) c.bag = {a = 1} print(c.bag.a)", prints: ["nil", "1"]),
        ScriptCase(
            "4: a component without a default is nil",
            "print(object.components.mana) object.components.mana = 3 print(object.components.mana)",
            prints: ["nil", "3"]),
        ScriptCase(
            "M10.3: a number takes no text", "object.components.hp = '5'",
            error: "hp must be a finite number or nil, got string"),
        ScriptCase(
            "M10.3: a number takes no NaN", "object.components.hp = 0/0",
            error: "hp must be a finite number or nil, got NaN"),
        ScriptCase(
            "M10.3: a number takes no infinity", "object.components.hp = 1/0",
            error: "hp must be a finite number or nil, got infinity"),
        ScriptCase(
            "M10.3: a number takes no boolean", "object.components.hp = true",
            error: "hp must be a finite number or nil, got boolean"),
        ScriptCase(
            "M10.3: a text takes no number", "object.components.title = 5",
            error: "component 'title' takes a string or nil, got 5"),
        ScriptCase(
            "M10.3: a text takes no table", "object.components.title = {}",
            error: "component 'title' takes a string or nil, got table"),
        ScriptCase(
            "M10.3: json takes no number", "object.components.bag = 5",
            error: "component 'bag' takes a table or nil, got 5"),
        ScriptCase(
            "M10.3: json takes no text", "object.components.bag = '{}'",
            error: "component 'bag' takes a table or nil, got string"),
        ScriptCase(
            "M10.3: json takes no function", "object.components.bag = print", error: "a function can't be stored"),
        ScriptCase(
            "M10.3: json takes no entity", "object.components.bag = object",
            error: "an entity can't be stored as a value; store its key"),
        ScriptCase(
            "M10.2: an undeclared component can't be read", "print(object.components.stamina)",
            error: "players have no component 'stamina'; they have bag, hp, list, mana, title"),
        ScriptCase(
            "M10.2: an undeclared component can't be written", "object.components.stamina = 1",
            error: "players have no component 'stamina'"),
        ScriptCase(
            "4: one that is declared for another type can't be read", "print(object.components.aggro)",
            error: "players have no component 'aggro'; they have bag, hp, list, mana, title"),
        ScriptCase(
            "4: one that is declared for another type can't be written", "object.components.aggro = 2",
            error: "players have no component 'aggro'"),
        ScriptCase(
            "4: private components are open to scripts",
            "objects.players_2.components.bag.gold = 7 print(objects.players_2.components.bag.gold)", prints: ["7"]),
        ScriptCase("4: a number is no component", "print(object.components[1])", error: "players have no component '1"),
    ]

    @Test("numbers and texts", arguments: plain)
    func values(_ example: ScriptCase) throws { try example.check() }
}
