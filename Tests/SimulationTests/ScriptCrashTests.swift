import SimulationTestKit
import Synchronization
import Testing

@testable import GameFolder
@testable import Simulation

@Suite("A script that crashed an earlier process is suspended") struct ScriptCrashTests {
    /// A history that records which scripts were forgiven.
    final class History: CrashHistory {
        let crashes: [ScriptCrash]
        let forgiven = Mutex<[String]>([])

        init(_ crashes: [ScriptCrash]) { self.crashes = crashes }

        func forgive(_ path: String) { forgiven.withLock { $0.append(path) } }
    }

    static let go = "--@public true\nprint('it ran')\n"
    static let files = [
        "lib/rules.lua": "answer = 42\n", "events/go/index.lua": go, "events/go/timeout.lua": "return 0\n",
        "events/ask/index.lua": "--@public true\nprint('answer', answer)\n",
    ]

    func crash(_ path: String) throws -> ScriptCrash {
        let version = GameScript.version(of: Array((Self.files[path] ?? "").utf8))
        return try #require(ScriptCrash("1700000000 SIGSEGV 1 123 \(version) \(path)"))
    }

    func suspended(_ map: TestMap) -> [String] {
        map.simulation.scriptTimings.filter(\.isSuspended).map(\.script)
    }

    @Test("a journal's line is read as it was written; any other text is refused")
    func lines() throws {
        let line = "1795900030 SIGBUS 4 123 3f2a5b6c7d8e events/go for it/index.lua"
        let crash = try #require(ScriptCrash(line))
        #expect(crash.line == line)
        #expect(crash.path == "events/go for it/index.lua" && crash.mapID == 4 && crash.tick == 123)
        #expect(
            crash.description == "the server died by SIGBUS while events/go for it/index.lua ran on map 4, tick 123")
        let outside = try #require(ScriptCrash("1795900030 SIGABRT -1 0 - -"))
        #expect(outside.path == nil && outside.mapID == nil)
        #expect(outside.description == "the server died by SIGABRT, and no script ran on its thread")
        for broken in ["", "1795900030 SIGBUS 4 123 3f2a", "x SIGBUS 4 123 3f2a a.lua", "1 TERM 4 123 3f2a a.lua"] {
            #expect(ScriptCrash(broken) == nil)
        }
    }

    @Test("it is in log and error log, listed as suspended, and does not run; other scripts do")
    func suspended() throws {
        let map = try TestMap(Self.files, crashes: History([try crash("events/go/index.lua")]))
        map.join(1)
        try map.command(1, "go/index")
        try map.command(1, "ask/index")
        map.tick()
        #expect(!map.log.contains { $0.contains("it ran") })
        #expect(map.log.contains { $0.contains("answer\t42") })
        let kinds = map.simulation.log.errors.map(\.kind)
        #expect(kinds == ["suspended"])
        #expect(map.log.contains { $0.contains("died by SIGSEGV while events/go/index.lua ran") })
        #expect(suspended(map) == ["events/go/index.lua"])
        // A new VM does not run it either.
        map.simulation.rebuild(because: "a test asks")
        try map.command(1, "go/index")
        map.tick(seconds: 2)
        #expect(!map.log.contains { $0.contains("it ran") })
    }

    @Test("an operator's resume loads it again and removes its crash from the history")
    func resumed() throws {
        let history = History([try crash("events/go/index.lua")])
        let map = try TestMap(Self.files, crashes: history)
        map.join(1)
        map.tick([.resume(script: "events/go/index.lua")])
        #expect(history.forgiven.withLock { $0 } == ["events/go/index.lua"])
        #expect(suspended(map) == [])
        try map.command(1, "go/index")
        map.tick()
        #expect(map.log.contains { $0.contains("it ran") })
    }

    @Test("a changed file counts as another script, which runs")
    func changed() throws {
        let map = try TestMap(Self.files, crashes: History([try crash("events/go/index.lua")]))
        map.join(1)
        try map.change(["events/go/index.lua": Self.go + "print('and this')\n"])
        try map.command(1, "go/index")
        map.tick()
        #expect(map.log.contains { $0.contains("and this") })
        try map.change(["events/go/index.lua": Self.go])
        #expect(suspended(map) == ["events/go/index.lua"])
    }

    @Test("a suspended lib is left out, and runs when it is resumed")
    func lib() throws {
        let map = try TestMap(Self.files, crashes: History([try crash("lib/rules.lua")]))
        map.join(1)
        try map.command(1, "ask/index")
        map.tick()
        #expect(map.log.contains { $0.contains("answer\tnil") })
        #expect(suspended(map) == ["lib/rules.lua"])
        #expect(map.simulation.log.errors.count == 1)
        map.tick([.resume(script: "lib/rules.lua")])
        try map.command(1, "ask/index")
        map.tick(seconds: 2)
        #expect(map.log.contains { $0.contains("answer\t42") })
        #expect(map.simulation.log.errors.count == 1)
    }
}
