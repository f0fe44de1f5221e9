import Foundation
import JSONValues
import SimulationTestKit
import Synchronization
import Testing
import Wire
import World

@testable import Simulation

/// Whoever moves, comes and goes: each client has what is in its circle, and nothing else [`1-protocol.md` 4.2].
@Suite("Clients with views agree with the map") struct ViewAgreementTests {
    @Test(
        "random walks, jumps, joins, leaves, removals and new view distances",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 12 : 300))
    func walks(seed: UInt64) throws {
        try walk(ViewWalk(seed: seed, distances: [1, 3, 5, 8, 13, 40, 200]), seed)
    }

    @Test(
        "also with views of their own, clients that see the whole map, entities that are always relevant, and the edges of other maps",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 16 : 400))
    func ownViews(seed: UInt64) throws {
        let distances = seed % 2 == 0 ? [0] : [0, 2, 6, 20]
        try walk(ViewWalk(seed: seed, distances: distances, hasOwnViews: true, border: seed % 3 == 0 ? 3 : 0), seed)
    }

    @Test(
        "also when datagrams with positions get lost, once everything has rested for two ticks [T3, row 25]",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 16 : 400))
    func lostPositions(seed: UInt64) throws {
        let distances = [[0], [0, 2, 6, 20], [5, 13]][Int(seed % 3)]
        let walk = try ViewWalk(
            seed: seed, distances: distances, hasOwnViews: true, border: seed % 4 == 0 ? 3 : 0, losesPositions: true)
        for step in 0..<60 {
            for _ in 0..<4 { try walk.step() }
            walk.rest()
            walk.expectAgreement("seed \(seed), step \(step)")
        }
        #expect(walk.compared > 120 && walk.losses > 10)
    }

    private func walk(_ walk: ViewWalk, _ seed: UInt64) throws {
        for step in 0..<150 {
            try walk.step()
            walk.expectAgreement("seed \(seed), step \(step)")
        }
        #expect(walk.compared > 300)
    }
}

/// A map on which everything moves at random, and what its clients should have.
final class ViewWalk {
    private static let (width, height) = (40, 24)
    private static let views = [0, 0.25, 1.5, 4, 9, 30, 4096, nil, nil]

    private let distances: [Int]
    private let hasOwnViews: Bool
    private let border: Int
    private let map: TestMap
    private var random: SeededGenerator
    private var distance: Int
    private var online: Set<Int> = []
    private var clients: [Int: TestPlayer] = [:]
    private var sessions: SessionID = 0
    private var nextID = 1000
    private var ownViews: [Int: Double] = [:]
    private var alwaysRelevant: Set<String> = []
    /// How many worlds of clients were compared.
    private(set) var compared = 0
    /// Whether each second datagram gets lost, on average.
    private let losesPositions: Bool
    private let dice: Dice

    /// Decides whether a datagram gets lost.
    private final class Dice: Sendable {
        private let state: Mutex<(random: SeededGenerator, losses: Int)>

        init(seed: UInt64) { state = Mutex((SeededGenerator(seed: seed), 0)) }

        var losses: Int { state.withLock { $0.losses } }

        func loses() -> Bool {
            state.withLock { state in
                guard Bool.random(using: &state.random) else { return false }
                state.losses += 1
                return true
            }
        }
    }

    /// Makes a map.
    ///
    /// - Parameters:
    ///   - seed: What happens at random depends on it.
    ///   - distances: The settings `view_distance` between which the game changes.
    ///   - hasOwnViews: Whether `object.view` and `object.relevant` are set too.
    ///   - border: The setting `border_view`; the neighbour is to the right.
    ///   - losesPositions: Whether each second datagram gets lost, on average.
    /// - Throws: What writing the game's files throws.
    init(seed: UInt64, distances: [Int], hasOwnViews: Bool = false, border: Int = 0, losesPositions: Bool = false)
        throws
    {
        random = SeededGenerator(seed: seed)
        self.losesPositions = losesPositions
        dice = Dice(seed: seed)
        (self.distances, self.hasOwnViews, self.border) = (distances, hasOwnViews, border)
        distance = distances[Int(seed) % distances.count]
        let size = #""width":\#(Self.width),"height":\#(Self.height),"tilewidth":32,"tileheight":32"#
        let field = #"{"type":"map","orientation":"orthogonal",\#(size),"layers":[]}"#
        map = try TestMap(
            [
                "game.yaml": Self.settings(distance, border), "maps/1-field.tmj": field,
                "maps/2-cave.tmj": TestMaps.empty, "components/hp.lua": "--@type number\n--@default 5\n",
                "components/purse.lua": "--@type number\n--@default 1\n--@private\n--@entities players\n",
            ], seed: seed)
        for _ in 0..<30 { try add() }
        for id in 1...6 { join(id) }
    }

