import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// Positions of entities that move, for clients with a lane for datagrams: a lost one costs one tick, and no stall.
@Suite("Positions in datagrams [T3, row 25]") struct FastLaneTests {
    private static let files = [
        "maps/1-field.tmj": TestMaps.empty, "components/hp.lua": "--@type number\n--@default 5\n",
        "events/testing/index.lua": "local nothing\n",
    ]

    /// Player 1 has a lane, player 2 has none.
    private static func map(_ settings: String = "", compact: Set<Int> = []) throws -> TestMap {
        let map = try TestMap(files.merging(["game.yaml": "tick_rate: 60\nsend_rate: 60\n" + settings]) { $1 })
        map.lanes = [1]
        map.compact = compact
        map.join(1)
        map.join(2)
        return map
    }

    /// The messages of the world that a player got since an earlier count, with their kinds.
    private static func news(_ player: TestPlayer, since count: Int) -> [(kind: OutboundMessage.Kind, text: String)] {
        zip(player.kinds, player.messages).dropFirst(count).map { ($0, $1.text) }
    }

    private static func move(_ map: TestMap, x: Double) throws {
        let player = try #require(map.entity("players_2"))
        try map.simulation.world.move(player, toX: x, y: 5)
    }

    @Test("while an entity moves there are only datagrams; once it rests, a delta has its place", arguments: [0, 20])
    func rest(view: Int) throws {
        let map = try Self.map("view_distance: \(view)\n")
        let (lane, plain) = (try #require(map.players[1]), try #require(map.players[2]))
        map.tick()
        for step in 1...3 {
            let (before, plainBefore) = (lane.messages.count, plain.messages.count)
            try Self.move(map, x: 5 + Double(step) / 4)
            map.tick()
            let news = Self.news(lane, since: before)
            #expect(news.map(\.kind) == [.positions])
            #expect(news.first?.text.contains(#""players":[[2,\#(5 + Double(step) / 4),5]]"#) == true)
            #expect(Self.news(plain, since: plainBefore).map(\.kind) == [.delta])
        }
        let (before, plainBefore) = (lane.messages.count, plain.messages.count)
        map.tick()
        let news = Self.news(lane, since: before)
        #expect(news.map(\.kind) == [.delta])
        #expect(news.first?.text.contains(#"{"id":2,"key":"players_2","x":5.75,"y":5}"#) == true)
        map.tick()
        #expect(lane.messages.count == before + 1, "it is told once")
        #expect(plain.messages.count == plainBefore, "clients without a lane have it already")
        #expect(map.expectAgreement("at rest") == 2)
    }

    @Test("everything else of an entity that moves stays in deltas, and a height that changed goes with the place")
    func others() throws {
        let map = try Self.map()
        let lane = try #require(map.players[1])
        map.tick()
        var before = lane.messages.count
        map.script("object.x = 6 object.action = 'walk' object.components.hp = 4 object.z = 3", as: "players_2")
        let news = Self.news(lane, since: before)
        #expect(news.map(\.kind) == [.delta, .positions])
        #expect(news[0].text.contains(#""action":"walk","components":{"hp":4}"#) && !news[0].text.contains(#""x":"#))
        #expect(news[1].text.contains("[[2,6,5,3]]"))
        before = lane.messages.count
        try Self.move(map, x: 7)
        map.tick()
        #expect(Self.news(lane, since: before).last?.text.contains("[[2,7,5,3]]") == true, "the height may be lost")
        before = lane.messages.count
        map.tick()
        #expect(Self.news(lane, since: before).last?.text.contains(#""x":7,"y":5,"z":3}"#) == true)
        #expect(map.expectAgreement("at rest") == 2)
    }

    @Test("a new entity, and one that comes back, are told whole; what is removed is told no more")
    func newEntities() throws {
        let map = try Self.map()
        let lane = try #require(map.players[1])
        map.tick()
        let record = EntityRecord(key: EntityKey(.enemys, 7), mapID: 1, prefab: "goblin", x: 1, y: 1, created: map.now)
        let goblin = try map.simulation.world.add(record, placement: .exact, now: map.now).entity
        var before = lane.messages.count
        map.tick()
        #expect(Self.news(lane, since: before).map(\.kind) == [.delta])
        try map.simulation.world.move(goblin, toX: 2, y: 1)
        map.tick()
        map.simulation.world.remove(goblin)
        before = lane.messages.count
        map.tick()
        let news = Self.news(lane, since: before)
        #expect(news.map(\.kind) == [.delta])
        #expect(news[0].text.contains(#""action":"remove""#) && !news[0].text.contains(#""x""#))
        #expect(map.expectAgreement("gone") == 2)
    }

    @Test("a client that waits for a snapshot gets no positions")
    func snapshot() throws {
        let map = try Self.map()
        let lane = try #require(map.players[1])
        map.tick()
        let before = lane.messages.count
        try Self.move(map, x: 6)
        map.tick([.reload(lane.id)])
        #expect(Self.news(lane, since: before).map(\.kind).first == .snapshot)
        #expect(map.expectAgreement("after the snapshot") == 2)
    }

    @Test("thousands that move are divided into messages that fit into a packet", arguments: [false, true])
    func many(isCompact: Bool) throws {
        let map = try Self.map(compact: isCompact ? [1] : [])
        let lane = try #require(map.players[1])
        let world = map.simulation.world
        var entities: [EntityHandle] = []
        for id in 1...2000 {
            let kind: EntityKind = id % 2 == 0 ? .animals : .objects
            let record = EntityRecord(
                key: EntityKey(kind, id * 1_000_003), mapID: 1, prefab: "p", x: 1, y: 1, created: map.now)
            entities.append(try world.add(record, placement: .exact, now: map.now).entity)
        }
        map.tick()
        let before = lane.messages.count
        for (index, entity) in entities.enumerated() {
            try world.move(entity, toX: Double(index) / 7, y: -1 / Double(index + 1))
        }
        map.tick()
        let news = Self.news(lane, since: before)
        // `TestPlayer` checks the size of each.
        #expect(news.allSatisfy { $0.kind == .positions } && (30...120).contains(news.count))
        #expect(map.expectAgreement("all moved") == 2)
    }
}
