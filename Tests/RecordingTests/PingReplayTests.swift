import JSONValues
import Simulation
import SimulationTestKit
import Testing
import Wire
import World

@testable import Recording

@Suite("Replay of clients' clocks and pings") struct PingReplayTests {
    @Test("clocks and pings of clients are recorded: what is told and what scripts read is the same in a replay")
    func pings() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 8\n", "maps/1-one.tmj": RecordingTests.map,
            "events/say/index.lua": "--@public true\nprint(object.ping)\nobject.send({ ping = object.ping })",
            "events/say/timeout.lua": "return 0",
        ])
        let map = recorded.map
        let player = map.join(1)
        let former = TestPlayer(id: 9, playerID: 2)
        map.tick([
            .join(EntityRecord(key: EntityKey(.players, 2), login: "b", mapID: 1, x: 2, y: 2, ping: 0.75), former)
        ])
        for n in 0..<20 {
            let command = Command(
                group: n % 5 == 4 ? "load" : "say", ping: n % 3 == 1 ? Double(n) / 8 : nil,
                unixtime: n % 2 == 0 ? 1_670_069_589 + Double(n) : nil)
            map.tick([.command(n % 4 == 0 ? former.id : player.id, command, receivedAt: map.now - 0.01)])
        }
        let told = player.messages + former.messages
        #expect(told.contains { $0.object?["unixtime"] != nil })
        #expect(told.contains { $0.object?["ping"] == .number(0.75) })
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
        #expect(report.ticks > 20)
    }
}
