import LuaSandbox
import Testing

@Suite("Sampling and all results") struct SamplingTests {
    @Test("samples name the functions and lines that used the time, the outermost first")
    func stacks() throws {
        let bench = try Bench()
        bench.sandbox.startSampling(interval: .microseconds(100))
        #expect(throws: ScriptError.self) {
            try bench.run(
                "local function spin()\nwhile true do end\nend\nlocal function walk()\nspin()\nend\nwalk()",
                limit: .milliseconds(40))
        }
        let samples = bench.sandbox.stopSampling()
        let file = "events/move/to.lua"
        let spinning = samples["\(file):main:7;\(file):walk:5;\(file):spin:2"] ?? 0
        // 400 samples are due; a machine under load gets fewer, so this expects a quarter of them.
        #expect(spinning > 100)
        #expect(samples.values.reduce(0, +) < 1000)
    }

    @Test("a coroutine's stack continues the stack of the code that resumed it")
    func coroutines() throws {
        let bench = try Bench()
        bench.sandbox.startSampling(interval: .microseconds(100))
        _ = bench.failure(
            "local co = coroutine.wrap(function()\nwhile true do end\nend)\nco()", limit: .milliseconds(40))
        let samples = bench.sandbox.stopSampling()
        let inside = samples.filter { $0.key.hasPrefix("events/move/to.lua:main:4;") && $0.key.hasSuffix(":2") }
        #expect(inside.values.reduce(0, +) > 100)
    }

    @Test("many short calls are sampled like one long call, and sampling never changes a script's result")
    func shortCalls() throws {
        let bench = try Bench()
        let source = "local s = 0\nfor i = 1, 2000 do s = s + i end\nreturn s"
        let function = try bench.sandbox.compile(source, name: "short.lua", environment: bench.environment)
        // The sampler is a thread of its own, which seldom runs on a busy machine.
        var samples: [String: Int] = [:]
        for _ in 0..<100 where samples.values.reduce(0, +) <= 50 {
            bench.sandbox.startSampling(interval: .microseconds(100))
            for _ in 0..<3000 {
                #expect(try bench.sandbox.call(function, limit: .seconds(10)) == .number(2_001_000))
            }
            samples.merge(bench.sandbox.stopSampling(), uniquingKeysWith: +)
        }
        #expect((samples["short.lua:main:2"] ?? 0) > samples.values.reduce(0, +) / 2)
        #expect(samples.values.reduce(0, +) > 50)
    }

    @Test("no samples are taken while sampling is off; starting again drops earlier samples")
    func off() throws {
        let bench = try Bench()
        _ = bench.failure("while true do end", limit: .milliseconds(5))
        #expect(bench.sandbox.stopSampling().isEmpty)
        bench.sandbox.startSampling(interval: .microseconds(100))
        _ = bench.failure("while true do end", limit: .milliseconds(20))
        bench.sandbox.startSampling(interval: .milliseconds(1))
        #expect(bench.sandbox.stopSampling().isEmpty)
    }

    @Test("every returned value has the text that tostring gives, also a value with a __tostring")
    func results() throws {
        let bench = try Bench()
        let source = """
            local named = setmetatable({}, {__tostring = function() return "T!" end})
            return 1, "a\\0b", nil, true, {}, named, print, 1 / 0
            """
        let function = try bench.sandbox.compile(source, name: "all.lua", environment: bench.environment)
        let results = try bench.sandbox.callReturningAll(function, limit: .seconds(10))
        let texts = results.map { String(decoding: $0.text, as: UTF8.self) }
        #expect(texts == ["1", "a\0b", "nil", "true", "table", "T!", "function", "inf"])
        #expect(results.map(\.value) == [.number(1), .string("a\0b"), nil, .bool(true), nil, nil, nil, nil])
    }

    @Test("a __tostring of a result runs under the limit, and its error is the script's")
    func resultsLimited() throws {
        let bench = try Bench()
        for (body, kind) in [("while true do end", ScriptError.Kind.time), ("error('no')", .runtime)] {
            let source = "return setmetatable({}, {__tostring = function() \(body) end})"
            let function = try bench.sandbox.compile(source, name: "all.lua", environment: bench.environment)
            do throws(ScriptError) {
                _ = try bench.sandbox.callReturningAll(function, limit: .milliseconds(20))
                Issue.record("it must fail")
            } catch {
                #expect(error.kind == kind)
            }
        }
    }
}
