import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("A change for which all clients need a snapshot") struct SnapshotTurnTests {
    private static let count = 150

    /// Clients of all three forms.
    private func map(_ settings: String = "") throws -> (map: TestMap, players: [TestPlayer]) {
        let map = try TestMap([
            "game.yaml": "tick_rate: 60\nsend_rate: 60\n" + settings, "maps/1-field.tmj": TestMaps.empty,
            "components/hp.lua": "--@type number\n--@default 5\n", "events/say/timeout.lua": "return 0\n",
            "events/say/index.lua":
                "--@public true\nmap.broadcast({key = objects.add('animals', {x = 5, y = 6}).key})\n",
        ])
        map.compressed = Set((1...Self.count).filter { $0 % 3 == 1 })
        map.compact = Set((1...Self.count).filter { $0 % 3 == 2 })
        return (map, (1...Self.count).map { map.join($0) })
    }

    /// Runs ticks until no client waits.
    ///
    /// - Parameters:
    ///   - map: The map; the change is applied already.
    ///   - players: Those who get a snapshot.
    ///   - known: How many messages each of them had before the change.
    ///   - each: Called before each tick; returns its inputs.
    /// - Returns: How many snapshots each tick sent.
    private func runTurns(
        _ map: TestMap, _ players: [TestPlayer], known: [Int], each: (Int) -> [MapInput] = { _ in [] }
    ) -> [Int] {
        func done() -> Int {
            zip(players, known).count { player, known in player.kinds.dropFirst(known).contains(.snapshot) }
        }
        var counts = [done()]
        while counts.reduce(0, +) < players.count, counts.count < 50 {
            map.tick(each(counts.count))
            counts.append(done() - counts.reduce(0, +))
        }
        return counts
    }

    @Test(
        "each gets it in its turn, and nothing before: no delta, no message of a script",
        arguments: ["", "view_distance: 40\n"])
    func turns(settings: String) throws {
        let (map, players) = try map(settings)
        let known = players.map { $0.kinds.count }
        try map.change(["components/hp.lua": "--@type string\n"])
        let say = Command(group: "say", event: "index")
        let counts = runTurns(map, players, known: known) { _ in
            // Those who have their snapshot play on.
            [.command(players[0].id, say, receivedAt: map.now)]
        }
        #expect(counts == [64, 64, 22])
        for (player, known) in zip(players, known) {
            #expect(player.kinds[known] == .snapshot, "the first message after the change")
        }
        map.tick()
        #expect(map.expectAgreement("at the end") == Self.count)
        #expect(Set(players.map { $0.direct.count }) == [2], "messages of scripts wait and are not lost")
        for player in players {
            for case .string(let key)? in player.direct.map({ $0.object?["key"] }) { #expect(player.world[key] != nil) }
        }
    }

    @Test("those who wait longest come first, however often all are asked again")
    func fairness() throws {
        let (map, players) = try map()
        let known = players.map { $0.kinds.count }
        for type in ["string", "number", "string"] { try map.change(["components/hp.lua": "--@type \(type)\n"]) }
        let counts = zip(players, known).map { player, known in
            player.kinds.dropFirst(known).count { $0 == .snapshot }
        }
        #expect(counts.reduce(0, +) == 3 * 64)
        #expect(counts.allSatisfy { $0 >= 1 })
    }

    @Test("players who join meanwhile and those who wait share the places")
    func joins() throws {
        let (map, players) = try map()
        let known = players.map { $0.kinds.count }
        try map.change(["components/hp.lua": "--@type string\n"])
        let joining = (1...100).map { TestPlayer(id: 1000 + SessionID($0), playerID: 1000 + $0) }
        var joined: [Int] = []
        let counts = runTurns(map, players, known: known) { tick in
            joined.append(joining.count { !$0.kinds.isEmpty })
            guard tick == 1 else { return [] }
            return joining.map { player in
                let record = EntityRecord(
                    key: EntityKey(.players, player.playerID), login: "p", mapID: 1, x: 5, y: 5, created: map.now)
                return .join(record, player)
            }
        }
        #expect(counts == [64, 32, 32, 22])
        #expect(joined == [0, 32, 64])
        map.tick()
        #expect(joining.allSatisfy { $0.kinds.first == .snapshot })
        #expect(map.expectAgreement("at the end") == Self.count + 100)
    }

    @Test("the game gives all players the whole map instead of a part of it")
    func views() throws {
        let (map, players) = try map()
        let world = map.simulation.world
        func setViews(_ view: Double?) -> [Int] {
            let known = players.map { $0.kinds.count }
            for id in 1...Self.count {
                if let player = map.entity("players_\(id)") { world.setView(view, slot: Int(player.slot)) }
            }
            return runTurns(map, players, known: known) { tick in
                // Someone walks out of all views and back.
                if let player = map.entity("players_9") {
                    _ = try? world.move(player, toX: tick % 2 == 0 ? 5 : 19, y: 5)
                }
                return []
            }
        }
        #expect(setViews(4) == [0, 64, 64, 22])
        #expect(setViews(nil) == [0, 64, 64, 22])
        map.tick()
        #expect(map.expectAgreement("at the end") == Self.count)
    }
}
