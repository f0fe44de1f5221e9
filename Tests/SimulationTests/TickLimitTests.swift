import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("tick_limit_ms: no tick is endless, and no event waits for ever [2-lua-api 1: limits]")
struct TickLimitTests {
    /// Enemies whose event takes 45 ms each time, a second script that takes as long, and players who step.
    static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
        "events/think/index.lua": "os.clock() print('think', object.key) object.events.add('think')",
        "events/think/timeout.lua": "return 0.1",
        "events/plan/index.lua": "os.clock() print('plan', object.key) object.events.add('plan')",
        "events/plan/timeout.lua": "return 0.1",
        "events/step/index.lua": "--@public true\nobject.x = object.x + 1",
        "events/step/timeout.lua": "return 0.1",
    ]
    static let cost: UInt64 = 45_000_000

    private static func records(_ count: Int) -> [EntityRecord] {
        (1...count).map { EntityRecord(key: EntityKey(.enemys, $0), mapID: 1, x: 1, y: 1) }
    }

    private static func mapWithDueEvents(_ count: Int, _ events: [String] = ["think"]) throws -> TestMap {
        let map = try TestMap(Self.files, records: records(count), clockStepNs: Self.cost)
        for id in 1...count { for event in events { try QueueTests.add(map, event, to: "enemys_\(id)") } }
        return map
    }

    @Test("a tick ends soon after its limit; events that have not run stay due and run in the next ticks, in turn")
    func cut() throws {
        let map = try Self.mapWithDueEvents(40)
        var ran: [String] = []
        for _ in 0..<14 {
            let start = map.time.nanoseconds
            let before = map.log.count
            map.tick(seconds: 0.1)
            #expect(map.time.nanoseconds - start <= 100_000_000 + Self.cost)
            ran += map.log.dropFirst(before)
        }
        // 3 events a tick: after 14 ticks all 40 have run once, and no event ran twice before that.
        #expect(ran.count == 42 && Set(ran.prefix(40)).count == 40)
        #expect(map.errors.first?.contains("37 of 40 wait") == true)
        #expect(map.errors.first?.contains("events/think/index.lua") == true)
        #expect(map.simulation.log.errors.first?.kind == "tick_limit")
    }

    @Test("events that wait when their group goes with its files are forgotten, and the others run")
    func groupGone() throws {
        let map = try Self.mapWithDueEvents(10, ["plan", "think"])
        map.tick(seconds: 0.1)
        #expect(map.simulation.nextWake == map.now, "events wait")
        // The last groups of the schema go, so the numbers that wait lie behind its end.
        try map.change(["events/think/index.lua": nil, "events/think/timeout.lua": nil])
        try map.change(["events/step/index.lua": nil, "events/step/timeout.lua": nil])
        let before = map.log.count
        for _ in 0..<8 { map.tick(seconds: 0.1) }
        #expect(map.log.dropFirst(before).allSatisfy { $0.hasPrefix("plan") } && map.log.count > before + 10)
    }

    @Test("cheap events run in each tick beside expensive ones: a player's steps are not late")
    func fairness() throws {
        let map = try Self.mapWithDueEvents(40)
        map.join(1)
        for _ in 0..<5 { map.tick(seconds: 0.1) }
        for step in 1...10 {
            try map.command(1, "step")
            map.tick(seconds: 0.1)
            #expect(map.players[1]?.world["players_1"]?["x"] == .number(Double(5 + step)))
        }
    }

    @Test("two expensive scripts share the time: neither waits for ever")
    func twoGreedy() throws {
        let map = try Self.mapWithDueEvents(10, ["think", "plan"])
        for _ in 0..<40 { map.tick(seconds: 0.1) }
        for name in ["think", "plan"] {
            for id in 1...10 {
                let turns = map.log.count { $0 == "\(name)\tenemys_\(id)" }
                #expect((4...8).contains(turns), "\(name) enemys_\(id): \(turns)")
            }
        }
    }

    @Test("the error log says so once in ten seconds, not in each tick")
    func toldSeldom() throws {
        let map = try Self.mapWithDueEvents(40)
        for _ in 0..<195 { map.tick(seconds: 0.1) }
        #expect(map.simulation.log.errors.filter { $0.kind == "tick_limit" }.map(\.count) == [2])
    }

    @Test("a delayed event is dropped with its entity, moves with resetTime, and is stored as pending")
    func changes() throws {
        let map = try Self.mapWithDueEvents(20)
        map.tick(seconds: 0.1)
        map.simulation.world.remove(try #require(map.entity("enemys_20")))
        let other = try #require(map.entity("enemys_19"))
        let group = try map.simulation.world.groupIndex("think")
        map.simulation.world.setEventTime(map.now + 60, slot: Int(other.slot), group: group, now: map.now)
        for _ in 0..<7 { map.tick(seconds: 0.1) }
        #expect(!map.log.contains("think\tenemys_20") && !map.log.contains("think\tenemys_19"))
        #expect(map.log.contains("think\tenemys_18"))
        map.simulation.save()
        let record = try #require(map.store.saved[EntityKey(.enemys, 18)])
        #expect(record.events["think"]?.action == "index")
    }

    @Test("a map without players wakes at once for delayed events")
    func wakes() throws {
        let map = try Self.mapWithDueEvents(10)
        map.tick(seconds: 0.1)
        #expect(map.simulation.nextWake == map.now)
    }
}

@Suite("A script's messages cost for each client that receives them [design 9]") struct SendCostTests {
    private static func map(players: Int) throws -> TestMap {
        let map = try TestMap([
            "game.yaml": "send_rate: 60\nworld_limit_mb: 1\nevent_time_limit_ms: 10000\n",
            "events/testing/index.lua": "local nothing\n",
            "maps/1-one.tmj": TestMaps.empty, "maps/2-two.tmj": TestMaps.empty,
        ])
        for id in 1...players { map.join(id) }
        return map
    }

    @Test("many small messages to many clients end in an error at the script's line")
    func broadcasts() throws {
        let map = try Self.map(players: 50)
        map.script("for i = 1, 100000 do map.broadcast({}) end")
        // A message of 2 bytes to 50 clients counts 50 times (2 + 256) bytes; 81 of these fit into 1 MiB.
        #expect(map.players[1]?.direct.count == 81)
        #expect(map.errors.last?.contains("another 13 KiB for 50 clients") == true, "\(map.errors)")
        map.script("map.broadcast({})")
        #expect(map.players[50]?.direct.count == 82)
    }

    @Test("one client may get as many messages as fit into world_limit_mb")
    func one() throws {
        let map = try Self.map(players: 1)
        map.script("for i = 1, 100000 do object.send({}) end")
        #expect(map.players[1]?.direct.count == (1 << 20) / 258)
    }

    @Test("object.save() stores an entity once a tick, however often it is called")
    func saves() throws {
        let map = try Self.map(players: 2)
        map.simulation.save()
        func writes(_ script: String) -> Int {
            let before = map.store.writes
            map.script(script)
            return map.store.writes - before
        }
        let others = writes("local nothing")
        #expect(writes("for i = 1, 10000 do object.save() objects.players_2.save() end") == others + 2)
        #expect(writes("object.save()") == others + 1)
    }

    @Test("map_id may be assigned many times in a tick: the last one counts, and many cost no more than one")
    func moves() throws {
        let map = try Self.map(players: 1)
        map.script(
            """
            local other = objects.add('objects', { x = 1, y = 1 })
            for i = 1, 30000 do other.map_id = 2 - i % 2 end
            print(other.map_id)
            """)
        #expect(map.log.last == "2" && map.errors == [])
        #expect(map.store.transferred.count == 1)
    }
}
