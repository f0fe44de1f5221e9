import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("objects [2-lua-api 2]") struct ObjectsScriptTests {
    static let reading = [
        ScriptCase(
            "M9.1: objects[key] is the entity, nil without one",
            "print(objects.players_1.id, objects['nobody_1'], objects[3])",
            prints: ["1\tnil\tnil"]),
        ScriptCase(
            "M9.2: pairs(objects) gives every entity by key",
            "local all = {} for k, v in pairs(objects) do all[#all + 1] = k; assert(v.key == k) end table.sort(all) print(table.concat(all, ' '))",
            prints: ["animals_3 enemys_1 enemys_2 objects_4 players_1 players_2"]),
        ScriptCase(
            "M9.2: next(objects, key) walks all of them",
            "local n, k, v = 0, next(objects) while k do n = n + 1; assert(v.key == k); k, v = next(objects, k) end print(n)",
            prints: ["6"]),
        ScriptCase("keys(objects)", "local k = keys(objects) table.sort(k) print(#k, k[1])", prints: ["6\tanimals_3"]),
        ScriptCase(
            "M9.4: objects[key] = nil destroys it, one that is not there is no error",
            "objects['enemys_1'] = nil objects['enemys_77'] = nil print(objects.enemys_1, objects.count())",
            prints: ["nil\t5"]),
        ScriptCase(
            "2: only nil can be assigned to objects[key]", "objects.enemys_1 = {}",
            error:
                "events/testing/index.lua:1: only nil can be assigned to objects[key], it removes the entity; use objects.add(type, data)"
        ),
        ScriptCase(
            "2: a number is no key", "objects[1] = nil", error: "an entity's key must be a string, got 1"),
        ScriptCase(
            "2: those removed in the loop are skipped, those added are not visited",
            "local n = 0 for k, v in pairs(objects) do n = n + 1 "
                + "if v.type ~= 'players' then v.remove() end "
                + "if n == 1 then for k2, v2 in pairs(objects) do if v2.type == 'enemys' then v2.remove() end end end "
                + "objects.add('objects', {x = 1, y = 1}) end print(n, objects.count('objects') == n, objects.count())",
            prints: ["5\ttrue\t7"]),
        ScriptCase(
            "2: next(objects, key) goes on after its entity was removed",
            "local n, k, v = 0, next(objects) while k do n = n + 1 if v.type == 'enemys' then v.remove() end k, v = next(objects, k) end "
                + "print(n, objects.count())",
            prints: ["6\t4"]),
        ScriptCase(
            "2: next(objects, unknown) is an error as in Lua", "next(objects, 'nobody')", error: "invalid key to 'next'"
        ),
        ScriptCase(
            "M9.5: objects.remove(key) is true, or false if there is none",
            "print(objects.remove('enemys_1'), objects.remove('enemys_1'), objects.count())", prints: ["true\tfalse\t5"]
        ),
        ScriptCase(
            "2: objects.remove takes the entity too", "print(objects.remove(objects.enemys_1), objects.enemys_1)",
            prints: ["true\tnil"]),
        ScriptCase(
            "2: objects.near gives proxies within the radius, nearest first",
            "local found = {} for i, o in ipairs(objects.near(5, 5, 3)) do found[i] = o.key end print(table.concat(found, ' '))",
            prints: ["players_1 players_2 animals_3 objects_4"]),
        ScriptCase(
            "2: objects.near(…, type) takes one type",
            "local n = objects.near(5, 5, 100, 'enemys') print(#n, n[1].key, n[2].key)",
            prints: ["2\tenemys_1\tenemys_2"]),
        ScriptCase(
            "2: objects.near sees a move and a removal of the line before",
            "objects.enemys_1.x = 5.1 objects.enemys_1.y = 5 objects.players_2.x = 9 objects.animals_3.remove() "
                + "local n = objects.near(5, 5, 1) print(#n, n[2].key)",
            prints: ["2\tenemys_1"]),
        ScriptCase(
            "2: objects.near of nothing is empty", "print(#objects.near(0, 9, 0.5), #objects.near(5, 5, -1))",
            prints: ["0\t0"]),
        ScriptCase("2: objects.near refuses NaN", "objects.near(0/0, 1, 1)", error: "x must be a finite number, got"),
        ScriptCase(
            "2: objects.near refuses an unknown type", "objects.near(1, 1, 1, 'goblins')",
            error: "type must be players, enemys, animals or objects, got 'goblins'"),
        ScriptCase(
            "2: objects.near needs a radius", "objects.near(1, 1)", error: "radius must be a finite number, got nil"),
        ScriptCase(
            "2: objects.count([type])", "print(objects.count(), objects.count('players'), objects.count('animals'))",
            prints: ["6\t2\t1"]),
        ScriptCase("2: objects.count refuses an unknown type", "objects.count('x')", error: "type must be players"),
        ScriptCase(
            "2: a colon works as well as a dot", "print(objects:count('players'), #objects:near(5, 5, 0.1))",
            prints: ["2\t1"]),
        ScriptCase(
            "1: tostring shows no address", "print(objects, map, object)",
            prints: ["userdata: objects\tuserdata: map 1\tuserdata: players_1"]),
        ScriptCase(
            "2: proxies are tables to scripts", "print(type(objects), type(objects.players_1))",
            prints: ["table\ttable"]),
    ]

    @Test("reading, looping and removing", arguments: reading)
    func reads(_ example: ScriptCase) throws { try example.check() }

    static let adding = [
        ScriptCase(
            "M9.5, M9.6: objects.add returns its proxy",
            "local o = objects.add('enemys', {prefab = 'goblin', x = 1, y = 2, z = 3, sort = 4, side = 'left', action = 'idle', components = {hp = 9}}) "
                + "print(o.type, o.prefab, o.position(), o.sort, o.side, o.action, o.components.hp, o.components.title, objects[o.key] == o)",
            prints: ["enemys\tgoblin\t1,2,3\t4\tleft\tidle\t9\tnovice\ttrue"]),
        ScriptCase(
            "M9.6: without coordinates a random available place is taken",
            "for i = 1, 50 do local o = objects.add('objects', {}) assert(map.walkable(o.x, o.y)) end print('ok')",
            prints: ["ok"]),
        ScriptCase(
            "M9.6: on a wall or off the map a random available place is taken",
            "for _, p in ipairs({{4, 3}, {-5, 1}, {1e300, 2}}) do local o = objects.add('animals', {x = p[1], y = p[2]}) "
                + "assert(map.walkable(o.x, o.y)) end local o = objects.add('objects', {x = 3}) assert(map.walkable(o.x, o.y)) print('ok')",
            prints: ["ok"]),
        ScriptCase(
            "M9.6: a walkable place is kept as it is",
            "local o = objects.add('objects', {x = 1.25, y = 2.5}) print(o.position())",
            prints: ["1.25,2.5,0"]),
        ScriptCase(
            "M9.5: players are refused", "print(objects.add('players', {x = 1, y = 1}))", prints: ["nil"],
            error:
                "events/testing/index.lua:1: objects.add: type must be enemys, animals or objects, got 'players'; nothing was added"
        ),
        ScriptCase(
            "M9.5: an unknown type", "print(objects.add('monsters', {}))", prints: ["nil"],
            error: "got 'monsters'; nothing was added"),
        ScriptCase(
            "M9.5: a type that is no text", "print(objects.add(3, {}))", prints: ["nil"],
            error: "type must be a string, got 3"),
        ScriptCase(
            "M9.5: data that is no table", "print(objects.add('enemys', 5))", prints: ["nil"],
            error: "data must be a table of fields, got 5"),
        ScriptCase(
            "M9.5: no data", "print(objects.add('enemys'))", prints: ["nil"],
            error: "data must be a table of fields, got nil"),
        ScriptCase(
            "M9.5: a list as data", "print(objects.add('enemys', {1, 2}))", prints: ["nil"],
            error: "data must be a table of fields"),
        ScriptCase(
            "M9.5: an unknown field", "print(objects.add('enemys', {hp = 5}))", prints: ["nil"],
            error: "unknown field 'hp'; an entity is made of prefab, x, y, z, sort, side, action, components"),
        ScriptCase(
            "M9.5: a text for a number", "print(objects.add('enemys', {x = '5'}))", prints: ["nil"],
            error: "x must be a number, got string"),
        ScriptCase(
            "M9.5: a number for a text", "print(objects.add('enemys', {prefab = 5}))", prints: ["nil"],
            error: "prefab must be a string, got number"),
        ScriptCase(
            "M9.5: components that are no table", "print(objects.add('enemys', {components = 5}))", prints: ["nil"],
            error: "components must be a table, got number"),
        ScriptCase(
            "M9.5: an undeclared component", "print(objects.add('enemys', {components = {mp = 1}}))", prints: ["nil"],
            error: "enemys have no component 'mp'; they have aggro, bag, hp, list, mana, title"),
        ScriptCase(
            "M9.5: a component of another type of entity", "print(objects.add('objects', {components = {aggro = 1}}))",
            prints: ["nil"],
            error: "objects have no component 'aggro'; they have bag, hp, list, mana, title"),
        ScriptCase(
            "M9.5: a component value of the wrong type", "print(objects.add('enemys', {components = {hp = 'many'}}))",
            prints: ["nil"],
            error: "component 'hp' takes a number or nil, got string"),
    ]

    @Test("objects.add", arguments: adding)
    func adds(_ example: ScriptCase) throws { try example.check() }

    @Test("M9.5: wrong data add nothing, the log entry names script and entity, the script goes on")
    func wrongDataAddNothing() throws {
        let map = try ScriptWorld.map()
        map.script("objects.add('enemys', {x = 'a'})\nprint('still here')")
        #expect(map.simulation.world.count == 6)
        #expect(map.prints == ["still here"])
        let error = try #require(map.simulation.log.errors.last)
        #expect(error.script == "events/testing/index.lua")
        #expect(error.entity == "players_1")
    }

    @Test(
        "M9.5: a value that is not JSON adds nothing, and the log says where in the data it is",
        arguments: [("x = 0/0", "x: NaN is not allowed"), ("prefab = print", "prefab: a function is not allowed here")])
    func notJSON(field: String, error: String) throws {
        let map = try ScriptWorld.map()
        map.script("objects.add('enemys', {\(field)})")
        #expect(map.simulation.world.count == 6)
        #expect(map.errors.first?.contains(error) == true, "\(map.errors)")
    }

    @Test("M9.7: every client receives the new entity with all its fields")
    func newEntityReachesClients() throws {
        let map = try ScriptWorld.map()
        map.script("made = objects.add('enemys', {prefab = 'goblin', x = 0, y = 0, z = 0}).key print(made)")
        for id in [1, 2] {
            let record = try #require(map.players[id]?.world[map.prints[0]])
            #expect(record["prefab"] == .string("goblin"))
            #expect(record["x"] == .number(0))
            #expect(record["components"]?.object?["hp"] == .number(5))
        }
    }

    @Test("2: a full map refuses more entities, and the log says so")
    func full() throws {
        let map = try TestMap(["game.yaml": "max_entities: 3\n", "events/testing/index.lua": ""])
        map.join(1)
        map.script("for i = 1, 4 do print(objects.add('objects', {}) ~= nil) end")
        #expect(map.prints == ["true", "true", "false", "false"])
        #expect(map.errors.last?.contains("the map is full: it may hold 3 entities") == true, "\(map.errors)")
        #expect(map.simulation.world.count == 3)
    }
}
