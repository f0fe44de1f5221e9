import JSONValues
import SimulationTestKit
import Testing
import Wire

@testable import Simulation

@Suite("A tick that takes longer than its interval is logged once, with what ran in it") struct TickOverrunTests {
    private static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 1000\n",
        "events/think/index.lua": "--@public true\nfor i = 1, 3 do os.clock() end",
        "events/plan/index.lua": "--@public true\nos.clock()",
        "events/plan/timeout.lua": "return 0", "events/think/timeout.lua": "return 0",
    ]

    /// A map on which each call of `os.clock()` takes 45 ms.
    private func map() throws -> TestMap { try TestMap(Self.files, clockStepNs: 45_000_000) }

    private func overruns(_ map: TestMap) -> [String] { map.log.filter { $0.hasPrefix("the tick took") } }

    @Test("the line names the tick's time, its inputs, events and messages, and the scripts with most time")
    func line() throws {
        let map = try map()
        map.join(1)
        map.join(2)
        map.simulation.logOverrun()
        #expect(overruns(map).isEmpty, "it was in time")
        map.tick([
            .command(1, .init(group: "think", event: "index", commandID: nil, parameters: [:]), receivedAt: map.now),
            .command(2, .init(group: "plan", event: "index", commandID: nil, parameters: [:]), receivedAt: map.now),
        ])
        map.simulation.logOverrun()
        #expect(
            overruns(map) == [
                "the tick took 180.0 ms of its 100.0 ms (180.0 ms of CPU time): 2 inputs, 2 events, 2 messages; "
                    + "most CPU time: events/think/index.lua 135.0 ms, events/plan/index.lua 45.0 ms. "
                    + "The next such line comes when no tick has been too long for 10 s"
            ])
    }

    @Test("later ones are logged only after ten good seconds")
    func once() throws {
        let map = try map()
        map.join(1)
        for _ in 0..<50 {
            try map.command(1, "think")
            map.simulation.logOverrun()
        }
        #expect(overruns(map).count == 1)
        for _ in 0..<98 {
            map.tick()
            map.simulation.logOverrun()
        }
        try map.command(1, "think")
        map.simulation.logOverrun()
        #expect(overruns(map).count == 1, "9.9 s after the last one")
        for _ in 0..<100 {
            map.tick()
            map.simulation.logOverrun()
        }
        try map.command(1, "think")
        map.simulation.logOverrun()
        #expect(overruns(map).count == 2)
    }
}
