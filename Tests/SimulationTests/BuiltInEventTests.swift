import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Built-in events: save and disconnect [M3.1, M3.5, M4.7, M8.6 Env 2]") struct BuiltInEventTests {
    static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 10\n",
        "components/hp.lua": "--@type number\n--@default 5\n--@entities players\n",
        "events/wave/index.lua": "--@public true\nobject.action = 'wave'\n", "events/wave/timeout.lua": "return 0\n",
    ]

    private func map(_ more: [String: String] = [:]) throws -> TestMap {
        try TestMap(Self.files.merging(more) { $1 }, builtInEvents: true)
    }

    private func group(_ name: String, _ player: TestPlayer) -> JSONObject? {
        player.world["players_\(player.playerID)"]?["events"]?.object?[name]?.object
    }

    @Test("a player has both when it enters, due one timeout later, and the client receives them [M3.5]")
    func entry() throws {
        let map = try map()
        let player = map.join(1)
        #expect(group("save", player)?["action"] == .string("index"))
        #expect(group("save", player)?["time"] == .number(map.now + 30))
        #expect(group("disconnect", player)?["time"] == .number(map.now + 300))
        let timeouts = player.messages.first?.object?["timeouts"]?.object
        #expect(timeouts?["save"]?.object?["timeout"] == .number(30))
        #expect(timeouts?["disconnect"]?.object?["actions"] == .object([:]), "clients may call none of them")
    }

    @Test("their times in the stored record are ignored: they start again on each map")
    func begunAnew() throws {
        let map = try map()
        let player = TestPlayer(id: 1, playerID: 1)
        let stored = EntityRecord(
            key: EntityKey(.players, 1), login: "a", mapID: 1, x: 1, y: 1,
            events: [
                "disconnect": EventRecord(action: "index", time: 7), "save": EventRecord(time: 1e12),
                "wave": EventRecord(time: 1e12),
            ])
        map.tick([.join(stored, player)])
        #expect(group("disconnect", player)?["time"] == .number(map.now + 300))
        #expect(group("save", player)?["time"] == .number(map.now + 30))
        #expect(group("wave", player)?["time"] == .number(1e12))
    }

    @Test("save stores the player every 30 s")
    func saves() throws {
        let map = try map()
        let player = map.join(1)
        for round in 1...3 {
            map.tick(seconds: 29)
            let entity = try #require(map.entity("players_1"))
            map.simulation.world.set(.x, Double(round), slot: Int(entity.slot))
            map.tick([.command(player.id, Command(group: "wave"), receivedAt: map.now)], seconds: 1.1)
            #expect(map.store.saved[EntityKey(.players, 1)]?.x == Double(round))
        }
        #expect(group("save", player)?["action"] == .string("index"), "it adds itself again")
    }

    @Test(
        "a player who sends nothing for 300 s gets the reason and is removed; each command counts, load/index too"
    )
    func idle() throws {
        let map = try map()
        let player = map.join(1)
        map.tick(seconds: 200)
        map.tick([.command(player.id, Command(group: "wave"), receivedAt: map.now)], seconds: 50)
        let sent = map.now
        map.tick(seconds: 200)
        #expect(group("disconnect", player)?["time"] == .number(sent + 300), "due at 300 s it was put off")
        map.tick([.reload(player.id)], seconds: 90)
        let loaded = map.now
        map.tick(seconds: 299)
        #expect(map.entity("players_1") != nil)
        let before = player.messages.count
        map.tick(seconds: 1.5)
        #expect(map.now > loaded + 300 && map.entity("players_1") == nil)
        let last = zip(player.kinds, player.messages).dropFirst(before).filter { $0.0 != .delta }
        #expect(last.map(\.0) == [.direct, .refused])
        #expect(last.first?.1.object?["code"] == .string("idle"))
        #expect(last.first?.1.object?["error"] == .string("you sent no command for 300 s"))
        #expect(map.store.saved[EntityKey(.players, 1)] != nil, "its record is kept")
        #expect(map.errors == [])
    }

    @Test("a command that delays the disconnect event sends no change of its group to clients")
    func quiet() throws {
        let map = try map()
        let player = map.join(1)
        for _ in 0..<20 { try map.command(1, "wave") }
        for message in player.messages.dropFirst() {
            let events = message.object?["players"]?.array?.first?.object?["events"]?.object
            #expect(events?["disconnect"] == nil && events?["save"] == nil)
        }
    }

    @Test("a game's file in the same place overrides code or timeout; without it the built-in one is back")
    func overridden() throws {
        let map = try map([
            "events/disconnect/timeout.lua": "return 5\n",
            "events/save/index.lua": "--@public true\nprint('saved by hand')\n",
        ])
        let player = map.join(1)
        #expect(group("disconnect", player)?["time"] == .number(map.now + 5))
        try map.command(1, "save")
        #expect(map.log.filter { $0 == "saved by hand" }.isEmpty, "its time has not come")
        map.tick([.reload(player.id)], seconds: 4)
        map.tick([.reload(player.id)], seconds: 4)
        #expect(map.entity("players_1") != nil)
        map.tick(seconds: 5.1)
        #expect(map.entity("players_1") == nil)
        #expect(player.direct.last?.object?["error"] == .string("you sent no command for 5 s"))
        try map.change(["events/disconnect/timeout.lua": nil])
        let other = map.join(2)
        let due = try #require(group("disconnect", other)?["time"]?.number)
        #expect(abs(due - map.now - 300) < 1e-3)
    }

    @Test("a spawn hook may remove them from the entity")
    func hook() throws {
        let map = try map([
            "spawn/players.lua": "object.events.remove('disconnect')\nobject.events.save.resetTime(7)\n"
        ])
        let player = map.join(1)
        #expect(group("disconnect", player)?["action"] == .null)
        #expect(group("save", player)?["time"] == .number(map.now + 7))
        map.tick(seconds: 1000)
        #expect(map.entity("players_1") != nil)
    }

    @Test("scripts see both groups on every entity [M11.5], and creatures have nothing pending in them")
    func visible() throws {
        let map = try map([
            "events/list/index.lua": """
            --@public true
            local goblin = objects.add("enemys", {x = 1, y = 1})
            for name, group in pairs(goblin.events) do print(name, tostring(group.action), group.timeout()) end
            """
        ])
        map.join(1)
        try map.command(1, "list")
        #expect(Set(map.log).isSuperset(of: ["save\tnil\t30", "disconnect\tnil\t300", "wave\tnil\t0"]))
    }

    @Test("a game without their files has them from the start, and reports count only the game's own files")
    func definitions() throws {
        let map = try map()
        let game = map.simulation.game
        #expect(game.scripts.count == 3 && game.schema.groups.map(\.name) == ["wave"])
        let complete = game.withBuiltInEvents
        #expect(
            complete.scripts.filter(\.isBuiltIn).map(\.path) == [
                "built-in/events/disconnect/index.lua", "built-in/events/disconnect/timeout.lua",
                "built-in/events/save/index.lua", "built-in/events/save/timeout.lua",
            ])
        #expect(complete.schema.groups.map(\.name) == ["disconnect", "save", "wave"])
        #expect(complete.withBuiltInEvents == complete)
        #expect(map.log.first == "Perigee: 3 scripts, 1 components, 1 event groups")
    }

    @Test("object.save() stores any entity at the end of the tick; not in a timeout formula")
    func saveFunction() throws {
        let map = try map([
            "events/keep/index.lua": """
            --@public true
            local goblin = objects.add("enemys", {x = 1, y = 1, prefab = "goblin"})
            goblin.save()
            goblin.x = 2
            """,
            "events/keep/timeout.lua": "object.save()\nreturn 0\n",
        ])
        map.join(1)
        try map.command(1, "keep")
        let stored = map.store.saved.values.first { $0.prefab == "goblin" }
        #expect(stored?.x == 2)
        #expect(map.errors == ["events/keep/timeout.lua:1: a timeout formula can't change the world"])
    }
}
