import GameRules
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Leave hooks [2-lua-api 7]") struct LeaveHookTests {
    static let maps = ["maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty, "maps/3-c.tmj": TestMaps.empty]
    static let tellReason = "print(object.key, reason, object.x, object.components.hp)"

    /// A map whose players tell why they leave.
    static func telling(_ files: [String: String] = [:]) throws -> TestMap {
        try TestMap(
            maps.merging([
                "leave/players.lua": tellReason, "components/hp.lua": "--@type number\n--@default 5\n",
                "events/wave/index.lua": "print('wave')",
            ]) { $1 }.merging(files) { $1 })
    }

    @Test("the type's hook runs first, then the prefab's, then the entity's own, with the values still readable")
    func order() throws {
        let map = try TestMap([
            "leave/enemys.lua": "print('type', object.key, object.x, object.components.hp, #object.components.bag)",
            "leave/enemys/orc.lua": "print('prefab', object.key, object.prefab)",
            "leave/enemys/101.lua": "print('own', object.key, reason)",
            "spawn/enemys/101.lua": "print('spawn', object.key)",
            "components/hp.lua": "--@type number\n", "components/bag.lua": "--@type json\n",
        ])
        map.join(1)
        map.script(
            """
            for _, prefab in ipairs({'orc', 'elf'}) do
              objects.add('enemys', {prefab = prefab, x = 3, y = 1, components = {hp = 7, bag = {1, 2}}})
            end
            objects.add('animals', {prefab = 'orc', x = 3, y = 1})
            for key in pairs(objects) do if key ~= object.key then objects.remove(key) end end
            """)
        #expect(
            map.prints == [
                "spawn\tenemys_101", "type\tenemys_101\t3\t7\t2", "prefab\tenemys_101\torc", "own\tenemys_101\tremoved",
                "type\tenemys_102\t3\t7\t2",
            ], "\(map.errors)")
        #expect(map.simulation.world.count == 1)
    }

    @Test(
        "reason is 'removed' however a script removes an entity",
        arguments: [
            "object.remove()", "objects.remove(object)", "objects.remove(object.key)", "object.remove(object.key)",
            "objects[object.key] = nil",
        ])
    func removed(code: String) throws {
        let map = try Self.telling()
        let player = map.join(1, components: ["hp": .number(3)])
        map.script(code)
        #expect(map.prints == ["players_1\tremoved\t5\t3"], "\(map.errors)")
        #expect(player.kinds.last == .refused)
        #expect(map.simulation.world.count == 0)
    }

    @Test("reason is 'disconnected' when a connection ends, and with linger_seconds when the player does not come back")
    func disconnected() throws {
        let map = try Self.telling(["game.yaml": "linger_seconds: 2\n"])
        let first = map.join(1)
        map.tick([.leave(first.id)])
        let second = map.join(1)
        #expect(map.prints == [])
        map.tick([.leave(second.id)])
        map.advance(1.9)
        #expect(map.prints == [])
        map.advance(0.2)
        #expect(map.prints == ["players_1\tdisconnected\t5\t5"])
    }

    @Test("reason is 'moved' for map_id and at the edge; the values that a hook sets move along")
    func moved() throws {
        let map = try Self.telling([
            "game.yaml": "tick_rate: 60\nsend_rate: 60\nneighbours:\n  1: {right: 2}\n",
            "leave/objects.lua": "object.components.hp = 9 print(reason)",
            "leave/players.lua": "object.components.hp = 1 print(reason, object.x)",
        ])
        map.join(1)
        map.script("objects.add('objects', {x = 2, y = 2}).map_id = 2 object.x = object.x + 100")
        #expect(map.prints == ["moved", "moved\t9"], "\(map.errors)")
        #expect(map.store.transferred.map { $0.components["hp"] } == [.number(9)])
        #expect(map.store.saved[EntityKey(.players, 1)]?.components["hp"] == .number(1))
        #expect(map.store.saved[EntityKey(.players, 1)]?.mapID == 2)
    }

    @Test("reason is 'closed' for the players of a map that ends, with what they then do stored; others stay")
    func closed() throws {
        let map = try Self.telling([
            "leave/players.lua": "objects.add('objects', {prefab = 'flag', x = object.x, y = object.y}) "
                + Self.tellReason,
            "leave/objects.lua": "print('object leaves')",
        ])
        map.join(1, x: 3, y: 4)
        map.join(2)
        map.tick([.leave(UInt64(1)), .close])
        #expect(map.prints == ["players_1\tdisconnected\t3\t5", "players_2\tclosed\t5\t5"], "\(map.errors)")
        map.simulation.save()
        #expect(map.store.saved.values.filter { $0.prefab == "flag" }.compactMap(\.x).sorted() == [3, 5])
    }

    @Test("a player whose connection ends because the server stops leaves with the map, or a minute later without it")
    func stopping() throws {
        let map = try Self.telling(["game.yaml": "linger_seconds: 2\n"])
        let (first, second) = (map.join(1), map.join(2))
        map.tick([.leaveAtStop(first.id)])
        map.tick(seconds: 59)
        #expect(map.prints == [])
        map.tick(seconds: 1.1)
        #expect(map.prints == ["players_1\tdisconnected\t5\t5"])
        map.tick([.leaveAtStop(second.id)])
        map.tick([.close])
        #expect(map.prints.last == "players_2\tclosed\t5\t5")
    }

    @Test("a player whose map's file is gone leaves once, with the reason 'closed'")
    func fileGone() throws {
        let map = try Self.telling()
        let player = map.join(1)
        map.tick([.close])
        for delivery in map.simulation.close(movingPlayersTo: 2, now: map.now) {
            (delivery.sink as? TestPlayer)?.deliver(delivery.message)
        }
        #expect(map.prints == ["players_1\tclosed\t5\t5"])
        #expect(player.kinds.last == .reconnect(mapID: 2))
    }

    @Test("a flag carrier who drops the line drops the flag, which all others see in the next delta")
    func flag() throws {
        let map = try Self.telling([
            "components/carries.lua": "--@type string\n",
            "leave/players.lua": """
            if object.components.carries then
              objects.add("objects", { prefab = object.components.carries, x = object.x, y = object.y })
              object.components.carries = nil
            end
            """,
        ])
        let carrier = map.join(1, x: 7, y: 2, components: ["carries": .string("flag")])
        let other = map.join(2)
        map.tick([.leave(carrier.id)])
        #expect(other.world["players_1"] == nil)
        #expect(other.world["objects_101"]?["prefab"] == .string("flag"))
        #expect(other.world["objects_101"]?["x"] == .number(7))
        #expect(map.store.saved[EntityKey(.players, 1)]?.components["carries"] == .null)
        map.tick([.leave(other.id)])
        #expect(map.simulation.world.count == 1, "a player without a flag drops none")
    }

    @Test(
        "a hook can't keep the entity, whatever it does",
        arguments: [
            "object.remove()", "objects.remove(object.key)", "objects[object.key] = nil", "error('no')",
            "while true do end",
            "object.map_id = 2", "object.map_id = 1", "object.events.add('wave')",
        ])
    func noEscape(code: String) throws {
        let map = try Self.telling(["leave/players.lua": "print(reason) \(code)"])
        let (first, second) = (map.join(1), map.join(2))
        map.tick([.leave(first.id)])
        map.script("object.remove()", as: "players_2")
        map.advance(1)
        #expect(map.prints == ["disconnected", "removed"], "\(map.errors)")
        #expect(second.kinds.last == .refused)
        #expect(map.simulation.world.count == 0)
        #expect(map.store.saved.values.map(\.mapID) == [1, 1])
        let mustFail = code.contains("error") || code.contains("while") || code.contains("map_id")
        #expect(map.errors.count == (mustFail ? 2 : 0), "\(map.errors)")
    }

    @Test("what a hook sends to its own player arrives before the end of the connection")
    func send() throws {
        let map = try Self.telling(["leave/players.lua": "object.send({why = reason})"])
        let (first, second) = (map.join(1), map.join(2))
        map.script("object.remove()")
        map.script("object.map_id = 2", as: "players_2")
        #expect(first.direct == [.object(["why": .string("removed")])])
        #expect(first.kinds.suffix(2) == [.direct, .refused])
        #expect(second.direct == [.object(["why": .string("moved")])])
        #expect(second.kinds.suffix(2) == [.direct, .reconnect(mapID: 2)])
        let third = map.join(3)
        map.tick([.close])
        #expect(third.direct == [.object(["why": .string("closed")])])
    }

    @Test("an entity that no other map takes comes back, and its spawn hooks run again")
    func comesBack() throws {
        let map = try Self.telling([
            "leave/objects.lua": "print('leaves', reason)", "spawn/objects.lua": "print('enters')",
        ])
        map.join(1)
        // The other map takes nothing: the test's router accepts entities for map 2 only.
        map.script("objects.add('objects', {x = 1, y = 1}).map_id = 3")
        #expect(map.prints == ["enters", "leaves\tmoved", "enters"], "\(map.errors)")
        #expect(map.simulation.world.count == 2)
    }

    @Test("hooks that remove each other nest 8 deep; then nothing is removed, and the error says so")
    func nesting() throws {
        let map = try Self.telling([
            "leave/objects.lua": "objects.remove('objects_' .. object.id + 1)"
        ])
        map.join(1)
        map.script("for i = 1, 20 do objects.add('objects', {x = 1, y = 1}) end")
        map.script("objects.remove('objects_101')")
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.contains("triggers and hooks nest deeper than 8; nothing was removed") == true,
            "\(map.errors)")
        #expect(map.simulation.world.count == 21 - 8)
    }

    @Test("hooks that move other entities wait for the next tick, and the map does not sleep before")
    func chain() throws {
        let map = try Self.telling([
            "leave/objects.lua": """
            print(reason)
            local other = objects.add("objects", { x = 1, y = 1 })
            other.map_id = 2
            """
        ])
        let player = map.join(1)
        map.script("objects.add('objects', {x = 1, y = 1}).map_id = 2")
        #expect(map.prints == ["moved"], "\(map.errors)")
        map.tick([.leave(player.id)])
        #expect(map.prints.filter { $0 == "moved" }.count == 2)
        #expect(map.simulation.nextWake == map.now)
        #expect(map.store.transferred.count == 2)
    }

    @Test("a hook is reloaded and removed with its file")
    func reload() throws {
        let map = try Self.telling(["leave/players.lua": "print('old')"])
        for id in 1...3 { map.join(id) }
        map.script("object.remove()")
        try map.change(["leave/players.lua": "print('new')"])
        map.script("object.remove()", as: "players_2")
        try map.change(["leave/players.lua": nil])
        map.script("object.remove()", as: "players_3")
        #expect(map.prints == ["old", "new"], "\(map.errors)")
    }

    @Test("when many leave, each tick runs hooks for half of tick_limit_ms; the others leave in the next ticks")
    func budget() throws {
        let map = try TestMap(
            Self.maps.merging([
                "game.yaml": "tick_rate: 60\nsend_rate: 60\ntick_limit_ms: 10\n",
                "leave/players.lua": "os.clock() os.clock() print(object.key)",
            ]) { $1 }, clockStepNs: 1_000_000)
        let players = (1...9).map { map.join($0) }
        map.tick(players.map { .leave($0.id) })
        #expect(map.prints == ["players_1", "players_2", "players_3"])
        #expect(map.simulation.nextWake == map.now)
        map.tick()
        #expect(map.prints.count == 6)
        map.tick([.close])
        #expect(map.prints == (1...9).map { "players_\($0)" }, "the last tick can't wait")
        #expect(map.simulation.world.count == 0)
    }

    @Test("moves to another map and over an edge wait for the next tick too, and none is lost")
    func budgetOfMoves() throws {
        let map = try TestMap(
            Self.maps.merging([
                "game.yaml": "tick_rate: 60\nsend_rate: 60\ntick_limit_ms: 10\nneighbours:\n  1: {right: 2}\n",
                "leave/enemys.lua": "os.clock() os.clock() print(reason, object.x)",
            ]) { $1 }, clockStepNs: 1_000_000)
        map.join(1)
        map.script(
            """
            for i = 1, 5 do objects.add("enemys", { x = i, y = 1 }).map_id = 2 end
            for i = 1, 5 do objects.add("enemys", { x = i, y = 2 }).x = 30 end
            """)
        map.advance(0.1)
        #expect(map.store.transferred.count == 10)
        #expect(map.prints == (1...5).map { "moved\t\($0)" } + Array(repeating: "moved\t9", count: 5), "\(map.errors)")
        #expect(map.simulation.world.count == 1)
    }

    @Test("what a hook pushes over an edge crosses it in the next tick, wherever it stands in the list of changes")
    func pushed() throws {
        let map = try Self.telling([
            "game.yaml": "tick_rate: 60\nsend_rate: 60\nneighbours:\n  1: {right: 2}\n",
            "leave/enemys.lua": "for _, pet in pairs(objects) do if pet.type == 'animals' then pet.x = 40 end end",
        ])
        map.join(1)
        map.script("for i = 1, 3 do objects.add(i == 2 and 'enemys' or 'animals', {x = 5, y = 5}) end")
        map.script("objects.enemys_102.x = 40")
        #expect(map.store.transferred.map(\.key.description).sorted() == ["enemys_102"])
        map.tick()
        #expect(map.store.transferred.map(\.key.description).sorted() == ["animals_101", "animals_103", "enemys_102"])
    }

    @Test("an entity that no map takes at an edge tries once for each delta, and stands inside the map")
    func refusedAtEdge() throws {
        let map = try Self.telling([
            "game.yaml": "tick_rate: 60\nsend_rate: 10\nneighbours:\n  1: {right: 3}\n",
            "leave/enemys.lua": "print('leaves')", "spawn/enemys.lua": "print('enters', object.x)",
        ])
        map.join(1)
        map.script("objects.add('enemys', {x = 5, y = 5}).x = 40")
        map.advance(1)
        #expect(map.prints == ["enters\t5", "leaves", "enters\t9"], "\(map.errors)")
    }

    @Test("when the map ends, each player's hooks run once, also when another's hook removes the player")
    func closedOnce() throws {
        let map = try Self.telling([
            "leave/players.lua": "print(object.key, reason) objects.remove('players_1') objects.remove('players_3')"
        ])
        for id in 1...3 { map.join(id) }
        map.tick([.close])
        #expect(map.prints == ["players_1\tclosed", "players_3\tremoved", "players_2\tclosed"], "\(map.errors)")
    }

    @Test("a player who joins in the tick in which a hook removes the player's entity is there anew, once")
    func rejoin() throws {
        let map = try Self.telling([
            "components/hp.lua": "--@type number\n--@default 5\n",
            "leave/players.lua":
                "if object.id == 1 then objects.players_2.components.hp = 3 objects.remove('players_2') end",
        ])
        let (first, second) = (map.join(1), map.join(2))
        let again = TestPlayer(id: 77, playerID: 2)
        map.tick([.leave(first.id)])
        #expect(second.kinds.last == .refused && map.simulation.world.count == 0)
        map.tick([.join(EntityRecord(key: EntityKey(.players, 2), login: "b", mapID: 1, x: 1, y: 1), again)])
        #expect(map.entity("players_2") != nil && again.kinds == [.snapshot])
    }

    @Test("what a hook sends arrives also when the spawn hook removes the player")
    func sendOnEntry() throws {
        let map = try Self.telling([
            "spawn/players.lua": "object.remove()", "leave/players.lua": "object.send({why = reason})",
        ])
        let player = map.join(1)
        #expect(player.kinds == [.direct, .refused])
        #expect(player.direct == [.object(["why": .string("removed")])])
    }

    @Test("a move that a hook asked for survives a new VM")
    func rebuilt() throws {
        let map = try Self.telling(["leave/players.lua": "objects.objects_101.map_id = 2"])
        let player = map.join(1)
        map.script("objects.add('objects', {x = 1, y = 1})")
        map.tick([.leave(player.id)])
        map.simulation.rebuild(because: "of a test")
        map.tick()
        #expect(map.store.transferred.map(\.key.description) == ["objects_101"])
    }
}
