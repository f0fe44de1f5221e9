import SimulationTestKit
import Testing

@testable import Simulation

@Suite("What scripts cost [M7.6]") struct ScriptCostTests {
    @Test("a script's calls, percentiles and allocated bytes are counted, and go on over a reload")
    func costs() throws {
        let source = "--@public true\nlocal t = {}\nfor i = 1, 100 do t[i] = {} end\n"
        let map = try TestMap(["events/work/index.lua": source, "events/work/timeout.lua": "return 0"])
        map.join(1)
        for _ in 0..<3 { try map.command(1, "work") }
        func cost() throws -> MapDiagnostics.ScriptTiming {
            try #require(map.simulation.scriptTimings.first { $0.script == "events/work/index.lua" })
        }
        let first = try cost()
        #expect(first.count == 3)
        // A hundred empty tables of 64 bytes each, at the least.
        #expect(first.allocatedBytes > 3 * 6400)
        #expect(first.p50Ms <= first.p99Ms)
        try map.change(["events/work/index.lua": source + "-- changed\n"])
        try map.command(1, "work")
        #expect(try cost().count == 4)
        #expect(try cost().allocatedBytes > first.allocatedBytes)
    }

    @Test("percentiles of a timing are those of what was recorded, to two digits")
    func percentiles() {
        var timing = Timing()
        for microseconds in 1...1000 { timing.record(UInt64(microseconds) * 1000) }
        #expect(abs(timing.p50Ms - 0.5) < 0.01)
        #expect(abs(timing.p95Ms - 0.95) < 0.01)
        #expect(abs(timing.p99Ms - 0.99) < 0.01)
        #expect(timing.maxMs == 1)
    }

    @Test("samples of a map name its scripts")
    func samples() throws {
        let map = try TestMap([
            "events/spin/index.lua": "--@public true\nwhile true do end", "events/spin/timeout.lua": "return 0",
        ])
        map.join(1)
        map.simulation.startSampling()
        try map.command(1, "spin")
        let samples = map.simulation.stopSampling()
        #expect((samples["events/spin/index.lua:main:2"] ?? 0) > 2)
        try map.command(1, "spin")
        #expect(map.simulation.stopSampling() == samples, "nothing is noted after the end")
        map.simulation.startSampling()
        #expect(map.simulation.stopSampling().isEmpty, "a new start forgets")
    }
}
