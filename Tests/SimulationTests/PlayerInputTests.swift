import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("What operators do with players of a map") struct PlayerInputTests {
    private static func map() throws -> TestMap {
        try TestMap([
            "game.yaml": "tick_rate: 20\nsend_rate: 20\nlinger_seconds: 5\n",
            "maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty,
            "events/say/index.lua": "--@public true\nobject.send({ muted = object.muted })",
            "events/say/timeout.lua": "return 0",
            "leave/players.lua": "print('left', reason)",
        ])
    }

    /// What `object.muted` is for a player.
    private func muted(_ map: TestMap, _ player: TestPlayer) -> JSON? {
        map.tick([.command(player.id, Command(group: "say"), receivedAt: map.now)])
        map.tick()
        return player.messages.compactMap { $0.object?["muted"] }.last
    }

    @Test("scripts read a mute as object.muted, from before the player joins until its time is over")
    func mutes() throws {
        let map = try Self.map()
        map.tick([.mute(player: 1, until: map.now + 1)])
        let (first, second) = (map.join(1), map.join(2))
        #expect(muted(map, first) == .bool(true))
        #expect(muted(map, second) == .bool(false))
        map.advance(2)
        #expect(muted(map, first) == .bool(false), "it ended by the time of ticks")
        map.tick([.mute(player: 1, until: .infinity)])
        map.advance(100)
        #expect(muted(map, first) == .bool(true))
        map.tick([.mute(player: 1, until: nil)])
        #expect(muted(map, first) == .bool(false))
    }

    @Test("scripts can't change a mute")
    func readOnly() throws {
        let map = try TestMap([
            "maps/1-a.tmj": TestMaps.empty, "events/say/index.lua": "--@public true\nobject.muted = false",
        ])
        let player = map.join(1)
        map.tick([.command(player.id, Command(group: "say"), receivedAt: map.now)])
        #expect(map.simulation.log.errors.contains { $0.message.contains("muted of an entity can't be assigned") })
    }

    @Test("a player is sent to another map as by map_id; a map that does not exist changes nothing")
    func move() throws {
        let map = try Self.map()
        let player = map.join(1)
        map.tick([.movePlayer(1, to: 9), .movePlayer(7, to: 2), .movePlayer(1, to: 1)])
        #expect(map.entity("players_1") != nil)
        map.tick([.movePlayer(1, to: 2)])
        #expect(map.entity("players_1") == nil)
        #expect(map.store.saved[EntityKey(.players, 1)]?.mapID == 2)
        #expect(player.messages.last?.object?["action"] == .string("reconnect"))
    }

    @Test("an erased player leaves the map without being saved, connected or not", arguments: [true, false])
    func erase(isConnected: Bool) throws {
        let map = try Self.map()
        let player = map.join(1)
        map.advance(2)
        if !isConnected { map.tick([.leave(player.id)]) }
        #expect(map.simulation.hasPlayer(1))
        map.tick([.erasePlayer(1), .erasePlayer(5)])
        #expect(!map.simulation.hasPlayer(1))
        map.advance(8)
        #expect(map.store.saved[EntityKey(.players, 1)] == nil)
        #expect(map.simulation.log.lines.contains { "\($0)".contains("left") }, "its leave hooks ran")
        if isConnected { #expect(player.messages.contains { $0.object?["code"] == .string("removed") }) }
    }
}
