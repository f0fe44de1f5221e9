import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("What operators do to a map's players and entities") struct OperatorActionTests {
    private static let files = [
        "maps/1-one.tmj": TestMaps.empty,
        "leave/players.lua": "print('left', object.key, reason)",
        "spawn/enemys.lua": "print('spawn', object.key)",
        "spawn/enemys/goblin.lua": "object.sort = object.sort + 1",
        "events/say/index.lua": "--@public true\nmap.broadcast({ said = 1 })",
    ]

    private func enemy(_ id: Int, _ prefab: String) -> EntityRecord {
        EntityRecord(key: EntityKey(.enemys, id), mapID: 1, prefab: prefab, x: 2, y: 2)
    }

    @Test("a kicked player hears the reason and must not come back by itself; the entity leaves at once and is saved")
    func kick() throws {
        let map = try TestMap(Self.files)
        let (bob, ann) = (map.join(1), map.join(2))
        map.tick([.operate(.kick(player: 1, reason: "be nice"))])
        #expect(bob.kinds.last == .kicked)
        #expect(
            bob.messages.last?.object
                == ["error": .string("be nice"), "code": .string("kicked"), "return": .bool(false)])
        #expect(map.entity("players_1") == nil && map.simulation.playerCount == 1)
        #expect(map.store.saved[EntityKey(.players, 1)]?.login == "player1")
        #expect(map.log.contains { $0.hasSuffix("left\tplayers_1\tdisconnected") })
        #expect(map.log.contains { $0.contains("players_1 was kicked by an operator: be nice") })
        map.tick()
        #expect(ann.world["players_1"] == nil && ann.world["players_2"] != nil)
        // A kick of a player without a connection does nothing.
        let count = ann.kinds.count
        map.tick([.operate(.kick(player: 1, reason: "again")), .operate(.kick(player: 9, reason: "who"))])
        #expect(map.simulation.playerCount == 1 && !ann.kinds.dropFirst(count).contains(.kicked))
    }

    @Test(
        "a message reaches all players of the map as the text that the operator wrote, in order with those of scripts")
    func announce() throws {
        let map = try TestMap(Self.files)
        let players = [map.join(1), map.join(2)]
        let before = players.map(\.messages.count)
        let text = "<b>\"now\"</b>\n\u{1F40F}"
        map.tick([.operate(.announce(text: text))])
        try map.command(1, "say")
        for (player, count) in zip(players, before) {
            let got = zip(player.kinds, player.messages).dropFirst(count)
            let direct = got.filter { $0.0 == .direct || $0.0 == .notice }.map(\.1)
            #expect(
                direct == [
                    .object([
                        "action": .string("notice"), "text": .string(text), "from": .string("operator"),
                    ]), .object(["said": .number(1)]),
                ])
        }
    }

    @Test("spawn hooks run again for the entities that were chosen, once for each")
    func hooks() throws {
        let map = try TestMap(Self.files, records: [enemy(1, "goblin"), enemy(2, "orc"), enemy(3, "goblin")])
        func sort(_ id: Int) throws -> Double {
            map.simulation.world.number(.sort, slot: Int(try #require(map.entity("enemys_\(id)")).slot))
        }
        #expect(try [1, 2, 3].map(sort) == [1, 0, 1])
        map.tick([.operate(.rerunSpawnHooks(.init(kind: .enemys, prefab: "goblin")))])
        #expect(try [1, 2, 3].map(sort) == [2, 0, 2])
        map.tick([.operate(.rerunSpawnHooks(.init(kind: .objects))), .operate(.rerunSpawnHooks(.init(prefab: "no")))])
        #expect(try [1, 2, 3].map(sort) == [2, 0, 2])
        map.tick([.operate(.rerunSpawnHooks(.init())), .operate(.rerunSpawnHooks(.init(kind: .enemys)))])
        #expect(try [1, 2, 3].map(sort) == [3, 0, 3], "who waits already is not added again")
        #expect(map.log.contains("spawn hooks ran again for 3 entities, as an operator wanted"))
    }

    @Test(
        "entities that wait keep their order while those before them have their turn, and can be added again after it")
    func backlog() {
        var backlog = SpawnHookBacklog()
        let entities = (0..<3000).map { EntityHandle(slot: $0, generation: 1) }
        backlog.add(entities)
        backlog.add(Array(entities.prefix(10)))
        for entity in entities.prefix(2500) {
            #expect(backlog.peek == entity)
            backlog.removeFirst()
        }
        backlog.add(entities)
        for entity in entities.suffix(500) + entities.prefix(2500) {
            #expect(backlog.peek == entity)
            backlog.removeFirst()
        }
        #expect(backlog.isEmpty && backlog.peek == nil)
    }

    @Test("hooks that take long run over several ticks, so that no tick takes much longer than its limit")
    func budget() throws {
        let map = try TestMap(
            [
                "game.yaml": "tick_rate: 10\nsend_rate: 10\ntick_limit_ms: 100\n",
                "spawn/enemys.lua": "os.clock() object.sort = object.sort + 1",
            ], records: (1...20).map { enemy($0, "goblin") }, clockStepNs: 20_000_000)
        func total() -> Double {
            map.simulation.world.entities.reduce(0) { $0 + map.simulation.world.number(.sort, slot: Int($1.slot)) }
        }
        #expect(total() == 20)
        map.tick([.operate(.rerunSpawnHooks(.init(kind: .enemys)))])
        // Three hooks of 20 ms are the first that reach half of 100 ms.
        #expect(total() == 23)
        #expect(map.simulation.nextWake == map.now, "a map without players does not sleep meanwhile")
        for _ in 0..<5 { map.tick() }
        #expect(total() == 38)
        for _ in 0..<5 { map.tick() }
        #expect(total() == 40)
        #expect(map.log.contains("spawn hooks ran again for 20 entities, as an operator wanted"))
        #expect(map.simulation.nextWake == nil)
    }

    @Test("entities that are removed before their turn are passed over, and hooks may remove others")
    func removed() throws {
        let map = try TestMap(
            [
                "spawn/enemys.lua":
                    "if object.key == 'enemys_1' and object.sort > 0 then objects.remove('enemys_2') end object.sort = 1"
            ],
            records: [enemy(1, "a"), enemy(2, "a"), enemy(3, "a")])
        map.tick([.operate(.rerunSpawnHooks(.init()))])
        #expect(map.entity("enemys_2") == nil && map.entity("enemys_3") != nil)
        #expect(map.errors == [])
        #expect(map.log.contains("spawn hooks ran again for 2 entities, as an operator wanted"))
    }

    @Test("the census names players by login, finds them by key and login, and counts types (row 167)")
    func census() throws {
        let map = try TestMap(
            Self.files.merging(["components/mood.lua": "--@type string\n"]) { $1 },
            records: [enemy(1, "goblin"), enemy(2, "orc"), enemy(3, "goblin")])
        map.join(12, components: ["mood": .string("happy")])
        map.join(1)
        map.join(2)
        let all = map.simulation.census(.init(), now: map.now + 5)
        #expect(all.players.map(\.login) == ["player1", "player12", "player2"] && all.matching == 3)
        #expect(all.players.map(\.bytes) == [0, 5, 0] && all.players.allSatisfy { $0.idle >= 5 })
        var counts = TypeCounts()
        #expect(map.simulation.count(&counts, from: 0) == nil)
        #expect(
            counts.types == [
                .init(kind: .players, prefab: "Player", count: 3), .init(kind: .enemys, prefab: "goblin", count: 2),
                .init(kind: .enemys, prefab: "orc", count: 1),
            ])
        #expect(counts.count(of: .init(kind: .enemys)) == 3 && counts.count(of: .init(prefab: "orc")) == 1)
        #expect(counts.count(of: .init(kind: .animals, prefab: "orc")) == 0 && counts.count(of: .init()) == 6)
        func ids(_ question: MapCensus.Question) -> [Int] {
            map.simulation.census(question, now: map.now).players.map(\.id)
        }
        #expect(ids(.init(player: "player1")) == [1, 12])
        #expect(ids(.init(player: "player1", isExact: true)) == [1])
        #expect(ids(.init(player: "players_12", isExact: true)) == [12])
        #expect(ids(.init(player: "nobody")) == [])
    }

    @Test("the time of the latest ticks forgets those before, in count and in time [M7.6]")
    func recentTicks() {
        var ticks = RecentTicks()
        func summary(_ now: UInt64) -> [Double] {
            let (mean, p95) = ticks.summary(at: now)
            return [mean, p95]
        }
        #expect(summary(0) == [0, 0])
        for index in 0..<1000 { ticks.record(index < 744 ? 1_000_000_000 : 2_000_000, at: UInt64(index) * 16_000_000) }
        let now: UInt64 = 1000 * 16_000_000
        #expect(summary(now) == [2, 2], "only the last 256")
        for index in 0..<20 { ticks.record(UInt64(index + 1) * 1_000_000, at: now + 20_000_000_000) }
        #expect(summary(now + 20_000_000_000) == [10.5, 19], "only those of the last ten seconds")
        #expect(summary(now + 40_000_000_000) == [0, 0])
    }
}
