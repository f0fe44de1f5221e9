import LuaSandbox
import SimulationTestKit
import Testing

@testable import Simulation

@Suite("Garbage of scripts is collected in the time that a tick leaves") struct CollectionTests {
    private static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\nmemory_limit_mb: 16\n",
        "events/waste/index.lua": "--@public true\nfor i = 1, 2048 do local t = ('x'):rep(1000) .. i end",
        "events/waste/timeout.lua": "return 0",
    ]

    /// A map on which each reading of the clock takes some time.
    private func map(readingNs: UInt64) throws -> TestMap {
        let time = TestTime()
        return try TestMap(
            Self.files,
            recording: { surroundings, _ in
                var surroundings = surroundings
                surroundings.clock.monotonic = {
                    time.advance(readingNs)
                    return time.nanoseconds
                }
                return surroundings
            })
    }

    @Test("a tick collects for at most 1.5 ms; what it does not get done, later ticks do")
    func budget() throws {
        // Eight steps between two readings: 1.5 ms end at the fifteenth reading.
        let map = try map(readingNs: 100_000)
        map.join(1)
        while map.simulation.upkeep.owedSteps > 0 { map.tick() }
        try map.command(1, "waste")
        let owed = map.simulation.upkeep.owedSteps
        #expect(owed > 1800, "two MiB were wasted, and 112 steps made: \(owed)")
        map.tick()
        #expect((100...112).contains(owed - map.simulation.upkeep.owedSteps), "less what the tick itself allocates")
        for _ in 0..<25 { map.tick() }
        #expect(map.simulation.upkeep.owedSteps == 0)
    }

    @Test("a tick that leaves no time collects nothing")
    func none() throws {
        let map = try map(readingNs: 8_500_000)
        map.join(1)
        let before = map.simulation.upkeep.owedSteps
        try map.command(1, "waste")
        #expect(map.simulation.upkeep.owedSteps > before + 2000)
    }

    @Test("memory stays bounded however much scripts waste, with and without spare time", arguments: [0, 8_500_000])
    func bounded(readingNs: UInt64) throws {
        let map = try map(readingNs: readingNs)
        map.join(1)
        map.simulation.host.sandbox.resetPeak()
        for _ in 0..<200 { try map.command(1, "waste") }
        #expect(map.errors.isEmpty)
        #expect(map.simulation.scriptTimings.first { $0.script == "events/waste/index.lua" }?.current.count == 200)
        #expect(map.simulation.host.sandbox.peakBytes < 12 << 20, "400 MiB were wasted in all")
    }
}
