import Simulation
import SimulationTestKit
import Testing
import World

@testable import Recording

@Suite("Replay of what operators do to a map") struct OperatorReplayTests {
    @Test("kicks, messages and spawn hooks are replayed as they were, also where ticks had no more time for hooks")
    func replay() throws {
        let recorded = try RecordedMap(
            [
                "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
                "spawn/enemys.lua": "os.clock() print(object.key, math.random()) object.sort = object.sort + 1",
                "leave/players.lua": "print(object.key, reason)",
            ],
            records: (1...9).map { EntityRecord(key: EntityKey(.enemys, $0), mapID: 1, prefab: "goblin", x: 1, y: 1) },
            clockStepNs: 20_000_000)
        let map = recorded.map
        map.join(1)
        map.join(2)
        map.tick([.operate(.continueTicks(after: 1000))])
        #expect(map.simulation.tickNumber == 1001)
        map.tick([.operate(.announce(text: "one <two> \u{1F40F}"))])
        map.tick([.operate(.kick(player: 2, reason: "be nice"))])
        map.tick([.operate(.rerunSpawnHooks(.init(kind: .enemys, prefab: "goblin")))])
        map.tick([.operate(.rerunSpawnHooks(.init()))])
        for _ in 0..<12 { map.tick() }
        #expect(map.log.contains { $0.hasPrefix("spawn hooks ran again for") }, "\(map.log)")
        let report = try recorded.finished().replay()
        #expect(report.difference == nil && report.hashes > 1, "\(String(describing: report.difference))")
    }

    @Test("each action is read as it was written")
    func tape() throws {
        let actions: [OperatorAction] = [
            .kick(player: 7, reason: ""), .announce(text: "a\u{0}b"), .rerunSpawnHooks(.init()),
            .rerunSpawnHooks(.init(kind: .animals)), .rerunSpawnHooks(.init(prefab: "")),
            .rerunSpawnHooks(.init(kind: .objects, prefab: "Oak")), .continueTicks(after: 91_234),
        ]
        var writer = TapeWriter()
        for action in actions { writer.write(action) }
        var reader = TapeReader(writer.bytes)
        for action in actions {
            let read = try reader.operatorAction()
            #expect(read == action)
        }
        #expect(reader.isAtEnd)
        var unknown = TapeReader([9])
        #expect(throws: RecordingError.self) { _ = try unknown.operatorAction() }
    }
}