    private static func settings(_ distance: Int, _ border: Int) -> String {
        "tick_rate: 60\nsend_rate: 60\nview_distance: \(distance)\n"
            + (border > 0 ? "border_view: \(border)\nneighbours:\n  1: {right: 2}\n" : "")
    }

    private func place() -> (x: Double, y: Double) {
        // Halves and quarters often lie exactly on the edge of a circle.
        (
            Double(Int.random(in: 0..<Self.width * 4, using: &random)) / 4,
            Double(Int.random(in: 0..<Self.height * 4, using: &random)) / 4
        )
    }

    private func add(_ key: EntityKey? = nil) throws {
        nextID += 1
        let kinds: [EntityKind] = [.enemys, .animals, .objects]
        let key = key ?? EntityKey(kinds[nextID % 3], nextID)
        let (x, y) = place()
        let record = EntityRecord(key: key, mapID: 1, prefab: "p\(nextID)", x: x, y: y, created: map.now)
        _ = try map.simulation.world.add(record, placement: .exact, now: map.now)
    }

    private func join(_ id: Int) {
        let (x, y) = place()
        sessions += 1
        // Each connection has a number of its own, and newer ones have higher numbers.
        let player = TestPlayer(
            id: sessions, playerID: id, acceptsDeflate: id % 3 == 1, isCompact: id % 3 == 2,
            hasFastLane: id % 4 > 1, losesPositions: { [dice, losesPositions] in losesPositions && dice.loses() })
        clients[id] = player
        let record = EntityRecord(
            key: EntityKey(.players, id), login: "player\(id)", mapID: 1, prefab: "Player", x: x, y: y,
            created: map.now)
        map.tick([.join(record, player)])
        online.insert(id)
    }

    private var anyone: EntityHandle? { map.simulation.world.entities.randomElement(using: &random) }

    /// Some changes, and the tick that sends them.
    func step() throws {
        for _ in 0..<Int.random(in: 0...8, using: &random) { try change() }
        map.tick()
    }

    /// How many datagrams got lost.
    var losses: Int { dice.losses }

    /// Ticks without changes, until those clients have every position that lost datagrams had.
    func rest() {
        for _ in 0..<2 { map.tick() }
    }

