import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("The event queue [2-lua-api 5, M11.10–M11.16]") struct QueueTests {
    /// Prints the seconds since the first run.
    ///
    /// Tests tick 16 times a second, because binary numbers can add up 1/16 s exactly.
    static let clock = "started = started or microtime() print(string.format('%.2f', microtime() - started))"

    static func map(_ files: [String: String], tickRate: Int = 16) throws -> TestMap {
        let map = try TestMap(files, tickRate: tickRate)
        map.join(1)
        return map
    }

    /// Adds an event as the server would.
    static func add(_ map: TestMap, _ group: String, _ event: String = "index", to key: String = "players_1") throws {
        try map.simulation.world.addEvent(
            group: group, event: event, to: try #require(map.entity(key)), now: map.now)
    }

    @Test("M11.10, M11.13: the first event of a group runs in the next tick, one added in a tick in a later one")
    func nextTick() throws {
        let map = try Self.map([
            "events/a/index.lua": "print('a') object.events.add('b')", "events/b/index.lua": "print('b')",
        ])
        try Self.add(map, "a")
        #expect(map.prints == [])
        map.tick()
        #expect(map.prints == ["a"])
        map.tick()
        #expect(map.prints == ["a", "b"])
    }

    @Test("M11.8, M11.10: without a timeout formula a group's next event runs a second after its last one")
    func defaultTimeout() throws {
        let map = try Self.map(["events/a/index.lua": Self.clock + " object.events.add('a')"])
        try Self.add(map, "a")
        map.advance(3.0625)
        #expect(map.prints == ["0.00", "1.00", "2.00", "3.00"])
    }

    @Test("M11.12, M11.15: an event that does not add itself again does not run again, and its entity no longer has it")
    func once() throws {
        let map = try Self.map(["events/a/index.lua": "print(object.events.a.action)"])
        try Self.add(map, "a")
        map.advance(5)
        #expect(map.prints == ["nil"])
    }

    @Test("M11.16: the events of a group share its timeout, other groups and other entities do not")
    func sharedTimeout() throws {
        let map = try Self.map([
            "events/a/one.lua": "print('one')", "events/a/two.lua": "print('two')", "events/b/index.lua": "print('b')",
        ])
        map.join(2)
        try Self.add(map, "a", "one")
        map.tick()
        try Self.add(map, "a", "two")
        try Self.add(map, "b")
        try Self.add(map, "a", "two", to: "players_2")
        map.tick()
        #expect(map.prints == ["one", "b", "two"])
        map.advance(0.875)
        #expect(map.prints.count == 3)
        map.advance(0.125)
        #expect(map.prints == ["one", "b", "two", "two"])
    }

    @Test("5: events of one tick run by ascending group order, then time, then entity")
    func order() throws {
        let map = try Self.map([
            "events/late/index.lua": "print('late', object.key)", "events/late/timeout.lua": "--@order 10\nreturn 1",
            "events/early/index.lua": "print('early', object.key)", "events/early/timeout.lua": "--@order -1\nreturn 1",
            "events/b/index.lua": "print('b', object.key)", "events/a/index.lua": "print('a', object.key)",
        ])
        map.join(3)
        map.join(2)
        for group in ["late", "b", "a", "early"] {
            for key in ["players_3", "players_1", "players_2"] { try Self.add(map, group, to: key) }
        }
        for (group, seconds) in [("a", 5.0), ("early", 3.0)] {
            map.simulation.world.setEventTime(
                map.now - seconds, slot: Int(try #require(map.entity("players_1")).slot),
                group: try map.simulation.world.groupIndex(group), now: map.now)
        }
        map.tick()
        // `a` and `b` have the same order; all times are 0 except those of players_1 in `a` and `early`.
        #expect(
            map.prints == [
                "early\tplayers_2", "early\tplayers_3", "early\tplayers_1",  //
                "b\tplayers_1", "a\tplayers_2", "b\tplayers_2", "a\tplayers_3", "b\tplayers_3", "a\tplayers_1",
                "late\tplayers_1", "late\tplayers_2", "late\tplayers_3",
            ])
    }

    @Test(
        "M0.7: an event added during the timeout runs when that ends, and its own timeout starts there, at any tick rate",
        arguments: [10, 15, 16, 60])
    func dueMoment(tickRate: Int) throws {
        let map = try Self.map(
            ["events/a/index.lua": "print('a') object.events.add('a')", "events/a/timeout.lua": "return 0.125"],
            tickRate: tickRate)
        try Self.add(map, "a")
        map.advance(20)
        #expect(abs(map.prints.count - 160) <= 1)
    }

    @Test("5: when no event waited, the timeout starts now, so that an idle group saves up no runs")
    func idleness() throws {
        let map = try Self.map(["events/a/index.lua": Self.clock])
        try Self.add(map, "a")
        map.advance(10)
        try Self.add(map, "a")
        map.tick()
        try Self.add(map, "a")
        map.advance(0.875)
        #expect(map.prints.count == 2)
        map.advance(0.1875)
        #expect(map.prints.count == 3)
    }

    @Test("5: a map that did not tick for long runs a waiting event once, not once for each missed timeout")
    func standstill() throws {
        let map = try Self.map(["events/a/index.lua": "print('a') object.events.add('a')"])
        try Self.add(map, "a")
        map.tick()
        map.tick(seconds: 100)
        #expect(map.prints.count == 2)
        map.advance(0.5)
        #expect(map.prints.count <= 3)
    }

    struct Timing: Sendable, CustomTestStringConvertible {
        let rule: String
        let code: String
        /// Seconds from the script, which runs one tick after the last run of group `a`, to that group's next run; `nil`
        /// when it does not run again.
        let runs: Double?

        var testDescription: String { rule }
    }

    @Test(
        "M11.7, M11.8: what a script does to a group decides when its pending event runs",
        arguments: [
            Timing(rule: "as it is: a second after the last run", code: "", runs: 0.9375),
            Timing(rule: "time = 0 is the next frame", code: "object.events.a.time = 0", runs: 0.0625),
            Timing(rule: "a time in the past too", code: "object.events.a.time = microtime() - 50", runs: 0.0625),
            Timing(rule: "time = microtime() + 0.5", code: "object.events.a.time = microtime() + 0.5", runs: 0.5),
            Timing(rule: "resetTime()", code: "object.events.a.resetTime()", runs: 0.0625),
            Timing(rule: "resetTime(0.25)", code: "object.events.a.resetTime(0.25)", runs: 0.25),
            Timing(rule: "resetTime(2)", code: "object.events.a.resetTime(2)", runs: 2),
            Timing(rule: "resetTimeout()", code: "object.events.a.time = 0 object.events.a.resetTimeout()", runs: 1),
            Timing(rule: "remove()", code: "object.events.a.remove()", runs: nil),
            Timing(rule: "= nil", code: "object.events.a = nil", runs: nil),
            Timing(rule: "events.remove", code: "object.events.remove('a')", runs: nil),
            Timing(
                rule: "removed and added again: time stays", code: "object.events.remove('a') object.events.add('a')",
                runs: 0.9375),
            Timing(rule: "added again: time stays", code: "object.events.add('a')", runs: 0.9375),
            Timing(rule: "action assigned: time stays", code: "object.events.a.action = 'index'", runs: 0.9375),
            Timing(rule: "the entity removed", code: "object.remove()", runs: nil),
        ])
    func timing(_ example: Timing) throws {
        let map = try Self.map(["events/a/index.lua": "print('a')", "events/act/index.lua": example.code + " return"])
        try Self.add(map, "a")
        map.tick()
        try Self.add(map, "a")
        try Self.add(map, "act")
        map.tick()
        let begin = map.now
        var ran: Double?
        for _ in 0..<48 where ran == nil {
            map.tick()
            if map.prints.count == 2 { ran = map.now - begin }
        }
        #expect(ran == example.runs)
        #expect(map.errors == [])
    }

    @Test("5: an event that an earlier event of the same tick removes or replaces does not run")
    func takenOffInTheSameTick() throws {
        let map = try Self.map([
            "events/a/index.lua": "print('a') object.events.b = nil object.events.add('c', 'two')",
            "events/b/index.lua": "print('b')", "events/c/one.lua": "print('one')", "events/c/two.lua": "print('two')",
        ])
        for (group, event) in [("a", "index"), ("b", "index"), ("c", "one")] { try Self.add(map, group, event) }
        map.tick()
        #expect(map.prints == ["a"])
        map.tick()
        #expect(map.prints == ["a", "two"])
    }

    @Test("5: if an earlier event removed an entity, its events do not run, nor do those of a new entity in its slot")
    func removedInTheSameTick() throws {
        let map = try Self.map([
            "events/a/index.lua": "objects.players_2.remove() objects.add('objects', {x = 1, y = 1})",
            "events/b/index.lua": "print('b', object.key)",
        ])
        map.join(2)
        try Self.add(map, "a")
        try Self.add(map, "b", to: "players_2")
        map.advance(3)
        #expect(map.prints == [])
        #expect(map.errors == [])
    }

    @Test("5: an error ends only its own event; what that event had changed stays")
    func errors() throws {
        let map = try Self.map([
            "events/a/index.lua": "object.x = 9\nlocal x = nothing.at.all",
            "events/b/index.lua": "print('b', object.x)",
        ])
        try Self.add(map, "a")
        try Self.add(map, "b")
        map.tick()
        #expect(map.prints == ["b\t9"])
        let entry = try #require(map.simulation.log.errors.first)
        #expect(entry.message == "events/a/index.lua:2: attempt to index global 'nothing' (a nil value)")
        #expect((entry.script, entry.line, entry.entity) == ("events/a/index.lua", 2, "players_1"))
        #expect(entry.traceback?.contains("events/a/index.lua:2") == true)
    }
}
