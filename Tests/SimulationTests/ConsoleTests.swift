import JSONValues
import NIOCore
import NIOEmbedded
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("The console of operators (M0.11, M8)") struct ConsoleTests {
    static let files = OperatorChangeTests.files.merging(
        [
            "game.yaml": "event_time_limit_ms: 20\nmemory_limit_mb: 8\n",
            "components/bad.lua": "--@type number\n--@default 0\nerror('the trigger is broken')",
            "lib/rules.lua": "function double(n) return 2 * n end",
        ], uniquingKeysWith: { $1 })
    static let sheep = OperatorChangeTests.sheep

    func map() throws -> TestMap {
        try TestMap(Self.files, records: [EntityRecord(key: Self.sheep, mapID: 1, prefab: "sheep", x: 2, y: 3)])
    }

    func run(_ source: String, object: EntityKey? = nil, on map: TestMap) throws -> ConsoleResult {
        guard case .ran(let result) = try map.edit(.run(.init(source: source, object: object))) else {
            throw ScriptFault("it was refused")
        }
        return result
    }

    func dryRun(_ source: String, object: EntityKey? = nil, on map: TestMap) throws -> DryRun {
        var copy = MapCopy(of: map.simulation)
        copy.records = map.simulation.world.entities.compactMap { map.simulation.world.record(of: $0) }
        return try DryRun(.init(source: source, object: object), on: copy)
    }

    @Test("a snippet has the API of scripts, its object, libs, and tells what it printed and returned")
    func api() throws {
        let map = try map()
        let result = try run(
            "print(object.key, double(4))\nobject.components.hp = 1\nreturn {n = objects.count()}", object: Self.sheep,
            on: map)
        #expect(result.failure == nil)
        #expect(result.output == ["animals_1\t8", "trigger\tanimals_1\thp\t5\t1"])
        #expect(result.value == #"{"n":1}"#)
        #expect(try run("objects.count('animals')", on: map).value == "1", "an expression shows its value")
        #expect(try run("leak = 5", on: map).failure == nil)
        #expect(try run("leak", on: map).value == nil, "variables end with the snippet")
        #expect(try run("io or os.execute or load", on: map).value == nil, "the sandbox is that of scripts")
        let absent = try map.refusal(.run(.init(source: "return 1", object: EntityKey(.animals, 9))))
        #expect(absent.kind == .absent && absent.field == "object")
    }

    @Test(
        "a snippet that fails says why and where; what it changed before stays, and the map goes on",
        arguments: [
            ("object.x = 5\nobject.y = 1 +", "syntax", 2, 2.0),
            ("object.x = 5\nerror('stop')", "runtime", 2, 5.0),
            ("object.x = 5\nwhile true do end", "time_limit", 2, 5.0),
            ("object.x = 5\nlocal t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end", "memory_limit", 2, 5.0),
            ("object.x = 5\nobject.components.hp = 'much'", "runtime", 2, 5.0),
        ] as [(String, String, Int, Double)])
    func failures(source: String, kind: String, line: Int, x: Double) throws {
        let map = try map()
        let result = try run(source, object: Self.sheep, on: map)
        let failure = try #require(result.failure)
        #expect(failure.kind == kind && failure.line == line, "\(failure)")
        let entity = try #require(map.entity("animals_1"))
        #expect(map.simulation.world.number(.x, of: entity) == x)
        #expect(map.simulation.log.errors.contains { $0.script == "console" })
        #expect(try run("1 + 1", on: map).value == "2", "the map goes on")
    }

    @Test("errors of triggers are told apart from the snippet's own; output is bounded")
    func errors() throws {
        let map = try map()
        let result = try run("object.components.bad = 1", object: Self.sheep, on: map)
        #expect(result.failure == nil)
        #expect(result.errors.contains { $0.contains("the trigger is broken") })
        let loud = try run("for i = 1, 300 do print(i) end", on: map)
        #expect(loud.output.count == ConsoleResult.maxLines && loud.omitted == 100)
        let long = try #require(try run("return ('x'):rep(60000)", on: map).value)
        #expect(long.utf8.count <= MapLog.maxText + 3, "\(long.utf8.count)")
        let failure = try #require(try run("error(('x'):rep(60000))", on: map).failure)
        #expect(failure.message.utf8.count <= MapLog.maxText + 3)
    }

    @Test("a dry run shows what would change, and leaves the map untouched")
    func dryRun() throws {
        let map = try map()
        let player = map.join(1)
        let before = map.simulation.world.entities.map { map.simulation.world.record(of: $0) }
        let (log, messages) = (map.log, player.messages.count)
        var random = map.simulation.world.random
        let run = try dryRun(
            """
            object.x = 4
            object.components.bag.coins = 8
            object.events.add('walk', 'index', {x = 1})
            local new = objects.add('animals', {prefab = 'cow', x = 1, y = 1})
            objects['players_1'].send({hello = true})
            map.broadcast({all = 1})
            objects.remove('players_1')
            print(map.random())
            """, object: Self.sheep, on: map)
        #expect(run.result.failure == nil, "\(String(describing: run.result.failure))")
        #expect(run.entities == 2 && run.omitted == 0)
        let fields = run.changes.map { "\($0.kind) \($0.key) \($0.field ?? "-")" }
        #expect(
            fields == [
                "removed players_1 -", "changed animals_1 x", "changed animals_1 components.bag",
                "changed animals_1 events.walk", "added animals_2 -",
            ])
        #expect(run.changes[1].before == .number(2) && run.changes[1].after == .number(4))
        #expect(run.changes[3].before == .null && run.changes[3].after.object?["event"] == .string("index"))
        #expect(
            run.effects == [
                .send(to: nil, #"{"hello":true}"#), .broadcast(#"{"all":1}"#), .disconnect(EntityKey(.players, 1)),
            ])
        #expect(run.result.output.contains("spawned\tcow"))
        #expect(map.simulation.world.entities.map { map.simulation.world.record(of: $0) } == before)
        #expect(map.log == log && player.messages.count == messages && map.store.saved.isEmpty)
        var after = map.simulation.world.random
        #expect(random.next() == after.next(), "the map's random numbers go on as they were")
    }

    @Test("a dry run shows a bounded weight of changes, and counts the others")
    func dryRunBounds() throws {
        // The time that the writes take is not what this is about.
        var files = Self.files
        files["game.yaml"] = "event_time_limit_ms: 10000\nmemory_limit_mb: 8\n"
        let map = try TestMap(
            files,
            records: (1...50).map { EntityRecord(key: EntityKey(.animals, $0), mapID: 1, prefab: "sheep", x: 2, y: 3) })
        let run = try dryRun(
            "local tag = ('x'):rep(60000) for _, sheep in pairs(objects) do sheep.components.tag = tag end", on: map)
        #expect(run.result.failure == nil, "\(String(describing: run.result.failure))")
        #expect(run.changes.count == 17 && run.omitted == 33)
    }

    @Test("a dry run knows who is muted")
    func dryRunMutes() throws {
        let map = try map()
        map.join(1)
        map.join(2)
        map.tick([.mute(player: 1, until: .infinity)])
        let source = "return tostring(objects.players_1.muted) .. tostring(objects.players_2.muted)"
        #expect(try run(source, on: map).value == "truefalse")
        #expect(try dryRun(source, on: map).result.value == "truefalse")
    }

    @Test("a dry run has the limits of scripts", arguments: [("while true do end", "time_limit"), ("x =", "syntax")])
    func dryRunLimits(source: String, kind: String) throws {
        let map = try map()
        let run = try dryRun("\(source)", on: map)
        #expect(run.result.failure?.kind == kind && run.changes.isEmpty)
        #expect(map.errors.isEmpty)
    }

    @Test("a dry run copies the entities, the pending events and which scripts are suspended, and runs no hook")
    func copy() throws {
        let map = try map()
        let (world, sheep) = (map.simulation.world, try #require(map.entity("animals_1")))
        try world.setTimeoutEnd(map.now + 50, ofGroup: "walk", of: sheep, now: map.now)
        try world.addEvent(group: "walk", data: ["x": .number(1)], to: sheep, now: map.now)
        map.simulation.host.scripts.byPath.first { $0.path == "components/hp.lua" }?.isSuspended = true
        let run = try dryRun(
            "object.components.hp = 1 return object.events.walk.action .. object.events.walk.data.x",
            object: Self.sheep,
            on: map)
        #expect(run.result.value == "index1")
        #expect(run.result.output.isEmpty, "neither a spawn hook nor the suspended trigger ran")
    }

    @Test("positions are collected five times a second at most, players first")
    func positions() throws {
        var files = Self.files
        files["game.yaml"] = "max_entities: 6000\n"
        let records = (1...5_500).map { EntityRecord(key: EntityKey(.objects, $0), mapID: 1, x: 1, y: 1) }
        let map = try TestMap(files, records: records)
        map.join(1)
        var positions = MapPositions()
        let time = TestTime()
        time.advance(1_000_000_000)
        positions.renew(map.simulation.world, tick: 1) { time.nanoseconds }
        #expect(positions.total == 5_501 && positions.places.count == MapPositions.maxEntities)
        #expect(positions.places.first?.key == EntityKey(.players, 1))
        time.advance(100_000_000)
        positions.renew(map.simulation.world, tick: 2) { time.nanoseconds }
        #expect(positions.tick == 1)
        time.advance(100_000_000)
        positions.renew(map.simulation.world, tick: 3) { time.nanoseconds }
        #expect(positions.tick == 3)
    }
}
