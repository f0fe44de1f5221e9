import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Spawn hooks [M5.2, M8.6 Env 3]") struct SpawnTests {
    static let hooks = [
        "spawn/enemys.lua": "print('enemys', object.key, object.prefab, object.components.hp)",
        "spawn/enemys/goblin.lua": "print('goblin', object.key)",
        "spawn/players.lua": "print('players', object.key, object.login)",
        "components/hp.lua": "--@type number\n--@default 5\n",
    ]

    @Test("the type's hook runs first, then the prefab's; on load with the stored values")
    func onLoad() throws {
        let map = try TestMap(
            Self.hooks,
            records: [
                EntityRecord(
                    key: EntityKey(.enemys, 1), mapID: 1, prefab: "goblin", x: 1, y: 1, components: ["hp": .number(2)]),
                EntityRecord(key: EntityKey(.enemys, 2), mapID: 1, prefab: "orc", x: 1, y: 1),
                EntityRecord(key: EntityKey(.animals, 3), mapID: 1, prefab: "goblin", x: 1, y: 1),
            ])
        #expect(map.prints == ["enemys\tenemys_1\tgoblin\t2", "goblin\tenemys_1", "enemys\tenemys_2\torc\t5"])
    }

    @Test("M8.6 Env 3: each type and prefab has its own hook, and none without a file", arguments: EntityKind.allCases)
    func everyKind(kind: EntityKind) throws {
        let map = try TestMap([
            "spawn/\(kind.name).lua": "print('type', object.key)",
            "spawn/\(kind.name)/one.lua": "print('prefab', object.key, object.x)",
        ])
        for (id, prefab) in [(1, "one"), (2, "two"), (3, "")] {
            for other in EntityKind.allCases {
                map.tick([
                    .arrive(EntityRecord(key: EntityKey(other, id), mapID: 1, prefab: prefab, x: 4, y: 1), from: nil)
                ])
            }
        }
        let key = kind.name
        #expect(map.prints == ["type\t\(key)_1", "prefab\t\(key)_1\t4", "type\t\(key)_2", "type\t\(key)_3"])
        #expect(map.errors == [])
    }

    @Test("they run on join, not when the same player replaces its session, and again after the player left")
    func onJoin() throws {
        let map = try TestMap(Self.hooks)
        let first = map.join(1)
        let second = map.join(1)
        #expect(map.prints == ["players\tplayers_1\tplayer1"])
        map.tick([.leave(first.id)])
        map.tick([.leave(second.id)])
        map.join(1)
        #expect(map.prints.count == 2)
    }

    @Test("they run in objects.add, before it returns")
    func onAdd() throws {
        let map = try TestMap(Self.hooks)
        map.join(1)
        map.script(
            "local o = objects.add('enemys', {prefab = 'goblin', x = 1, y = 1, components = {hp = 3}}) print('made', o.key)"
        )
        #expect(
            Array(map.prints.dropFirst()) == [
                "enemys\tenemys_101\tgoblin\t3", "goblin\tenemys_101", "made\tenemys_101",
            ])
    }

    @Test("they run on arrival from another map")
    func onArrival() throws {
        let map = try TestMap(Self.hooks)
        map.tick([.arrive(EntityRecord(key: EntityKey(.enemys, 9), mapID: 1, prefab: "goblin", x: 1, y: 1), from: nil)])
        #expect(map.prints == ["enemys\tenemys_9\tgoblin\t5", "goblin\tenemys_9"])
    }

    @Test("M5.1: events that a hook adds run in the same tick, because players enter before the events of a tick")
    func hangsEvents() throws {
        let map = try TestMap([
            "spawn/players.lua": "object.events.add('regen') object.components.hp = 3 object.x = 2",
            "events/regen/index.lua": "print('regen', object.key, object.components.hp)",
            "components/hp.lua": "--@type number\nprint('trigger', old, value)",
        ])
        let player = map.join(1)
        #expect(player.world["players_1"]?["x"] == .number(2))
        #expect(map.prints == ["trigger\tnil\t3", "regen\tplayers_1\t3"])
    }

    @Test("an error in a type's hook is logged; the entity is on the map, and the prefab's hook runs")
    func error() throws {
        let map = try TestMap(["spawn/players.lua": "local x = nil + 1", "spawn/players/Player.lua": "print('second')"])
        let player = map.join(1)
        #expect(player.kinds == [.snapshot])
        #expect(map.prints == ["second"])
        #expect(map.errors.count == 1)
        #expect(map.simulation.log.errors.first?.entity == "players_1")
    }

    @Test("after a type's hook removed the entity the prefab's hook does not run, and a joining player is refused")
    func removing() throws {
        let map = try TestMap(["spawn/players.lua": "object.remove()", "spawn/players/Player.lua": "print('second')"])
        let player = map.join(1)
        #expect(map.prints == [])
        #expect(player.kinds == [.refused])
        #expect(map.simulation.playerCount == 0)
        #expect(map.errors == [])
    }

    @Test("hooks that add entities nest 8 deep; then nothing is added, and the log says so")
    func nesting() throws {
        let map = try TestMap(["spawn/objects.lua": "made = objects.add('objects', {x = 1, y = 1}) print(made ~= nil)"])
        map.join(1)
        map.script("objects.add('objects', {x = 1, y = 1})")
        #expect(map.prints == ["false"] + Array(repeating: "true", count: 7))
        #expect(map.simulation.world.count == 9)
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.contains("objects.add: triggers and hooks nest deeper than 8; nothing was added")
                == true,
            "\(map.errors)")
    }

    @Test("a hook may move the entity to another map; a player that joins is told to connect there")
    func moving() throws {
        let map = try TestMap([
            "spawn/players.lua": "object.map_id = 2", "maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty,
        ])
        let player = map.join(1)
        #expect(player.kinds == [.reconnect(mapID: 2)])
        #expect(map.simulation.playerCount == 0)
    }
}
