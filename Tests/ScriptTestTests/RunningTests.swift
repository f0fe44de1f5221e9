import GameFolder
import Simulation
import Synchronization
import Testing

@testable import ScriptTest

@Suite("Running a game's tests") struct RunningTests {
    @Test("each test has a map and a VM of its own, and its file is run again for it")
    func isolation() throws {
        let results = try ScratchGame([
            "tests/a.lua": """
            local count = 0
            shared = (shared or 0) + 1
            test("first", function()
              count = count + 1
              expect({ count, shared, objects.count() }).is({ 1, 1, 1 })
              world.spawn("enemys")
              string.x = 1
            end)
            test("second", function()
              count = count + 1
              expect({ count, shared, objects.count(), #world.entities("enemys") }).is({ 1, 1, 1, 0 })
            end)
            """
        ]).run()
        #expect(results.map(\.name) == ["first", "second"])
        #expect(results.last?.text == "")
    }

    @Test("a file that does not compile counts as one failed test, with file and line")
    func brokenFile() throws {
        let results = try ScratchGame([
            "tests/a.lua": "test('x', function()\n  local = 3\nend)", "tests/b.lua": "test('fine', function() end)",
        ]).run()
        #expect(results.map(\.hasPassed) == [false, true])
        let failure = try #require(results.first?.failures.first)
        #expect((failure.file, failure.line) == ("tests/a.lua", 2))
        #expect(failure.source == "local = 3")
        #expect(failure.message.contains("'<name>' expected near '='"))
    }

    @Test(
        "a file that fails outside its tests counts as one failed test",
        arguments: [
            ("error('oh')", "tests/a.lua:1: oh"),
            (
                "world.spawn('enemys')",
                "tests/a.lua:1: world, objects and map exist only inside test(name, function() … end)"
            ),
            (
                "print(objects.objects_1)",
                "tests/a.lua:1: world, objects and map exist only inside test(name, function() … end)"
            ),
            ("world.map(9)", "tests/a.lua:1: there is no map 9; there are 1, 2"),
            ("test('a')", "tests/a.lua:1: test(name, function) takes a string and a function, got string and nil"),
            (
                "test('a', function() end)\ntest('a', function() end)",
                "tests/a.lua:2: this file has two tests named 'a'"
            ),
        ])
    func failingFile(source: String, message: String) throws {
        let results = try ScratchGame(["tests/a.lua": source]).run()
        #expect(results.map(\.text) == [message])
    }

    @Test("a test can't declare another")
    func nestedTest() throws {
        let result = try ScratchGame.result(of: "test('b', function() end)")
        #expect(result?.text == "tests/one.lua:2: test(…) can't stand inside a test")
    }

    @Test("world.map before the tests applies to all tests of the file")
    func mapOfFile() throws {
        let results = try ScratchGame([
            "tests/a.lua": """
            world.map(2, { seed = 4 })
            test("a", function() expect({ map.id, world.seed }).is({ 2, 4 }) end)
            test("b", function() world.map(1) expect(map.id).is(1) end)
            """
        ]).run()
        #expect(results.map(\.text) == ["", ""])
    }

    @Test("files run in the order of their paths, with those in folders; other files are ignored")
    func order() throws {
        let one = "test('t', function() end)"
        let game = try ScratchGame([
            "tests/z.lua": one, "tests/a/b.lua": one, "tests/c.lua": one, "tests/.hidden.lua": "x",
            "tests/note.md": "x",
        ])
        #expect(try game.run().map(\.file) == ["tests/a/b.lua", "tests/c.lua", "tests/z.lua"])
    }

    @Test("the filter matches a part of file and name, without regard to case")
    func filter() throws {
        let game = try ScratchGame([
            "tests/walk.lua": "test('Left', function() end)\ntest('right', function() end)",
            "tests/talk.lua": "test('left out', function() end)",
        ])
        func names(_ filter: String) throws -> [String] { try game.run { $0.filter = filter }.map(\.name) }
        #expect(try names("left") == ["left out", "Left"])
        #expect(try names("walk") == ["Left", "right"])
        #expect(try names("walk.lua: r") == ["right"])
        let summary = try game.tests { $0.filter = "nothing" }.run { _ in }
        #expect((summary.passed, summary.failed, summary.skipped) == (0, 0, 3))
    }

    @Test("the same seed gives the same random numbers, another seed gives others")
    func seed() throws {
        let game = try ScratchGame([
            "events/roll/index.lua": "print(math.random(1000000), map.random())",
            "tests/a.lua": """
            test("a", function()
              local p = world.join("ann")
              p.events.add("roll")
              world.tick()
              print(math.random(1000000), world.log[#world.log].text, p.x, p.y)
            end)
            """,
        ])
        func printed(_ seed: UInt64) throws -> [String]? { try game.run { $0.seed = seed }.first?.printed }
        let first = try printed(5)
        #expect(first?.count == 1)
        #expect(try printed(5) == first)
        #expect(try printed(6) != first)
    }

    @Test("a test that does not end is stopped at its time limit, and the next one runs")
    func timeLimit() throws {
        let game = try ScratchGame([
            "tests/a.lua": "test('endless', function()\nwhile true do end\nend)\ntest('next', function() end)"
        ])
        let results = try game.run { $0.timeLimit = .milliseconds(50) }
        #expect(results.first?.text == "tests/a.lua:2: time limit of 50 ms of CPU time exceeded")
        #expect(results.last?.text == "")
    }

