import Foundation
import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Moving between maps [M6.1, M7.2, M3.8]") struct MovingTests {
    static func map(_ width: Int = 8, _ height: Int = 6, blocked: String = "[]") -> String {
        """
        {"type":"map","orientation":"orthogonal","width":\(width),"height":\(height),"tilewidth":32,"tileheight":32,"layers":\(blocked)}
        """
    }

    static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\nneighbours:\n  1: {right: 2, down: 3}\n",
        "maps/1-a.tmj": map(), "maps/2-b.tmj": map(10, 6), "maps/3-c.tmj": map(8, 4), "maps/4-far.tmj": map(),
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/secret.lua": "--@type json\n--@default {}\n--@private\n",
        "events/walk/to.lua":
            "--@public true\n--@param x number\n--@param y number\nobject.x = data.x\nobject.y = data.y\n",
        "events/walk/timeout.lua": "return 0\n", "events/late/index.lua": "object.components.hp = 0\n",
        "events/go/index.lua": "--@public true\n--@param map number\nobject.map_id = data.map\n",
        "events/hit/index.lua":
            "--@param by number = 1\nobject.components.hp = object.components.hp - data.by\n",
        "events/call/index.lua":
            "--@param map any\n--@param key string\nmap.event(data.map, data.key, \"hit\", nil, {by = 2})\n",
    ]

    private func record(_ kind: EntityKind, _ id: Int, x: Double = 5, y: Double = 3) -> EntityRecord {
        EntityRecord(
            key: EntityKey(kind, id), mapID: 1, prefab: "p", x: x, y: y, z: 2, sort: 3, side: "up", action: "idle",
            created: 1_600_000_000, components: ["hp": .number(3), "secret": .object(["pin": .number(7)])],
            events: ["late": EventRecord(action: "index", time: 1_700_000_900)])
    }

    private func walk(_ game: SeveralMaps, _ key: EntityKey, on mapID: Int, to x: Double, _ y: Double) throws {
        let map = try #require(game[mapID])
        let entity = try #require(map.world[key])
        try map.world.addEvent(
            group: "walk", event: "to", data: ["x": .number(x), "y": .number(y)], to: entity, now: game.now)
        game.tick(mapID)
    }

    @Test(
        "an entity that walks off an edge is on the map beyond, at the same place, with all its data",
        arguments: [EntityKind.enemys, .animals, .objects])
    func edge(kind: EntityKind) throws {
        let game = try SeveralMaps(Self.files)
        game.tick(1, [.arrive(record(kind, 1), from: nil)])
        try walk(game, EntityKey(kind, 1), on: 1, to: 7.6, 3.25)
        #expect(game[1]?.world[EntityKey(kind, 1)] == nil)
        game.tick(2)
        let there = try #require(game[2]?.world[EntityKey(kind, 1)].flatMap { game[2]?.world.record(of: $0) })
        var expected = record(kind, 1)
        (expected.mapID, expected.x, expected.y) = (2, 7.6 - 8, 3.25)
        expected.events["walk"] = there.events["walk"]
        #expect(there == expected)
    }

    @Test(
        "corners, far jumps and edges without a map: an entity crosses every map on its way",
        arguments: [
            (9.0, 2.0, 2, 1.0, 2.0), (3, 6.75, 3, 3, 0.75), (-3, 2, 1, -3, 2), (3, -2, 1, 3, -2), (17, 3, 2, 9, 3),
            (40, 3, 2, 9, 3), (9, 7, 2, 1, 5), (-2, 7, 3, 0, 1),
        ])
    func crossing(x: Double, y: Double, map: Int, newX: Double, newY: Double) throws {
        let game = try SeveralMaps(Self.files)
        game.tick(1, [.arrive(record(.enemys, 1), from: nil)])
        try walk(game, EntityKey(.enemys, 1), on: 1, to: x, y)
        game.tick(map)
        let world = try #require(game[map]?.world)
        let there = try #require(world[EntityKey(.enemys, 1)].flatMap { world.record(of: $0) })
        #expect(there.x == newX && there.y == newY, "\(there.x ?? .nan), \(there.y ?? .nan)")
    }

    @Test("a map may be its own neighbour: an entity that leaves on one side enters on the other")
    func torus() throws {
        var files = Self.files
        files["game.yaml"] = "neighbours:\n  1: {right: 1}\n"
        let game = try SeveralMaps(files)
        game.tick(1, [.arrive(record(.enemys, 1), from: nil)])
        try walk(game, EntityKey(.enemys, 1), on: 1, to: -1, 2)
        let world = try #require(game[1]?.world)
        let there = try #require(world[EntityKey(.enemys, 1)].flatMap { world.record(of: $0) })
        #expect(there.x == 7 && there.y == 2)
    }

    @Test("a player who walks off an edge is stored on the map beyond and told where to connect")
    func player() throws {
        let game = try SeveralMaps(Self.files)
        let client = TestPlayer(id: 1, playerID: 9)
        let other = TestPlayer(id: 2, playerID: 8)
        game.tick(1, [.join(record(.players, 9), client), .join(record(.players, 8), other)])
        let command = MapInput.command(
            1, .init(group: "walk", event: "to", parameters: ["x": .number(8), "y": .number(1)]), receivedAt: game.now)
        for delivery in game.tick(1, [command]) { (delivery.sink as? TestPlayer)?.deliver(delivery.message) }
        #expect(client.kinds.contains(.reconnect(mapID: 2)))
        let told = other.messages.last?.object?["players"]
        #expect(
            told
                == .array([
                    .object([
                        "id": .number(9), "key": .string("players_9"), "action": .string("remove"),
                        "map_id": .number(2),
                    ])
                ]))
        game.write()
        let stored = try #require(game.written[EntityKey(.players, 9)])
        #expect(stored.mapID == 2 && stored.x == 0 && stored.y == 1)
        #expect(stored.components == record(.players, 9).components)
        #expect(stored.events["late"] == EventRecord(action: "index", time: 1_700_000_900))
    }

    @Test("snapshots and the player's own record say which maps lie beyond the edges, also after a reload [M3.8]")
    func sides() throws {
        let map = try TestMap(Self.files)
        let player = map.join(1)
        let sides = JSON.object(["center": .number(1), "right": .number(2), "down": .number(3)])
        #expect(player.messages.first?.object?["sides"] == sides)
        #expect(player.world["players_1"]?["sides"] == sides)
        #expect(map.simulation.sides == ["center": 1, "right": 2, "down": 3])
        try map.change(["game.yaml": "tick_rate: 60\nsend_rate: 60\nneighbours:\n  1: {left: 4}\n"])
        let changed = JSON.object(["center": .number(1), "left": .number(4)])
        #expect(player.messages.last?.object?["sides"] == changed && player.world["players_1"]?["sides"] == changed)
        #expect(map.log.contains("neighbours: left 4"))
    }

    // MARK: Arriving

    @Test("an entity for which the other map has no room comes back, and the other map's log names it")
    func full() throws {
        var files = Self.files
        files["game.yaml"] = "max_entities: 1\nneighbours:\n  1: {right: 2}\n"
        let game = try SeveralMaps(files)
        var other = record(.enemys, 2)
        other.mapID = 2
        game.tick(2, [.arrive(other, from: nil)])
        game.tick(1, [.arrive(record(.enemys, 1), from: nil)])
        try walk(game, EntityKey(.enemys, 1), on: 1, to: 8, 3)
        game.tick(2)
        game.tick(1)
        #expect(game.places(of: EntityKey(.enemys, 1)) == [1])
        #expect(game[2]?.log.lines.map(\.text).contains("enemys_1 goes back to map 1") == true)
        #expect(game[1]?.world[EntityKey(.enemys, 1)].flatMap { game[1]?.world.component("hp", of: $0) } == .number(3))
    }

    @Test("an entity that walks to a stopped map stays on its own map, and is saved there")
    func stopped() throws {
        let game = try SeveralMaps(Self.files)
        game.tick(1, [.arrive(record(.enemys, 1), from: nil)])
        game.flush()
        game.stop(2)
        try walk(game, EntityKey(.enemys, 1), on: 1, to: 8, 3)
        game.stop(1)
        game.write()
        let stored = try #require(game.written[EntityKey(.enemys, 1)])
        #expect(stored.mapID == 1 && stored.x == 8)
    }

    @Test(
        "no entity is ever on two maps or on none, whatever moves and whenever the server is killed",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 8 : 400))
    func randomKills(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var files = Self.files
        // The limit is low, so that some moves to another map are refused.
        files["game.yaml"] = "max_entities: 9\nneighbours:\n  1: {right: 2, down: 3}\n"
        let game = try SeveralMaps(files)
        let keys = (1...16).map { EntityKey(.enemys, $0) }
        for (index, key) in keys.enumerated() {
            var record = record(.enemys, key.id)
            record.mapID = index % 2 == 0 ? 1 : 2
            game.tick(record.mapID, [.arrive(record, from: nil)])
        }
        game.flush()
        for _ in 0..<400 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                try game.start()
                for key in keys { #expect(game.places(of: key).count == 1, "\(key) after a kill, seed \(seed)") }
            case 1...3: game.flush()
            case 4: game.write()
            case 5...7: game.tick(Int.random(in: 1...4, using: &random))
            default:
                let key = keys[Int.random(in: 0..<keys.count, using: &random)]
                guard let mapID = game.places(of: key).first, let map = game[mapID], let entity = map.world[key] else {
                    continue
                }
                let isTeleport = Bool.random(using: &random)
                let target = Double(Int.random(in: 1...4, using: &random))
                let place: JSONObject = [
                    "x": .number(Double(Int.random(in: -2...12, using: &random))),
                    "y": .number(Double(Int.random(in: -2...9, using: &random))),
                ]
                try map.world.addEvent(
                    group: isTeleport ? "go" : "walk", event: isTeleport ? "index" : "to",
                    data: isTeleport ? ["map": .number(target)] : place, to: entity, now: game.now)
                game.tick(mapID)
            }
            for key in keys {
                let places = game.places(of: key)
                #expect(places.count <= 1, "\(key) is on \(places), seed \(seed)")
                if places.isEmpty {
                    #expect(game.latest(key) ?? game.written[key] != nil, "\(key) is lost, seed \(seed)")
                }
            }
        }
        game.flush()
        try game.start()
        for key in keys {
            let mapID = try #require(game.places(of: key).first, "\(key), seed \(seed)")
            let world = try #require(game[mapID]?.world)
            let record = try #require(world[key].flatMap { world.record(of: $0) })
            #expect(record.components == ["hp": .number(3), "secret": .object(["pin": .number(7)])])
            #expect(record.events["late"] == EventRecord(action: "index", time: 1_700_000_900))
        }
    }

    // MARK: Events for entities of other maps

    @Test("map.event adds an event to an entity of another map, by side or by number", arguments: ["\"right\"", "2"])
    func remoteEvent(map: String) throws {
        let game = try SeveralMaps(Self.files)
        game.tick(1, [.arrive(record(.enemys, 1), from: nil)])
        var target = record(.animals, 7)
        target.mapID = 2
        game.tick(2, [.arrive(target, from: nil)])
        let caller = try #require(game[1]?.world[EntityKey(.enemys, 1)])
        let data: JSONObject = ["map": try JSON(parsing: map), "key": .string("animals_7")]
        try game[1]?.world.addEvent(group: "call", data: data, to: caller, now: game.now)
        game.tick(1)
        game.tick(2)
        let world = try #require(game[2]?.world)
        #expect(world[EntityKey(.animals, 7)].flatMap { world.component("hp", of: $0) } == .number(1))
    }

    @Test("an event for a removed entity makes a line in the other map's log")
    func remoteEventTooLate() throws {
        let game = try SeveralMaps(Self.files)
        game.tick(
            2, [.event(.init(key: EntityKey(.animals, 7), group: "hit", event: "index", data: [:], mapID: 1))])
        #expect(
            game[2]?.log.lines.map(\.text).contains("hit/index from map 1 for animals_7: it is not on this map") == true
        )
    }

    @Test("map.event returns false when too many events wait for the other map")
    func remoteEventWithoutRoom() throws {
        var files = Self.files
        files["events/try/index.lua"] = "--@public true\nfor i = 1, 5 do print(map.event(2, 'animals_1', 'hit')) end\n"
        let map = try TestMap(files)
        map.join(1)
        for room in [InputShare(count: 3, bytes: .max), InputShare(count: .max, bytes: 4 * WaitingInputs.weight - 1)] {
            let before = map.store.queued.count
            map.store.room = room
            try map.command(1, "try")
            map.tick(seconds: 1.01)
            #expect(map.log.suffix(5) == ["true", "true", "true", "false", "false"])
            #expect(map.store.queued.count == before + 3 && map.errors == [])
        }
    }

    @Test(
        "wrong arguments of map.event are errors at the script's line",
        arguments: [
            ("\"left\", \"animals_1\", \"hit\"", "this map has no neighbour 'left'; it has down, right"),
            ("9, \"animals_1\", \"hit\"", "map must be a side or the number of a map (1, 2, 3, 4), got 9"),
            ("2, \"rabbit\", \"hit\"", "'rabbit' is no key"),
            ("2, \"animals_1\", \"hti\"", "there is no event group 'hti'"),
            ("2, \"animals_1\", \"hit\", \"x\"", "group 'hit' has no event 'x'"),
            ("2, \"animals_1\", \"hit\", nil, {by = \"much\"}", "parameter 'by' of hit/index must be a number"),
            ("2, \"animals_1\", \"walk\", \"to\"", "walk/to needs parameter 'x'"),
            ("1, \"animals_1\", \"hit\"", "there is no animals_1 on this map"),
        ])
    func wrongRemoteEvent(arguments: String, says: String) throws {
        var files = Self.files
        files["events/try/index.lua"] = "--@public true\nmap.event(\(arguments))\n"
        let map = try TestMap(files)
        map.join(1)
        try map.command(1, "try")
        #expect(map.errors.count == 1)
        #expect(map.errors.last?.hasPrefix("events/try/index.lua:2: ") == true)
        #expect(map.errors.last?.contains(says) == true, "\(map.errors)")
    }
}
