import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Timeout formulas [M0.5, M8.6 Env 4]") struct TimeoutTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let formula: String
        /// What `object.events.a.timeout()` gives.
        let seconds: String
        let error: String?

        init(_ rule: String, _ formula: String, _ seconds: String, error: String? = nil) {
            self.rule = rule
            self.formula = formula
            self.seconds = seconds
            self.error = error
        }

        var testDescription: String { rule }
    }

    static let cases =
        [
            Case("M8.6: a fixed number", "return 2.5", "2.5"),
            Case("0 is allowed", "return 0", "0"),
            Case(
                "numbers and the four operations", "--@order 3\n-- a note\nreturn (1 + 2 * 3 - 1) / 8 -- and one",
                "0.75"),
            Case("a number of another base", "return 0x10", "16"),
            Case("M8.6: components", "return object.components.hp / 2", "2.5"),
            Case("M8.6: the surrounding world", "return objects.count('enemys') + map.width / 10", "3"),
            Case(
                "it may read json components", "return object.components.bag.gold + #object.components.bag.slots + 0.5",
                "0.5"),
            Case("it may read other groups", "return object.events.move.timeout() + object.events.move.time", "0.25"),
            Case("event.group", "return event.group == 'a' and 3 or 4", "3"),
            Case("event.action is nil when nothing is pending", "return event.action == nil and 3 or 4", "3"),
            Case("keys, split, microtime", "return #split('1,2', ',') + #keys({1}) + math.min(0, microtime())", "3"),
            Case(
                "M8.6: it can't change the world, whatever catches the error",
                "pcall(function() object.x = 5 end) pcall(object.remove) coroutine.wrap(function() pcall(table.insert, object.components.list, 1) end)() return 3 + #object.components.list",
                "3"),
            Case(
                "its own globals last until it is loaded anew", "runs = (runs or 0) + 1 return runs", "1"),
            Case(
                "nothing returned", "local x = 1", "1",
                error:
                    "events/a/timeout.lua: a timeout formula must return a number of seconds from 0, got nothing; 1 second is taken"
            ),
            Case("a text returned", "return '5'", "1", error: "got '5'; 1 second is taken"),
            Case("a number below 0 returned", "return -1", "1", error: "got -1; 1 second is taken"),
            Case("NaN returned", "return 0/0", "1", error: "1 second is taken"),
            Case("infinity returned", "return math.huge", "1", error: "1 second is taken"),
            Case("a table returned", "return {}", "1", error: "1 second is taken"),
            Case("an entity returned", "return object", "1", error: "1 second is taken"),
            Case(
                "an error", "return nothing.at.all", "1",
                error: "events/a/timeout.lua:1: attempt to index global 'nothing'"),
        ]
        + [
            "object.x = 5", "object.action = 'a'", "object.map_id = 2", "object.components.hp = 1",
            "object.components.bag = {}",
            "object.components.bag.gold = 5", "object.components.bag.slots[1] = 1",
            "table.insert(object.components.list, 1)",
            "objects.enemys_1 = nil", "objects.remove('enemys_1')", "objects.enemys_1.remove()", "object.remove()",
            "object.events.add('heal')", "object.events.remove('move')", "object.events.move = nil",
            "object.events.move.remove()",
            "object.events.move.time = 5", "object.events.move.action = 'up'", "object.events.move.resetTime()",
            "object.events.move.resetTimeout()", "object.send({a = 1})", "map.broadcast({a = 1})",
        ].map {
            Case(
                "M8.6: it can't change the world: \($0)", $0 + " return 3", "1",
                error: "events/a/timeout.lua:1: a timeout formula can't change the world")
        } + [
            Case(
                "M8.6: it can't add entities", "objects.add('objects', {}) return 3", "1",
                error: "a timeout formula can't change the world")
        ]

    @Test("a formula", arguments: cases)
    func formula(_ example: Case) throws {
        let map = try ScriptWorld.map(["events/a/timeout.lua": example.formula, "events/a/index.lua": "return"])
        map.script(
            "print(object.events.a.timeout()) object.x = 8 object.components.hp = 4 print(object.x, object.components.hp)"
        )
        #expect(map.prints == [example.seconds, "8\t4"])
        if let error = example.error {
            #expect(map.errors.count == 1, "\(map.errors)")
            #expect(map.errors.first?.contains(error) == true, "\(map.errors)")
        } else {
            #expect(map.errors == [])
        }
        #expect(map.simulation.world.count == 6)
    }

    @Test(
        "a formula that is a number is never called, and is the group's formula all the same",
        arguments: [
            ("return 0.5", 0), ("--@about half a second\n--@order 2\nreturn (2 - 1) / 2;\n", 0),
            ("local seconds = 0.5 return seconds", 3),
        ])
    func constant(_ formula: String, calls: Int) throws {
        let map = try TestMap(
            ["events/a/index.lua": "print(object.events.a.timeout())", "events/a/timeout.lua": formula], tickRate: 16)
        map.join(1)
        try QueueTests.add(map, "a")
        map.tick()
        #expect(map.prints == ["0.5"])
        try QueueTests.add(map, "a")
        map.advance(0.375)
        #expect(map.prints.count == 1)
        map.advance(0.125)
        #expect(map.prints.count == 2, "\(map.errors)")
        let timing = try #require(map.simulation.scriptTimings.first { $0.script == "events/a/timeout.lua" })
        #expect((timing.current.count > 0) == (calls > 0))
        #expect(map.simulation.world.schema.groups.first { $0.name == "a" }?.hasTimeoutFormula == true)
        try map.change(["events/a/timeout.lua": "return 2"])
        map.script("print(object.events.a.timeout())")
        #expect(map.prints.last == "2")
    }

    @Test("M8.6: the formula runs at each execution, with event.action and event.command_id of the event that runs")
    func eachExecution() throws {
        let map = try TestMap([
            "events/a/slow.lua": "--@public true\nprint('slow')",
            "events/a/quick.lua": "--@public true\nprint('quick')",
            "events/a/timeout.lua":
                "if event.command_id then print(event.group, event.action, event.command_id) end return event.action == 'slow' and 2 or 0.1",
        ])
        map.join(1)
        try map.command(1, "a/slow", id: 7)
        try map.command(1, "a/quick", id: 8)
        map.advance(1.9)
        #expect(map.prints == ["a\tslow\t7", "slow"])
        map.advance(0.1)
        #expect(map.prints == ["a\tslow\t7", "slow", "a\tquick\t8", "quick"])
        try map.command(1, "a/quick", id: 9)
        map.advance(0.11)
        #expect(map.prints.count == 6)
    }

    @Test("formulas that call each other's timeout() without end raise an error")
    func recursion() throws {
        let map = try TestMap([
            "events/a/index.lua": "return", "events/a/timeout.lua": "return object.events.b.timeout()",
            "events/b/index.lua": "print('b')", "events/b/timeout.lua": "return object.events.a.timeout()",
        ])
        map.join(1)
        map.script("object.events.add('b')")
        map.tick()
        #expect(map.prints == ["b"])
        #expect(!map.errors.isEmpty)
        map.script("object.x = 3 print(object.x)")
        #expect(map.prints == ["b", "3"])
    }

    @Test("an endless formula is stopped at its limit, and the timeout is a second")
    func endless() throws {
        let map = try TestMap([
            "game.yaml": "timeout_time_limit_ms: 5\n", "events/a/index.lua": "print('a')",
            "events/a/timeout.lua": "while true do end",
        ])
        map.join(1)
        try QueueTests.add(map, "a")
        map.tick()
        #expect(map.prints == ["a"])
        #expect(map.simulation.log.errors.last?.kind == "time_limit")
    }
}
