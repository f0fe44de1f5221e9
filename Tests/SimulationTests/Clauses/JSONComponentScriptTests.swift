import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("json components in a script [2-lua-api 4, M10.4]") struct JSONComponentScriptTests {
    static let tables = [
        ScriptCase(
            "M10.4: nested reads and writes work in place",
            "local b = object.components.bag b.slots[1] = {n = 1} b.slots[1].n = b.slots[1].n + 4 print(object.components.bag.slots[1].n, b.none, b.slots[2])",
            prints: ["5\tnil\tnil"]),
        ScriptCase(
            "4: every kind of value",
            "local b = object.components.bag b.a = 1.5 b.b = 'x' b.c = true b.d = false b.e = {} print(b.a, b.b, b.c, b.d, type(b.e))",
            prints: ["1.5\tx\ttrue\tfalse\ttable"]),
        ScriptCase(
            "4: nil takes a key away", "local b = object.components.bag b.gold = nil print(b.gold, #keys(b))",
            prints: ["nil\t1"]),
        ScriptCase(
            "4: #, ipairs, pairs, next",
            "local l = object.components.list for i = 1, 3 do l[i] = i * 10 end local s = 0 for i, v in ipairs(l) do s = s + i * v end local p = 0 for k, v in pairs(l) do p = p + k * v end print(#l, s, p, next(l))",
            prints: ["3\t140\t140\t1\t10"]),
        ScriptCase(
            "4: pairs over an object in the order of its keys",
            "local b = object.components.bag b.z = 1 b.a = 2 local k = {} for name in pairs(b) do k[#k + 1] = name end print(table.concat(k, ' '))",
            prints: ["slots gold z a"]),
        ScriptCase(
            "4: clearing in the loop",
            "local b = object.components.bag b.z = 1 b.a = 2 for name in pairs(b) do b[name] = nil end print(next(b))",
            prints: ["nil"]),
        ScriptCase("4: next of an empty one", "print(next(object.components.list))", prints: ["nil"]),
        ScriptCase(
            "4: unpack",
            "local l = object.components.list l[1] = 'a' l[2] = 'b' print(unpack(l)) print(unpack(l, 2, 3))",
            prints: ["a\tb", "b\tnil"]),
        ScriptCase(
            "4: table.insert and table.remove",
            "local l = object.components.list table.insert(l, 'b') table.insert(l, 1, 'a') table.insert(l, 'c') print(table.remove(l, 2), table.remove(l), #l, l[1], table.remove(l), table.remove(l))",
            prints: ["b\tc\t1\ta\ta"]),
        ScriptCase(
            "4: table.remove of tables gives back usable ones",
            "local l = object.components.list l[1] = {n = 1} l[2] = {n = 2} local first = table.remove(l, 1) print(first.n, #l, l[1].n)",
            prints: ["1\t1\t2"]),
        ScriptCase(
            "4: table.concat", "local l = object.components.list l[1] = 1 l[2] = 'x' print(table.concat(l, '-'))",
            prints: ["1-x"]),
        ScriptCase(
            "4: table.sort",
            "object.components.list = {3, 1, 2} local l = object.components.list table.sort(l) print(table.concat(l, ' ')) table.sort(l, function(a, b) return a > b end) print(table.concat(l, ' '))",
            prints: ["1 2 3", "3 2 1"]),
        ScriptCase(
            "4: table.sort of tables",
            "object.components.list = {{n = 3}, {n = 1}, {n = 2}} local l = object.components.list table.sort(l, function(a, b) return a.n < b.n end) print(l[1].n, l[2].n, l[3].n, #l)",
            prints: ["1\t2\t3\t3"]),
        ScriptCase(
            "4: table.getn, maxn, foreachi",
            "object.components.list = {'a', 'b'} local l = object.components.list print(table.getn(l), table.maxn(l)) table.foreachi(l, print)",
            prints: ["2\t2", "1\ta", "2\tb"]),
        ScriptCase(
            "4: copy(t) is a plain deep copy",
            "local b = object.components.bag b.slots[1] = {n = 1} local c = copy(b) c.slots[1].n = 9 c.f = print print(b.slots[1].n, c.slots[1].n, b.f)",
            prints: ["1\t9\tnil"]),
        ScriptCase(
            "4: assigning a table copies it",
            "local t = {n = 1} object.components.bag = t t.n = 2 print(object.components.bag.n)", prints: ["1"]),
        ScriptCase(
            "4: a table of another component is copied",
            "local l = object.components.list l[1] = {n = 1} objects.players_2.components.list = l l[1].n = 2 print(objects.players_2.components.list[1].n)",
            prints: ["1"]),
        ScriptCase(
            "4: moving an item from one slot to another",
            "local s = object.components.list s[1] = {n = 1} s[2] = {n = 2} local item = s[1] s[1] = s[2] s[2] = item print(s[1].n, s[2].n)",
            prints: ["2\t1"]),
        ScriptCase(
            "4: taking an item out and putting it elsewhere",
            "local b = object.components.bag b.slots[1] = {n = 1} local item = b.slots[1] b.slots[1] = nil b.hand = item print(#b.slots, b.hand.n)",
            prints: ["0\t1"]),
        ScriptCase(
            "4: one value: the same table is the same proxy",
            "local b = object.components.bag print(b == object.components.bag, b.slots == b.slots, b == b.slots)",
            prints: ["true\ttrue\tfalse"]),
        ScriptCase(
            "4: a list with a key turns into an object, in place",
            "local l = object.components.list l[1] = 'a' l.name = 'x' print(l[1], l.name, #l)", prints: ["a\tx\t1"]),
        ScriptCase(
            "4: a hole in a list",
            "local l = object.components.list l[1] = 1 l[2] = 2 l[3] = 3 l[2] = nil local n = 0 for k in pairs(l) do n = n + 1 end print(n, l[2], l[3])",
            prints: ["2\tnil\t3"]),
        ScriptCase(
            "7: copies and old values have the keys that the component has",
            "object.components.bag = {[5] = 'five', ten = 10, [0] = {[3] = 'three'}} local c = copy(object.components.bag) print(c[5], c['5'], c.ten, c[0][3])",
            prints: ["five\tnil\t10\tthree"]),
        ScriptCase(
            "4: numbers as keys of an object",
            "object.components.bag = {[5] = 'five', ten = 10} local b = object.components.bag print(b[5], b['5'], b.ten)",
            prints: ["five\tfive\t10"]),
        ScriptCase(
            "4: reading a key that can't be is nil", "print(object.components.bag[1.5], object.components.bag[true])",
            prints: ["nil\tnil"]),
        ScriptCase(
            "4: a function is an error", "object.components.bag.f = print",
            error: "a function can't be stored as a value"),
        ScriptCase(
            "4: a function deep inside is an error that says where", "object.components.bag.a = {b = {print}}",
            error: "b[1]: a function is not allowed here"),
        ScriptCase(
            "4: a cycle is an error", "local t = {} t.t = t object.components.bag.t = t",
            error: "a table contains itself"),
        ScriptCase(
            "4: itself inside itself is a copy", "local b = object.components.bag b.b = b print(b.b.gold, b.b.b)",
            prints: ["0\tnil"]),
        ScriptCase("4: NaN is an error", "object.components.bag.n = 0/0", error: "must be a finite number"),
        ScriptCase(
            "4: infinity deep inside is an error", "object.components.bag = {n = {1/0}}",
            error: "n[1]: infinity is not allowed"),
        ScriptCase(
            "4: a fraction is no key", "object.components.bag[1.5] = 1",
            error: "a key of a json component must be text or a whole number, got 1.5"),
        ScriptCase(
            "4: a boolean is no key", "object.components.bag[true] = 1",
            error: "a key of a json component must be text or a whole number, got boolean"),
        ScriptCase(
            "4: a table is no key", "object.components.bag = {[{}] = 1}",
            error: "a key must be a string or a whole number, not a table"),
        ScriptCase(
            "4: an entity is no value", "object.components.bag.who = object",
            error: "an entity can't be stored as a value; store its key"),
        ScriptCase(
            "4: an entity inside a table is no value", "object.components.bag.t = {who = object}",
            error: "who: a value of kind entity is not allowed here"),
        ScriptCase(
            "4: nothing is stored by a refused assignment",
            "pcall(function() object.components.bag = {gold = 5, f = print} end) print(object.components.bag.gold)",
            prints: ["0"]),
        ScriptCase(
            "9: a component has a bound",
            "local s = string.rep('x', 1000) for i = 1, 1000 do object.components.list[i] = s end",
            error: "a json component may hold about 256 KiB"),
        ScriptCase(
            "9: a component has a bound in depth",
            "local t = {} local inner = t for i = 1, 40 do inner.t = {} inner = inner.t end object.components.bag = t",
            error: "a json component may nest 32 tables deep"),
    ]

    @Test("json components are tables", arguments: tables)
    func jsonTables(_ example: ScriptCase) throws { try example.check() }

    @Test("M10.4: a nested write is sent like any other change; when the component is private, only to the owner")
    func nestedWritesReachClients() throws {
        let map = try ScriptWorld.map()
        map.script("object.components.bag.slots[1] = {n = 1} table.insert(object.components.list, 'a')")
        map.script("object.components.bag.slots[1].n = 2 table.insert(object.components.list, 1, 'b')")
        let own = map.players[1]?.world["players_1"]?["components"]?.object
        let other = map.players[2]?.world["players_1"]?["components"]?.object
        #expect(own?["bag"]?.text == #"{"slots":[{"n":2}],"gold":0}"#)
        #expect(own?["list"]?.text == #"["b","a"]"#)
        #expect(other?["list"]?.text == #"["b","a"]"#)
        #expect(other?["bag"] == nil)
    }

    @Test(
        "4: an emptied table keeps its kind, array or object; a new empty table is {}, and array(t) makes it []",
        arguments: [
            ("object.components.list = {}", "[]"), ("object.components.list = {1} object.components.list = {}", "[]"),
            ("object.components.list = nil object.components.list = {}", "[]"),
            ("local l = object.components.list l[1] = 1 l[1] = nil", "[]"),
            ("local l = object.components.list l[1] = 1 table.remove(l)", "[]"),
            ("object.components.list = {a = 1} object.components.list = {}", "{}"),
            ("object.components.list = {a = {}}", #"{"a":{}}"#),
            ("object.components.list = {a = array({})}", #"{"a":[]}"#),
            ("object.components.list = {array({}), {}}", "[[],{}]"),
            ("object.components.list = {a = 1} object.components.list = array({})", "[]"),
            ("object.components.list = {a = {1}} object.components.list.a = {}", #"{"a":[]}"#),
            ("object.components.list = {a = {x = 1}} object.components.list.a = {}", #"{"a":{}}"#),
            ("object.components.list = {a = {x = 1}} object.components.list.a = array({})", #"{"a":[]}"#),
            ("object.components.list = {a = {1}} object.components.list = copy(object.components.list)", #"{"a":[1]}"#),
            ("object.components.list = {a = {b = {1}}} object.components.list = {a = {b = {}}}", #"{"a":{"b":[]}}"#),
            ("object.components.list = {{1}} object.components.list = {{}, {}}", "[[],{}]"),
            ("local l = object.components.list l[1] = {1} l[1] = nil l[1] = {}", "[{}]"),
            ("local l = object.components.list l[2] = 1 l[2] = nil", "[]"),
            ("local l = object.components.list l[2] = 1 l[1] = 2 for k in pairs(l) do l[k] = nil end", "[]"),
            ("local l = object.components.list l[1] = 1 l[2] = 2 l[1] = nil object.components.list = {}", "[]"),
            ("local l = object.components.list l[0] = 1 l[0] = nil", "{}"),
            ("local l = object.components.list l.x = 1 l[1] = 1 for k in pairs(l) do l[k] = nil end", "{}"),
            (
                "object.components.list = {{}, 2} local c = copy(object.components.list) c[1] = array({}) object.components.list = c",
                "[[],2]"
            ),
        ])
    func emptyTables(script: String, expected: String) throws {
        let map = try ScriptWorld.map()
        map.script(script)
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["list"]?.text == expected)
        #expect(map.errors == [])
    }

    @Test(
        "4: … or an empty table has the kind that the declared default has at that place",
        arguments: [
            "object.components.bag = {slots = {}, gold = 0}",
            "object.components.bag = nil object.components.bag = {slots = {}, gold = 0}",
            "local b = object.components.bag b.slots = nil b.gold = nil b.slots = {} b.gold = 0",
            "local b = object.components.bag b.slots = 5 b.slots = {}",
        ])
    func emptyTablesOfTheDefault(script: String) throws {
        let map = try ScriptWorld.map()
        map.script(script)
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["bag"]?.object?["slots"] == .array([]))
        #expect(map.errors == [])
    }

    /// What is filled, in Lua; whether a table of one's own or of a component; what it is as JSON.
    static let filled = [
        ("l[2] = 'b' l[1] = 'a'", #"["a","b"]"#), ("l[3] = 'c' l[2] = 'b' l[1] = 'a'", #"["a","b","c"]"#),
        ("l[1] = 'a' l[3] = 'c' l[2] = 'b'", #"["a","b","c"]"#),
        ("for i = 20, 1, -1 do l[i] = i end", "[\((1...20).map(String.init).joined(separator: ","))]"),
        ("l[2] = 'b' l[1] = 'a' l[3] = 'c' l[3] = nil", #"["a","b"]"#),
        ("l.x = 1 l[2] = 'b' l[1] = 'a' l.x = nil", #"["a","b"]"#), ("l[0] = 0 l[1] = 'a' l[0] = nil", #"["a"]"#),
        ("l[2] = 'b'", #"{"2":"b"}"#), ("l[1] = 'a' l[3] = 'c'", #"{"1":"a","3":"c"}"#),
        ("l[1] = 1 l[2] = 2 l[3] = 3 l[2] = nil", #"{"1":1,"3":3}"#), ("l[0] = 0 l[1] = 1", #"{"0":0,"1":1}"#),
        ("for i = 0, 2 do l[i] = i end", #"{"0":0,"1":1,"2":2}"#), ("l[-1] = 0 l[1] = 1", #"{"-1":0,"1":1}"#),
        ("l[2] = 'b' l[1] = 'a' l.n = 2", #"{"1":"a","2":"b","n":2}"#),
        ("l[2] = {[2] = 2, [1] = 1} l[1] = {[0] = 0}", #"[{"0":0},[1,2]]"#),
        ("l[2] = {} l[1] = {} l[2][2] = 2 l[2][1] = 1", "[{},[1,2]]"),
    ]

    @Test("7: a list that is filled in any order is an array when it is stored and when it is sent", arguments: filled)
    func order(script: String, expected: String) throws {
        let map = try ScriptWorld.map()
        let wanted = try JSON(parsing: expected)
        map.script("local l = object.components.list " + script)
        map.script("local l = {} " + script + " object.components.bag = {plain = l, copied = copy(l)}")
        map.script(
            """
            local l = {} \(script)
            object.send({own = l, stored = object.components.list, copied = copy(object.components.list)})
            map.broadcast({own = l})
            local o = objects.add('objects', {components = {list = l}})
            print(o.key)
            """)
        #expect(map.errors == [])
        let own = map.players[1]?.world["players_1"]?["components"]?.object
        #expect(own?["list"] == wanted)
        #expect(own?["bag"]?.object?["plain"] == wanted && own?["bag"]?.object?["copied"] == wanted)
        let sent = map.players[1]?.direct ?? []
        #expect(sent.contains { $0.object?["stored"] == wanted && $0.object?["copied"] == wanted })
        #expect(sent.count { $0.object?["own"] == wanted } == 2, "\(sent)")
        #expect(map.players[2]?.world[map.prints.last ?? ""]?["components"]?.object?["list"] == wanted)
        // What the store has.
        let entity = try #require(map.entity("players_1"))
        #expect(map.simulation.world.record(of: entity)?.components["list"] == wanted)
        _ = map.expectAgreement(script)
    }

    @Test("7: a default that is an array with null is an object in the component")
    func defaultHoles() throws {
        let map = try ScriptWorld.map(["components/list.lua": "--@type json\n--@default [1,null,3]\n"])
        map.script("print(#keys(object.components.list), object.components.list[3])")
        #expect(map.prints == ["2\t3"])
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["list"]?.text == #"{"1":1,"3":3}"#)
    }

    @Test("7: a component that was stored as an array with null is an object when it is there again")
    func storedHoles() throws {
        let map = try ScriptWorld.map()
        var record = EntityRecord(key: EntityKey(.enemys, 77), mapID: map.simulation.world.geometry.id, x: 2, y: 2)
        record.components["bag"] = .array([.number(1), .null, .number(3)])
        map.tick([.arrive(record, from: nil)])
        map.script("local bag = objects.enemys_77.components.bag print(#keys(bag), bag[3])")
        #expect(map.prints == ["2\t3"], "\(map.errors)")
    }

    @Test(
        "7: a table removed from its component can be read for a while; then using it is an error that says what to do")
    func detachedTables() throws {
        let map = try ScriptWorld.map([
            "events/keep/index.lua": """
            if held then return print(held[1]) end
            held = object.components.bag.slots
            held[1] = 'a'
            object.components.bag = {}
            print(held[1], object.components.bag.slots)
            """
        ])
        let player = try #require(map.entity("players_1"))
        try map.simulation.world.addEvent(group: "keep", to: player, now: map.now)
        map.tick()
        #expect(map.prints == ["a\tnil"])
        #expect(map.errors == [])
        map.advance(60)
        try map.simulation.world.addEvent(group: "keep", to: player, now: map.now)
        map.tick()
        #expect(
            map.errors.first?.contains("this table is no longer part of a component; read it again or keep a copy(t)")
                == true, "\(map.errors)")
    }

    @Test("9: the number of kept tables that were removed from components is bounded; tables in components stay usable")
    func boundedTables() throws {
        let map = try ScriptWorld.map([
            "events/churn/index.lua": """
            held = held or object.components.bag.slots
            for i = 1, 100 do
              object.components.list = {{i}}
              held[1] = object.components.list[1][1]
            end
            object.events.add('churn')
            """, "events/churn/timeout.lua": "return 0",
        ])
        try map.simulation.world.addEvent(
            group: "churn", to: try #require(map.entity("players_1")), now: map.now)
        var most = 0
        for _ in 0..<120 {
            map.tick()
            most = max(most, map.simulation.host.nodes.count)
        }
        #expect(most > 4096 && most < 5000, "of 24,000 that were made, \(most) were known at a time")
        #expect(map.errors == [])
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["bag"]?.text == #"{"slots":[100],"gold":0}"#)
    }
}
