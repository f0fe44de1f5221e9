import Foundation
import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Seeing across the edge to the next map [M3.8]") struct BorderTests {
    static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\nborder_view: 3\nneighbours:\n  1: {right: 2}\n",
        "maps/1-a.tmj": MovingTests.map(), "maps/2-b.tmj": MovingTests.map(10, 6),
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/secret.lua": "--@type json\n--@default {}\n--@private\n",
        "events/walk/to.lua":
            "--@public true\n--@param x number\n--@param y number\nobject.x = data.x\nobject.y = data.y\n",
        "events/walk/timeout.lua": "return 0\n",
        "events/act/index.lua": "object.action = object.action\n",
        "events/late/index.lua": "object.components.hp = 0\n",
    ]

    /// A player on map 1 who sees the entities within three tiles of map 2's left edge.
    private final class Watched {
        let maps: SeveralMaps
        let player = TestPlayer(id: 1, playerID: 9)

        init(_ files: [String: String] = BorderTests.files) throws {
            maps = try SeveralMaps(files)
            maps.tick(2, [.arrive(Self.creature(1, x: 1), from: nil), .arrive(Self.creature(2, x: 6), from: nil)])
            tick(1, [.join(Self.human(9, on: 1), player)])
            go()
        }

        static func creature(_ id: Int, x: Double) -> EntityRecord {
            EntityRecord(
                key: EntityKey(.enemys, id), mapID: 2, prefab: "p", x: x, y: 2,
                components: ["hp": .number(3), "secret": .object(["pin": .number(7)])],
                events: ["late": EventRecord(action: "index", time: 1_700_000_900)])
        }

        static func human(_ id: Int, on map: Int) -> EntityRecord {
            EntityRecord(key: EntityKey(.players, id), mapID: map, prefab: "human", x: 4, y: 4)
        }

        func tick(_ map: Int, _ inputs: [MapInput] = []) {
            for delivery in maps.tick(map, inputs) { (delivery.sink as? TestPlayer)?.deliver(delivery.message) }
        }

        /// Ticks both maps twice: map 1 asks for the edge, map 2 sends it, and the player's client receives it.
        func go() { for map in [2, 1, 2, 1] { tick(map) } }

        func run(_ group: String, _ event: String, _ key: EntityKey, on map: Int, _ data: JSONObject = [:]) throws {
            let world = try #require(maps[map]).world
            let entity = try #require(world[key])
            try world.addEvent(group: group, event: event, data: data, to: entity, now: maps.now)
        }

        func walk(_ id: Int, on map: Int, to x: Double) throws {
            try run("walk", "to", EntityKey(.enemys, id), on: map, ["x": .number(x), "y": .number(2)])
        }

        /// Expects the player's client to hold the same world as a fresh snapshot of map 1.
        func expectAgreement(_ location: SourceLocation = #_sourceLocation) {
            let other = TestPlayer(id: 99, playerID: 99)
            tick(1, [.join(Self.human(99, on: 1), other)])
            let keys = Set(other.world.keys).union(player.world.keys).subtracting(["players_9", "players_99"])
            for key in keys { #expect(player.world[key] == other.world[key], "\(key)", sourceLocation: location) }
            tick(1, [.leave(99)])
            #expect(player.world["players_99"] == nil, sourceLocation: location)
        }
    }

    private func enemies(_ player: TestPlayer) -> [JSONObject] {
        (player.messages.last?.object?["enemys"]?.array ?? []).compactMap(\.object)
    }

    @Test("entities near the other map's edge are seen beyond the own edge, without private components and events")
    func strip() throws {
        let game = try Watched()
        let seen = try #require(game.player.world["enemys_1"])
        #expect(seen["x"] == .number(9) && seen["y"] == .number(2) && seen["map_id"] == .number(2))
        #expect(seen["prefab"] == .string("p"))
        #expect(seen["components"] == .object(["hp": .number(3)]))
        #expect(seen["events"]?.object?.isEmpty ?? true)
        #expect(game.player.world["enemys_2"] == nil, "6 tiles away")
        #expect(game.maps[1]?.world[EntityKey(.enemys, 1)] == nil, "scripts here do not see it")
        game.expectAgreement()
    }

    @Test("changes are sent, coming near and going away included; an assigned action also when its value is the same")
    func changes() throws {
        let game = try Watched()
        try game.walk(1, on: 2, to: 0)
        game.go()
        let told = try #require(enemies(game.player).first ?? game.player.world["enemys_1"])
        #expect(told["x"] == .number(8) && game.player.world["enemys_1"]?["x"] == .number(8))
        try game.run("act", "index", EntityKey(.enemys, 1), on: 2)
        game.tick(2)
        game.tick(1)
        #expect(enemies(game.player).first?["action"] != nil && enemies(game.player).first?["x"] == nil)
        try game.walk(2, on: 2, to: 2)
        game.go()
        #expect(game.player.world["enemys_2"]?["x"] == .number(10))
        try game.walk(2, on: 2, to: 3)
        game.go()
        #expect(game.player.world["enemys_2"] == nil)
        game.expectAgreement()
        let count = game.player.messages.count
        game.go()
        #expect(game.player.messages.count == count, "nothing is told when nothing changes")
    }

    @Test("coordinates beyond the edge have the game's position_decimals, and smaller steps there are not told")
    func decimals() throws {
        var files = Self.files
        files["game.yaml"]? += "position_decimals: 1\n"
        let game = try Watched(files)
        try game.walk(1, on: 2, to: 1.16)
        game.go()
        #expect(game.player.world["enemys_1"]?["x"] == .number(9.2))
        let count = game.player.messages.count
        try game.walk(1, on: 2, to: 1.21)
        game.go()
        #expect(game.player.world["enemys_1"]?["x"] == .number(9.2) && game.player.messages.count == count)
        game.expectAgreement()
    }

    @Test("an entity that crosses the edge and returns stays visible; an entity removed on either side disappears")
    func crossing() throws {
        let game = try Watched()
        try game.walk(1, on: 2, to: -1)
        game.go()
        let here = try #require(game.player.world["enemys_1"])
        #expect(here["map_id"] == .number(1) && here["x"] == .number(7))
        #expect(game.maps.places(of: EntityKey(.enemys, 1)) == [1])
        game.expectAgreement()
        try game.walk(1, on: 1, to: 8)
        game.go()
        let there = try #require(game.player.world["enemys_1"])
        #expect(there["map_id"] == .number(2) && there["x"] == .number(8))
        game.expectAgreement()
        let world = try #require(game.maps[2]?.world)
        world.remove(try #require(world[EntityKey(.enemys, 1)]))
        game.go()
        #expect(game.player.world["enemys_1"] == nil)
        game.expectAgreement()
    }

    @Test("an entity that crosses the edge and is removed before this map has sent it disappears too")
    func diesOnArrival() throws {
        let game = try Watched()
        try game.walk(1, on: 2, to: -1)
        game.tick(2)
        game.tick(1, [])
        let world = try #require(game.maps[1]?.world)
        world.remove(try #require(world[EntityKey(.enemys, 1)]))
        game.go()
        #expect(game.player.world["enemys_1"] == nil)
        game.expectAgreement()
    }

    @Test("players see each other across the edge; each sees only its own private components")
    func players() throws {
        let game = try Watched()
        let other = TestPlayer(id: 2, playerID: 8)
        var record = Watched.human(8, on: 2)
        (record.x, record.components["secret"]) = (1, .object(["pin": .number(1)]))
        game.tick(2, [.join(record, other)])
        try game.run("walk", "to", EntityKey(.players, 9), on: 1, ["x": .number(6), "y": .number(4)])
        game.go()
        game.go()
        #expect(game.player.world["players_8"]?["x"] == .number(9))
        #expect(game.player.world["players_8"]?["components"] == .object(["hp": .number(5)]))
        #expect(other.world["players_9"]?["x"] == .number(-2) && other.world["players_9"]?["map_id"] == .number(1))
        #expect(other.world["players_8"]?["components"]?.object?["secret"] == .object(["pin": .number(1)]))
        game.tick(2, [.leave(2)])
        game.go()
        #expect(game.player.world["players_8"] == nil)
    }

    @Test(
        "a map without players receives nothing from its neighbour; the next player sees the neighbour's current state")
    func nobody() throws {
        let game = try Watched()
        game.tick(1, [.leave(1)])
        #expect(game.maps[1]?.mirrors.worlds.isEmpty == true)
        try game.walk(1, on: 2, to: 2)
        game.go()
        #expect(game.maps[1]?.mirrors.worlds.isEmpty == true)
        let next = TestPlayer(id: 3, playerID: 7)
        game.tick(1, [.join(Watched.human(7, on: 1), next)])
        game.go()
        #expect(next.world["enemys_1"]?["x"] == .number(10))
    }

    @Test("entities of a closed map are not seen any more")
    func closed() throws {
        let game = try Watched()
        _ = try #require(game.maps[2]).close(movingPlayersTo: 1, now: game.maps.now)
        game.tick(1)
        #expect(game.player.world["enemys_1"] == nil)
    }

    @Test("a reload that adds a component shows it across the edge; border_view: 0 hides the other map")
    func reload() throws {
        let game = try Watched()
        var files = Self.files
        files["components/speed.lua"] = "--@type number\n--@default 2\n"
        try game.maps.reload(files) { game.tick($0, $1) }
        game.go()
        game.go()
        #expect(game.player.world["enemys_1"]?["components"]?.object?["speed"] == .number(2))
        game.expectAgreement()
        files["game.yaml"] = Self.files["game.yaml"]?.replacing("border_view: 3", with: "border_view: 0")
        try game.maps.reload(files) { game.tick($0, $1) }
        game.go()
        #expect(game.player.world["enemys_1"] == nil)
        game.expectAgreement()
    }

    @Test(
        "after random steps, actions, arrivals and removals on both maps, which tick in random order, a client holds what a fresh snapshot says, and that is what is on the maps",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 12 : 200))
    func random(seed: UInt64) throws {
        let game = try Watched()
        var random = SeededGenerator(seed: seed)
        var next = 10
        for step in 1...150 {
            let map = Int.random(in: 0..<2, using: &random) + 1
            let world = try #require(game.maps[map]).world
            let keys = world.entities.compactMap(world.key).filter { $0.kind == .enemys }
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where keys.count < 12:
                next += 1
                var record = Watched.creature(next, x: Double(Int.random(in: 0..<8, using: &random)))
                record.mapID = map
                game.tick(map, [.arrive(record, from: nil)])
            case 1:
                if let key = keys.randomElement(using: &random) { world.remove(try #require(world[key])) }
            case 2:
                if let key = keys.randomElement(using: &random) { try game.run("act", "index", key, on: map) }
            case 3, 4, 5:
                if let key = keys.randomElement(using: &random) {
                    try game.walk(key.id, on: map, to: Double(Int.random(in: 0..<14, using: &random)) - 3)
                }
            default: game.tick(map)
            }
            if step % 10 == 0 { game.expectAgreement() }
        }
        game.go()
        game.go()
        game.expectAgreement()
        var expected: [String: Double] = [:]
        for (map, shift) in [(1, 0.0), (2, 8.0)] {
            let world = try #require(game.maps[map]).world
            for entity in world.entities {
                let (key, x) = (try #require(world.key(of: entity)), world.number(.x, slot: Int(entity.slot)))
                if map == 1 || x <= 2.5 { expected["\(key)"] = x + shift }
            }
        }
        #expect(game.player.world.mapValues { $0["x"]?.number } == expected)
    }

    @Test("with view_distance, a player sees beyond the edge what is in its view, as it comes and goes")
    func both() throws {
        var files = Self.files
        files["game.yaml"]? += "view_distance: 5\n"
        let game = try Watched(files)
        #expect(game.player.world["enemys_1"] == nil, "5.4 tiles away")
        try game.walk(1, on: 2, to: 0)
        game.go()
        #expect(game.player.world["enemys_1"]?["x"] == .number(8) && game.player.world["enemys_2"] == nil)
        try game.walk(1, on: 2, to: 1)
        game.go()
        #expect(game.player.world["enemys_1"] == nil)
        let told = game.player.messages.flatMap { $0.object?["enemys"]?.array ?? [] }
        #expect(told.last?.object?["reason"] == .string("out_of_view"))
    }

    @Test("a mirror that was emptied just before it goes leaves nothing with clients")
    func emptiedMirror() throws {
        let scene = try Watched()
        #expect(scene.player.world["enemys_1"] != nil)
        let map = try #require(scene.maps[1])
        var game = map.game
        let index = try #require(game.maps.firstIndex { $0.id == 2 })
        game.maps[index].name += " anew"
        scene.tick(
            1,
            [
                .border(BorderStrip(mapID: 2, records: [], actionAssigned: [])),
                .replaceGame(game, problems: []),
            ])
        scene.tick(1)
        #expect(scene.player.world["enemys_1"] == nil)
    }
}
