import SimulationTestKit
import Testing
import Wire

@testable import Recording

@Suite("Replay of clients that get positions in datagrams") struct LaneReplayTests {
    @Test(
        "which clients have a lane is recorded: they are sent the same in a replay, also with patches",
        arguments: ["", "view_distance: 12\n"])
    func lanes(view: String) throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 16\n\(view)", "maps/1-one.tmj": RecordingTests.map,
            "events/step/index.lua": "--@public true\nobject.x = object.x + 0.25",
            "events/step/timeout.lua": "return 0",
        ])
        let map = recorded.map
        (map.lanes, map.patched) = ([1, 2], [2])
        let players = [map.join(1), map.join(2), map.join(3)]
        for _ in 0..<8 {
            try map.command(3, "step")
            map.tick()
        }
        #expect(players.map { $0.kinds.contains(.positions) } == [true, true, false])
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }
}
