import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Ping: the client's clock comes back, and its round trip is kept [1-protocol 7, checklist 17]")
struct PingTests {
    private static func map(_ settings: String = "", tickRate: Int = 20, sendRate: Int = 20) throws -> TestMap {
        try TestMap([
            "game.yaml": "tick_rate: \(tickRate)\nsend_rate: \(sendRate)\n\(settings)",
            "maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty,
            "events/go/index.lua": "--@public true\n--@param x number = 1\nprint(object.ping)",
            "events/go/timeout.lua": "return 10\n",
            "events/away/index.lua": "--@public true\nobject.map_id = 2",
        ])
    }

    private func send(
        _ map: TestMap, _ player: TestPlayer, _ group: String = "go", event: String = "index", unixtime: Double? = nil,
        ping: Double? = nil, waited: Double = 0, parameters: JSONObject = [:]
    ) {
        let command = Command(
            group: group, event: event, ping: ping, unixtime: unixtime, parameters: parameters)
        map.tick([.command(player.id, command, receivedAt: map.now + 1 / 20 - waited)])
    }

    /// The `unixtime` of each message that has one.
    private func echoes(_ player: TestPlayer) -> [Double] {
        player.messages.compactMap { $0.object?["unixtime"]?.number }
    }

    @Test(
        "a command's unixtime is in the sender's next delta, later by the wait, whatever its unit and the map's view",
        arguments: [
            (1_670_069_589.25, 0, 1_670_069_589.25), (1_670_069_589.25, 0.5, 1_670_069_589.75), (0, 0.25, 0.25),
            (1_670_069_589.123456, 0.1, 1_670_069_589.223456), (1_670_069_589_250, 0.5, 1_670_069_589_750),
        ] as [(Double, Double, Double)], [0, 8])
    func echo(times: (sent: Double, waited: Double, expected: Double), view: Int) throws {
        let map = try Self.map("view_distance: \(view)\n")
        let (first, second) = (map.join(1), map.join(2))
        map.tick()
        send(map, first, unixtime: times.sent, waited: times.waited)
        #expect(echoes(first).count == 1)
        #expect(abs((echoes(first).first ?? 0) - times.expected) < 0.000_01)
        #expect(first.messages.last?.object?["tick"] != nil && first.messages.last?.object?["action"] == nil)
        #expect(echoes(second) == [])
        map.advance(1)
        #expect(echoes(first).count == 1, "once")
    }

    @Test("it comes back while the command still waits for its timeout, and without any change of the world")
    func withoutChange() throws {
        let map = try Self.map()
        let player = map.join(1)
        send(map, player)
        map.advance(1)
        send(map, player, unixtime: 50)
        #expect(echoes(player) == [50])
        let count = player.messages.count
        // A snapshot is no delta: the clock comes with the delta after it.
        send(map, player, "load", unixtime: 60)
        #expect(player.kinds.dropFirst(count).first == .snapshot)
        map.tick()
        #expect(echoes(player).count == 2)
        #expect(player.kinds.last == .delta)
    }

    @Test("of several between two deltas the newest comes back, shifted to the delta's time")
    func lowSendRate() throws {
        let map = try Self.map(sendRate: 2)
        let player = map.join(1)
        map.advance(1)
        while map.simulation.tickNumber % 10 != 0 { map.tick() }
        for sent in 1...4 { send(map, player, unixtime: Double(sent) * 100) }
        #expect(echoes(player) == [])
        map.advance(1)
        #expect(echoes(player).count == 1)
        #expect(abs((echoes(player).first ?? 0) - 400.3) < 0.000_1)
    }

    @Test("a refused command gives nothing back and keeps no ping")
    func refused() throws {
        let map = try Self.map()
        let player = map.join(1)
        for parameters: JSONObject in [["x": .string("far")], ["y": .number(1)]] {
            send(map, player, unixtime: 5, ping: 0.5, parameters: parameters)
        }
        send(map, player, "fly", unixtime: 5, ping: 0.5)
        map.advance(1)
        #expect(player.refusals.count == 3)
        #expect(echoes(player) == [])
        #expect(map.simulation.world.record(of: try #require(map.entity("players_1")))?.ping == nil)
    }

    @Test("scripts read the last reported ping; it stays on the player's record, over maps and logins")
    func kept() throws {
        let map = try Self.map()
        let player = map.join(1)
        send(map, player)
        map.advance(11)
        send(map, player, ping: 0.031)
        map.advance(11)
        send(map, player, "load", ping: 0.25)
        send(map, player)
        #expect(map.prints == ["nil", "0.031", "0.25"])
        map.advance(1.1)
        #expect(map.store.saved[EntityKey(.players, 1)]?.ping == 0.25)
        send(map, player, "away")
        let record = try #require(map.store.saved[EntityKey(.players, 1)])
        #expect(record.mapID == 2 && record.ping == 0.25)
        let other = try Self.map()
        let entity = try #require(other.simulation.enter(record))
        #expect(other.simulation.world.record(of: entity)?.ping == 0.25)
    }

    @Test("ping is no field of what clients see, and scripts can't set it")
    func privacy() throws {
        let map = try TestMap(
            [
                "events/go/index.lua": "--@public true\nprint(objects.animals_1.ping)\nobject.ping = 3",
                "events/go/timeout.lua": "return 0\n",
            ], records: [EntityRecord(key: EntityKey(.animals, 1), mapID: 1, x: 1, y: 1)])
        let player = map.join(1)
        send(map, player, ping: 0.5)
        #expect(map.prints == ["nil"])
        #expect(map.errors.count == 1)
        #expect(map.errors.first?.contains("ping of an entity can't be assigned") == true)
        map.tick([.reload(player.id)])
        #expect(player.kinds.contains(.snapshot))
        for message in player.messages { #expect(message.object?["players"]?.array?.first?.object?["ping"] == nil) }
    }

    @Test("a report that changes the ping is saved, the same one again is not")
    func saving() throws {
        let map = try Self.map()
        let player = map.join(1)
        map.advance(2)
        let before = map.store.writes
        send(map, player, "load", ping: 0.5)
        map.advance(2)
        #expect(map.store.writes == before + 1)
        send(map, player, "load", ping: 0.5)
        map.advance(2)
        #expect(map.store.writes == before + 1)
    }
}
