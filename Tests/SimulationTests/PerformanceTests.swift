import JSONValues
import SimulationTestKit
import Testing
import Wire

@testable import Simulation

@Suite("Costs over time, percentiles and slow ticks [M7.5, M7.6, row 161]") struct PerformanceTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(
        "percentiles of the last ten seconds and of the last minute are right to an eighth",
        arguments: [(100, 1.0), (1_000, 1.0), (40_000, 1.0), (3, 1000.0), (1_000, 1000.0)])
    func percentiles(count: Int, scale: Double) {
        var spread = RecentHistogram()
        for index in 1...count { spread.record(UInt64(Double(index) * scale * 1000), at: 1000 * Self.second) }
        for window in [RecentHistogram.Window.tenSeconds, .minute] {
            let found = spread.percentiles(of: window, at: 1005 * Self.second)
            for (value, percent) in [(found.p50, 0.5), (found.p95, 0.95), (found.p99, 0.99)] {
                let exact = (Double(count) * percent).rounded(.up) * scale * 1000
                #expect(abs(Double(value) - exact) <= exact / 8 + 64, "\(value) for \(exact)")
            }
        }
    }

    @Test("durations that are too old for a window don't count; extremes have a bucket")
    func windows() {
        var spread = RecentHistogram()
        #expect(spread.percentiles(of: .minute, at: 7) == .init())
        spread.record(1_000_000, at: 1000 * Self.second)
        spread.record(9_000_000, at: 1009 * Self.second)
        let both = spread.percentiles(of: .tenSeconds, at: 1009 * Self.second)
        #expect(both.p50 < 1_200_000 && both.p99 > 8_000_000)
        #expect(spread.percentiles(of: .tenSeconds, at: 1010 * Self.second).p50 > 8_000_000, "the first is too old")
        #expect(spread.percentiles(of: .minute, at: 1049 * Self.second).p50 < 1_200_000)
        #expect(spread.percentiles(of: .minute, at: 1061 * Self.second) == .init(), "both are too old")
        spread.record(0, at: 1062 * Self.second)
        #expect(spread.percentiles(of: .minute, at: 1062 * Self.second).p99 < 128)
        spread.record(.max, at: 900_000 * Self.second)
        #expect(spread.percentiles(of: .minute, at: 900_000 * Self.second).p50 > 3 * Self.second)
        #expect(spread.percentiles(of: .tenSeconds, at: 900_010 * Self.second) == .init())
    }

    @Test("a timeline has the last quarter of an hour in stretches of ten seconds")
    func timeline() {
        var line = CostTimeline()
        #expect(line.all(at: 5).allSatisfy { $0.count == 0 } && line.all(at: 5).count == CostTimeline.slots)
        for index in UInt64(0)..<200 { line.record(index, at: (1000 + index) * CostTimeline.length) }
        let all = line.all(at: 1199 * CostTimeline.length)
        #expect(all.map(\.totalNanoseconds) == Array(110..<200) && all.allSatisfy { $0.count == 1 })
        let later = line.all(at: 1219 * CostTimeline.length)
        #expect(later.prefix(70).map(\.totalNanoseconds) == Array(130..<200))
        #expect(later.suffix(20).allSatisfy { $0.count == 0 })
        #expect(line.all(at: 9999 * CostTimeline.length).allSatisfy { $0.count == 0 })
    }

    private func tick(_ number: Int, ms: Double) -> SlowTick {
        SlowTick(time: Double(number), tick: UInt64(number), ms: ms, cpuMs: ms)
    }

    @Test("the slowest ticks of the last hour are kept, bounded, and those before it go")
    func slowTicks() {
        var slow = SlowTicks()
        let minute = 60 * Self.second
        for number in 0..<1000 {
            let ms = Double(number % 100)
            if slow.admits(ms, at: minute) { slow.insert(tick(number, ms: ms), at: minute) }
        }
        #expect(slow.slowest(at: minute).map(\.ms) == Array(repeating: 99, count: 10))
        #expect(!slow.admits(99, at: minute) && slow.admits(99.5, at: minute))
        for slot in UInt64(1)..<30 {
            for number in 0..<10 { slow.insert(tick(number, ms: Double(slot)), at: slot * 5 * minute) }
        }
        let now = 29 * 5 * minute
        #expect(slow.slowest(at: now).count == SlowTicks.most)
        #expect(slow.slowest(at: now).map(\.ms) == Array(repeating: 29, count: 10) + Array(repeating: 28, count: 10))
        #expect(slow.slowest(at: now + 60 * minute).isEmpty)
    }

    private static func source(_ calls: Int) -> String {
        "--@public true\nfor i = 1, \(calls) do os.clock() end\n"
    }

    /// A map on which each call of `os.clock()` takes a millisecond.
    private func map(_ files: [String: String] = [:]) throws -> TestMap {
        let own = ["events/work/index.lua": Self.source(1), "events/work/timeout.lua": "return 0"]
        return try TestMap(own.merging(files) { $1 }, clockStepNs: 1_000_000)
    }

    private func work(_ map: TestMap) throws -> MapPerformance.Script {
        let performance = map.simulation.performance(MapStatus(mapID: 1))
        return try #require(performance.scripts.first { $0.script == "events/work/index.lua" })
    }

    @Test("a slowed script shows it in each window, in its share of the ticks, and beside its former version")
    func slowed() throws {
        let map = try map()
        map.join(1)
        for _ in 0..<20 { try map.command(1, "work") }
        let before = try work(map)
        #expect(before.lastTenSeconds.count == 20 && before.former == nil && before.formerShare == nil)
        #expect(abs(before.lastMinute.p95Ms - 1) < 0.15 && before.current.meanMs == 1)
        #expect(
            before.share > 0.99 && before.lastTenSeconds.share > 0.99, "nothing else takes time on the test's clock")
        try map.change(["events/work/index.lua": Self.source(34)])
        #expect(try work(map).share == 0 && work(map).formerShare == before.share)
        try map.command(1, "work")
        let after = try work(map)
        #expect(after.former?.meanMs == 1 && after.formerVersion == before.version)
        #expect(after.current.meanMs == 34 && abs(after.lastTenSeconds.p50Ms - 34) < 5)
        #expect(after.share > 0.99)
    }

    @Test("the history has the costs of all versions, and a mark at each reload")
    func history() throws {
        let map = try map()
        map.join(1)
        for _ in 0..<20 { try map.command(1, "work") }
        #expect(map.simulation.costHistory.reloads.isEmpty)
        try map.change(["events/work/index.lua": Self.source(34)])
        try map.command(1, "work")
        let history = map.simulation.costHistory
        #expect(history.times.count == CostTimeline.slots && history.times == history.times.sorted())
        let series = try #require(history.scripts.first { $0.script == "events/work/index.lua" })
        #expect(series.counts.reduce(0, +) == 21)
        #expect(history.reloads.count == 1 && history.reloads[0].files[0].hasPrefix("reloaded events/work/index.lua "))
        for number in 0..<60 { try map.change(["events/work/index.lua": Self.source(number + 100)]) }
        #expect(map.simulation.costHistory.reloads.count == 50)
    }

    @Test("a slow tick is kept with the scripts that ran in it, and how often")
    func slowTick() throws {
        let map = try map(["events/plan/index.lua": Self.source(7), "events/plan/timeout.lua": "return 0"])
        map.join(1)
        map.join(2)
        map.tick([
            .command(1, .init(group: "plan", event: "index", commandID: nil, parameters: [:]), receivedAt: map.now),
            .command(2, .init(group: "plan", event: "index", commandID: nil, parameters: [:]), receivedAt: map.now),
        ])
        map.simulation.noteSlowTick()
        let slowest = try #require(map.simulation.slowestTicks.first)
        #expect(slowest.ms == 14 && slowest.events == 2 && slowest.inputs == 2)
        #expect(slowest.scripts == [.init(script: "events/plan/index.lua", runs: 2, cpuMs: 14)])
    }

    @Test("a map knows the versions that run, how often they ran, and which files are broken")
    func states() throws {
        let map = try map(["lib/a.lua": "x = 1"])
        map.join(1)
        for _ in 0..<3 { try map.command(1, "work") }
        let before = map.simulation.scriptStates
        #expect(before.runs["events/work/index.lua"] == 3 && before.runs["lib/a.lua"] == nil)
        #expect(before.versions["lib/a.lua"] != nil && before.failing.isEmpty)
        try map.change(["events/work/index.lua": "local x = \n"])
        #expect(map.simulation.scriptStates.failing == ["events/work/index.lua"])
        #expect(map.simulation.scriptStates.versions == before.versions, "the former version runs on")
        try map.change(["events/work/index.lua": Self.source(2)])
        let after = map.simulation.scriptStates
        #expect(after.failing.isEmpty && after.runs["events/work/index.lua"] == 0)
        #expect(after.versions["events/work/index.lua"] != before.versions["events/work/index.lua"])
        try map.command(1, "work")
        try map.change(["lib/a.lua": "x = 2"])
        #expect(map.simulation.scriptStates.runs["events/work/index.lua"] == 0, "a new lib begins the count anew")
    }

    @Test("an error has the version of its file, and the script that ran")
    func errorVersion() throws {
        let map = try map([
            "lib/a.lua": "function broken() error('boom') end",
            "events/call/index.lua": "--@public true\nbroken()\n", "events/call/timeout.lua": "return 0",
        ])
        map.join(1)
        try map.command(1, "call")
        let error = try #require(map.simulation.log.errors.last)
        #expect(error.ran == "events/call/index.lua")
        #expect(error.version == map.simulation.scriptStates.versions[try #require(error.script)])
        try map.change(["events/call/index.lua": "local x = \n"])
        let broken = try #require(map.simulation.log.errors.last)
        #expect(broken.kind == "syntax" && broken.script == "events/call/index.lua" && broken.ran == nil)
    }
}
