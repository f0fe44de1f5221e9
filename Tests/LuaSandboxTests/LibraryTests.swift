import LuaSandbox
import Testing

@Suite("The library of a script (2-lua-api 1, M8.3-M8.5)") struct LibraryTests {
    @Test(
        "functions that reach outside are absent",
        arguments: [
            "dofile", "loadfile", "load", "loadstring", "require", "module", "package", "io", "newproxy",
            "collectgarbage", "gcinfo", "string.dump", "os.execute", "os.exit", "os.getenv", "os.remove", "os.rename",
            "os.setlocale", "os.tmpname", "debug.debug", "debug.getfenv", "debug.gethook", "debug.getinfo",
            "debug.getlocal", "debug.getmetatable", "debug.getregistry", "debug.getupvalue", "debug.setfenv",
            "debug.sethook", "debug.setlocal", "debug.setmetatable", "debug.setupvalue",
        ])
    func absent(name: String) throws {
        #expect(try Bench().run("return \(name)") == .nil)
    }

    @Test("a script has exactly the allowed globals")
    func allowList() throws {
        let bench = try Bench()
        let value = try bench.run(
            """
            local names = {}
            for k, v in pairs(_G) do
              if type(v) == 'table' and k ~= '_G' then
                for f in pairs(v) do names[#names + 1] = k .. '.' .. f end
              else names[#names + 1] = k end
            end
            table.sort(names)
            return table.concat(names, ' ')
            """)
        let expected = """
            _G _VERSION array assert copy coroutine.create coroutine.resume coroutine.running coroutine.status \
            coroutine.wrap coroutine.yield debug.traceback error getfenv getmetatable ipairs keys math.abs math.acos \
            math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor math.fmod \
            math.frexp math.huge math.ldexp math.log math.log10 math.max math.min math.mod math.modf math.pi math.pow \
            math.rad math.random math.randomseed math.sin math.sinh math.sqrt math.tan math.tanh next os.clock os.date \
            os.difftime os.time pairs pcall print rawequal rawget rawset select setfenv setmetatable split string.byte \
            string.char string.find string.format string.gfind string.gmatch string.gsub string.len string.lower \
            string.match string.rep string.reverse string.sub string.upper table.concat table.foreach table.foreachi \
            table.getn table.insert table.maxn table.remove table.setn table.sort tonumber tostring type unpack xpcall
            """
        #expect(value == .string(expected))
    }

    @Test(
        "functions give the specified values",
        arguments: [
            Case("return 1 + 1", 2),
            Case("return _VERSION", "Lua 5.1"),
            Case("return tostring({})", "table"),
            Case("return tostring(print)", "function"),
            Case("return tostring(coroutine.create(function() end))", "thread"),
            Case("return tostring(nil) .. tostring(true) .. tostring(1.5) .. tostring('x')", "niltrue1.5x"),
            Case("return tostring(setmetatable({}, {__tostring = function() return 'mine' end}))", "mine"),
            Case("return string.format('%s', tostring(_G))", "table"),
            Case("return table.concat(split('a,b,,c', ','), '|')", "a|b||c"),
            Case("return table.concat(split('', ','), '|') .. #split('', ',')", "1"),
            Case("return table.concat(split('a.b', '.'), '|')", "a|b"),
            Case("return table.concat(split('a--b--', '--'), '|') .. #split('a--b--', '--')", "a|b|3"),
            Case("return table.concat(split('abc', ''), '|')", "a|b|c"),
            Case("return table.concat(split('aé€😀', ''), '|')", "a|é|€|😀"),
            Case("return #split('', '')", 0),
            Case(
                "local k = keys({a = 1, b = 2, 3}) table.sort(k, function(a, b) return tostring(a) < tostring(b) end) return table.concat(k, ',')",
                "1,a,b"),
            Case("return #keys({})", 0),
            Case(
                "return keys(setmetatable({}, {__pairs = function(t) return function(_, k) if not k then return 'one', 1 end end, t, nil end}))[1]",
                "one"),
            Case(
                "local n = 0 for k, v in pairs(setmetatable({}, {__pairs = function(t) return next, {1, 2, 3}, nil end})) do n = n + v end return n",
                6),
            Case(
                "local n = 0 for k, v in ipairs(setmetatable({}, {__ipairs = function(t) return ipairs({4, 5}) end})) do n = n + v end return n",
                9),
            Case(
                "local n = 0 for k, v in pairs(setmetatable({}, {__next = function(t, k) return next({7, 8}, k) end})) do n = n + v end return n",
                15),
            Case("return (next(setmetatable({}, {__next = function(t, k) return 'from __next' end})))", "from __next"),
            Case("return select('#', pairs({}))", 3),
            Case("return pairs({}) == next", true),
            Case("return getmetatable('')", false),
            Case("return pcall(setmetatable, '', {})", false),
            Case("return ('x'):rep(3)", "xxx"),
            Case("return ('x').rep == string.rep", true),
            Case("local s = ('abcdefg'):rep(500000) return #s .. s:gsub('abcdefg', '')", "3500000"),
            Case(
                "local p = ('0123456789x'):rep(30000) local s = p:rep(9) for i = 0, 8 do if s:sub(i * #p + 1, (i + 1) * #p) ~= p then return i end end return 'same'",
                "same"),
            Case("string.rep = nil return ('x'):rep(2)", "xx"),
            Case("return pcall(function() ('').foo = 1 end)", false),
            Case("return getfenv() == _G", true),
            Case("return getfenv(1) == _G", true),
            Case("return getfenv(function() end) == _G", true),
            Case("return pcall(getfenv, 0)", false),
            Case("return pcall(getfenv, print)", false),
            Case("return pcall(getfenv, string.format)", false),
            Case("return pcall(setfenv, 0, {})", false),
            Case("return pcall(setfenv, print, {})", false),
            Case("local f = function() return x end setfenv(f, {x = 5}) return f()", 5),
            Case("return coroutine.wrap(function() return (pcall(getfenv, 0)) end)()", false),
            Case("return getmetatable(_G)", false),
            Case("return type(microtime)", "nil"),
            Case("return (select(2, pcall(error, 'x', 0)))", "x"),
            Case("return type(select(2, pcall(error, {})))", "table"),
            Case("return (select(2, pcall(error)))", .nil),
            Case("return type(debug.traceback('m', -1e9))", "string"),
            Case("return debug.traceback('m')", "m\nstack traceback:\n\tevents/move/to.lua:1: in main chunk"),
            Case("return os.date('!%Y-%m-%d', 0)", "1970-01-01"),
            Case(
                "return os.time{year = 2000, month = 1, day = 1, hour = 12} - os.time{year = 2000, month = 1, day = 1, hour = 11}",
                3600),
            Case("return pcall(os.date, ('%c'):rep(200))", false),
            Case("return pcall(os.date, '%c', 1e18)", false),
            Case("return os.clock() >= 0", true),
            Case("local r = math.random() return r >= 0 and r < 1", true),
            Case(
                "math.randomseed(3) local a = math.random(1000000) math.randomseed(3) return a == math.random(1000000)",
                true),
            Case(
                "for i = 1, 1000 do local r = math.random(3, 5) if r < 3 or r > 5 or r % 1 ~= 0 then return r end end return 'ok'",
                "ok"),
            Case("return pcall(math.random, 0)", false),
            Case("return table.concat({unpack({1, 2, 3}, 2)}, ',')", "2,3"),
            Case("return (select(2, pcall(unpack, {}, 0, 2^31 - 1)))", "too many results to unpack"),
            Case("return (select(2, pcall(unpack, {}, 1, 1e8)))", "too many results to unpack"),
            Case("return (select(2, pcall(unpack, {}, -2^31, 2^31 - 1)))", "too many results to unpack"),
            Case("return copy({a = {b = {1, 2}}}).a.b[2]", 2),
            Case("local t = {} t.t = t local c = copy(t) return c ~= t and c.t == c", true),
            Case("return ('')..table.concat({}, ',')", ""),
            Case("local t = {1, 2, 3} table.insert(t, 2, 9) table.remove(t, 1) return table.concat(t, ',')", "9,2,3"),
            Case("return table.concat({1, 2.5, 'x'}, '-', 2, 3)", "2.5-x"),
            Case(
                "return (select(2, pcall(table.concat, {1, {}, 3})))",
                "invalid value (table) at index 2 in table for 'concat'"),
            Case("local t = {5, 3, 9, 1} table.sort(t) return table.concat(t, ',')", "1,3,5,9"),
            Case(
                "local t = {5, 3, 9, 1} table.sort(t, function(a, b) return a > b end) return table.concat(t, ',')",
                "9,5,3,1"),
            Case(
                "local t = {} for i = 1, 20 do t[i] = i end return (select(2, pcall(table.sort, t, function() return true end)))",
                "invalid order function for sorting"),
            Case(
                "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return co(1) + co(10)",
                22),
            Case(
                "local co = coroutine.create(function() error('x', 0) end) coroutine.resume(co) return coroutine.status(co)",
                "dead"),
            Case("return (select(2, coroutine.resume(coroutine.create(function() error({}) end))) ~= nil)", true),
            Case("return coroutine.running()", .nil),
            Case("return (select(2, pcall(coroutine.yield)))", "attempt to yield across metamethod/C-call boundary"),
            Case("return xpcall(function() error('x', 0) end, function(m) return m .. '!' end)", false),
            Case("return (select(2, xpcall(function() error('x', 0) end, function(m) return m .. '!' end)))", "x!"),
            Case("return type(array({}))", "table"),
        ])
    func values(case: Case) throws {
        #expect(try Bench().run(`case`.source) == `case`.expected)
    }

    @Test("print writes one line, arguments joined by tabs")
    func printing() throws {
        let bench = try Bench()
        try bench.run("print('a', 1, nil, {}, print) print()")
        #expect(bench.log.printed == ["a\t1\tnil\ttable\tfunction", ""])
    }

    @Test("error() reports to the host with a traceback, then raises as in stock Lua")
    func errors() throws {
        let bench = try Bench()
        try bench.run("local function f() error('bad') end pcall(f)")
        #expect(bench.log.errors.map(\.message) == ["events/move/to.lua:1: bad"])
        #expect(bench.log.errors.first?.traceback.contains("events/move/to.lua:1: in function <") == true)
        let error = try #require(bench.failure("error('worse')"))
        #expect(error.message == "events/move/to.lua:1: worse")
        #expect(error.isLogged)
        #expect(bench.failure("local x = nil + 1")?.isLogged == false)
    }

    @Test("each script has its own globals over the shared ones (3-game-folder, environments)")
    func environments() throws {
        let bench = try Bench()
        let other = try bench.sandbox.makeEnvironment()
        try bench.run(
            "function double(x) return 2 * x end shared = 1", name: "lib/math.lua", in: bench.sandbox.sharedEnvironment)
        try bench.run("mine = 5 shared = 2 string.upper = nil")
        #expect(try bench.run("return mine", in: other) == .nil)
        #expect(try bench.run("return shared", in: other) == .number(1))
        #expect(try bench.run("return shared") == .number(2))
        #expect(try bench.run("return double(4) .. string.upper('x')", in: other) == .string("8X"))
        #expect(try bench.run("return pcall(getfenv, double)", in: other) == .bool(false))
        #expect(try bench.run("return pcall(setfenv, double, {})", in: other) == .bool(false))
        try bench.sandbox.resetSharedEnvironment()
        #expect(try bench.run("return double", in: other) == .nil)
        #expect(try bench.run("return mine") == .number(5))
    }

    @Test("libs are tried out in an environment that no script sees before it is adopted")
    func adopting() throws {
        let bench = try Bench()
        let sandbox = bench.sandbox
        try bench.run("function f() return 1 end n = { 1 }", name: "lib/a.lua", in: sandbox.sharedEnvironment)
        try bench.run("old = f list = n")
        let tried = try sandbox.makeSharedEnvironment()
        try bench.run("function f() n[1] = n[1] + 1 return n[1] end n = { 2 }", name: "lib/a.lua", in: tried)
        #expect(try bench.run("return f() .. n[1]") == .string("11"))
        try sandbox.adoptShared(tried)
        #expect(try bench.run("return f() .. n[1]") == .string("33"))
        // What scripts hold of the former one stays what it was, and a lib's.
        #expect(try bench.run("return old() .. list[1]") == .string("11"))
        #expect(bench.failure("list[1] = 5")?.message.contains("belongs to a lib") == true)
        #expect(bench.failure("n[1] = 5")?.message.contains("belongs to a lib") == true)
        #expect(
            try bench.run("return type(getfenv)", name: "lib/b.lua", in: sandbox.sharedEnvironment)
                == .string("function"))
        // A handle that was adopted or released, and an environment of a script, change nothing.
        #expect(throws: ScriptError.self) { try sandbox.adoptShared(tried) }
        let released = try sandbox.makeSharedEnvironment()
        sandbox.release(released)
        #expect(throws: ScriptError.self) { try sandbox.adoptShared(released) }
        #expect(throws: ScriptError.self) { try sandbox.adoptShared(sandbox.makeEnvironment()) }
        #expect(throws: ScriptError.self) { try sandbox.adoptShared(sandbox.baseEnvironment) }
        #expect(try bench.run("return f()") == .number(4))
    }

    @Test("the same seed gives the same random numbers, another seed others")
    func random() throws {
        let source = "return math.random(1, 2^40)"
        let first = try Bench(seed: 1).run(source)
        #expect(try Bench(seed: 1).run(source) == first)
        #expect(try Bench(seed: 2).run(source) != first)
    }

    @Test("spaces around a number do not change it, and spaces do not make other texts a number")
    func paddedNumbers() throws {
        let value = try Bench().run(
            """
            local spaces, wrong = (' '):rep(5000), {}
            for _, text in ipairs({ '1', '-1.5e3', '0xff', '-0x10', '0x1p4', '0x', '-0x', '0xg', '0x' .. ('f'):rep(30),
              '1e', 'abc', '', '.5', '0x.8', '1 2', 'inf', ('1'):rep(400), ('0'):rep(5000) .. '7' }) do
              for _, padded in ipairs({ spaces .. text, text .. spaces, spaces .. text .. spaces }) do
                if tonumber(padded) ~= tonumber(text) then wrong[#wrong + 1] = text end
              end
            end
            return table.concat(wrong, ' ')
            """)
        #expect(value == .string(""))
    }

    @Test("a plain find finds a long text at every position")
    func longFind() throws {
        let value = try Bench().run(
            """
            local needle = ('ab'):rep(100000) .. 'c'
            local text = ('ab'):rep(50000) .. needle .. 'ab' .. needle
            local places = { needle:find(needle, 1, true), (text:find(needle, 1, true)), (text:find(needle, 100002, true)) }
            places[#places + 1] = tostring(text:find(needle .. 'x', 1, true))
            places[#places + 1] = tostring(needle:find(needle .. 'x', 1, true))
            return table.concat(places, ' ')
            """)
        #expect(value == .string("1 100001 300004 nil nil"))
    }
}
