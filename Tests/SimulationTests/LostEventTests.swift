import GameFolder
import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Nothing that is pending is lost by a mistake in the game [2-lua-api 7, 3-game-folder]") struct LostEventTests {
    static let sheep = (1...3).map {
        EntityRecord(key: EntityKey(.animals, $0), mapID: 1, prefab: "sheep", x: Double($0), y: 5)
    }
    static let grazing = """
        print(object.id, data.steps)
        object.events.add('graze', 'index', { steps = data.steps + 1 })
        """
    static let graze = "--@param steps number = 1\n" + grazing
    static let files = [
        "components/hp.lua": "--@type number\n--@default 5\n",
        "lib/walk.lua": "function walk(entity) end",
        "events/graze/index.lua": graze, "events/graze/timeout.lua": "return 1",
        "spawn/animals.lua": "object.events.add('graze')",
        "events/hurt/index.lua": "--@public true\n--@param n number\nobject.components.hp = data.n",
    ]

    static func map(_ more: [String: String] = [:]) throws -> TestMap {
        try TestMap(files.merging(more) { $1 }, tickRate: 16, records: sheep)
    }

    /// What the sheep print in so many seconds from now.
    private func prints(_ map: TestMap, seconds: Double) -> [String] {
        let before = map.prints.count
        map.advance(seconds)
        return Array(map.prints.dropFirst(before))
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String

        var testDescription: String { name }
    }

    static let failures = [
        Failure(name: "a nil value", code: "local far = settings.far"),
        Failure(name: "error()", code: "error('no')"),
        Failure(name: "an endless loop", code: "while true do end"),
        Failure(
            name: "memory", code: "local t = ('x'):rep(2 ^ 27)"),
        Failure(name: "the world's refusal", code: "object.sort = 'first'"),
        Failure(name: "a lib's function", code: "walk(object).x = 1"),
    ]

    @Test("a routine whose script fails goes on where it was when the script is mended", arguments: failures)
    func mended(_ failure: Failure) throws {
        let map = try Self.map()
        map.advance(1.5)
        try map.change(["events/graze/index.lua": "--@param steps number = 1\n\(failure.code)"])
        map.advance(3)
        #expect(map.errors.count > 0)
        let count = map.simulation.log.errorCount
        #expect(prints(map, seconds: 3) == [])
        #expect(map.simulation.log.errorCount == count, "each failed once, and no more")
        try map.change(["events/hurt/index.lua": "--@public true\n--@param n number\nobject.components.hp = data.n "])
        #expect(prints(map, seconds: 3) == [], "another script is no mend")
        let before = map.prints.count
        try map.change(["events/graze/index.lua": Self.graze])
        #expect(
            map.log.contains("events/graze/index.lua: events that had failed and are queued again: 3"), "\(map.log)")
        #expect(Array(map.prints.dropFirst(before)) == ["1\t3", "2\t3", "3\t3"])
        #expect(prints(map, seconds: 1) == ["1\t4", "2\t4", "3\t4"])
    }

    @Test("a mend elsewhere counts too: of a lib, of a declaration")
    func mendedElsewhere() throws {
        let walking = "walk(object) object.components.mood = 1\n" + Self.grazing
        let map = try Self.map([
            "lib/walk.lua": "function walk(entity) return nil + 1 end",
            "events/graze/index.lua": "--@param steps number = 1\n\(walking)",
        ])
        map.advance(2)
        #expect(map.prints == [])
        try map.change(["lib/walk.lua": "function walk(entity) end"])
        map.advance(2)
        #expect(map.prints == [] && map.errors.last?.contains("'mood'") == true, "\(map.errors)")
        try map.change(["components/mood.lua": "--@type number\n"])
        #expect(map.prints == ["1\t1", "2\t1", "3\t1"], "\(map.errors)")
    }

    @Test("what comes while a script is suspended is kept, and all of it goes on when it is resumed")
    func suspended() throws {
        let many = (1...150).map {
            EntityRecord(key: EntityKey(.animals, $0), mapID: 1, prefab: "sheep", x: 5, y: 5)
        }
        let map = try TestMap(
            Self.files.merging([
                "events/graze/index.lua":
                    "--@param steps number = 1\nif map.walkable(0, 0) and objects.count('objects') == 0 then error('no') end \(Self.grazing)"
            ]) { $1 }, tickRate: 16, records: many)
        map.advance(2)
        let timing = try #require(map.simulation.scriptTimings.first { $0.script == "events/graze/index.lua" })
        #expect(timing.isSuspended && timing.keptEvents == 150 && timing.errors == 100)
        map.tick([.resume(script: "events/graze/index.lua")])
        map.advance(2)
        #expect(map.prints == [])
        map.script("objects.add('objects', {})", as: "animals_1")
        map.tick([.resume(script: "events/graze/index.lua")])
        map.tick()
        #expect(map.prints.count == 150, "\(map.errors)")
        #expect(map.simulation.scriptTimings.allSatisfy { $0.keptEvents == 0 && !$0.isSuspended })
    }

    @Test("resume in the panel also queues what a script lost that is not suspended")
    func resumed() throws {
        let map = try Self.map([
            "events/graze/index.lua": "if objects.count('objects') == 0 then error('no') end print(object.id)"
        ])
        map.advance(1)
        map.script("objects.add('objects', {})", as: "animals_1")
        // The new event of the test is a new schema: what had failed was queued again with it, and failed again.
        #expect(map.prints == [])
        #expect(map.simulation.scriptTimings.contains { $0.keptEvents == 3 && !$0.isSuspended })
        map.tick([.resume(script: "events/graze/index.lua")])
        map.advance(1)
        #expect(map.prints == ["1", "2", "3"])
        #expect(map.log.contains("events/graze/index.lua was resumed by an operator"))
        let lines = map.log.count
        map.tick([.resume(script: "events/graze/index.lua")])
        #expect(map.log.count == lines, "nothing waits for it any more")
    }

    @Test("at most one a group: what a client sends meanwhile takes the place of what failed before")
    func newest() throws {
        let map = try Self.map()
        map.join(1)
        try map.change(["events/hurt/index.lua": "--@public true\n--@param n number\nerror('no')"])
        for n in 1...3 {
            try map.command(1, "hurt", ["n": .number(Double(n))], id: Double(n))
            map.advance(1)
        }
        try map.change(["events/hurt/index.lua": Self.files["events/hurt/index.lua"]])
        map.advance(1)
        #expect(HotReloadTests.component("hp", map) == .number(3))
        let entity = try #require(map.entity("players_1"))
        try map.simulation.world.setComponent("hp", to: .number(9), of: entity)
        try map.change(["events/hurt/index.lua": Self.files["events/hurt/index.lua"]! + " "])
        map.advance(2)
        #expect(HotReloadTests.component("hp", map) == .number(9), "queued again once")
    }

    @Test(
        "files that are away for a moment: the pending events of their group come back with them",
        arguments: [
            ["events/graze/index.lua"], ["events/graze/index.lua", "events/graze/timeout.lua"],
            ["events/graze/index.lua", "events/graze/timeout.lua", "lib/walk.lua", "spawn/animals.lua"],
        ])
    func away(_ files: [String]) throws {
        let map = try Self.map()
        map.advance(1.5)
        for _ in 0..<2 {
            try map.change(Dictionary(uniqueKeysWithValues: files.map { ($0, nil) }))
            map.advance(0.6)
            try map.change(Dictionary(uniqueKeysWithValues: files.map { ($0, Self.files[$0]) }))
        }
        map.advance(1)
        #expect(map.prints == (1...4).flatMap { steps in (1...3).map { "\($0)\t\(steps)" } }, "\(map.log)")
    }

    @Test("an event that is away for long runs once when it is back, not for all the time between")
    func longAway() throws {
        let map = try Self.map()
        map.advance(0.5)
        try map.change(["events/graze/index.lua": nil, "events/graze/timeout.lua": nil])
        map.advance(60)
        try map.change([
            "events/graze/index.lua": Self.graze, "events/graze/timeout.lua": Self.files["events/graze/timeout.lua"],
        ])
        map.advance(0.9)
        #expect(map.prints == (1...2).flatMap { steps in (1...3).map { "\($0)\t\(steps)" } })
    }

    @Test("clients see the group go and come")
    func clients() throws {
        let map = try Self.map()
        map.join(1)
        map.advance(0.5)
        func pending() -> JSON? {
            map.players[1]?.world["animals_1"]?["events"]?.object?["graze"]?.object?["action"]
        }
        #expect(pending() == .string("index"))
        try map.change(["events/graze/index.lua": nil, "events/graze/timeout.lua": nil])
        #expect(pending() == nil)
        try map.change([
            "events/graze/index.lua": Self.graze, "events/graze/timeout.lua": Self.files["events/graze/timeout.lua"],
        ])
        #expect(pending() == .string("index"))
    }
}
