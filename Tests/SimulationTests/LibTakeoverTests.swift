import GameFolder
import LuaSandbox
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Libs are taken over together [3-game-folder, 2-lua-api 7]") struct LibTakeoverTests {
    static let files = [
        "lib/a.lua": "function f() return 'f1' end shared = { n = 1 }", "lib/b.lua": "function g() return 'g1' end",
        "events/a/index.lua":
            "--@public true\nprint(f and f(), g and g(), h and h(), shared and shared.n)",
        "events/a/timeout.lua": "return 0",
    ]

    static func map(_ more: [String: String] = [:]) throws -> TestMap {
        let map = try TestMap(files.merging(more) { $1 })
        map.join(1)
        return map
    }

    /// The function `f` of the next version of `lib/a.lua`.
    static let second = "function f() return 'f2' end"

    struct Mistake: Sendable, CustomTestStringConvertible {
        let name: String
        let source: String
        let error: String

        var testDescription: String { name }
    }

    static let mistakes = [
        Mistake(name: "does not compile", source: "function f( return 1 end", error: "lib/a.lua:1: <name> or"),
        Mistake(
            name: "raises at its first line", source: "local far = settings.far * 2\n" + second,
            error: "lib/a.lua:1: attempt to index global 'settings' (a nil value)"),
        Mistake(
            name: "raises at its end", source: second + " shared = { n = 2 }\nlocal x = nil + 1",
            error: "lib/a.lua:2: attempt to perform arithmetic on a nil value"),
        Mistake(
            name: "raises by error()", source: second + "\nerror('no settings')",
            error: "lib/a.lua:2: no settings"),
        Mistake(
            name: "raises a table", source: second + "\nerror({})",
            error: "error object of type table"),
        Mistake(
            name: "does not end", source: second + "\nwhile true do end",
            error: "lib/a.lua:2: time limit of 50 ms of CPU time exceeded"),
        Mistake(
            name: "takes all memory",
            source: second + "\nlocal t = ('x'):rep(2 ^ 27)",
            error: "lib/a.lua:2: memory limit of 64 MiB exceeded"),
        Mistake(
            name: "fails in another lib's function", source: second + "\nshared.n.m = 1",
            error: "lib/a.lua:2: attempt to index global 'shared'"),
        Mistake(
            name: "breaks its globals first",
            source: "setmetatable(_G, { __newindex = function() error('strict') end })\nf = 1",
            error: "strict"),
    ]

    @Test("one that fails changes nothing but the error log, and is taken when it is mended", arguments: mistakes)
    func former(_ mistake: Mistake) throws {
        let map = try Self.map()
        try map.command(1, "a")
        // The other lib is new and right; a script that changes with them sees the former libs.
        try map.change([
            "lib/a.lua": mistake.source, "lib/b.lua": "function g() return 'g2' end",
            "lib/c.lua": "function h() return 'h2' end",
            "events/a/index.lua": Self.files["events/a/index.lua"]! + " print('v2')",
        ])
        try map.command(1, "a")
        #expect(map.prints == ["f1\tg1\tnil\t1", "f1\tg1\tnil\t1", "v2"], "\(map.errors)")
        #expect(map.errors.count == 1 && map.errors[0].contains(mistake.error), "\(map.errors)")
        #expect(map.log.contains("lib/a.lua failed: no lib is taken over, all go on as they were"), "\(map.log)")
        let problems = map.simulation.lastReload?.problems ?? []
        #expect(problems.map(\.file) == ["lib/a.lua"])
        #expect(problems.first?.message.hasSuffix("(no lib is taken over, all go on as they were)") == true)
        // Complained about once.
        try map.change(["events/a/timeout.lua": "return 0 + 0"])
        #expect(map.errors.count == 1, "\(map.errors)")
        #expect(map.simulation.lastReload?.problems.count == 1)
        try map.change(["lib/a.lua": "function f() return 'f3' end shared = { n = 3 }"])
        try map.command(1, "a")
        #expect(map.prints.suffix(2) == ["f3\tg2\th2\t3", "v2"], "\(map.errors)")
        #expect(map.simulation.lastReload?.problems == [])
        #expect(map.simulation.failedLibs == [])
    }

    @Test("at a start without a former one, one that fails defines nothing and the others run", arguments: mistakes)
    func start(_ mistake: Mistake) throws {
        let map = try Self.map(["lib/a.lua": mistake.source])
        try map.command(1, "a")
        #expect(map.prints == ["nil\tg1\tnil\tnil"], "\(map.errors)")
        #expect(map.errors.count == 1 && map.errors[0].contains(mistake.error), "\(map.errors)")
        let problems = map.simulation.lastReload?.problems ?? []
        #expect(problems.map(\.file) == ["lib/a.lua"])
        #expect(problems.first?.message.hasSuffix("(it defines nothing)") == true, "\(problems)")
        #expect(map.simulation.failedLibs == ["lib/a.lua"])
        try map.change(["events/a/timeout.lua": "return 0 + 0"])
        #expect(map.errors.count == 1 && map.simulation.lastReload?.problems.count == 1, "\(map.errors)")
        // Another lib alone waits for it: they are taken over together.
        try map.change(["lib/b.lua": "function g() return 'g2' end"])
        try map.command(1, "a")
        try map.change(["lib/a.lua": Self.files["lib/a.lua"]])
        try map.command(1, "a")
        #expect(map.prints.dropFirst() == ["nil\tg1\tnil\tnil", "f1\tg2\tnil\t1"], "\(map.errors)")
    }

    @Test("at a start, libs that need one that fails fail too, and what they began is not there either")
    func dependents() throws {
        let map = try Self.map([
            "lib/a.lua": "shared = { n = 1 } error('no')", "lib/b.lua": "function g() return 'g' end shared.n = 2",
            "lib/c.lua": "function h() return 'h' end",
        ])
        try map.command(1, "a")
        #expect(map.prints == ["nil\tnil\th\tnil"], "\(map.errors)")
        #expect(map.simulation.lastReload?.problems.map(\.file) == ["lib/a.lua", "lib/b.lua"])
    }

    @Test("a lib that fails only with another one's new version: both go on as they were")
    func together() throws {
        let map = try Self.map(["lib/b.lua": "local n = shared.n function g() return n end"])
        try map.change(["lib/a.lua": Self.second])
        try map.command(1, "a")
        #expect(map.prints == ["f1\t1\tnil\t1"])
        #expect(map.simulation.lastReload?.problems.map(\.file) == ["lib/b.lua"])
        // Back as it was: nothing is wrong any more, and nothing ran anew.
        try map.change(["lib/a.lua": Self.files["lib/a.lua"]])
        #expect(map.simulation.lastReload?.problems == [])
        #expect(map.simulation.lastReload?.files.isEmpty == true, "\(map.simulation.lastReload?.files ?? [])")
        try map.change(["lib/a.lua": nil])
        try map.command(1, "a")
        #expect(
            map.prints.count == 2 && map.prints[1] == "f1\t1\tnil\t1", "a file that is gone fails others: \(map.prints)"
        )
        #expect(map.simulation.log.errorCount == 2)
    }

    static let refusal =
        "a lib can't change the world while it loads; do it in a function that an event or a spawn hook calls"

    @Test(
        "a lib can't change the world while it is tried out, and its functions can later",
        arguments: [
            "objects.add('objects', {})", "objects.remove('players_1')", "objects.players_1 = nil",
            "objects.players_1.remove()", "objects.players_1.remove('players_1')", "objects.players_1.x = 3",
            "objects.players_1.components.hp = 3", "objects.players_1.components.bag.n = 3",
            "objects.players_1.events.add('a')", "map.event(1, 'players_1', 'a')", "map.broadcast({n = 1})",
            "objects.players_1.send({n = 1})", "add()",
        ])
    func triggered(change: String) throws {
        let map = try Self.map([
            "spawn/objects.lua": "print('spawn', f())", "components/hp.lua": "--@type number\n--@default 5\n",
            "components/bag.lua": "--@type json\n--@default {}\n",
            "lib/b.lua": "function add() return objects.add('objects', {}) end",
        ])
        let before = map.simulation.world.record(of: try #require(map.entity("players_1")))
        try map.change(["lib/a.lua": Self.second, "lib/c.lua": change])
        #expect(map.prints == [] && map.simulation.world.count == 1)
        #expect(map.errors.count == 1 && map.errors.first?.contains(Self.refusal) == true, "\(map.errors)")
        #expect(map.entity("players_1").flatMap(map.simulation.world.record) == before)
        try map.change(["lib/c.lua": "count = objects.count('players') print(objects.players_1.events.a.timeout())"])
        map.script("add() print(count)")
        #expect(map.prints == ["0", "spawn\tf2", "1"], "\(map.errors)")
    }

    @Test("a formula that a lib asks for is refused as a formula, and the lib then as a lib")
    func nested() throws {
        let map = try Self.map(["events/a/timeout.lua": "object.x = 3 return 0"])
        try map.change(["lib/c.lua": "local seconds = objects.players_1.events.a.timeout() objects.players_1.x = 3"])
        #expect(map.errors.count == 2, "\(map.errors)")
        #expect(map.errors.first == "events/a/timeout.lua:1: a timeout formula can't change the world")
        #expect(map.errors.last?.hasPrefix("lib/c.lua:1: \(Self.refusal)") == true)
    }

    @Test("a trial that can't take place takes nothing over and forgives nothing")
    func impossible() throws {
        let map = try Self.map()
        try map.change(["lib/a.lua": "error('no')"])
        let host = map.simulation.host
        let running = host.libs.running
        host.sandbox.stopHandle.requestStop()
        try map.change(["lib/b.lua": "function g() return 'g2' end"])
        #expect(map.errors.contains { $0.hasPrefix("the libs can't be loaded: ") }, "\(map.errors)")
        #expect(host.libs.running == running)
        #expect(map.simulation.failedLibs == ["lib/a.lua"])
        let next = try ScriptHost(
            world: map.simulation.world, sockets: host.sockets, limits: host.limits, seed: 1, log: map.simulation.log,
            ids: host.ids, clock: host.clock, router: nil)
        next.sandbox.stopHandle.requestStop()
        next.runLibs(of: host)
        #expect(next.libs.running == [] && next.libs.areLoaded)
    }

    @Test("what fails in a new VM is another matter than what is in the folder and was refused")
    func refusedOverRebuild() throws {
        let map = try Self.map()
        try map.change(["lib/a.lua": "error('no')"])
        map.simulation.rebuild(because: "of a test")
        #expect(map.simulation.failedLibs == ["lib/a.lua"])
    }

    @Test("a script whose new text is broken sees the new libs in its old version")
    func keptScript() throws {
        let map = try Self.map()
        try map.change([
            "lib/a.lua": Self.second, "events/a/index.lua": "--@public true\nif then",
        ])
        try map.command(1, "a")
        #expect(map.prints == ["f2\tg1\tnil\tnil"])
    }

    @Test("a lib's tables that scripts hold stay the libs' own over a reload")
    func heldViews() throws {
        let map = try Self.map([
            "lib/c.lua": "function count(t) t.n = t.n + 1 return t.n end counter = { n = 0 }",
            "components/bag.lua": "--@type json\n--@default {}\n",
            "events/hold/index.lua": """
            --@public true
            held = held or counter
            add = add or count
            print(add(held), pcall(function() held.n = 7 end))
            """,
            "events/hold/timeout.lua": "return 0",
        ])
        try map.command(1, "hold")
        try map.change(["lib/a.lua": "error('no')"])
        try map.command(1, "hold")
        // The script's text is broken, so that its globals last while the libs are new.
        try map.change(["lib/a.lua": Self.files["lib/a.lua"]! + " --", "events/hold/index.lua": "if then"])
        try map.command(1, "hold")
        let refused = "false\tevents/hold/index.lua:4: field 'n' belongs to a lib: a script can't change it"
        #expect(map.prints == ["1\t\(refused)", "2\t\(refused)", "3\t\(refused)"], "\(map.errors)")
    }

    @Test("hundreds of libs that fail cost no memory")
    func leak() throws {
        let map = try Self.map()
        func bytes() -> Int {
            map.simulation.host.sandbox.collectGarbage()
            return map.simulation.host.sandbox.usedBytes
        }
        var first = 0
        for version in 0..<300 {
            try map.change(["lib/a.lua": "t = { ('x'):rep(10000) .. \(version) } error('\(version)')"])
            if version == 20 { first = bytes() }
        }
        #expect(bytes() < first + 50_000, "\(first) -> \(bytes())")
        #expect(map.simulation.host.sandbox.liveEnvironmentCount < 10)
    }
}