    private func change() throws {
        let world = map.simulation.world
        switch Int.random(in: 0..<40, using: &random) {
        case 0: join(Int.random(in: 1...9, using: &random))
        case 1:
            guard online.count > 2, let id = online.sorted().randomElement(using: &random) else { break }
            online.remove(id)
            ownViews[id] = nil
            alwaysRelevant.remove("players_\(id)")
            map.tick([.leave(try #require(clients[id]).id)])
        case 2:
            guard let id = online.sorted().randomElement(using: &random) else { break }
            map.tick([.reload(try #require(clients[id]).id)])
        case 3 where Int.random(in: 0..<4, using: &random) == 0:
            distance = try #require(distances.randomElement(using: &random))
            try map.change(["game.yaml": Self.settings(distance, border)])
        case 4, 5: try add()
        case 6, 7, 8:
            guard let entity = anyone, let key = world.key(of: entity), key.kind != .players else { break }
            alwaysRelevant.remove(key.description)
            world.remove(entity, movedTo: Bool.random(using: &random) ? 2 : nil)
            if Bool.random(using: &random) { try add(key) }
        case 9, 10, 11:
            guard let entity = anyone else { break }
            try world.setComponent("hp", to: .number(Double.random(in: 0...1, using: &random)), of: entity)
        case 12:
            guard let id = online.sorted().randomElement(using: &random), let player = map.entity("players_\(id)")
            else { break }
            try world.setComponent("purse", to: .number(Double.random(in: 0...1, using: &random)), of: player)
        case 13, 14, 15:
            guard let entity = anyone else { break }
            let (x, y) = place()
            try world.move(entity, toX: x, y: y)
        case 16 where border == 0:
            guard let entity = anyone else { break }
            try world.move(entity, toX: 1e9 * Double(Int.random(in: -1...1, using: &random)), y: 1e300)
        case 17, 18, 19, 20: try changeViews()
        default:
            guard let entity = anyone, let (x, y) = world.position(of: entity) else { break }
            let steps = [-1, -0.25, 0, 0.25, 1, 3]
            var to = x + (steps.randomElement(using: &random) ?? 0)
            // With a neighbour, entities beyond the edge would go to it.
            if border > 0 { to = min(to, Double(Self.width - 1)) }
            try world.move(entity, toX: to, y: y + (steps.randomElement(using: &random) ?? 0))
        }
    }

    private func changeViews() throws {
        guard hasOwnViews else { return }
        let world = map.simulation.world
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            guard let id = online.sorted().randomElement(using: &random), let player = map.entity("players_\(id)"),
                let view = Self.views.randomElement(using: &random)
            else { return }
            world.setView(view, slot: Int(player.slot))
            ownViews[id] = view
        case 1:
            guard let entity = anyone, let key = world.key(of: entity)?.description else { return }
            let isAlways = Int.random(in: 0..<3, using: &random) == 0
            world.setAlwaysSeen(isAlways, slot: Int(entity.slot))
            if isAlways { alwaysRelevant.insert(key) } else { alwaysRelevant.remove(key) }
        default:
            guard border > 0 else { return }
            let records = (0..<Int.random(in: 0...6, using: &random)).map { index in
                EntityRecord(
                    key: EntityKey(.enemys, 500 + index), mapID: 2, prefab: "p",
                    x: Double(Self.width + Int.random(in: 0..<3, using: &random)), y: place().y)
            }
            map.tick([.border(BorderStrip(mapID: 2, records: records, actionAssigned: []))])
        }
    }

    /// Expects every client to have exactly the entities that a fresh snapshot has in its circle.
    func expectAgreement(_ comment: String) {
        let fresh = everything()
        for id in online.sorted() {
            let own = "players_\(id)"
            guard let player = clients[id], let (x, y) = map.entity(own).flatMap(map.simulation.world.position)
            else {
                Issue.record("\(comment): \(own) is gone")
                continue
            }
            compared += 1
            var known = player.world
            #expect(known[own]?["x"] == .number(x) && known[own]?["y"] == .number(y), "\(comment): \(own) itself")
            known[own] = nil
            let radius = ownViews[id] ?? (distance > 0 ? Double(distance) : .infinity)
            let expected = fresh.filter { $0.key != own && isInView($0.value, x: x, y: y, radius: radius) }
            guard known != expected else { continue }
            for key in Set(known.keys).union(expected.keys).sorted() where known[key] != expected[key] {
                Issue.record(
                    """
                    \(comment): \(own) has of \(key)
                    \(known[key].map { JSON.object($0).text } ?? "nothing"), should have
                    \(expected[key].map { JSON.object($0).text } ?? "nothing")
                    """)
            }
        }
    }

    private func isInView(_ record: JSONObject, x: Double, y: Double, radius: Double) -> Bool {
        guard let otherX = record["x"]?.number, let otherY = record["y"]?.number else { return false }
        if let key = record["key"]?.string, alwaysRelevant.contains(key) { return true }
        let (dx, dy) = (otherX - x, otherY - y)
        return dx * dx + dy * dy <= radius * radius
    }

    /// The public records of all entities.
    private func everything() -> [String: JSONObject] {
        let (snapshots, world) = (SnapshotEncoder(), map.simulation.world)
        snapshots.encode(world, mirrors: map.simulation.mirrors.worlds)
        let head = SnapshotEncoder.Head(
            tick: 1, time: map.now, tickRate: 60, sides: Array("{}".utf8), timeouts: Array("{}".utf8))
        let reader = TestPlayer(id: 0, playerID: 0)
        // A slot without a player: the message has the public records only.
        let slot = (0..<world.slots.capacity).first { !world.slots.isAlive($0) } ?? 0
        reader.deliver(snapshots.message(world, slot: UInt32(slot), head: head))
        return reader.world
    }
}
