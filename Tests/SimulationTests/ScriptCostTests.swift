import SimulationTestKit
import Testing

@testable import Simulation

@Suite("What scripts cost [M7.6]") struct ScriptCostTests {
    private func cost(_ map: TestMap) throws -> MapDiagnostics.ScriptTiming {
        try #require(map.simulation.scriptTimings.first { $0.script == "events/work/index.lua" })
    }

    @Test(
        "a script's calls, percentiles and allocated bytes are counted for each version, beside the former one [M7.5]")
    func costs() throws {
        let source = "--@public true\nlocal t = {}\nfor i = 1, 100 do t[i] = {} end\n"
        let map = try TestMap(["events/work/index.lua": source, "events/work/timeout.lua": "return 0"])
        map.join(1)
        for _ in 0..<3 { try map.command(1, "work") }
        let first = try cost(map)
        #expect(first.current.count == 3 && first.former == nil)
        // A hundred empty tables of 64 bytes each, at the least.
        #expect(try #require(first.current.allocatedBytes) > 3 * 6400)
        #expect(first.current.cpuMs != nil)
        #expect(first.current.p50Ms <= first.current.p99Ms)
        try map.change(["events/work/index.lua": source + "-- changed\n"])
        #expect(try cost(map).current.count == 0)
        #expect(try cost(map).former == first.current && cost(map).formerVersion == first.version)
        try map.change(["events/work/index.lua": source + "-- changed twice\n"])
        #expect(try cost(map).former == first.current, "a version that never ran is no former one")
        try map.command(1, "work")
        #expect(try cost(map).current.count == 1)
        try map.change(["events/work/index.lua": source])
        #expect(try cost(map).former?.count == 1)
        try map.change(["lib/new.lua": "x = 1"])
        #expect(try cost(map).former?.count == 1, "a new lib makes all scripts anew, but not their versions")
    }

    @Test("a new VM goes on counting the time of all ticks, and finds scripts by their files")
    func rebuilt() throws {
        let map = try TestMap([
            "events/work/index.lua": "--@public true\nobject.x = 1\n", "events/work/timeout.lua": "return 0",
        ])
        #expect(map.simulation.host.version(of: "events/work/timeout.lua") != nil)
        try map.change(["events/work/timeout.lua": nil])
        let host = map.simulation.host
        #expect(host.version(of: "events/work/timeout.lua") == nil)
        host.ticksNanoseconds = 7_000_000
        let next = try host.rebuilt(seed: 1)
        #expect(next.ticksNanoseconds == 7_000_000)
        #expect(next.scripts["events/work/index.lua"]?.costs.ticksBefore == 0, "the same version goes on")
        #expect(next.version(of: "events/work/index.lua") == host.version(of: "events/work/index.lua"))
        #expect(next.version(of: "events/work/index.lua") != nil && next.version(of: "events/gone.lua") == nil)
    }

    @Test("a script that became 34 times slower shows it at once")
    func slower() throws {
        func source(_ calls: Int) -> String {
            "--@public true\nfor i = 1, \(calls) do os.clock() end\n"
        }
        // Each call of os.clock() takes a millisecond of the test's clock.
        let map = try TestMap(
            ["events/work/index.lua": source(1), "events/work/timeout.lua": "return 0"], clockStepNs: 1_000_000)
        map.join(1)
        for _ in 0..<100 { try map.command(1, "work") }
        try map.change(["events/work/index.lua": source(34)])
        try map.command(1, "work")
        let after = try cost(map)
        let before = try #require(after.former)
        #expect(after.current.meanMs > 30 * before.meanMs, "\(before.meanMs) → \(after.current.meanMs)")
        #expect(after.lastTenSeconds.meanMs == after.current.meanMs)
    }

    @Test("the last ten seconds and the last minute forget what is older")
    func windows() {
        let second: UInt64 = 1_000_000_000
        var times = RecentTimes()
        #expect(times.sum(ofLast: 60, at: 5 * second).count == 0)
        for index in UInt64(0)..<120 { times.record(index, cpu: 200 - index, at: (1000 + index) * second) }
        let now = 1119 * second
        #expect(times.sum(ofLast: 10, at: now).count == 10 && times.sum(ofLast: 60, at: now).count == 60)
        #expect(times.sum(ofLast: 10, at: now).maxNanoseconds == 119)
        #expect(times.sum(ofLast: 10, at: now).maxCPUNanoseconds == 90)
        #expect(times.sum(ofLast: 10, at: now).totalNanoseconds == UInt64((110...119).reduce(0, +)))
        #expect(times.sum(ofLast: 10, at: now + 5 * second).count == 5)
        #expect(times.sum(ofLast: 60, at: now + 59 * second).count == 1)
        #expect(times.sum(ofLast: 60, at: now + 60 * second).count == 0)
        times.record(7, cpu: 1, at: now + 100_000 * second)
        #expect(
            times.sum(ofLast: 60, at: now + 100_000 * second)
                == .init(
                    count: 1, totalNanoseconds: 7, maxNanoseconds: 7, cpuNanoseconds: 1, maxCPUNanoseconds: 1))
        times.record(9, cpu: 1, at: now + 100_030 * second)
        #expect(times.sum(ofLast: 60, at: now + 100_030 * second).count == 2, "the seconds between are empty")
    }

    @Test("ticks are counted since the game last changed, and before that [M7.5]")
    func ticks() throws {
        let map = try TestMap(["events/work/index.lua": "--@public true\nreturn 1\n"])
        map.join(1)
        for _ in 0..<10 { map.tick() }
        let before = map.simulation.tickCosts
        #expect(before.beforeReload == nil && before.sinceReload.count > 10 && before.lastMinute.count > 10)
        try map.change(["events/work/index.lua": "--@public true\nreturn 2\n"])
        for _ in 0..<3 { map.tick() }
        let after = map.simulation.tickCosts
        #expect(after.sinceReload.count == 4 && after.beforeReload?.count == before.sinceReload.count)
        #expect(after.sinceReload.cpuMs == nil && after.beforeReload?.allocatedBytes == nil, "not measured for ticks")
    }

    @Test("percentiles of a timing are those of what was recorded, to two digits")
    func percentiles() {
        var timing = Timing()
        for microseconds in 1...1000 { timing.record(UInt64(microseconds) * 1000) }
        #expect(abs(timing.p50Ms - 0.5) < 0.01)
        #expect(abs(timing.p95Ms - 0.95) < 0.01)
        #expect(abs(timing.p99Ms - 0.99) < 0.01)
        #expect(timing.maxMs == 1)
        // Short durations are counted apart from long ones.
        timing = Timing()
        for _ in 0..<90 { timing.record(20_900) }
        for _ in 0..<9 { timing.record(127_999) }
        timing.record(3_000_000)
        #expect(timing.p50Ms == 0.02 && timing.p95Ms == 0.127 && timing.p99Ms == 0.127)
        #expect(abs(timing.p999Ms - 3) < 0.03 && timing.count == 100)
        timing = Timing()
        #expect(timing.p50Ms == 0)
        timing.record(400)
        #expect(timing.p50Ms == 0.001 && timing.p999Ms == 0.001)
        timing.record(500_000)
        timing.record(600_000)
        #expect(abs(timing.p50Ms - 0.5) < 0.005 && abs(timing.p99Ms - 0.6) < 0.006)
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
