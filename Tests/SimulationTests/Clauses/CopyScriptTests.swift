import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("What a function that takes tables takes, and what copies are [2-lua-api 7]") struct CopyScriptTests {
    /// Fills the components of the player: hp 5, title "novice", a bag, a list.
    static let fill =
        "local c = object.components c.list = {1, 2} c.bag.slots[1] = {n = 1} "

    static let copyCases = [
        ScriptCase(
            "7: copy(components) are plain values",
            fill + "local v = copy(c) v.hp = 99 v.bag.slots[1].n = 7 v.list[3] = 3 v.more = print "
                + "print(c.hp, c.bag.slots[1].n, #c.list, v.hp, v.title, v.bag.slots[1].n, v.list[2], v.mana)",
            prints: ["5\t1\t2\t99\tnovice\t7\t2\tnil"]),
        ScriptCase(
            "7: inside of a table of one's own",
            fill + "local v = copy({all = c, one = c.bag, deep = {c.list}}) c.hp = 6 c.bag.gold = 5 c.list[1] = 9 "
                + "print(v.all.hp, v.one.gold, v.deep[1][1], v.all.bag.gold)", prints: ["5\t0\t1\t0"]),
        ScriptCase(
            "7: what is in it is a table as any other",
            fill + "local v = copy(c) print(type(v), getmetatable(v), #keys(v), rawget(v, 'hp'), next(v.list))",
            prints: ["table\tnil\t4\t5\t1\t1"]),
        ScriptCase(
            "7: of another entity, with the components of its type",
            "local v = copy(objects.enemys_1.components) local k = keys(v) table.sort(k) print(table.concat(k, ' '), v.aggro)",
            prints: ["aggro bag hp list title\t1"]),
        ScriptCase(
            "7: kept over a removal",
            "local o = objects.add('objects', {x = 1, y = 1}) o.components.hp = 3 local v = copy(o.components) o.remove() print(v.hp)",
            prints: ["3"]),
        ScriptCase(
            "7: array(t) of a component's table is a plain copy",
            fill
                + "local v = array(c.list) v[3] = 3 print(#c.list, #v) object.components.bag = {e = array(object.components.bag.none or {})}",
            prints: ["2\t3"]),
        ScriptCase(
            "7: what is no table is itself", "print(copy(5), copy('x'), copy(true), copy(nil))",
            prints: ["5\tx\ttrue\tnil"]),
        ScriptCase(
            "7: an entity inside of a table of one's own stays that entity",
            "local v = copy({who = object, f = print}) print(v.who == object, v.f == print)", prints: ["true\ttrue"]),
    ]

    @Test("copies", arguments: copyCases)
    func copying(_ example: ScriptCase) throws { try example.check() }

    /// Objects that are no tables of values, and how messages call them.
    static let others = [
        ("object", "entity players_1"), ("objects", "objects"), ("object.events", "events of players_1"),
        ("object.events.move", "event group move"), ("map", "map 1"),
    ]

    @Test(
        "an entity, `objects`, events and the map are no tables: every function that takes one says so",
        arguments: others,
        [
            "copy(v)", "array(v)", "unpack(v)", "table.insert(v, 1)", "table.remove(v)", "table.concat(v)",
            "table.sort(v)",
            "table.getn(v)", "table.maxn(v)", "table.foreachi(v, print)",
        ])
    func refusals(value: (code: String, name: String), call: String) throws {
        let map = try ScriptWorld.map()
        // Not in one expression, where `perigee check` would see what it is.
        map.script("local function f(v) \(call) end f(\(value.code))")
        let function = call.prefix { $0 != "(" }.split(separator: ".").last ?? ""
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.contains(
                "bad argument #1 to '\(function)' (table or components expected, got \(value.name))")
                == true, "\(map.errors)")
        #expect(map.simulation.log.errors.first?.line == 1)
    }

    @Test(
        "send, broadcast, events and objects.add refuse them too, alone and inside of a table", arguments: others,
        [
            "object.send(v)", "map.broadcast(v)", "object.send({a = {v}})", "map.broadcast({v})",
            "object.events.add('note', nil, v)", "object.events.add('note', nil, {text = 'x', any = v})",
            "object.components.list = v", "object.components.list[1] = {v}", "objects.add('objects', v)",
            "objects.add('objects', {components = {list = {v}}})",
        ])
    func refusedValues(value: (code: String, name: String), call: String) throws {
        let map = try ScriptWorld.map()
        map.script("local function f(v) \(call) end f(\(value.code))")
        #expect(map.errors.count == 1, "\(map.errors)")
        #expect(map.players[1]?.direct == [])
        #expect(map.entity("objects_5") == nil)
    }

    @Test("send, broadcast, events and objects.add take components as a table of values")
    func components() throws {
        let map = try ScriptWorld.map([
            "events/take/index.lua": "--@param hp number\n--@param list table\n--@param title string\n"
                + "--@param bag table\nprint(data.hp, data.list[2], data.bag.slots[1].n)"
        ])
        map.script(
            Self.fill + """
                object.send(c)
                map.broadcast({all = c, list = {c.list}})
                object.events.add('take', nil, c)
                local o = objects.add('objects', {x = 1, y = 1, components = c})
                print(o.components.hp, o.components.bag.slots[1].n)
                o.components.bag = c
                print(o.components.bag.bag.slots[1].n, o.components.bag.title)
                object.components.bag.mine = c
                print(c.bag.mine.bag.slots[1].n, c.bag.mine.bag.mine)
                """)
        map.tick(seconds: 2)
        #expect(map.errors == [])
        #expect(map.prints == ["5\t1", "1\tnovice", "1\tnil", "5\t2\t1"])
        let wanted = try JSON(
            parsing: #"{"bag":{"slots":[{"n":1}],"gold":0},"hp":5,"list":[1,2],"title":"novice"}"#)
        let sent = map.players[1]?.direct ?? []
        #expect(sent.first == wanted)
        #expect(sent.last?.object?["all"] == wanted && sent.last?.object?["list"]?.text == "[[1,2]]", "\(sent)")
    }

    @Test(
        "components and their tables in the functions of lists are as plain tables of the same values are",
        arguments: [
            "#v", "unpack(v)", "table.concat(v)", "table.getn(v)", "table.maxn(v)", "table.remove(v)", "table.sort(v)",
            "table.foreachi(v, print)", "#keys(v)", "next(v) ~= nil",
        ])
    func asPlainTables(call: String) throws {
        for value in ["object.components", "object.components.bag", "object.components.list"] {
            let map = try ScriptWorld.map()
            map.script(
                Self.fill + "local function f(v) return \(call) end local plain = copy(\(value)) "
                    + "local one, two = {f(\(value))}, {f(plain)} print(#one == #two and one[1] == two[1] and one[2] == two[2])"
            )
            #expect(map.errors == [] && map.prints.last == "true", "\(call) of \(value): \(map.errors)")
        }
    }

    @Test(
        "of a removed entity they are errors that name it",
        arguments: [
            "copy(c)", "copy({c})", "array(c)", "object.send(c)", "object.send({c})", "unpack(c)", "table.concat(c)",
            "object.components.bag = c", "copy(e)", "table.sort(e)",
        ])
    func removed(call: String) throws {
        let map = try ScriptWorld.map()
        map.script(
            "local e = objects.add('objects', {x = 1, y = 1}) local c, key = e.components, e.key e.remove() print(key)\n"
                + "local function f(c, e) \(call) end f(c, e)")
        let key = map.prints.last ?? "no key"
        #expect(map.errors.count == 1)
        #expect(map.errors.first?.contains("entity \(key) was removed") == true, "\(map.errors)")
    }
}
