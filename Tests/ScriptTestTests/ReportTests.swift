import JSONValues
import Testing

@testable import ScriptTest

@Suite("Reports of a game's tests") struct ReportTests {
    static let passed = TestResult(
        file: "tests/walk.lua", line: 3, name: "walks # far", printed: ["so\nfar"], simulatedSeconds: 12.345, ticks: 70,
        nanoseconds: 4_400_000)
    static let failed = TestResult(
        file: "tests/walk.lua", line: 9, name: "stops",
        failures: [
            .init(
                file: "tests/walk.lua", line: 12, message: "expected {1}\n  got {2}", source: "expect(x).is(\"a\")",
                traceback: ["tests/walk.lua:12: in function 'check'"]),
            .init(file: "", line: 0, message: "error in the map's log: boom", source: "", traceback: []),
        ], log: ["0.5 s events/a.lua: hello"])

    static var summary: TestSummary {
        var summary = TestSummary(passed: 1, failed: 1, skipped: 2)
        summary.simulatedSeconds = 12.345
        summary.nanoseconds = 1_234_000_000
        return summary
    }

    @Test("the text report shows names, times, positions, the line, the traceback and the log")
    func readable() {
        let report = ReadableReport(hasColour: false, seed: 7)
        let lines =
            report.lines(problems: ["lib/a.lua:1: bad"]) + report.lines(.file(path: "tests/walk.lua", tests: 2))
            + report.lines(.result(Self.passed)) + report.lines(.result(Self.failed)) + report.lines(Self.summary)
        #expect(
            lines.joined(separator: "\n") == """
                ✗ the game folder has mistakes:
                    lib/a.lua:1: bad
                tests/walk.lua
                  ✓ walks # far (12.35 s, 4 ms)
                      so
                      far
                  ✗ stops (0 s, 0 ms)
                      tests/walk.lua:12: expected {1}
                        got {2}
                        12 | expect(x).is("a")
                        tests/walk.lua:12: in function 'check'
                      error in the map's log: boom
                      the map's log:
                        0.5 s events/a.lua: hello

                1 passed, 1 failed, 2 left out by --filter; 12.35 simulated seconds in 1.23 s; seed 7
                """)
    }

    @Test("only terminals get colours")
    func colours() {
        let plain = ReadableReport(hasColour: false, seed: 1).lines(.result(Self.failed)).joined()
        let coloured = ReadableReport(hasColour: true, seed: 1).lines(.result(Self.failed)).joined()
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("\u{1B}[31m✗\u{1B}[0m"))
    }

    @Test("TAP 13: a plan, numbered lines, # escaped, and failures as YAML")
    func tap() {
        var report = TAPReport()
        var lines = report.begin(problems: [])
        lines += report.lines(.file(path: "tests/walk.lua", tests: 2))
        lines += report.lines(.result(Self.passed)) + report.lines(.result(Self.failed)) + report.end()
        #expect(
            lines.joined(separator: "\n") == ##"""
                TAP version 13
                ok 1 - the game folder has no mistakes
                # so
                # far
                ok 2 - tests/walk.lua: walks \# far
                not ok 3 - tests/walk.lua: stops
                  ---
                  message: "expected {1}\n  got {2}"
                  at: "tests/walk.lua:12"
                  source: "expect(x).is(\"a\")"
                  traceback: "tests/walk.lua:12: in function 'check'"
                  ...
                  ---
                  message: "error in the map's log: boom"
                  log: "0.5 s events/a.lua: hello"
                  ...
                1..3
                """##)
        var broken = TAPReport()
        #expect(broken.begin(problems: ["lib/a.lua:1: bad"]).contains("not ok 1 - the game folder has no mistakes"))
    }

    @Test("the JSON report is one object with everything")
    func json() throws {
        var report = JSONReport()
        report.add(.file(path: "tests/walk.lua", tests: 2))
        report.add(.result(Self.passed))
        report.add(.result(Self.failed))
        let text = report.text(Self.summary, problems: ["lib/a.lua:1: bad"], seed: 7)
        let object = try #require(try JSON(parsing: Array(text.utf8)).object)
        #expect(object["failed"] == .number(1))
        #expect(object["seed"] == .number(7))
        #expect(object["problems"] == .array([.string("lib/a.lua:1: bad")]))
        let tests = try #require(object["tests"]?.array).compactMap(\.object)
        #expect(tests.map { $0["passed"] } == [.bool(true), .bool(false)])
        #expect(tests.first?["ms"] == .number(4.4))
        let failure = tests.last?["failures"]?.array?.first?.object
        #expect(failure?["line"] == .number(12))
        #expect(failure?["traceback"]?.array?.count == 1)
    }
}
