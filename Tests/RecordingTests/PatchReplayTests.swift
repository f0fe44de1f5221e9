import SimulationTestKit
import Testing

@testable import Recording

@Suite("Replay of clients that take patches") struct PatchReplayTests {
    @Test("which clients take patches is recorded: they are sent the same in a replay")
    func patches() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 16\n", "maps/1-one.tmj": RecordingTests.map,
            "components/chest.lua":
                "--@type json\n--@default {\"slots\":[{\"n\":1},{\"n\":2}],\"name\":\"oak chest\"}\n",
            "events/take/index.lua":
                "--@public true\nlocal s = object.components.chest.slots s[2].n = s[2].n + 1",
            "events/take/timeout.lua": "return 0",
        ])
        let map = recorded.map
        map.patched = [1]
        let (patched, other) = (map.join(1), map.join(2))
        for _ in 0..<8 { try map.command(1, "take") }
        #expect(patched.patchedComponents > 6 && other.patchedComponents == 0)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }
}
