import LuaSandbox
import Testing

@Suite("Libs' tables (3-game-folder, environments: scripts can read them and not change them)") struct ViewTests {
    private static let lib = """
        settings = { speed = 2, nested = { depth = { 1, 2 } }, list = { 5, 6, 7 }, calls = 0 }
        function settings:call() self.calls = self.calls + 1 self.list[#self.list + 1] = self.calls return self.calls end
        function settings:put(key, value) rawset(self, key, value) return rawget(self, key), rawequal(self, settings) end
        function settings:protect() setmetatable(self, { __index = { depth = 7 } }) return self.depth end
        function settings:each(f) for i, v in ipairs(self.list) do f(v) end return next(self) ~= nil end
        function settings.reset() settings.calls = 0 settings.list = { 5, 6, 7 } end
        function same(t) return t == settings end
        vector = {}
        vector.__index = vector
        vector.__add = function(a, b) return vector.new(a.x + b.x) end
        vector.__tostring = function(v) return 'vector ' .. v.x end
        setmetatable(vector, { __call = function(class, x) return class.new(x) end })
        function vector.new(x) return setmetatable({ x = x }, vector) end
        origin = vector.new(10)
        """

    private static func bench() throws -> Bench {
        let bench = try Bench()
        try bench.run(lib, name: "lib/settings.lua", in: bench.sandbox.sharedEnvironment)
        return bench
    }

    @Test(
        "a script can read them in every way in which it reads its own tables",
        arguments: [
            Case("return settings.speed + settings.nested.depth[2]", 4),
            Case("return #settings.list + #settings.nested.depth", 5),
            Case("local n = 0 for i, v in ipairs(settings.list) do n = n + i * v end return n", 38),
            Case(
                "local k = keys(settings) table.sort(k) return table.concat(k, ' ')",
                "call calls each list nested protect put reset speed"),
            Case("local n = 0 for k, v in pairs(settings.list) do n = n + v end return n", 18),
            Case("return (next(settings.nested))", "depth"),
            Case("return table.concat(settings.list, ',', 2) .. select('#', unpack(settings.list))", "6,73"),
            Case("return rawget(settings, 'speed')", 2),
            Case("local n = '' table.foreach(settings.nested, function(k, v) n = n .. k .. #v end) return n", "depth2"),
            Case("local n = 0 settings:each(function(v) n = n + v end) return n", 18),
            Case("return origin.__index == vector and origin.__index.new(3).x", 3),
            Case("return type(settings) .. tostring(settings)", "tabletable"),
            Case("return settings == settings and settings.list == settings.list", true),
            Case(
                "local c = copy(settings) c.speed = 3 c.list[1] = 9 return c.speed + c.list[1] + settings.list[1]", 17),
            Case("return ('speed'):gsub('%a+', settings)", "2"),
            Case("return (origin + vector(5)).x .. ' ' .. tostring(origin)", "15 vector 10"),
            Case("local v = vector(3) v.x = v.x + 1 return tostring(v + v)", "vector 8"),
            Case("return tostring(setmetatable({ x = 6 }, vector))", "vector 6"),
            Case("return getmetatable(vector(1)) == vector", true),
            Case("local derived = setmetatable({}, { __index = vector }) return derived.new(2).x", 2),
        ])
    func reading(case: Case) throws {
        #expect(try Self.bench().run(`case`.source) == `case`.expected)
    }

    @Test("a lib's functions can change the lib's tables, however they are called; every script sees the change")
    func writing() throws {
        let bench = try Self.bench()
        #expect(try bench.run("settings:call() settings.call(settings) return settings.calls") == .number(2))
        let other = try bench.sandbox.makeEnvironment()
        #expect(try bench.run("return table.concat(settings.list, ',')", in: other) == .string("5,6,7,1,2"))
        try bench.run("settings.reset()", in: other)
        #expect(try bench.run("return settings.calls + #settings.list") == .number(3))
    }

    @Test("in a lib rawset, rawequal and setmetatable use the table behind `self`")
    func selves() throws {
        let bench = try Self.bench()
        #expect(try bench.run("local a, b = settings:put('speed', 9) return a .. tostring(b)") == .string("9true"))
        #expect(try bench.run("return settings:protect() + settings.speed") == .number(16))
    }

    @Test("a key that is a table can be used for an access after a loop returned it")
    func keys() throws {
        let bench = try Self.bench()
        try bench.run(
            "key = {} pairs_of_tables = { [key] = 1, [{}] = 2, [3] = 4 }", name: "lib/keys.lua",
            in: bench.sandbox.sharedEnvironment)
        #expect(
            try bench.run(
                "local n = 0 for k in pairs(pairs_of_tables) do n = n + pairs_of_tables[k] end return n + pairs_of_tables[key]"
            ) == .number(8))
    }

    @Test("a script may have its own table of the same name")
    func shadowing() throws {
        let bench = try Self.bench()
        #expect(try bench.run("settings = { speed = 9 } settings.speed = 8 return settings.speed") == .number(8))
        let other = try bench.sandbox.makeEnvironment()
        #expect(try bench.run("return settings.speed", in: other) == .number(2))
    }

    @Test("libs read and write their globals as in stock Lua, and scripts get them as a view")
    func globals() throws {
        let bench = try Self.bench()
        let libs = bench.sandbox.sharedEnvironment
        let lib = """
            _G.first = 1
            getfenv(1).second = first + 1
            local count = 0
            for name in pairs(_G) do count = count + 1 end
            function all() return _G, getfenv(1) end
            function run(f, ...) return f(...) end
            return _G.second + _G._G.first .. tostring(_G == getfenv()) .. tostring(count > 30) .. type(_G)
            """
        #expect(try bench.run(lib, name: "lib/globals.lua", in: libs) == .string("3truetruetable"))
        #expect(try bench.run("return all().second") == .number(2))
        for source in [
            "all().second = 5", "local _, e = all() e.second = 5", "rawset(all(), 'second', 5)",
            "all().rawset(all(), 'second', 5)", "setmetatable(all(), {})", "setfenv(1, all())",
            "run(table.insert, settings.list, 5)", "run(rawset, settings, 'speed', 5)",
            "run(rawget, settings, 'list')[1] = 5", "local _, v = run(next, settings.nested) v[1] = 5",
            "run(unpack, { settings.nested }).depth[1] = 5", "run(setfenv, 1, all())",
            "run(table.sort, settings.list, function(a, b) return a > b end)",
            "table = nil table.insert(settings.list, 5)", "rawset = nil rawset(settings, 'speed', 5)",
            "setmetatable = nil setmetatable(settings, {})", "_G = nil _G.table.insert(settings.list, 5)",
            "getmetatable = nil getmetatable(origin).new = 5", "run(run, run, table.remove, settings.list)",
        ] {
            #expect(bench.failure(source)?.kind == .runtime, "\(source)")
        }
        #expect(try bench.run("return second + settings.speed + #settings.list") == .number(7))
    }

    @Test("the host gets the contents of the table behind a view")
    func packing() throws {
        let bench = try Self.bench()
        var seen: LuaValue?
        bench.log.handle = { call in
            seen = call.value(at: 0)
            call.returnNil()
        }
        try bench.sandbox.setFunction("give", id: 1, in: bench.environment)
        try bench.run("give({ inside = settings.nested.depth })")
        #expect(seen == .object([LuaField(key: .string("inside"), value: .array([.number(1), .number(2)]))]))
        #expect(try bench.run("return settings.list") == .array([.number(5), .number(6), .number(7)]))
    }

    @Test("views without a reference are collected, and the tables behind them too")
    func garbage() throws {
        let bench = try Self.bench()
        try bench.run(
            "function fresh() box = { list = {} } for i = 1, 100 do box.list[i] = {} end end", name: "lib/fresh.lua",
            in: bench.sandbox.sharedEnvironment)
        func round() throws { try bench.run("fresh() for i = 1, 100 do local t = box.list[i] end") }
        for _ in 0..<3000 { try round() }
        bench.sandbox.collectGarbage()
        bench.sandbox.collectGarbage()
        #expect(bench.sandbox.usedBytes < 16 << 20)  // 300,000 views with their tables would be 48 MB
    }
}
