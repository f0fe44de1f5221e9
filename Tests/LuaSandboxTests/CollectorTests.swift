import LuaSandbox
import Testing

@Suite("The limits hold wherever a script triggers a garbage collection (M8.4)") struct CollectorTests {
    /// A script that triggers collections at call depths up to the one that exactly fills the call stack.
    ///
    /// `how` is the function that calls with the depth, such as `pcall`.
    private static func deepCollections(_ how: String) -> String {
        """
        local big = string.rep("x", 5e6)
        local function r(n)
          if n > 0 then local x = r(n - 1) return x end
          local t = big .. big .. big
          t = nil
          local u = big .. big .. big
          u = nil
        end
        for d = 16340, 16390 do if not \(how)(r, d) then break end end
        """
    }

    @Test(
        "a collection with a full call stack neither lifts the memory limit nor goes on for ever",
        arguments: ["pcall", "(function(f, d) return coroutine.resume(coroutine.create(f), d) end)"])
    func fullStack(how: String) throws {
        let bench = try Bench(memory: 64 << 20)
        try bench.run(Self.deepCollections(how))
        let greedy = "local big, t = string.rep('x', 5e6), {} for i = 1, 60 do t[i] = big .. i end return #t"
        #expect(bench.failure(greedy)?.kind == .memory)
        #expect(bench.sandbox.peakBytes <= 64 << 20)
        #expect(try bench.run("local t for i = 1, 1e6 do t = { i } end return t[1]") == .number(1e6))
    }

    @Test("a collection that was postponed in a coroutine that has ended takes place later")
    func endedCoroutine() throws {
        let bench = try Bench(memory: 8 << 20)
        let source = """
            local big = string.rep("x", 2.2e6)
            coroutine.resume(coroutine.create(function() error(big) end))
            """
        try bench.run(source + " local t for i = 1, 400000 do t = { i } end")
        _ = bench.failure(source)
        try bench.run("local t for i = 1, 400000 do t = { i } end")
    }

    @Test("resuming at the limit of C calls without free memory is a script error and does not end the process")
    func resumeWithoutMemory() throws {
        // The lengths that leave too little memory for the message differ from build to build, so many are tried.
        for rest in stride(from: 3700, through: 3990, by: 10) {
            let bench = try Bench(memory: 1 << 20)
            let source = """
                local cos, s = {}, {}
                for i = 1, 3000 do s[i] = false end
                local rep, resume, create = string.rep, coroutine.resume, coroutine.create
                local function body(n)
                  if n == 1 then return end
                  if n == 9 then
                    for i = 1, 308 do s[i] = rep(i % 256 == 0 and "a" or "b", 2000 + i) end
                    for i = 1, 60 do s[2000 + i] = rep("q", 10 + i) end
                    s[2999] = rep("z", \(rest))
                    for i = 1, 40 do s[2900 + i] = rep("w", 1 + i % 9) end
                  end
                  resume(cos[n - 1], n - 1)
                end
                for i = 1, 206 do cos[i] = create(body) end
                resume(cos[206], 206)
                """
            if let failure = bench.failure(source) { #expect(failure.kind == .memory) }
            #expect(try bench.run("return 1") == .number(1))
        }
    }

    @Test("scripts and environments released while the hook is armed leave nothing behind")
    func releaseWithHook() throws {
        let bench = try Bench(memory: 2 << 20)
        let before = bench.sandbox.liveFunctionCount
        for _ in 0..<50 {
            let function = try bench.sandbox.compile(
                "local t = {} for i = 1, 20000 do t[i] = 'x' .. i end error(t)", name: "a.lua",
                environment: bench.environment)
            _ = try? bench.sandbox.call(function, limit: .seconds(10))
            bench.sandbox.release(function)
        }
        #expect(bench.sandbox.liveFunctionCount == before)
        bench.sandbox.collectGarbage()
        #expect(bench.sandbox.usedBytes < 200_000)
    }

    @Test("a metatable that a lib gave to its globals is removed with the lib")
    func metatableOfGlobals() throws {
        let bench = try Bench()
        let shared = bench.sandbox.sharedEnvironment
        let strict = "setmetatable(_G, { __newindex = function(_, name) error('no global ' .. name) end })"
        try bench.run(strict, name: "lib/strict.lua", in: shared)
        #expect(throws: ScriptError.self) { try bench.run("function good() end", name: "lib/a.lua", in: shared) }
        try bench.sandbox.resetSharedEnvironment()
        try bench.run("function good() return 1 end", name: "lib/a.lua", in: shared)
        #expect(try bench.run("return good()") == .number(1))
    }

    @Test("a copy of a lib's table has the script's own library functions instead of the lib's")
    func copiedFunctions() throws {
        let bench = try Bench()
        try bench.run(
            "tools = { put = rawset, meta = setmetatable, list = { 1 } }", name: "lib/tools.lua",
            in: bench.sandbox.sharedEnvironment)
        #expect(try bench.run("return copy(tools).put == rawset and copy(tools).meta == setmetatable") == .bool(true))
        #expect(bench.failure("copy(tools).put(tools.list, 1, 2)")?.message.contains("table expected") == true)
    }
}
