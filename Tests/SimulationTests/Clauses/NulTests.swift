import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Texts with the character NUL: refused in names, kept in components") struct NulTests {
    static let refused = [
        "object.prefab = 'a\\0b'", "object.side = '\\0'", "object.action = 'a\\0'",
        "assert(not pcall(function() object.side = '\\0x' end)) object.side = '\\0x'",
    ]

    @Test("a name can't be assigned with NUL", arguments: refused) func assigned(_ script: String) throws {
        try ScriptCase(script, script, error: "can't contain the character NUL").check()
    }

    @Test("an entity can't be added with NUL in a name", arguments: ["prefab", "side", "action"])
    func added(_ field: String) throws {
        try ScriptCase(
            field, "print(objects.add('objects', {\(field) = 'a\\0b'}), objects.count())", prints: ["nil\t6"],
            error: "\(field) can't contain the character NUL"
        ).check()
    }

    static let kept = [
        ScriptCase(
            "in a component of type string", "object.components.title = 'a\\0b' print(#object.components.title)",
            prints: ["3"]),
        ScriptCase(
            "in a component of type json, as value and as key",
            "object.components.bag = {['k\\0y'] = 'v\\0'} local bag = object.components.bag "
                + "print(#bag['k\\0y'], bag.k, next(copy(bag)) == 'k\\0y')",
            prints: ["2\tnil\ttrue"]),
        ScriptCase(
            "in an event's data",
            "object.events.add('note', nil, {text = 'a\\0b'}) print(#object.events.note.data.text)", prints: ["3"]),
        ScriptCase(
            "no name is found that only begins the same",
            "print(objects['players_1\\0'], pcall(function() return object['x\\0'] end) == false)",
            prints: ["nil\ttrue"]),
    ]

    @Test("a value is kept whole", arguments: kept) func values(_ one: ScriptCase) throws { try one.check() }

    @Test("a world refuses a record with NUL in a name") func record() throws {
        let map = try ScriptWorld.map()
        for field in ["login", "prefab", "side", "action"] {
            var record = EntityRecord(key: EntityKey(.objects, 77), mapID: 1)
            switch field {
            case "login": record.login = "\0"
            case "prefab": record.prefab = "\0"
            case "side": record.side = "\0"
            default: record.action = "\0"
            }
            #expect(throws: WorldError.nulInName(name: field)) { try map.simulation.world.add(record) }
        }
    }
}
