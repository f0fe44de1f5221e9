import LuaSandbox
import Testing

@Suite("The host's objects as scripts see them (2-lua-api 2 to 5, M9)") struct HostTests {
    @Test(
        "reading and writing fields",
        arguments: [
            Case("local o = objects.players_0 o.x = 5 o.y = o.x + 1 return o.x + o.y", 11),
            Case("return objects.players_0 == objects.players_0", true),
            Case("return objects.players_0 == objects.enemys_1", false),
            Case("return objects.nothing_9", .nil),
            Case("return objects[{}] == nil and objects[5] == nil", true),
            Case(
                "return type(objects) .. type(objects.players_0) .. type(objects.players_0.components)",
                "tabletabletable"),
            Case("return tostring(objects.players_0)", "userdata: players_0"),
            Case("return objects.players_0.key", "players_0"),
            Case("return getmetatable(objects.players_0)", false),
            Case("objects.players_0.action = 'walk' return objects.players_0.action", "walk"),
            Case("return objects.players_0.action", .nil),
            Case("return objects.players_0.components.hp", 5),
            Case("objects.players_0.components.hp = nil return objects.players_0.components.hp", .nil),
            Case("objects.players_0.components.hp = 7 return objects.players_0.components.hp", 7),
            Case("return objects.players_0.components == objects.players_0.components", true),
            Case("objects.enemys_1.x = 9 return objects.players_0.distance(objects.enemys_1)", 9),
            Case("objects.enemys_1.x = 9 return objects.players_0:distance(objects.enemys_1)", 9),
            Case("local o = objects.players_0 o.x = 3 return o.distance(o) + o:distance(o)", 0),
            Case("objects.players_0.remove() return objects.players_0", .nil),
            Case("objects.players_0:remove() return objects.players_0", .nil),
            Case("objects.players_0 = nil return objects.players_0", .nil),
            Case("return objects.count() + objects:count()", 6),
            Case("local all = objects.all() return all[3] == objects.players_2 and #all == 3", true),
            Case("local a, b = pair() return b .. a", "zwei1"),
            Case("local n = 0 for k, o in pairs(objects) do n = n + 1 assert(o.key == k) end return n", 3),
            Case("local n, k, o = 0, next(objects) while k do n = n + 1 k, o = next(objects, k) end return n", 3),
            Case("local n = 0 for k, o in pairs(objects) do o = nil n = n + 1 end return n + objects.count()", 6),
            Case("local n = 0 for k, o in pairs(objects) do n = n + 1 objects.enemys_1 = nil end return n", 2),
            Case(
                "local n, k = 0, nil repeat k = next(objects, k) n = n + 1 if k then objects[k] = nil end until not k return n",
                4),
            Case("return table.concat(keys(objects), ' ')", "players_0 enemys_1 players_2"),
            Case("local t = keys(objects.players_0.components) return table.concat(t, ' ')", "hp fixed"),
            Case("local t = keys(objects.enemys_1.components) return table.concat(t, ' ')", "hp"),
            Case(
                "local t = {} for k, v in pairs(objects.players_0) do t[#t + 1] = k end return table.concat(t, ' ')",
                "x y id key components events"),
            Case("return table.concat(keys(objects.players_0.events), ' ')", "move"),
            Case("local o = objects.players_0 o.x = 1 local c = o.components c.hp = 8 o = nil return c.hp", 8),
            Case("return #string.rep('x', objects.players_0.components.hp)", 5),
        ])
    func access(case: Case) throws {
        let world = try FakeWorld()
        world.spawn()
        world.spawn(kind: 1)
        world.spawn()
        #expect(try world.run(`case`.source) == `case`.expected)
    }

    @Test(
        "mistakes raise errors with the script, the line, the given value and the allowed ones",
        arguments: [
            ("objects.players_0.x = 'a'", "x must be a finite number, got string"),
            ("objects.players_0.x = nil", "x must be a finite number, got nil"),
            ("objects.players_0.x = {}", "x must be a finite number, got table"),
            ("objects.players_0.x = objects", "x must be a finite number, got table"),
            ("objects.players_0.x = 0/0", "x must be a finite number, got NaN"),
            ("objects.players_0.x = 1/0", "x must be a finite number, got infinity"),
            ("objects.players_0.components.hp = true", "hp must be a finite number or nil, got boolean"),
            ("objects.players_0.id = 4", "id is read-only"),
            ("objects.players_0.action = 5", "must be a string, got number"),
            ("objects.players_0.foo = 1", "unknown field 'foo'"),
            ("return objects.players_0.foo", "unknown field 'foo'"),
            ("return objects.players_0[5]", "unknown field 'number'"),
            ("objects.players_0.remove = 1", "unknown field 'remove'"),
            ("return objects.enemys_1.components.fixed", "fixed is not declared for enemys_1"),
            ("objects.enemys_1.components.fixed = 1", "fixed is not declared for enemys_1"),
            ("objects.players_0 = 5", "only nil can be assigned to an entity"),
            ("local o = objects.players_0 o.remove() return o.x", "entity players_0 was removed"),
            ("local o = objects.players_0 o.remove() o.x = 1", "entity players_0 was removed"),
            ("local o = objects.players_0 o.remove() o.remove()", "entity players_0 was removed"),
            (
                "local c = objects.players_0.components objects.players_0 = nil return c.hp",
                "entity players_0 was removed"
            ),
            ("local r = objects.players_0.remove r() r()", "entity players_0 was removed"),
            ("return objects.players_0.distance()", "distance needs an entity"),
            ("return objects.players_0:distance()", "distance needs an entity"),
            ("return objects.players_0.events.foo", "unknown group 'foo'"),
            ("fail('words of the host')", "words of the host"),
            ("send({f = print})", "f: a function is not allowed here"),
            ("send({a = {b = {1, 2, {c = 0/0}}}})", "a.b[3].c: NaN is not allowed"),
            ("send({[true] = 1})", "the table a key must be a string or a whole number, not a boolean"),
            ("send({[1.5] = 1})", "[1.5]: a key must be a string or a whole number"),
            ("local t = {} t.t = {t} send(t)", "t[1]: a table contains itself"),
            ("local t = {} for i = 1, 70 do t = {t} end send(t)", "nests deeper than 64 tables"),
            ("send({o = objects.players_0})", "o: a value of kind entity is not allowed here"),
        ])
    func mistakes(source: String, message: String) throws {
        for script in [source, "local ok, e = pcall(function() \(source) end) error(e, 0)"] {
            let world = try FakeWorld()
            world.spawn()
            world.spawn(kind: 1)
            let text = world.message(script)
            #expect(text.hasPrefix("spawn/players.lua:1: "), "\(text)")
            #expect(text.contains(message), "\(text)")
        }
    }

    @Test("a write marks its column and row once, and moves are listed")
    func dirty() throws {
        let world = try FakeWorld()
        let player = world.spawn()
        world.spawn()
        try world.run("local o = objects.players_0 o.x = 0 o.components.hp = 5")
        #expect(world.counts[0] == 0)
        try world.run("local o = objects.players_0 o.x = 1 o.x = 2 o.components.hp = 6")
        #expect(world.counts[0] == 1)
        #expect(world.lists[0] == player.slot)
        #expect(world.dirty[0] == 0b10001)
        #expect(world.counts[1] == 1)
        try world.run("objects.players_1.components.hp = 1")
        #expect(world.counts[0] == 2)
        #expect(world.counts[1] == 1)
    }

    @Test("while the world is read-only every assignment fails and the world stays as it was")
    func readOnly() throws {
        let world = try FakeWorld()
        world.spawn()
        world.sandbox.setReadOnly("a timeout formula can't change the world")
        for source in [
            "objects.players_0.x = 1", "objects.players_0.components.hp = 1", "objects.players_0 = nil",
            "objects.players_0.action = 'x'", "pcall(function() objects.players_0.x = 1 end) objects.players_0.y = 2",
        ] {
            #expect(world.message(source) == "spawn/players.lua:1: a timeout formula can't change the world")
        }
        #expect(try world.run("return objects.players_0.x") == .number(0))
        world.sandbox.setReadOnly(nil)
        try world.run("objects.players_0.x = 1")
        #expect(world.doubles[.x]?[0] == 1)
    }

    @Test("a loop over objects visits those from its beginning, without removed ones and new ones (2-lua-api 2)")
    func snapshot() throws {
        let world = try FakeWorld()
        for _ in 0..<10 { world.spawn() }
        world.onTrigger = { world, _ in world.spawn(kind: 2) }
        let seen = try world.run(
            """
            local seen = {}
            for k, o in pairs(objects) do
              seen[#seen + 1] = k
              o.components.hp = 1
              if k == 'players_3' then objects.players_5 = nil end
            end
            return table.concat(seen, ' ')
            """)
        #expect(
            seen
                == .string(
                    "players_0 players_1 players_2 players_3 players_4 players_6 players_7 players_8 players_9"))
        #expect(try world.run("return objects.count()") == .number(18))
    }

    @Test("a slot that is used again is another entity")
    func reuse() throws {
        let world = try FakeWorld()
        world.spawn()
        try world.run("old = objects.players_0 components = old.components")
        world.remove(0)
        world.spawn(kind: 1)
        #expect(try world.run("return objects.enemys_0.key .. tostring(objects.players_0)") == .string("enemys_0nil"))
        #expect(try world.run("return old == objects.enemys_0") == .bool(false))
        #expect(world.message("return old.x").hasSuffix("entity players_0 was removed"))
        #expect(world.message("return components.hp").hasSuffix("entity players_0 was removed"))
        #expect(try world.run("return tostring(old)") == .string("userdata: players_0"))
    }

    @Test("a trigger gets the old and the new value, and runs only when they differ")
    func triggers() throws {
        let world = try FakeWorld()
        world.spawn()
        try world.run("local c = objects.players_0.components c.hp = 5 c.hp = 6 c.hp = nil c.hp = nil c.hp = 7")
        #expect(
            world.calls == [
                "trigger players_0 number(5.0) number(6.0)", "trigger players_0 number(6.0) nil",
                "trigger players_0 nil number(7.0)",
            ])
    }

    @Test(
        "json components are tables that scripts change in place (2-lua-api 4)",
        arguments: [
            Case("bag.gold = 5 return bag.gold", 5),
            Case("return bag.slots[2].n", 2),
            Case("bag.slots[3] = {n = 3} return bag.slots[3].n + #bag.slots", 6),
            Case("return #bag.slots", 2),
            Case("local n = 0 for i, v in ipairs(bag.slots) do n = n + i * v.n end return n", 5),
            Case(
                "local t = {} for k in pairs(bag) do t[#t + 1] = k end table.sort(t) return table.concat(t, ' ')",
                "list slots"),
            Case("return (next(bag.list)) .. select(2, next(bag.list))", "13"),
            Case("return table.concat(keys(bag.slots), ' ')", "1 2"),
            Case("table.insert(bag.list, 9) return table.concat(bag.list, ',')", "3,1,2,9"),
            Case("table.insert(bag.list, 1, 9) return table.concat(bag.list, ',')", "9,3,1,2"),
            Case("return table.remove(bag.list) .. table.concat(bag.list, ',')", "23,1"),
            Case("return table.remove(bag.list, 1) .. table.concat(bag.list, ',')", "31,2"),
            Case("table.sort(bag.list) return table.concat(bag.list, ',')", "1,2,3"),
            Case("table.sort(bag.list, function(a, b) return a > b end) return table.concat(bag.list, ',')", "3,2,1"),
            Case("local a, b, c = unpack(bag.list) return a * 100 + b * 10 + c", 312),
            Case("return table.getn(bag.list) + table.maxn(bag.list)", 6),
            Case("local c = copy(bag) c.slots[1].n = 50 return bag.slots[1].n", 1),
            Case("return bag.slots == bag.slots", true),
            Case("local s = bag.slots bag.slots[1].n = 7 return s[1].n", 7),
            Case("bag.other = bag.list bag.list[1] = 100 return bag.other[1]", 3),
            Case("bag.list = nil return bag.list", .nil),
            Case("return send({inner = bag.list}).inner[1]", 3),
            Case("return send(array({})) ~= nil", true),
            Case("return type(bag.list)", "table"),
        ])
    func json(case: Case) throws {
        let world = try FakeWorld()
        world.spawn()
        world.bags[0] = .object([
            LuaField("slots", .array([.object([LuaField("n", .number(1))]), .object([LuaField("n", .number(2))])])),
            LuaField("list", .array([.number(3), .number(1), .number(2)])),
        ])
        #expect(
            try world.run("local bag = objects.players_0.components.bag " + `case`.source) == `case`.expected)
    }

    @Test("tables sent to the host come back unchanged, and arrays stay different from objects")
    func packing() throws {
        let world = try FakeWorld()
        #expect(try world.run("return {}") == .object([]))
        #expect(try world.run("return array({})") == .array([]))
        #expect(try world.run("return copy(array({}))") == .array([]))
        #expect(try world.run("return send(array({}))") == .array([]))
        #expect(
            try world.run("return {1, 'a', true, {x = 1}}")
                == .array([.number(1), .string("a"), .bool(true), .object([LuaField("x", .number(1))])]))
        #expect(try world.run("return {[2] = 1}") == .object([LuaField(key: .number(2), value: .number(1))]))
        #expect(
            try world.run("local t = send({a = {b = {1, 2, 3}}, s = 'x\\0y'}) return #t.a.b .. #t.s") == .string("33"))
        #expect(try world.run("return send('text')") == .string("string"))
        #expect(try world.run("return print") == .other)
    }

    @Test("libs also see the globals that the host sets in the base environment")
    func base() throws {
        let world = try FakeWorld()
        world.spawn()
        let lib = try world.sandbox.compile(
            "function first() return objects.players_0, pair end", name: "lib/first.lua",
            environment: world.sandbox.sharedEnvironment)
        try world.sandbox.call(lib, limit: .seconds(1))
        #expect(try world.run("local o, p = first() return o == objects.players_0 and p == pair") == .bool(true))
    }

    @Test("existing proxies use members that are registered again (hot reload)")
    func redefine() throws {
        let world = try FakeWorld()
        world.spawn()
        try world.run("c = objects.players_0.components")
        try world.sandbox.register(
            HostClass(
                id: FakeWorld.componentsClass, name: "components", options: .bySlot,
                members: [.column("health", 4)]))
        #expect(try world.run("return c.health") == .number(5))
        #expect(world.message("return c.hp").contains("unknown field 'hp'"))
    }

    @Test("the operations have the numbers from 1 to 17, and no other number is an operation")
    func operations() {
        for number in Int32(1)...17 { #expect(HostCall.Operation(rawValue: number)?.rawValue == number) }
        #expect(HostCall.Operation(rawValue: 1) == .get)
        #expect(HostCall.Operation(rawValue: 7) == .next)
        #expect(HostCall.Operation(rawValue: 16) == .errorLog)
        #expect(HostCall.Operation(rawValue: 17) == .clock)
        #expect(HostCall.Operation(rawValue: 17) == .clock)
        for number in [Int32.min, -1, 0, 18, 256, 257, .max] { #expect(HostCall.Operation(rawValue: number) == nil) }
    }

    @Test("global functions reach the host by their ids, low and high, and a handler may be replaced")
    func globals() throws {
        let bench = try Bench()
        let ids: [UInt32] = [0, 1, 5, 7, 8, 9, 70_000, .max]
        bench.log.handle = { $0.returnValue(Double($0.memberID) + Double($0.argumentCount) / 10) }
        for id in ids { try bench.sandbox.setFunction("f\(id)", id: id, in: bench.environment) }
        for id in ids {
            #expect(try bench.run("return f\(id)()") == .number(Double(id)))
            #expect(try bench.run("return f\(id)(1, {}, 'x')") == .number(Double(id) + 0.3))
        }
        bench.sandbox.handler = { $0.returnValue("new") }
        #expect(try bench.run("return f1() .. f8()") == .string("newnew"))
    }
}
