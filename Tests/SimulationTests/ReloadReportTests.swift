import GameFolder
import GameRules
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("What a reload logs and reports [3-game-folder, hot reload]") struct ReloadReportTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let change: [String: String?]
        /// The lines of the log, with `*` for a version.
        let lines: [String]

        var testDescription: String { rule }
    }

    @Test(
        "the log names each file, its version and what it changed",
        arguments: [
            Case(
                rule: "code alone", change: ["events/say/more.lua": "--@public true\nprint('even more')"],
                lines: ["reloaded events/say/more.lua *"]),
            Case(
                rule: "a component changed",
                change: [
                    "components/hp.lua": "--@type string\n--@default \"x\"\n--@private\n--@entities players\nprint(1)"
                ],
                lines: [
                    "reloaded components/hp.lua *: type string instead of number, default \"x\" instead of 5, private now, "
                        + "on players instead of players, enemys, animals, objects, has a trigger now"
                ]),
            Case(
                rule: "a component added",
                change: ["components/mana.lua": "--@type number\n--@entities players, enemys\n"],
                lines: ["loaded components/mana.lua *: component mana on all players, enemys, number, default null"]),
            Case(
                rule: "an event changed",
                change: ["events/say/index.lua": "--@param text number = 3\n--@param n number\nprint(1)"],
                lines: [
                    "reloaded events/say/index.lua *: not public any more, parameter text is a number instead of a "
                        + "string, parameter text has default 3 instead of \"old\", parameter n is new (number)"
                ]),
            Case(
                rule: "events added and removed",
                change: ["events/say/more.lua": nil, "events/new/index.lua": "--@public true\nprint(1)"],
                lines: [
                    "loaded events/new/index.lua *: event new/index, public",
                    "removed events/say/more.lua: event say/more is gone",
                ]),
            Case(
                rule: "timeout formulas",
                change: ["events/say/timeout.lua": "--@order 3\nreturn 1", "events/more/index.lua": "print(1)"],
                lines: [
                    "loaded events/more/index.lua *: event more/index",
                    "reloaded events/say/timeout.lua *: order 3 instead of 0",
                ]),
            Case(
                rule: "who gets a group's queue", change: ["events/say/timeout.lua": "--@share none\nreturn 1"],
                lines: ["reloaded events/say/timeout.lua *: share none instead of all"]),
            Case(
                rule: "libs and spawn hooks",
                change: ["lib/a.lua": "function f() end", "spawn/enemys.lua": "print(1)"],
                lines: ["loaded lib/a.lua *: all scripts start anew", "loaded spawn/enemys.lua *"]),
            Case(
                rule: "game.yaml",
                change: [
                    "game.yaml":
                        "name: Other\ntick_rate: 20\nsend_rate: 10\nmax_entities: 50\ncommand_rate: 5\nevent_time_limit_ms: 9\n"
                ],
                lines: [
                    "reloaded game.yaml *: name Other instead of Perigee, tick_rate 20 instead of 16, send_rate 10 instead "
                        + "of 16, event_time_limit_ms 9.0 instead of 50.0, max_entities 50 instead of 10000, "
                        + "command_rate 5 instead of 60 for connections made from now on"
                ]),
            Case(
                rule: "a map with its tileset", change: ["maps/1-field.tmj": TestMaps.walled],
                lines: ["loaded maps/1-field.tmj *: map 1"]),
            Case(
                rule: "many files at once: one reload, each file named",
                change: [
                    "events/say/index.lua": "print(1)", "events/say/more.lua": "print(1)",
                    "spawn/players.lua": "print(1)",
                ],
                lines: [
                    "reloaded events/say/index.lua *: not public any more, parameter text is gone",
                    "reloaded events/say/more.lua *: not public any more", "loaded spawn/players.lua *",
                ]),
        ])
    func lines(_ example: Case) throws {
        let map = try HotReloadTests.map()
        let before = map.log.count
        try map.change(example.change)
        let lines = map.log.dropFirst(before).map(Self.withoutVersion)
        #expect(lines == example.lines)
        #expect(map.simulation.lastReload?.files.map(Self.withoutVersion) == example.lines)
        #expect(map.simulation.lastReload?.problems == [])
        try map.change([:])
        #expect(map.simulation.lastReload?.files == [], "the same again changes nothing")
    }

    /// The version is the third word: twelve hexadecimal digits.
    static func withoutVersion(_ line: String) -> String {
        var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count > 2 else { return line }
        let version = words[2].prefix(12)
        guard version.count == 12, version.allSatisfy(\.isHexDigit) else { return line }
        words[2] = "*" + words[2].dropFirst(12)
        return words.joined(separator: " ")
    }

    @Test("values that can't be kept are listed one by one, up to a limit")
    func manyEffects() throws {
        let map = try HotReloadTests.map()
        for _ in 0..<70 { map.script("objects.add('objects', {})") }
        try map.change(["components/hp.lua": "--@type json\n"])
        let effects = try #require(map.simulation.lastReload?.effects)
        #expect(effects.count == 51)
        #expect(effects.first?.contains("does not fit component 'hp'; it has its default now") == true)
        #expect(effects.last == "… and 25 more of the kind")
    }

    @Test("a broken file is in every report, with its line, until it is mended; the log has it once")
    func problems() throws {
        let map = try HotReloadTests.map()
        try map.change([
            "events/say/index.lua": "--@public true\nprint('v2' .. )", "lib/a.lua": "local t = nil\nprint(t.x)",
            "components/hp.lua": "--@type colour\n",
        ])
        for _ in 0..<2 {
            let problems = try #require(map.simulation.lastReload?.problems)
            #expect(problems.map { "\($0.file):\($0.line ?? 0)" } == ["events/say/index.lua:2", "lib/a.lua:2"])
            #expect(problems.first?.description.hasPrefix("events/say/index.lua:2: unexpected symbol near ')'") == true)
            #expect(map.errors.count == 3, "\(map.errors)")
            try map.change([:])
        }
        try map.change(["events/say/index.lua": "print('v2')", "lib/a.lua": nil])
        #expect(map.simulation.lastReload?.problems == [])
    }

    @Test("2-lua-api 1: a suspended script runs again when it is resumed, or changed")
    func resume() throws {
        let map = try TestMap(
            [
                "events/bad/index.lua":
                    "--@public true\nn = (n or 0) + 1 if not map.walkable(0, 0) or n <= 100 then error('no') end print(n)",
                "events/bad/timeout.lua": "return 0",
            ], tickRate: 16)
        map.join(1)
        for _ in 0..<101 { try map.command(1, "bad") }
        #expect(map.errors.last?.contains("is not run until it is changed or resumed") == true)
        #expect(map.prints == [])
        map.tick([.resume(script: "events/other.lua"), .resume(script: "events/bad/index.lua")])
        #expect(map.log.contains("events/bad/index.lua was resumed by an operator"))
        // The last event, which came while the script was suspended, has run now.
        #expect(map.prints == ["101"])
        try map.command(1, "bad")
        #expect(map.prints == ["101", "102"])
        #expect(map.simulation.scriptTimings.first?.isSuspended == false)
        let lines = map.log.count
        map.tick([.resume(script: "events/bad/index.lua")])
        #expect(map.log.count == lines, "what is not suspended can't be resumed")
    }

    @Test("game.yaml: changes of tick_rate, send_rate, limits and max_entities take effect in the next tick")
    func configuration() throws {
        let map = try HotReloadTests.map()
        try map.change(["game.yaml": "tick_rate: 20\nsend_rate: 20\nmax_entities: 6\n"])
        map.script("print(objects.add('objects', {}) ~= nil, objects.add('objects', {}))")
        #expect(map.prints == ["true\tnil"], "\(map.errors)")
        try map.change(["game.yaml": "tick_rate: 20\nsend_rate: 20\nmax_entities: 100\n"])
        map.script("for i = 1, 90 do objects.add('objects', {}) end print(objects.count())")
        #expect(map.prints.last == "96")
        #expect(map.simulation.game.configuration.tickRate == 20)
    }
}
