import SimulationTestKit
import Testing

@testable import Recording

@Suite("A replay collects garbage at the same places as the recorded map") struct CollectionReplayTests {
    @Test("weak tables lose their entries in the same ticks, although the recorded map had little time to collect")
    func weakTables() throws {
        let files = [
            "game.yaml": "tick_rate: 60\nsend_rate: 60\n", "spawn/players.lua": "object.events.add('waste')",
            "events/waste/index.lua": """
            cache, last = cache or setmetatable({}, { __mode = 'v' }), last or 0
            -- What stays makes a collection take several ticks.
            if not kept then kept = {} for i = 1, 40000 do kept[i] = { i } end end
            for i = 1, 200 do last = last + 1 cache[last] = { string.rep('x', 1000) .. last } end
            local alive = 0
            for _ in pairs(cache) do alive = alive + 1 end
            print(alive)
            object.events.add('waste')
            """,
            "events/waste/timeout.lua": "return 0",
        ]
        let recorded = try RecordedMap(files, readingNs: 300_000)
        recorded.map.join(1)
        for _ in 0..<120 { recorded.map.tick() }
        let alive = Set(recorded.map.log.compactMap { Int($0) })
        #expect(alive.count > 5, "it depends on the collection how many entries are left: \(alive.sorted())")
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 1, "\(String(describing: report.difference))")
    }
}
