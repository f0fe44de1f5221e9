import ServerMetrics
import SimulationTestKit
import Testing

@testable import Simulation

@Suite("What maps and scripts count for the metrics") struct MapMetricsTests {
    private static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 10\n",
        "events/work/index.lua": "--@public true\nos.clock()\n", "events/work/timeout.lua": "return 0",
        "events/fail/index.lua": "--@public true\nerror('no')\n", "events/fail/timeout.lua": "return 0",
    ]
    private static let work = "events/work/index.lua"
    private static let failing = "events/fail/index.lua"

    let registry = MetricRegistry()
    let map: TestMap

    init() throws {
        // Each call of `os.clock()` takes 45 ms.
        map = try TestMap(Self.files, clockStepNs: 45_000_000, metrics: registry)
        map.join(1)
    }

    private func calls(_ script: String) -> Double? { registry.value(.scriptCalls, "1", script) }

    @Test("calls, CPU time and errors are counted for each script, from its first call on")
    func scripts() throws {
        #expect(calls(Self.work) == nil, "it never ran")
        for _ in 0..<3 { try map.command(1, "work") }
        try map.command(1, "fail")
        #expect(calls(Self.work) == 3)
        #expect(registry.value(.scriptCPU, "1", Self.work) == 0.135)
        #expect(registry.value(.scriptErrors, "1", Self.work) == 0)
        #expect(calls(Self.failing) == 1 && registry.value(.scriptErrors, "1", Self.failing) == 1)
    }

    @Test("a changed script and a new VM go on with the counts, a deleted script takes them with it")
    func reloads() throws {
        try map.command(1, "work")
        try map.change([Self.work: "--@public true\nlocal changed = true\n"])
        try map.command(1, "work")
        #expect(calls(Self.work) == 2)
        map.simulation.rebuild(because: "of a test")
        try map.command(1, "work")
        #expect(calls(Self.work) == 3)
        try map.change([Self.work: nil])
        #expect(calls(Self.work) == nil)
        try map.command(1, "fail")
        #expect(calls(Self.failing) == 1)
    }

    @Test("a map whose metrics ended has no series, and makes none when it ticks once more")
    func end() throws {
        try map.command(1, "work")
        #expect(registry.value(.mapTickDuration, "1") != nil)
        map.simulation.endMetrics()
        #expect(registry.value(.mapTickDuration, "1") == nil && calls(Self.work) == nil)
        try map.command(1, "work")
        #expect(registry.value(.mapTickDuration, "1") == nil && calls(Self.work) == nil)
    }

    @Test("each tick is counted with the time that it took; those longer than their interval are counted apart")
    func ticks() throws {
        let before = try #require(registry.value(.mapTickDuration, "1"))
        for _ in 0..<2 {
            try map.command(1, "work")
            map.simulation.logOverrun()
        }
        #expect(registry.value(.mapTickDuration, "1") == before + 2)
        #expect(map.simulation.overruns.count == 0, "45 of 100 ms")
        try map.change([Self.work: "--@public true\nfor i = 1, 3 do os.clock() end\n"])
        for _ in 0..<2 {
            try map.command(1, "work")
            map.simulation.logOverrun()
        }
        #expect(map.simulation.overruns.count == 2, "135 of 100 ms, of which only the first is logged")
        let all = try #require(registry.value(.mapTickDuration, "1"))
        let bucket = "perigee_map_tick_duration_seconds_bucket{map=\"1\",le=\"0.125\"}"
        #expect(registry.text().contains("\(bucket) \(Int(all) - 2)\n"))
    }

    @Test("events that had their turn are counted")
    func events() throws {
        let before = map.simulation.eventsRun
        for _ in 0..<3 { try map.command(1, "work") }
        try map.command(1, "fail")
        #expect(map.simulation.eventsRun == before + 4)
    }
}
