import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("--@repeat true [2-lua-api 7]") struct RepeatTests {
    static func map(_ code: String, _ more: [String: String] = [:], joins: Bool = true) throws -> TestMap {
        let map = try TestMap(
            [
                "events/tick/index.lua": "--@public true\n--@repeat true\n--@param n number = 1\n\(code)",
                "events/tick/other.lua": "print('other')", "events/tick/timeout.lua": "return 0.5",
                "components/hp.lua": "--@type number\n--@default 5\n",
            ].merging(more) { $1 }, tickRate: 16)
        if joins { map.join(1) }
        return map
    }

    private func add(_ map: TestMap, _ data: JSONObject = ["n": .number(3)]) throws {
        try map.simulation.world.addEvent(
            group: "tick", data: data, to: try #require(map.entity("players_1")), now: map.now)
    }

    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String
        /// What it prints in two seconds.
        let prints: [String]

        var testDescription: String { name }
    }

    @Test(
        "the server queues it again after each run, with the same data",
        arguments: [
            Example(name: "a run that ends", code: "print(data.n)", prints: ["3", "3", "3", "3"]),
            Example(name: "one that raises", code: "print(data.n) error('no')", prints: ["3", "3", "3", "3"]),
            Example(
                name: "one that hits a limit", code: "print(data.n) while true do end", prints: ["3", "3", "3", "3"]),
            Example(
                name: "one that changes its data", code: "print(data.n) data.n = data.n + 1",
                prints: ["3", "3", "3", "3"]),
            Example(
                name: "one that waits longer", code: "print(data.n) object.events.tick.time = microtime() + 1.5",
                prints: ["3", "3"]),
            Example(
                name: "one that takes itself off", code: "print(data.n) object.events.remove('tick')", prints: ["3"]),
            Example(
                name: "one that takes itself off by nil", code: "print(data.n) object.events.tick = nil", prints: ["3"]),
            Example(
                name: "one that takes its group off", code: "print(data.n) object.events.tick.remove()",
                prints: ["3"]),
            Example(
                name: "one that takes itself off and raises",
                code: "print(data.n) object.events.remove('tick') error('no')", prints: ["3"]),
            Example(
                name: "one that queues another", code: "print(data.n) object.events.add('tick', 'other')",
                prints: ["3", "other"]),
            Example(
                name: "one that queues itself",
                code: "print(data.n) object.events.add('tick', 'index', {n = data.n + 1})",
                prints: ["3", "4", "5", "6"]),
            Example(
                name: "one that queues another and takes that off",
                code: "print(data.n) object.events.add('tick', 'other') object.events.remove('tick')", prints: ["3"]),
            Example(name: "one that removes its entity", code: "print(data.n) object.remove()", prints: ["3"]),
        ])
    func example(_ example: Example) throws {
        let map = try Self.map(example.code)
        try add(map)
        map.advance(2 - 1.0 / 32)
        #expect(map.prints == example.prints, "\(map.errors)")
    }

    @Test("one that a client sent is the client's the first time only")
    func command() throws {
        let map = try Self.map("print(data.n, event.command_id)")
        try map.command(1, "tick", ["n": .number(2)], id: 77)
        map.advance(1)
        #expect(map.prints == ["2\t77", "2\tnil", "2\tnil"])
    }

    @Test("a routine whose script is suspended waits in the queue, and goes on when it is mended")
    func suspended() throws {
        let map = try Self.map("error('no')", ["events/tick/timeout.lua": "return 0"])
        try add(map)
        map.advance(10)
        #expect(map.simulation.scriptTimings.contains { $0.isSuspended && $0.errors == 100 && $0.keptEvents == 0 })
        try map.change(["events/tick/index.lua": "--@repeat true\n--@param n number = 1\nprint(data.n)"])
        map.tick()
        #expect(map.prints.first == "3")
    }

    @Test("a suspended script costs nothing until it is resumed: its routine is pending, and no formula runs")
    func costless() throws {
        let map = try Self.map(
            "error('no')", ["events/tick/timeout.lua": "print(event.action) return 0.01"], joins: false)
        let player = map.join(1)
        // The join prints nil: nothing is pending then.
        func runs() -> Int { map.prints.count { $0 == "index" } }
        try add(map)
        map.advance(10)
        #expect(runs() == 100 && map.simulation.scriptTimings.contains { $0.isSuspended })
        map.tick()
        #expect(map.simulation.world.nextDueTime() == nil && !map.simulation.world.hasChanges)
        let entity = try #require(map.entity("players_1"))
        #expect(map.simulation.world.record(of: entity)?.events["tick"]?.action == "index")
        map.advance(1)
        #expect(runs() == 100)
        // A client's command is confirmed as ever, and becomes a routine that waits.
        try map.command(1, "tick", ["n": .number(2)], id: 7)
        map.advance(1)
        #expect(runs() == 101)
        #expect(CommandTests.acknowledgements(player, "tick").compactMap { $0["command_id"]?.number } == [7])
        map.tick([.resume(script: "events/tick/index.lua")])
        map.advance(1)
        #expect(runs() > 110, "it runs again, and fails again")
    }

    @Test("a changed declaration counts from the next run on, and the log tells it")
    func changed() throws {
        let map = try Self.map("print('v1')")
        try add(map)
        map.tick()
        try map.change(["events/tick/index.lua": "--@public true\n--@param n number = 1\nprint('v2')"])
        #expect(map.log.contains { $0.hasSuffix(": does not repeat any more") }, "\(map.log)")
        map.advance(2)
        #expect(map.prints == ["v1", "v2"])
        try map.change([
            "events/tick/index.lua": "--@public true\n--@repeat true\n--@param n number = 1\nprint('v3')"
        ])
        #expect(map.log.contains { $0.hasSuffix(": repeats now") }, "\(map.log)")
        map.advance(2)
        #expect(map.prints.count == 2, "nothing was pending")
    }

    @Test("it goes on over files that are away, a move and a restart")
    func goesOn() throws {
        let map = try Self.map("print(data.n)")
        try add(map)
        map.advance(0.25)
        try map.change(["events/tick/index.lua": nil])
        try map.change(["events/tick/index.lua": "--@repeat true\n--@param n number = 1\nprint(data.n)"])
        map.advance(0.5)
        #expect(map.prints == ["3", "3"])
        let player = try #require(map.entity("players_1"))
        let record = try #require(map.simulation.world.record(of: player))
        let other = try Self.map("print(data.n)", joins: false)
        let client = TestPlayer(id: 1, playerID: 1)
        other.tick([.join(record, client)])
        other.advance(2)
        #expect(other.prints.count >= 2 && Set(other.prints) == ["3"])
    }

    @Test("anything but true and false is refused")
    func annotation() throws {
        let map = try Self.map("print(1)", ["events/again/index.lua": "--@repeat yes\nprint(1)"])
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.hasSuffix("events/again/index.lua:1:11: --@repeat is \"yes\"; allowed are true and false")
                == true, "\(map.errors)")
    }
}
