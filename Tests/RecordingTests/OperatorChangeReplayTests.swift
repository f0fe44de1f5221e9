import JSONValues
import Simulation
import SimulationTestKit
import Testing
import World

@testable import Recording

@Suite("Replay of operators' changes (M0.11)") struct OperatorChangeReplayTests {
    @Test("a replay makes the same changes at the same ticks, with the same effects")
    func replay() throws {
        let recorded = try RecordedMap([
            "game.yaml": "tick_rate: 16\nsend_rate: 16\nevent_time_limit_ms: 20\n",
            "maps/1-one.tmj": RecordingTests.map,
            "components/hp.lua": "--@type number\n--@default 5\nprint('trigger', object.key, value)",
            "events/walk/index.lua": "--@param x number\nobject.x = data.x",
            "events/walk/timeout.lua": "return 0",
            "spawn/animals.lua": "object.sort = math.random(1, 1000) print(microtime() > 0)",
        ])
        let map = recorded.map
        map.join(1)
        let changes: [OperatorChange] = [
            .set(EntityKey(.players, 1), fields: ["x": .number(2)], components: ["hp": .number(8)]),
            .set(EntityKey(.players, 1), fields: ["x": .string("no")], components: [:]),
            .add(.animals, ["prefab": .string("cow")]),
            .add(.animals, ["prefab": .string("hen"), "x": .number(1), "y": .number(1)]),
            .queueEvent(EntityKey(.players, 1), group: "walk", event: "index", data: ["x": .number(3)]),
            .queueEvent(EntityKey(.players, 1), group: "walk", event: "index", data: [:]),
            .removeEvent(EntityKey(.players, 1), group: "walk"),
            .run(
                .init(source: "object.components.hp = math.random(100) print(object.x)", object: EntityKey(.players, 1))
            ),
            .run(.init(source: "objects.count()")), .run(.init(source: "while true do end")),
            .run(.init(source: "objects.add('animals', {prefab = 'pig'}) error('enough')")),
            .run(.init(source: "x =")), .remove(EntityKey(.animals, 101)),
        ]
        for change in changes { map.tick([.edit(change, nil)]) }
        for _ in 0..<20 { map.tick() }
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "\(String(describing: report.difference))")
        #expect(map.log.contains { $0.hasPrefix("trigger\tplayers_1\t8") })
        #expect(map.errors.contains { $0.contains("enough") })
    }

    @Test("an unknown kind of change is refused with its place")
    func unknown() {
        var tape = TapeReader([99])
        #expect(throws: RecordingError.self) { try tape.operatorChange() }
    }
}
