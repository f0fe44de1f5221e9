import JSONValues
import LuaSandbox
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("References into json components follow their element [2-lua-api 7]") struct JSONReferenceTests {
    /// `l` is a list of three elements with `n` 1 to 3, and `a`, `b`, `c` are references to them.
    static let three =
        "object.components.list = {{n = 1}, {n = 2}, {n = 3}} local l = object.components.list local a, b, c = l[1], l[2], l[3] "

    /// Prints the `n` of all elements.
    static let show =
        " local r = {} for i, e in ipairs(object.components.list) do r[i] = tostring(e.n) end print(table.concat(r, ' '))"

    /// A script that makes ``three``, does something with it and prints it.
    static func list(_ script: String) -> String { three + script + show }

    static let lists = [
        ScriptCase(
            "7: table.remove before it", list("table.remove(l, 1) b.n = 20 c.n = 30"), prints: ["20 30"]),
        ScriptCase(
            "7: table.insert before it", list("table.insert(l, 1, {n = 0}) a.n = 10 b.n = 20 c.n = 30"),
            prints: ["0 10 20 30"]),
        ScriptCase(
            "7: table.insert in the middle", list("table.insert(l, 3, {n = 0}) c.n = 30 b.n = 20"),
            prints: ["1 20 0 30"]),
        ScriptCase(
            "7: table.sort",
            list("table.sort(l, function(x, y) return x.n > y.n end) a.n = 10 b.n = 20 c.n = 30"), prints: ["30 20 10"]),
        ScriptCase(
            "7: table.sort of many",
            """
            local t = {} for i = 1, 100 do t[i] = {n = i * 37 % 101} end
            object.components.list = t
            local l, known = object.components.list, {}
            for i, e in ipairs(l) do known[e.n] = e end
            table.sort(l, function(x, y) return x.n < y.n end)
            local wrong = 0
            for i, e in ipairs(l) do if e ~= known[i] or e.n ~= i then wrong = wrong + 1 end end
            for n, e in pairs(known) do e.n = -n end
            for i, e in ipairs(l) do if e.n ~= -i then wrong = wrong + 1 end end
            print(#l, wrong)
            """, prints: ["100\t0"]),
        ScriptCase(
            "7: a swap", list("l[1], l[3] = l[3], l[1] a.n = 10 c.n = 30"), prints: ["30 2 10"]),
        ScriptCase(
            "7: a swap by a variable", list("local t = l[1] l[1] = l[2] l[2] = t a.n = 10 b.n = 20"),
            prints: ["20 10 3"]),
        ScriptCase(
            "7: a rotation", list("l[1], l[2], l[3] = l[2], l[3], l[1] a.n = 10 b.n = 20 c.n = 30"),
            prints: ["20 30 10"]),
        ScriptCase(
            "7: moved by hand, from the end",
            list("for i = 3, 1, -1 do l[i + 1] = l[i] end l[1] = {n = 0} a.n = 10 c.n = 30"),
            prints: ["0 10 2 30"]),
        ScriptCase(
            "7: moved by hand, from the begin", list("for i = 1, 3 do l[i] = l[i + 1] end b.n = 20 c.n = 30"),
            prints: ["20 30"]),
        ScriptCase(
            "7: taken out and put back",
            list("local x = table.remove(l, 2) table.insert(l, x) x.n = 20 b.n = b.n + 1"), prints: ["1 3 21"]),
        ScriptCase(
            "7: a list that is made anew of its elements",
            list(
                "local kept = {} for _, e in ipairs(l) do if e.n ~= 2 then kept[#kept + 1] = e end end "
                    + "object.components.list = kept a.n = 10 c.n = 30"), prints: ["10 30"]),
        ScriptCase(
            "7: the same order, made anew",
            list("object.components.list = {a, b, c} a.n = 10 b.n = 20 c.n = 30"),
            prints: ["10 20 30"]),
        ScriptCase(
            "7: an element that is assigned to its own place", list("l[2] = l[2] b.n = 20"),
            prints: ["1 20 3"]),
        ScriptCase(
            "7: the component assigned to itself",
            list("object.components.list = object.components.list b.n = 20 l[3].n = 30"),
            prints: ["1 20 30"]),
        ScriptCase(
            "7: a reference into an element follows with it",
            "object.components.list = {{p = {x = 1}}, {p = {x = 2}}} local l = object.components.list local p = l[2].p "
                + "table.remove(l, 1) p.x = 20 print(#l, l[1].p.x, l[1].p == p)", prints: ["1\t20\ttrue"]),
        ScriptCase(
            "7: an element that is another one's part now",
            three
                + "l[1] = {inner = l[2], more = {l[3]}} b.n = 20 c.n = 30 print(l[1].inner.n, l[1].more[1].n, l[2].n, l[3].n)",
            prints: ["20\t30\t2\t3"]),
        ScriptCase(
            "7: an element that is wrapped in its own place",
            three + "l[1] = {inner = l[1]} a.n = 10 print(l[1].inner.n, l[1].inner == a)", prints: ["10\ttrue"]),
        ScriptCase(
            "7: an element that replaces what it was in",
            "local b = object.components.bag b.slots[1] = {n = {m = 1}} local inner = b.slots[1].n b.slots[1] = inner "
                + "inner.m = 5 print(b.slots[1].m, b.slots[1] == inner)", prints: ["5\ttrue"]),
        ScriptCase(
            "7: a part of the component becomes all of it",
            "local b = object.components.bag b.slots.deep = {m = 1} local s, d = b.slots, b.slots.deep "
                + "object.components.bag = s d.m = 5 s.k = 6 print(object.components.bag.deep.m, object.components.bag.k)",
            prints: ["5\t6"]),
        ScriptCase(
            "7: the component becomes a part of itself",
            three + "object.components.list = {old = l} a.n = 10 print(object.components.list.old[1].n)",
            prints: ["10"]),
    ]

    @Test("of lists, whatever moves them", arguments: lists)
    func elements(_ example: ScriptCase) throws { try example.check() }

    static let places = [
        ScriptCase(
            "7: from key to key of an object",
            "local b = object.components.bag b.left = {n = 1} b.right = {n = 2} local l, r = b.left, b.right "
                + "b.left, b.right = b.right, b.left l.n = 10 r.n = 20 print(b.left.n, b.right.n)", prints: ["20\t10"]),
        ScriptCase(
            "7: from a list to a key and out of the list",
            "local b = object.components.bag b.slots[1] = {n = 1} local item = b.slots[1] b.hand = item "
                + "table.remove(b.slots, 1) item.n = 5 print(#b.slots, b.hand.n)", prints: ["0\t5"]),
        ScriptCase(
            "7: an element in two places moves to the second, the first keeps a copy",
            three + "l[4] = a a.n = 10 print(l[1].n, l[4].n, l[4] == a, l[1] == a)", prints: ["1\t10\ttrue\tfalse"]),
        ScriptCase(
            "7: in two places of one table", list("object.components.list = {a, a} a.n = 10"),
            prints: ["1 10"]),
        ScriptCase(
            "7: what was read of the copy is the copy",
            three + "l[4] = a local copied = l[1] copied.n = 7 print(a.n, l[1].n, l[4].n)", prints: ["1\t7\t1"]),
        ScriptCase(
            "7: an element of another component moves too",
            three + "local other = objects.players_2.components other.list = {} other.list[1] = b table.remove(l, 2) "
                + "b.n = 20 print(other.list[1].n, #l)", prints: ["20\t2"]),
        ScriptCase(
            "7: a whole component is copied",
            three + "local other = objects.players_2.components other.list = l l[1].n = 10 print(other.list[1].n, a.n)",
            prints: ["1\t10"]),
        ScriptCase(
            "7: a whole component in a key of another",
            three
                + "object.components.bag.l = l a.n = 10 print(object.components.bag.l[1].n)", prints: ["1"]),
        ScriptCase(
            "7: itself inside itself is a copy", three + "a.self = a a.n = 10 print(a.self.n, a.self.self, l[1].n)",
            prints: ["1\tnil\t10"]),
        ScriptCase(
            "7: what is above inside of what is below is a copy",
            "local b = object.components.bag b.slots[1] = {n = 1} local s = b.slots s[1].all = s s[1].n = 2 "
                + "print(s[1].all[1].n, s[1].all[1].all, b.slots[1].n)", prints: ["1\tnil\t2"]),
        ScriptCase(
            "7: what objects.add, send and events get are copies",
            three + "local o = objects.add('objects', {components = {list = {a}}}) object.send({a}) a.n = 10 "
                + "print(o.components.list[1].n, l[1].n)", prints: ["1\t10"]),
        ScriptCase(
            "7: what is assigned to an event's data is a copy",
            three + "local e = object.events.note object.events.add('note', nil, {text = 'x'}) "
                + "e.data = {text = 'y', any = {a, l}, more = b} a.n, b.n = 10, 20 "
                + "print(e.data.any[1].n, e.data.any[2][3].n, e.data.more.n, l[1].n, l[2].n) e.remove()",
            prints: ["1\t3\t2\t10\t20"]),
        ScriptCase(
            "7: copy(t) is another one", three + "l[1] = copy(a) print(pcall(function() a.n = 10 end)) print(l[1].n)",
            prints: [
                "false\tevents/testing/index.lua:1: this table is in no component any more, so a write to it would be lost; put it into a component first, or work with a copy(t)",
                "1",
            ]),
        ScriptCase(
            "7: an empty one keeps its kind where it goes",
            "object.components.list = {{}, array({}), {1}} local l = object.components.list local o, e = l[1], l[2] "
                + "l[3] = o l[1] = e o.n = 1 table.insert(e, 5) print(l[3].n, l[1][1], #l[2], #keys(l[2]))",
            prints: ["1\t5\t0\t0"]),
    ]

    @Test("of objects, second places and other components", arguments: places)
    func moves(_ example: ScriptCase) throws { try example.check() }

    static let lost = [
        ("removed", "local x = table.remove(l, 1) x.n = 5"), ("taken away", "l[2] = nil b.n = 5"),
        ("replaced", "l[2] = {n = 9} b.n = 5"), ("replaced with the list", "object.components.list = {} b.n = 5"),
        ("replaced by a plain copy", "object.components.list = copy(l) b.n = 5"),
        ("replaced by nil", "object.components.list = nil b.n = 5"),
        ("the list itself", "object.components.list = {} l[1] = 5"),
        ("the list itself, by table.insert", "object.components.list = {} table.insert(l, {})"),
        ("emptied", "object.components.list = {} l[1] = nil"),
        ("in a table that was taken away", "l[1].inner = {n = 1} local i = l[1].inner table.remove(l, 1) i.n = 5"),
    ]

    @Test(
        "a write to one that is in no component any more is an error that says so, and can still be read",
        arguments: lost)
    func lostWrites(name: String, script: String) throws {
        let example = ScriptCase(
            "7: \(name)", Self.three + script,
            error:
                "this table is in no component any more, so a write to it would be lost; put it into a component first")
        try example.check()
        let map = try ScriptWorld.map()
        map.script(Self.three + "table.remove(l, 1) print(a.n, #l, l[1].n)")
        #expect(map.prints == ["1\t2\t2"])
    }

    @Test("clients, the store and triggers see what scripts see")
    func agreement() throws {
        let map = try ScriptWorld.map([
            "components/list.lua":
                "--@type json\n--@default []\nlocal n = {} for i, e in ipairs(value) do n[i] = e.n end print('now ' .. table.concat(n, ' '))"
        ])
        map.script(Self.three + "held = b")
        map.script("local l = object.components.list local b = l[2] l[2] = l[3] l[3] = b b.n = 20")
        #expect(map.prints == ["now 1 2 3", "now 1 3 3", "now 1 3 2", "now 1 3 20"])
        #expect(
            map.players[1]?.world["players_1"]?["components"]?.object?["list"]?.text == #"[{"n":1},{"n":3},{"n":20}]"#)
        #expect(map.errors == [])
        // Moving to another component leaves this one as it was.
        map.script(
            "local b = object.components.list[3] objects.players_2.components.bag = {item = b} b.n = 30 print(b.n)")
        #expect(map.prints.suffix(1) == ["30"])
        #expect(
            map.players[1]?.world["players_1"]?["components"]?.object?["list"]?.text == #"[{"n":1},{"n":3},{"n":20}]"#)
    }

    @Test("an element that moved to another entity goes with that one")
    func removedOwner() throws {
        let map = try ScriptWorld.map()
        map.script(
            Self.three + """
                local o = objects.add('objects', {x = 1, y = 1})
                o.components.list = {{deep = a}}
                o.remove()
                print(pcall(function() return a.n end))
                b.n = 20
                print(l[1].n, l[2].n)
                """)
        #expect(map.errors == [])
        #expect(map.prints.first?.contains("was removed") == true, "\(map.prints)")
        #expect(map.prints.last == "1\t20")
    }

    @Test("whatever scripts do, weights are exact and every reference is the element it was", arguments: 0..<6)
    func anySequence(seed: Int) throws {
        let map = try ScriptWorld.map(["game.yaml": "event_time_limit_ms: 10000\n"])
        map.script(
            """
            math.randomseed(\(seed))
            -- Plain tables beside the component's, changed alike.
            local l, plain, pairs_of = object.components.list, {}, {}
            local function add(at, n)
              table.insert(l, at, {n = n})
              table.insert(plain, at, {n = n})
              pairs_of[#pairs_of + 1] = {l[at], plain[at]}
            end
            for i = 1, 12 do add(math.random(#plain + 1), i) end
            for step = 1, 300 do
              local i, j = math.random(#plain), math.random(#plain)
              local what = math.random(5)
              if what == 1 then
                l[i], l[j] = l[j], l[i]
                plain[i], plain[j] = plain[j], plain[i]
              elseif what == 2 then
                local e, p = table.remove(l, i), table.remove(plain, i)
                j = math.random(#plain + 1)
                table.insert(l, j, e)
                table.insert(plain, j, p)
              elseif what == 3 then
                local one = pairs_of[math.random(#pairs_of)]
                one[1].n, one[2].n = step, step
              elseif what == 4 then
                table.sort(l, function(a, b) return a.n < b.n end)
                table.sort(plain, function(a, b) return a.n < b.n end)
              else
                local kept = {}
                for k, e in ipairs(l) do kept[k] = e end
                object.components.list = kept
                l = object.components.list
              end
              for k, p in ipairs(plain) do
                if l[k].n ~= p.n then error('step ' .. step .. ', kind ' .. what .. ', place ' .. k) end
              end
            end
            for _, one in ipairs(pairs_of) do assert(one[1].n == one[2].n) end
            print(#l)
            """)
        #expect(map.errors == [])
        #expect(map.prints == ["12"])
        let world = map.simulation.world
        let entity = try #require(map.entity("players_1"))
        let column = try world.column(ofComponent: "list", slot: Int(entity.slot))
        let node = try #require(column.nodes[Int(entity.slot)])
        #expect(node.weight == JSONNode(node.json).weight)
        #expect(node.bytes == JSONNode(node.json).bytes)
        _ = map.expectAgreement("seed \(seed)")
    }

    @Test("a table of references is as bounded as any value")
    func bounded() throws {
        let map = try ScriptWorld.map()
        map.script(
            """
            object.components.list = {{('x'):rep(60000)}}
            local e, t = object.components.list[1], {}
            for i = 1, 100000 do t[i] = e end
            object.components.list = t
            """)
        #expect(
            map.errors.count == 1 && map.errors[0].contains("a json component may hold about 256 KiB"), "\(map.errors)")
    }

    @Test("a long list can be shifted, and its references follow")
    func longLists() throws {
        let map = try ScriptWorld.map(["game.yaml": "event_time_limit_ms: 10000\n"])
        map.script(
            """
            local t = {} for i = 1, 4000 do t[i] = {i} end
            object.components.list = t
            local l = object.components.list
            local last = l[4000]
            for i = 1, 5 do table.insert(l, 1, {0}) end
            last[1] = 'last'
            print(#l, l[4005][1])
            """)
        #expect(map.errors == [])
        #expect(map.prints == ["4005\tlast"])
    }
}
