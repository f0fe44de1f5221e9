import LuaSandbox
import Testing

@Suite("Limits (M8.4.2, 2-lua-api 1: a call that hits one is stopped)") struct LimitTests {
    /// Scripts that run for ever, or for minutes, unless they are stopped.
    static let endless = [
        "while true do end",
        "local function f() return f() end f()",
        "for i = 1, 2^52 do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(error, 'x') end",
        "xpcall(function() error('x') end, function() while true do end end)",
        "while true do xpcall(function() while true do end end, function() end) end",
        "while true do coroutine.wrap(function() while true do end end)() end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "while true do coroutine.wrap(function() coroutine.yield() end)() end",
        "local t = {} for i = 1, 100 do t[i] = i % 7 end table.sort(t, function(a, b) while true do end end)",
        "('x'):gsub('x', function() while true do end end)",
        "('x'):gsub('x', setmetatable({}, {__index = function() while true do end end}))",
        "local x = setmetatable({}, {__add = function() while true do end end}) return x + x",
        "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
        "for k in pairs(setmetatable({}, {__pairs = function() while true do end end})) do end",
        "for k in pairs(setmetatable({}, {__next = function() return 1 end})) do end",
        "keys(setmetatable({}, {__next = function() return 1 end}))",
        "setmetatable(_G.table, {__index = function() while true do end end}) return table.nothing",
        "local p, s = ('a?'):rep(30) .. ('a'):rep(30), ('a'):rep(30) return s:match(p)",
        "local s = ('a'):rep(3000) return s:find('.-.-.-.-.-.-.-b')",
        "local s = ('('):rep(2000000) return s:find('%b()')",
        "local set = '[' .. ('b'):rep(1000000) .. ']' return ('a'):rep(1000000):find(set)",
        "local s, n = ('a'):rep(1000000), ('a'):rep(500000) .. 'b' while true do s:find(n, 1, true) end",
        "while true do string.rep('x', 100000) end",
        "table.insert({}, -2^31 + 1, 1)",
        "local t = {1} while true do table.insert(t, -1000000, 1) end",
        "local t = {} for i = 1, 200000 do t[i] = '' end while true do table.concat(t) end",
        "while true do tonumber(('1'):rep(1000000)) end",
        "local a, b = ('a'):rep(1000000), ('a'):rep(1000000) .. 'b' while true do local c = a < b end",
        "while true do ('x'):rep(1000000):upper():reverse():lower() end",
        "local t = {} for i = 1, 100000 do t[i] = i end while true do for k in pairs(t) do end end",
        "local t = {} for i = 1, 100000 do t[i] = i end while true do next(t, 99999) keys(t) table.maxn(t) end",
        "while true do split(('a,'):rep(100000), ',') end",
        "while true do copy({{}, {{}}}) end",
        "while true do debug.traceback() end",
        "while true do pcall(unpack, {}, 1, 7000) end",
        "while true do string.format('%99.99f', 1e300) end",
        "local function f() pcall(f) end while true do f() end",
        "local s = ('x'):rep(100000) while true do s:byte(1, 5000) end",
    ]

    @Test("a script that does not end is stopped, can't catch it, and the next one works", arguments: endless)
    func time(source: String) throws {
        let bench = try Bench()
        let clock = ContinuousClock()
        var error: ScriptError?
        let taken = clock.measure { error = bench.failure(source, limit: .milliseconds(20)) }
        #expect(error?.kind == .time, "\(error.map { "\($0)" } ?? "no error")")
        #expect(taken < .seconds(5))
        #expect(try bench.run("return 1 + 1") == .number(2))
        #expect(bench.failure("while true do end", limit: .milliseconds(5))?.kind == .time)
    }

    @Test("the error of a time limit has file, line and traceback")
    func position() throws {
        let bench = try Bench()
        let error = try #require(
            bench.failure("local function spin()\n  while true do end\nend\nspin()", limit: .milliseconds(10)))
        #expect(error.message == "events/move/to.lua:2: time limit of 10 ms of CPU time exceeded")
        #expect(error.file == "events/move/to.lua")
        #expect(error.line == 2)
        #expect(error.traceback.contains("events/move/to.lua:2: in function 'spin'"))
        #expect(error.traceback.contains("events/move/to.lua:4: in main chunk"))
    }

    @Test("variables captured by a stopped script's closures keep their values")
    func captured() throws {
        let bench = try Bench()
        let sources = [
            "local a, b = 'a', 'b' function get() return a .. b end while true do end",
            "local a, b = 'a', 'b' function get() return a .. b end ('x'):rep(1e5):find(('.-'):rep(20) .. 'y')",
            "coroutine.wrap(function() local a, b = 'a', 'b' function get() return a .. b end while true do end end)()",
            "local a, b = 'a', 'b' function get() return a .. b end pcall(pcall, function() while true do end end)",
        ]
        for source in sources {
            #expect(bench.failure(source, limit: .milliseconds(5))?.kind == .time)
            #expect(try bench.run("return get()") == .string("ab"))
        }
    }

    /// Scripts that allocate more than 4 MiB.
    static let greedy = [
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local s = 'x' while true do s = s .. s end",
        "return ('x'):rep(2e9)",
        "return ('x'):rep(2^62)",
        "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end return table.concat(t, ('y'):rep(100000))",
        "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
        "local t = {} while true do t = {t} end",
        "pcall(function() local t = {} for i = 1, 1e9 do t[i] = i end end) return 'caught'",
        "xpcall(function() local t = {} for i = 1, 1e9 do t[i] = i end end, function() end) return 'caught'",
        "coroutine.resume(coroutine.create(function() local t = {} for i = 1, 1e9 do t[i] = i end end)) return 'caught'",
        "return ('x'):rep(100000):gsub('x', ('y'):rep(1000))",
        "local t = {} while true do t[#t + 1] = function() return t end end",
        "local s = ('x'):rep(1000000) return s:upper() .. s:lower() .. s:reverse() .. s .. s .. s",
    ]

    @Test("a script that takes too much memory is stopped, can't catch it, and the next one works", arguments: greedy)
    func memory(source: String) throws {
        let bench = try Bench(memory: 4 << 20)
        let error = bench.failure(source)
        #expect(error?.kind == .memory, "\(error.map { "\($0)" } ?? "no error")")
        #expect(error?.message.contains("memory limit of 4 MiB exceeded") == true)
        #expect(bench.sandbox.peakBytes <= bench.sandbox.memoryLimitBytes)
        #expect(bench.sandbox.usedBytes < 200_000)
        #expect(try bench.run("return #('x'):rep(1000000)") == .number(1_000_000))
    }

    @Test("a script whose memory is only garbage never fails")
    func garbage() throws {
        let bench = try Bench(memory: 4 << 20)
        let value = try bench.run(
            """
            local n = 0
            for i = 1, 2000 do local s = ('x'):rep(100000 + i) n = n + #s end
            for i = 1, 200000 do local t = {i, {i}} end
            return n
            """)
        #expect(value == .number(202_001_000))
    }

    @Test("a script's garbage does not make compiling the next script fail", arguments: 0..<20)
    func garbageBeforeCompiling(step: Int) throws {
        let bench = try Bench(memory: 2 << 20)
        let source = (0..<900).map { "x\($0) = {\($0)}" }.joined(separator: " ")
        try bench.run(
            "local t = {} for i = 1, 60000 do t[i] = i end local s = ('y'):rep(\(700_000 + step * 15_000))")
        #expect(bench.failure(source) == nil)
    }

    @Test("garbage beside much live memory does not make scripts fail, in many calls")
    func garbageBesideLife() throws {
        let bench = try Bench(memory: 8 << 20)
        try bench.run("kept = {} for i = 1, 40000 do kept[i] = {i} end")
        #expect(bench.sandbox.usedBytes > 3 << 20)
        for _ in 0..<200 { try bench.run("for i = 1, 5000 do local t = {i, tostring(i)} end") }
        #expect(try bench.run("return #kept") == .number(40000))
    }

    @Test("one table may use most of the memory limit")
    func largeTable() throws {
        let bench = try Bench(memory: 8 << 20)
        #expect(try bench.run("local t = {} for i = 1, 262144 do t[i] = i end return #t") == .number(262144))
        #expect(bench.sandbox.peakBytes > 4 << 20)
    }

    @Test("`needsRebuild` is true only while a full collection leaves more than nine tenths of the limit in use")
    func rebuild() throws {
        let bench = try Bench(memory: 4 << 20)
        #expect(bench.failure("local t = {} for i = 1, 1e9 do t[i] = i end")?.kind == .memory)
        #expect(!bench.sandbox.needsRebuild)
        try bench.run("for i = 1, 100 do local s = ('x'):rep(1000000 + i) end")
        #expect(!bench.sandbox.needsRebuild)
        #expect(
            bench.failure("kept = {} while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end")?.kind == .memory)
        #expect(bench.sandbox.needsRebuild)
        #expect(bench.sandbox.usedBytes > bench.sandbox.memoryLimitBytes / 10 * 9)
        try bench.run("kept = nil")
        bench.sandbox.collectGarbage()
        #expect(!bench.sandbox.needsRebuild)
    }

    @Test("too deep recursion is an error that can be caught")
    func recursion() throws {
        let bench = try Bench()
        for source in [
            "local function f() return 1 + f() end f()",
            "local t t = setmetatable({}, {__index = function(_, k) return t[k .. 'x'] end}) return t.a",
            "local function f() pcall(f) error('deep') end f()",
            "local function f(s) return (s:gsub('.', f)) end f('x')",
            "local t = setmetatable({}, {__tostring = function(t) return tostring(t) end}) tostring(t)",
            "local function f() return coroutine.wrap(function() f() end)() end f()",
            "return ('a'):rep(300000):find(('a?'):rep(300000))",
            "return ('x'):find(('('):rep(100))",
        ] {
            let error = bench.failure(source)
            #expect(error?.kind == .runtime, "\(source): \(error.map { "\($0)" } ?? "no error")")
            #expect(try bench.run("return pcall(function() \(source) end)") == .bool(false))
        }
        let error = try #require(bench.failure("local function f() return 1 + f() end f()"))
        #expect(error.message.hasPrefix("events/move/to.lua:1: stack overflow"))
        #expect(error.traceback.contains("more)"))
    }

    @Test("compiling has limits too")
    func compiling() throws {
        let bench = try Bench(source: 8 << 20)
        let source = "local a\nif a then\n" + String(repeating: "elseif a then\n", count: 200_000) + "end"
        #expect(throws: ScriptError.self) {
            try bench.sandbox.compile(source, name: "x.lua", environment: bench.environment, limit: .milliseconds(50))
        }
        let deep = String(repeating: "(", count: 100_000)
        #expect(bench.failure("return " + deep)?.kind == .syntax)
        #expect(bench.failure("return " + String(repeating: "{", count: 100_000))?.kind == .syntax)
    }

    @Test("a stop from another thread ends the running script and refuses later ones")
    func stopping() async throws {
        let bench = try Bench()
        let handle = bench.sandbox.stopHandle
        bench.log.handle = { call in
            handle.requestStop()
            call.returnNil()
        }
        try bench.sandbox.setFunction("stop", id: 1, in: bench.environment)
        let error = bench.failure("pcall(stop) while true do pcall(stop) end")
        #expect(error?.kind == .stopped)
        #expect(bench.failure("return 1")?.kind == .stopped)
    }

    @Test("10,000 compiled and released scripts leave nothing behind (3-game-folder, hot reload)")
    func reload() throws {
        let bench = try Bench()
        func round() throws {
            let environment = try bench.sandbox.makeEnvironment()
            let function = try bench.sandbox.compile(
                "local a = 1 function b() return a end return {b()}", name: "x.lua", environment: environment)
            try bench.sandbox.call(function, limit: .seconds(1))
            bench.sandbox.release(function)
            bench.sandbox.release(function)
            bench.sandbox.release(environment)
        }
        for _ in 0..<100 { try round() }
        bench.sandbox.collectGarbage()
        let before = bench.sandbox.usedBytes
        for _ in 0..<10_000 { try round() }
        bench.sandbox.collectGarbage()
        #expect(bench.sandbox.usedBytes <= before + 1024)
        #expect(bench.sandbox.liveFunctionCount == 0)
        #expect(bench.sandbox.liveEnvironmentCount == 3)
    }
}
