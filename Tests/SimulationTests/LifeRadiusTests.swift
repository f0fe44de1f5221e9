import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("--@life_radius: events wait for a player nearby [2-lua-api 7]") struct LifeRadiusTests {
    private static let files = [
        "game.yaml": "tick_rate: 10\nsend_rate: 5\nmax_entities: 20000\nworld_limit_mb: 256\n",
        "maps/1-field.tmj":
            #"{"width": 300, "height": 300, "tilewidth": 32, "tileheight": 32, "layers": [], "tilesets": []}"#,
        "components/runs.lua": "--@type number\n--@default 0\n",
        "events/graze/index.lua":
            "--@repeat true\nobject.components.runs = object.components.runs + 1",
        "events/graze/timeout.lua": "--@life_radius 20\nreturn 0.1", "events/testing/index.lua": "return",
        "events/free/index.lua": "print('free')",
        "events/step/index.lua": "--@public true\n--@param x number\nobject.x = data.x",
        "events/step/timeout.lua": "return 0",
    ]

    private func map(sheep: [(x: Double, y: Double)], _ more: [String: String] = [:]) throws -> TestMap {
        let records = sheep.enumerated().map { index, place in
            EntityRecord(
                key: EntityKey(.animals, index + 1), mapID: 1, prefab: "Sheep", x: place.x, y: place.y,
                events: ["graze": EventRecord(action: "index", time: 0)])
        }
        return try TestMap(Self.files.merging(more) { $1 }, records: records)
    }

    private func runs(_ map: TestMap, _ number: Int = 1) -> Double {
        map.entity("animals_\(number)").flatMap { map.simulation.world.component("runs", of: $0)?.number } ?? .nan
    }

    private func isPending(_ map: TestMap, _ number: Int = 1) throws -> Bool {
        let world = map.simulation.world
        let slot = Int(try #require(map.entity("animals_\(number)")).slot)
        return world.state(slot, try world.groupIndex("graze")).isPending
    }

    @Test("without a player nothing runs, the event stays pending, and the map may sleep")
    func sleeps() throws {
        let map = try map(sheep: [(50, 50)])
        map.advance(2)
        #expect(runs(map) == 0)
        #expect(try isPending(map))
        #expect(map.simulation.nextWake == nil)
        let record = try #require(map.entity("animals_1").flatMap(map.simulation.world.record))
        #expect(record.events["graze"]?.action == "index")
    }

    @Test("it runs while a player is within the radius, the border included, and stops when the player has gone")
    func walks() throws {
        let map = try map(sheep: [(50, 5)])
        map.join(1, x: 5, y: 5)
        map.advance(1)
        #expect(runs(map) == 0)
        try map.command(1, "step", ["x": .number(29.9)])
        map.advance(1)
        #expect(runs(map) == 0, "20.1 tiles away")
        try map.command(1, "step", ["x": .number(30)])
        map.advance(1)
        let near = runs(map)
        #expect((9...11).contains(near), "\(near)")
        try map.command(1, "step", ["x": .number(5)])
        map.advance(1)
        let gone = runs(map)
        #expect(gone - near <= 1)
        map.advance(1)
        #expect(runs(map) == gone)
        #expect(try isPending(map))
        try map.command(1, "step", ["x": .number(60)])
        map.advance(1)
        #expect(runs(map) >= gone + 9)
    }

    @Test("a player who joins nearby wakes it, and one who leaves lets it sleep")
    func joins() throws {
        let map = try map(sheep: [(50, 50), (200, 200)])
        map.advance(1)
        map.join(1, x: 55, y: 55)
        map.advance(1)
        #expect(runs(map, 1) >= 9 && runs(map, 2) == 0)
        map.script("object.remove()")
        map.tick()
        let before = runs(map, 1)
        map.advance(1)
        #expect(runs(map, 1) - before <= 1)
        #expect(map.simulation.world.sleepers.count == 2)
    }

    @Test("an entity that a script moves near a player wakes, and one that is moved away falls asleep")
    func moved() throws {
        let map = try map(sheep: [(50, 50)])
        map.join(1, x: 5, y: 5)
        map.advance(1)
        map.script("objects.animals_1.x = 150 objects.animals_1.y = 150")
        map.advance(0.5)
        #expect(runs(map) == 0)
        map.script("objects.animals_1.x = 5 objects.animals_1.y = 20")
        map.advance(1)
        #expect(runs(map) >= 9)
        map.script("objects.animals_1.x = 250")
        map.tick()
        let before = runs(map)
        map.advance(1)
        #expect(runs(map) == before)
        // A player who walks to where it was finds nothing there.
        try map.command(1, "step", ["x": .number(50)])
        map.advance(0.5)
        #expect(runs(map) == before)
    }

    @Test("only the group's own events wait, and a player's own events never do")
    func others() throws {
        let map = try map(sheep: [(50, 50)])
        map.join(1, x: 5, y: 5)
        map.script("objects.animals_1.events.add('free') object.events.add('graze')")
        map.advance(1)
        #expect(map.prints == ["free"])
        #expect(runs(map) == 0)
        let player = try #require(map.entity("players_1"))
        #expect(map.simulation.world.component("runs", of: player)?.number ?? 0 >= 9)
    }

    @Test("each group has its own radius")
    func radii() throws {
        let map = try map(
            sheep: [(50, 5)],
            ["events/see/index.lua": "print('seen')", "events/see/timeout.lua": "--@life_radius 40\nreturn 1"])
        map.join(1, x: 5, y: 5)
        map.script("objects.animals_1.events.add('see')")
        map.advance(0.5)
        #expect(map.prints == [])
        try map.command(1, "step", ["x": .number(15)])
        map.tick()
        #expect(map.prints == ["seen"])
        #expect(runs(map) == 0)
        try map.command(1, "step", ["x": .number(45)])
        map.tick()
        #expect(runs(map) >= 1)
    }

    @Test("an event that is taken off or queued anew while it sleeps, and an entity that is removed, leave nothing")
    func changes() throws {
        let map = try map(sheep: [(50, 50), (60, 60), (70, 70)])
        map.join(1, x: 5, y: 5)
        map.advance(0.5)
        #expect(map.simulation.world.sleepers.count == 3)
        map.script(
            "objects.remove('animals_1') objects.animals_2.events.remove('graze') "
                + "objects.animals_3.events.add('graze')")
        map.advance(0.5)
        #expect(map.simulation.world.sleepers.count == 1, "only animals_3 has an event that waits")
        try map.command(1, "step", ["x": .number(60)])
        map.script("object.y = 60")
        map.advance(1)
        #expect(runs(map, 2) == 0 && runs(map, 3) >= 9)
        #expect(map.simulation.world.sleepers.count == 0)
    }

    @Test("without the annotation all wake at a reload; with another radius those in it")
    func reload() throws {
        let map = try map(sheep: [(50, 5), (250, 250)])
        map.join(1, x: 5, y: 5)
        map.advance(1)
        try map.change(["events/graze/timeout.lua": "--@life_radius 50\nreturn 0.1"])
        #expect(map.log.contains { $0.hasSuffix("life radius 50 instead of 20") }, "\(map.log)")
        map.advance(1)
        #expect(runs(map, 1) >= 9 && runs(map, 2) == 0)
        try map.change(["events/graze/timeout.lua": "return 0.1"])
        #expect(map.log.contains { $0.hasSuffix("life radius none instead of 50") }, "\(map.log)")
        map.advance(1)
        #expect(runs(map, 2) >= 9)
        #expect(map.simulation.world.sleepers.count == 0)
    }

    @Test("a formula that does not compile leaves the radius as it was")
    func broken() throws {
        let map = try map(sheep: [(50, 5)])
        map.join(1, x: 5, y: 5)
        try map.change(["events/graze/timeout.lua": "return 0.1 +"])
        map.advance(1)
        #expect(runs(map) == 0)
    }

    @Test("10,000 that sleep are not looked at, tick after tick, also while a player walks elsewhere")
    func costs() throws {
        var places: [(x: Double, y: Double)] = []
        for index in 0..<10_000 { places.append((Double(index % 100 * 2 + 100), Double(index / 100 * 2 + 100))) }
        let map = try map(sheep: places)
        map.join(1, x: 5, y: 5)
        map.tick()
        let world = map.simulation.world
        #expect(world.sleepers.count == 10_000)
        map.advance(1)
        for x in 6..<40 { try map.command(1, "step", ["x": .number(Double(x))]) }
        #expect(world.sleepers.examined == 0)
        #expect(world.nextDueTime() == nil)
        map.script("object.x = 100 object.y = 100")
        map.advance(0.5)
        #expect((1...1000).contains(world.sleepers.examined), "\(world.sleepers.examined)")
        #expect(world.sleepers.count > 9_800 && runs(map) >= 3)
    }

    @Test("a player finds a sleeper at the place to which it was moved while it slept")
    func movedAsleep() throws {
        let map = try map(sheep: [(50, 50)])
        map.join(1, x: 5, y: 5)
        map.advance(1)
        map.script("objects.animals_1.x = 150 objects.animals_1.y = 5")
        map.advance(0.5)
        #expect(runs(map) == 0)
        try map.command(1, "step", ["x": .number(145)])
        map.advance(1)
        #expect(runs(map) >= 9)
    }
}
