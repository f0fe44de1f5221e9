import Foundation
import GameRules
import ScriptCheck
import ScriptTest
import SimulationTestKit
import Testing

@testable import LuaSandbox
@testable import Simulation

@Suite("Games and examples in README.md and docs/ do what the pages say") struct DocExamplesTests {
    @Test("a page's game: its files load, and it does what the page says", arguments: DocPage.allGames)
    func plays(of game: DocPage.Game) throws {
        let running = try DocGame(DocPage.folder(of: game))
        var play = DocPlay(running)
        for block in DocPage.blocks(of: game) {
            func complain(_ offset: Int, _ problem: String) {
                Issue.record("\(game.page):\(block.line + offset): \(block.lines[offset]): \(problem)")
            }
            switch block.role {
            case .file(let path):
                try running.write(path, block.text)
                continue
            case .insertion(let path, let line):
                try running.edit(path) { lines in
                    let index = try #require(lines.firstIndex(of: line), "\(path) has no line \(line)")
                    lines.insert(contentsOf: block.lines, at: index + 1)
                }
            case .play:
                try running.takeFiles()
                #expect(play.untoldErrors() == [], "\(game.page):\(block.line)")
                for (offset, step) in block.lines.enumerated() where !step.isEmpty {
                    if let problem = try play.play(step) { complain(offset, problem) }
                }
            case .log:
                try running.takeFiles()
                for (offset, line) in block.lines.enumerated()
                where !running.logFile.contains(where: { logLine($0, matches: line) }) {
                    complain(offset, "the log has \(running.logFile.suffix(8))")
                }
            case .errors:
                try running.takeFiles()
                for (offset, line) in block.lines.enumerated() {
                    if let problem = play.takeErrorLine(line) { complain(offset, problem) }
                }
            case .tests:
                let printed = try runTests(of: running)
                for (offset, line) in block.lines.enumerated() where !printed.contains(where: { matches($0, line) }) {
                    complain(offset, "perigee test prints \(printed)")
                }
            case .example, .notRun, .other: continue
            }
        }
        try running.takeFiles()
        #expect(play.untoldErrors() == [], "\(game.page)")
        // Readers copy games that run without an error, so perigee check must find nothing in them.
        if running.errors.isEmpty {
            let findings = try GameCheck(directory: running.directory.path).diagnostics.map { $0.line() }
            #expect(findings == [], "\(game.page)")
        }
        _ = try runTests(of: running)
    }

    /// Runs the game tests that a page shows; they must pass.
    ///
    /// - Returns: What `perigee test` prints.
    private func runTests(of game: DocGame) throws -> [String] {
        let clock = SimulationClock(now: { 0 }, monotonic: { 0 })
        let report = ReadableReport(hasColour: false, seed: 1)
        var lines: [String] = []
        for path in game.testPaths {
            var options = GameTests.Options(clock: clock)
            options.filter = path
            let tests = try GameTests(directory: game.directory.path, options: options)
            let summary = tests.run { lines += report.lines($0) }
            lines += report.lines(summary)
            #expect(summary.failed == 0 && summary.passed > 0, "\(lines)")
            #expect(tests.problems == [])
        }
        return lines
    }

    @Test(
        "an example prints the text that the page shows beside it, and raises the errors that the page shows",
        arguments: DocExample.all)
    func example(_ example: DocExample) throws { try example.check() }

    @Test("every lua block is run, or the page gives the reason why it is not")
    func nothingIsLeftOut() {
        #expect(DocPage.all.map(\.name).contains("docs/lua/reference.md"))
        #expect(DocExample.all.count > 30)
        for page in DocPage.all {
            for block in page.outside where block.language == "lua" || block.language == "play" {
                if case .notRun = block.role { continue }
                Issue.record("\(page.name):\(block.line): stands before the first <!-- new game -->")
            }
            for block in page.outside + page.games.flatMap({ $0 }) {
                if case .notRun(let reason) = block.role { #expect(reason.count > 10, "\(page.name):\(block.line)") }
            }
        }
    }

    @Test("the reference describes every global, field and function of the API, and uses it in an example")
    func everythingIsDocumented() throws {
        func text(_ page: String) throws -> String {
            try String(contentsOf: DocPage.repository.appendingPathComponent(page), encoding: .utf8)
        }
        let page = try #require(DocPage.all.first { $0.name == "docs/lua/reference.md" })
        // What is there for sockets alone has a page of its own, whose examples are the files of a game.
        let sockets = try #require(DocPage.all.first { $0.name == "docs/lua/sockets.md" })
        let scripts = sockets.games.joined().filter { $0.language == "lua" }.map(\.text).joined()
        let socketText = try text(sockets.name)
        for owner in ScriptAPI.socketClasses {
            for name in owner.members.map(\.name) {
                #expect(has(socketText, "[.`]\(name)\\b"), "\(owner.name).\(name) is not on the page")
                #expect(has(scripts, "[.:]\(name)\\b"), "\(owner.name).\(name) is in no example")
            }
        }
        let text = try text(page.name)
        let examples = DocExample.all.filter { $0.page == page.name }.flatMap(\.source).joined(separator: "\n")
        let others = Set(ScriptAPI.socketClasses.map(\.name))
        for owner in ScriptAPI.classes where !others.contains(owner.name) {
            for name in owner.members.map(\.name) {
                #expect(has(text, "[.`]\(name)\\b"), "\(owner.name).\(name) is not in the reference")
                #expect(has(examples, "[.:]\(name)\\b"), "\(owner.name).\(name) is in no example")
            }
        }
        for name in Self.globals {
            let pattern = "\\b" + name.replacingOccurrences(of: ".", with: "\\.") + "\\b"
            #expect(has(text, pattern), "\(name) is not in the reference")
            #expect(has(examples, pattern), "\(name) is in no example")
        }
    }

    private func has(_ text: String, _ pattern: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }

    /// The globals that stock Lua 5.1 does not have, or that differ from those of stock Lua.
    static let globals =
        ScriptAPI.functions.map(\.name) + ["objects", "map", "object"] + [
            "pcall", "xpcall", "coroutine", "tostring", "getfenv", "setfenv", "pairs", "ipairs", "next", "getmetatable",
            "math.random", "math.randomseed", "string.match", "string.rep", "table.concat", "os.clock", "os.date",
            "os.difftime", "os.time", "debug.traceback",
        ]
}
