import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Players whose connection is gone, in a game with linger_seconds") struct LingeringTests {
    static let files = [
        "maps/1-field.tmj": TestMaps.empty, "game.yaml": "linger_seconds: 30\ntick_rate: 10\nsend_rate: 10\n",
        "components/hp.lua": "--@type number\n--@default 9\n",
        "events/burn/index.lua": "object.components.hp = object.components.hp - 1 object.events.add('burn')",
        "events/burn/timeout.lua": "return 4",
        "spawn/players.lua": "object.components.hp = 9 object.events.add('burn')",
    ]

    @Test("they stay for that long, visible and with their events running, and are stored when they are removed")
    func staysAndGoes() throws {
        let map = try TestMap(Self.files)
        let ann = map.join(1)
        map.tick([.leave(ann.id)])
        #expect(map.simulation.playerCount == 0)
        map.advance(3)
        let entity = try #require(map.entity("players_1"))
        #expect(map.simulation.world.component("hp", of: entity) == .number(8))
        map.join(2)
        _ = map.expectAgreement("who is there without a connection")
        map.advance(26.5)
        #expect(map.entity("players_1") != nil)
        map.advance(1)
        #expect(map.entity("players_1") == nil)
        #expect(map.store.saved[EntityKey(.players, 1)]?.components["hp"] == .number(1))
        _ = map.expectAgreement("who has gone")
    }

    @Test("a player who returns in time gets the entity as it is, and has the full time again after the next break")
    func comesBack() throws {
        let map = try TestMap(Self.files)
        let first = map.join(1)
        map.tick([.leave(first.id)])
        map.advance(19)
        let entity = try #require(map.entity("players_1"))
        let second = map.join(1, x: 1, y: 1)
        #expect(map.entity("players_1") == entity)
        #expect(map.simulation.world.component("hp", of: entity) == .number(4))
        map.advance(20)
        #expect(map.entity("players_1") == entity)
        map.tick([.leave(second.id)])
        map.advance(29)
        #expect(map.entity("players_1") == entity)
        map.advance(2)
        #expect(map.entity("players_1") == nil)
    }

    @Test("a map without other players wakes when the time is over")
    func wakes() throws {
        var files = Self.files
        files["spawn/players.lua"] = nil
        let map = try TestMap(files)
        let ann = map.join(1)
        map.tick([.leave(ann.id)])
        let end = try #require(map.simulation.nextWake)
        #expect(abs(end - map.now - 30) < 0.001)
        map.tick(seconds: end - map.now)
        #expect(map.entity("players_1") == nil)
        #expect(map.simulation.nextWake == nil)
    }

    @Test("a player removed by a script meanwhile is gone, and the next entity in its slot is not removed")
    func removedMeanwhile() throws {
        let map = try TestMap(Self.files)
        let ann = map.join(1)
        map.tick([.leave(ann.id)])
        map.simulation.world.remove(try #require(map.entity("players_1")))
        map.join(2)
        map.advance(40)
        #expect(map.entity("players_2") != nil)
    }

    @Test("without linger_seconds a player leaves the map when its connection ends")
    func off() throws {
        let map = try TestMap(Self.files.merging(["game.yaml": "tick_rate: 10\nsend_rate: 10\n"]) { $1 })
        let ann = map.join(1)
        map.tick([.leave(ann.id)])
        #expect(map.entity("players_1") == nil)
    }
}
