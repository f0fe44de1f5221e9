import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("An entity in a script [2-lua-api 3]") struct EntityScriptTests {
    static let fields = [
        ScriptCase(
            "M6.1, M9.8: every system field can be read",
            "local e = objects.enemys_1 print(e.id, e.key, e.type, e.map_id, e.prefab, e.x, e.y, e.z, e.sort, e.side, e.action, e.created, e.login)",
            prints: ["1\tenemys_1\tenemys\t1\tgoblin\t2\t2\t0\t0\tdown\t\t1600000000\tnil"]),
        ScriptCase(
            "M6.1: login is the player's name", "print(object.login, object.type)", prints: ["player1\tplayers"]),
        ScriptCase(
            "M9.9: numbers and text are assigned, the next line sees them",
            "object.x = 160 object['y'] = -1.5 object.z = 3 object.sort = 7 object.side = 'up' object.action = 'walk' object.prefab = 'orc' "
                + "print(object.x, object.y, object.z, object.sort, object.side, object.action, object.prefab)",
            prints: ["160\t-1.5\t3\t7\tup\twalk\torc"]),
        ScriptCase(
            "M9.9: object = nil has no effect on the entity", "object = nil print(objects.players_1 ~= nil)",
            prints: ["true"]),
        ScriptCase("3: x takes no text", "object.x = '5'", error: "x must be a finite number, got string"),
        ScriptCase("3: x takes no nil", "object.x = nil", error: "x must be a finite number, got nil"),
        ScriptCase("3: y takes no NaN", "object.y = 0/0", error: "y must be a finite number, got NaN"),
        ScriptCase(
            "3: z takes no infinity", "object.z = -math.huge", error: "z must be a finite number, got -infinity"),
        ScriptCase("3: sort takes no table", "object.sort = {}", error: "sort must be a finite number, got table"),
        ScriptCase("3: side takes no number", "object.side = 5", error: "side must be a string, got 5"),
        ScriptCase("3: action takes no nil", "object.action = nil", error: "action must be a string, got nil"),
        ScriptCase(
            "M6.1: action 'remove' is what clients are told of an entity that is gone", "object.action = 'remove'",
            error: "action can't be 'remove': clients take it for the removal of the entity; use remove()"),
        ScriptCase("3: prefab takes no boolean", "object.prefab = true", error: "prefab must be a string, got boolean"),
        ScriptCase("3: prefab takes no table", "object.prefab = {}", error: "prefab must be a string, got table"),
        ScriptCase(
            "3: id is read-only", "object.id = 5",
            error: "events/testing/index.lua:1: id of an entity can't be assigned"),
        ScriptCase("3: key is read-only", "object.key = 'x'", error: "key of an entity can't be assigned"),
        ScriptCase("3: type is read-only", "object.type = 'enemys'", error: "type of an entity can't be assigned"),
        ScriptCase("3: login is read-only", "object.login = 'x'", error: "login of an entity can't be assigned"),
        ScriptCase("3: created is read-only", "object.created = 1", error: "created of an entity can't be assigned"),
        ScriptCase(
            "M10.2: components can't be replaced", "object.components = {}",
            error: "components of an entity can't be assigned"),
        ScriptCase(
            "3: events can't be replaced", "object.events = nil", error: "events of an entity can't be assigned"),
        ScriptCase(
            "3: functions can't be replaced", "object.remove = nil",
            error: "remove is a function of every entity and can't be assigned"),
        ScriptCase(
            "3: an unknown name can't be read, the message lists what exists", "print(object.speed)",
            error:
                "an entity has no field 'speed'; it has x, y, z, sort, side, action, prefab, map_id, id, key, type, login, ping, muted, created, view, relevant, components, events, position(), distance(), remove(), send()"
        ),
        ScriptCase(
            "3: a loop gives the fields in a fixed order",
            "local names = {} for name in pairs(object) do names[#names + 1] = name end print(table.concat(names, ','))",
            prints: [
                "x,y,z,sort,side,action,prefab,id,key,type,login,muted,created,map_id,components,events"
            ]),
        ScriptCase("3: an unknown name can't be written", "object.speed = 5", error: "an entity has no field 'speed'"),
        ScriptCase(
            "3: the message points to a component of that name", "print(object.hp)",
            error: "did you mean object.components.hp?"),
        ScriptCase("3: a number is no field", "print(object[1])", error: "an entity has no field"),
        ScriptCase(
            "M9.4: position() is the string x,y,z",
            "object.x = -153 object.y = 56 print(object.position(), object:position())",
            prints: ["-153,56,0\t-153,56,0"]),
        ScriptCase(
            "3: position() of fractions", "object.x = 0.1 object.y = 1e21 object.z = -2.5 print(object.position())",
            prints: ["0.1,1e+21,-2.5"]),
        ScriptCase(
            "3: distance to an entity and to a table",
            "print(object.distance(objects.players_2), object.distance({x = 8, y = 9}), object:distance(object))",
            prints: ["1\t5\t0"]),
        ScriptCase(
            "3: distance to a json table",
            "object.components.bag.at = {x = 8, y = 9} print(object.distance(object.components.bag.at))", prints: ["5"]),
        ScriptCase(
            "3: distance to anything else", "print(object.distance(5))",
            error: "distance takes an entity or a table with x and y, got 5"),
        ScriptCase(
            "3: distance to a table without y", "print(object.distance({x = 1}))",
            error: "distance takes an entity or a table with x and y"),
        ScriptCase(
            "3: distance to a removed entity", "local e = objects.enemys_1 e.remove() print(object.distance(e))",
            error: "removed"),
        ScriptCase(
            "3: proxies of one entity are one value",
            "local e = objects.enemys_1 local n = objects.near(2, 2, 0.1)[1] local p for k, v in pairs(objects) do if k == 'enemys_1' then p = v end end "
                + "print(e == objects.enemys_1, e == n, e == p, object == objects.players_1, e == objects.enemys_2, e.components == n.components, e.events == n.events)",
            prints: ["true\ttrue\ttrue\ttrue\tfalse\ttrue\ttrue"]),
        ScriptCase(
            "3: a proxy can be a table's key",
            "local seen = {} seen[objects.enemys_1] = 'a' print(seen[objects.enemys_1], seen[objects.enemys_2])",
            prints: ["a\tnil"]),
        ScriptCase(
            "3: a removed entity's proxy says so on reading", "local e = objects.enemys_1 e.remove() print(e.x)",
            error: "events/testing/index.lua:1: entity enemys_1 was removed"),
        ScriptCase(
            "3: … on writing", "local e = objects.enemys_1 objects.enemys_1 = nil e.x = 5",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on a function", "local e = objects.enemys_1 objects.remove('enemys_1') e.remove()",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on a function taken before", "local r = objects.enemys_1.position objects.enemys_1 = nil r()",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on its components", "local c = objects.enemys_1.components objects.enemys_1 = nil print(c.hp)",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on assigning a component", "local c = objects.enemys_1.components objects.enemys_1 = nil c.hp = 1",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on its events", "local e = objects.enemys_1.events objects.enemys_1 = nil e.add('heal')",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on a group of its events", "local g = objects.enemys_1.events.move objects.enemys_1 = nil g.time = 5",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: … on a loop over its components",
            "local c = objects.enemys_1.components objects.enemys_1 = nil for k in pairs(c) do end",
            error: "entity enemys_1 was removed"),
        ScriptCase(
            "3: who takes over the place is another entity",
            "local e = objects.enemys_1 e.remove() local new = objects.add('enemys', {x = 1, y = 1}) print(e == new, new.x, pcall(function() return e.x end))",
            prints: ["false\t1\tfalse\tevents/testing/index.lua:1: entity enemys_1 was removed"]),
        ScriptCase(
            "3: tostring of a removed entity", "local e = objects.enemys_1 e.remove() print(tostring(e))",
            prints: ["userdata: enemys_1"]),
        ScriptCase(
            "3: its own entity may be removed by a script", "object.remove() print(objects.players_1)", prints: ["nil"]),
        ScriptCase(
            "M7.2: map_id takes numbers of maps only", "object.map_id = 77",
            error: "map_id must be the number of a map (1, 2), got 77"),
        ScriptCase(
            "M7.2: map_id takes no text", "object.map_id = '2'",
            error: "map_id must be the number of a map (1, 2), got string"),
        ScriptCase(
            "M7.2: map_id is the new map for the lines after",
            "object.map_id = 2 print(object.map_id, objects.players_1 ~= nil)", prints: ["2\ttrue"]),
        ScriptCase(
            "3: send refuses functions and says where", "object.send({a = {b = print}})",
            error: "a.b: a function is not allowed here"),
        ScriptCase(
            "3: send refuses cycles", "local t = {} t.self = t object.send(t)", error: "a table contains itself"),
        ScriptCase(
            "3: send refuses entities", "object.send({who = object})",
            error: "who: a value of kind entity is not allowed here"),
        ScriptCase("3: send refuses NaN", "object.send({a = 0/0})", error: "a: NaN is not allowed"),
    ]

    @Test("fields and functions", arguments: fields)
    func entity(_ example: ScriptCase) throws { try example.check() }

    @Test("M9.4: send reaches only that player's client, nested tables included")
    func send() throws {
        let map = try ScriptWorld.map()
        map.script(
            "objects.players_1.send({key = 'value', n = {1, 2, {deep = true}}, empty = {}, list = array({}), bag = object.components.bag})"
        )
        let expected = JSON.object([
            "key": .string("value"), "n": .array([.number(1), .number(2), .object(["deep": .bool(true)])]),
            "empty": .object([:]), "list": .array([]), "bag": .object(["slots": .array([]), "gold": .number(0)]),
        ])
        #expect(map.players[1]?.direct.map(Sorted.init) == [Sorted(expected)])
        #expect(map.players[2]?.direct == [])
        #expect(map.errors == [])
    }

    @Test("M7.2: the last map_id of a tick counts: assigning the own map's number again cancels the move")
    func mapIDTakenBack() throws {
        let map = try ScriptWorld.map()
        map.script(
            "objects.enemys_1.map_id = 2 objects.enemys_1.map_id = 1 objects.enemys_2.map_id = 2 objects.enemys_2.map_id = 2"
        )
        #expect(map.entity("enemys_1") != nil)
        #expect(map.entity("enemys_2") == nil)
        #expect(map.store.transferred.map(\.key) == [EntityKey(.enemys, 2)])
        #expect(map.errors == [])
    }

    @Test("M6.1: clients see an entity that moves to another map as removed, with the map's number")
    func movedRemoval() throws {
        let map = try ScriptWorld.map()
        map.script("objects.enemys_1.map_id = 2")
        let told = map.players[2]?.messages.compactMap { $0.object?["enemys"]?.array?.first?.object }.last
        #expect(told?["action"] == .string("remove"))
        #expect(told?["map_id"] == .number(2))
    }

    @Test("3: a player that a script removes is disconnected, its record stays in the store")
    func removePlayer() throws {
        let map = try ScriptWorld.map()
        map.script("objects.players_2.remove()")
        #expect(map.players[2]?.kinds.last == .refused)
        #expect(map.store.saved[EntityKey(.players, 2)] != nil)
        #expect(map.store.removed == [])
        #expect(map.players[1]?.world["players_2"] == nil)
        #expect(map.simulation.playerCount == 1)
        map.tick()
        #expect(map.errors == [])
    }

    @Test("M0.10: an assignment of the same value is no change, except action")
    func sameValues() throws {
        let map = try ScriptWorld.map()
        map.script("object.action = 'walk'")
        let before = map.players[2]?.messages.count ?? 0
        map.script("object.x = 5 object.side = 'down' object.components.hp = 5 object.action = 'walk'")
        let changes = map.players[2]?.messages.dropFirst(before).compactMap {
            $0.object?["players"]?.array?.first?.object
        }
        let fields = (changes ?? []).flatMap(\.keys).filter { !["id", "key", "events"].contains($0) }
        #expect(fields == ["action"])
    }
}