    @Test("a test's ticks stop at its time limit")
    func timeLimitOfSimulation() throws {
        let game = try ScratchGame([
            "tests/a.lua": "test('long', function()\nworld.join('ann').events.add('heal')\nworld.advance(1000)\nend)"
        ])
        // A second passes with each reading of the clock.
        let seconds = Mutex<UInt64>(0)
        let clock = SimulationClock(
            now: { 0 }, monotonic: { 0 },
            cpu: {
                seconds.withLock {
                    $0 += 1
                    return $0 * 1_000_000_000
                }
            })
        let result = try #require(try game.tests(clock: clock).results().first)
        #expect(result.text.contains("tests/a.lua:3: the test's time is up after"))
        #expect(result.simulatedSeconds < 20)
    }

    @Test("a test that takes too much memory fails, and the next one runs")
    func memoryLimit() throws {
        let game = try ScratchGame([
            "tests/a.lua":
                "test('big', function()\nlocal t = {}\nfor i = 1, 1e9 do t[i] = { i } end\nend)\ntest('next', function() end)"
        ])
        let results = try game.run { $0.memoryLimitBytes = 4 << 20 }
        #expect(results.first?.text.contains("memory limit of 4 MiB exceeded") == true)
        #expect(results.last?.text == "")
    }

    @Test("a failure has the error's position and the map's log")
    func errorsInHelpers() throws {
        let result = try #require(
            try ScratchGame([
                "tests/a.lua": """
                local function check(p)
                  expect(p.x).is(9)
                end
                test("a", function()
                  world.spawn("enemys")
                  local p = world.join("ann", { x = 1, y = 1 })
                  print("p is", p.key)
                  check(p)
                end)
                """
            ]).run().first)
        #expect(result.text == "tests/a.lua:2: expected 9, got 1")
        #expect(result.line == 4)
        let failure = try #require(result.failures.first)
        #expect(failure.source == "expect(p.x).is(9)")
        #expect(
            failure.traceback == ["tests/a.lua:2: in function 'check'", "tests/a.lua:8: in function 'test'"])
        #expect(result.printed == ["p is\tplayers_1"])
        #expect(result.log == ["0 s spawn/enemys.lua: here is\tenemys_1"])
    }

    @Test("a repeated error is reported once")
    func repeatedError() throws {
        let result = try ScratchGame.result(
            of: "local p = world.join('ann')\nfor i = 1, 3 do p.events.add('fail') world.advance(1) end")
        #expect(result?.failures.count == 1)
        #expect(result?.text.hasSuffix("[players_1] (3 times)") == true)
    }

    @Test("mistakes in the game folder are reported once, not with every test")
    func problems() throws {
        let game = try ScratchGame([
            "components/bag.lua": "--@type perhaps", "events/heal/index.lua": "x = = 1",
            "lib/tools.lua": "local a\na.b = 1",
            "tests/a.lua": "test('a', function() expect(objects.count()).is(1) end)",
        ])
        let tests = try game.tests()
        #expect(tests.problems.count == 3, "\(tests.problems)")
        #expect(tests.problems.contains { $0.hasPrefix("components/bag.lua:1:") })
        #expect(tests.problems.contains { $0.contains("events/heal/index.lua:1: ") })
        #expect(tests.problems.contains { $0.contains("lib/tools.lua:2: ") })
        #expect(tests.results().map(\.text) == [""])
    }

    @Test("a test goes on when its map's VM is replaced by a new one [2-lua-api 1]")
    func rebuiltVM() throws {
        let result = try ScratchGame.result(
            of: """
                local p = world.join("ann", { x = 1, y = 1 })
                local bag = p.components.bag
                local function isMadeAnew()
                  for _, entry in ipairs(world.log) do
                    if entry.text:find("made anew", 1, true) then return true end
                  end
                end
                local rounds = 0
                repeat
                  p.events.add("fill")
                  world.advance(1)
                  world.spawn("enemys", { x = 2, y = 2 })
                  rounds = rounds + 1
                until isMadeAnew() or rounds == 30
                expect(rounds).isBelow(30)
                while #world.errors > 0 do world.expectError("memory") end
                bag.slots[1] = "axe"
                p.components.hp = -1
                expect(p.components).is({ hp = 0, bag = { slots = { "axe" } } })
                expect(#objects.near(2, 2, 1, "enemys")).is(rounds)
                """,
            [
                "game.yaml": "memory_limit_mb: 1",
                "events/fill/index.lua":
                    "hoard = hoard or {} for i = 1, 970 do hoard[i] = string.rep('x', 1000) .. i end",
            ])
        #expect(result?.text == "")
    }

    @Test("tests/ is not a part of the game [3-game-folder]")
    func ignoredByTheGame() throws {
        let tests = try ScratchGame(["tests/a.lua": "x", "tests/b.tmj": "x", "tests/deep/er/c.lua": "x"]).tests()
        #expect(tests.problems == [])
        #expect(tests.game.scripts.allSatisfy { !$0.path.hasPrefix("tests/") })
    }

    @Test("the totals are the sums of the results")
    func summary() throws {
        let game = try ScratchGame([
            "tests/a.lua":
                "test('a', function() world.advance(2) end)\ntest('b', function() world.advance(1) expect(1).is(2) end)"
        ])
        let tests = try game.tests()
        let summary = tests.run { _ in }
        #expect((summary.passed, summary.failed, summary.skipped) == (1, 1, 0))
        #expect(abs(summary.simulatedSeconds - 3) < 1e-6)
    }
}
