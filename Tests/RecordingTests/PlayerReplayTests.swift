import JSONValues
import Simulation
import SimulationTestKit
import Testing
import Wire
import World

@testable import Recording

@Suite("Replay of what operators do with players") struct PlayerReplayTests {
    @Test("mutes, moves and erasings are recorded: what scripts read and clients are told is the same in a replay")
    func inputs() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 8\n", "maps/1-one.tmj": RecordingTests.map,
            "maps/2-two.tmj": RecordingTests.map,
            "events/say/index.lua": "--@public true\nobject.send({ muted = object.muted })",
            "events/say/timeout.lua": "return 0",
        ])
        let map = recorded.map
        let players = (1...4).map { map.join($0) }
        for n in 0..<24 {
            var inputs: [MapInput] = players.map { .command($0.id, Command(group: "say"), receivedAt: map.now) }
            switch n {
            case 3: inputs.append(.mute(player: 1, until: map.now + 0.5))
            case 5: inputs.append(.mute(player: 2, until: .infinity))
            case 9: inputs.append(.mute(player: 2, until: nil))
            case 12: inputs.append(.movePlayer(3, to: 2))
            case 15: inputs.append(.erasePlayer(4))
            default: break
            }
            map.tick(inputs)
        }
        #expect(players[0].messages.contains { $0.object?["muted"] == .bool(true) })
        #expect(players[0].messages.last { $0.object?["muted"] != nil }?.object?["muted"] == .bool(false))
        #expect(players[2].messages.contains { $0.object?["action"] == .string("reconnect") })
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
    }
}
