import ArgumentParser
import Foundation
import GameFolder
import LuaSandbox
import ScriptTest
import Simulation

/// `perigee test`
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Runs a game's own tests, tests/*.lua, on maps without a network.",
        discussion: """
            Each test has a map and a clock of its own: thousands of simulated seconds take moments. The same seed gives the \
            same results. The exit status is 0 if all tests passed and the game folder has no mistakes, 1 if not, and 2 \
            when there is nothing to run.
            """)

    @Argument(help: "The game folder.") var directory = "lua"
    @Option(help: "Only tests whose \"FILE: NAME\" contains this text.") var filter: String?
    @Option(help: "Starts all that is random; a whole number from 0.") var seed: UInt64 = 1
    @Option(help: "CPU time of one test, in seconds (0.1 to 3600).") var timeLimit = 10.0
    @Flag(help: "Prints TAP 13 (Test Anything Protocol).") var tap = false
    @Flag(help: "Prints one JSON object.") var json = false

    func validate() throws {
        guard (0.1...3600).contains(timeLimit) else {
            throw ValidationError("--time-limit is \(timeLimit); give seconds from 0.1 to 3600")
        }
        if tap, json { throw ValidationError("--tap and --json exclude each other") }
    }

    func run() throws {
        var options = GameTests.Options(clock: .system)
        options.filter = filter
        options.seed = seed
        options.timeLimit = .milliseconds(Int(timeLimit * 1000))
        let tests: GameTests
        do {
            tests = try GameTests(directory: directory, options: options)
        } catch let error as GameFolderError {
            throw nothingToRun("\(error)".replacingOccurrences(of: "--game DIR", with: "perigee test DIR"))
        }
        guard !tests.files.isEmpty else {
            throw nothingToRun("\"\(directory)\" has no tests; write the first one as \(directory)/tests/first.lua")
        }
        let summary = report(tests)
        if summary.passed + summary.failed == 0 {
            throw nothingToRun(
                filter.map { "none of \(summary.skipped) tests has \"\($0)\" in its name" }
                    ?? "the files in \(directory)/tests declare no tests; write test(\"name\", function() … end)")
        }
        if summary.failed > 0 || !tests.problems.isEmpty { throw ExitCode(1) }
    }

    private func report(_ tests: GameTests) -> TestSummary {
        func show(_ lines: [String]) { for line in lines { print(line) } }
        if tap {
            var report = TAPReport()
            show(report.begin(problems: tests.problems))
            let summary = tests.run { show(report.lines($0)) }
            show(report.end())
            return summary
        }
        if json {
            var report = JSONReport()
            let summary = tests.run { report.add($0) }
            print(report.text(summary, problems: tests.problems, seed: seed))
            return summary
        }
        let wantsColour = ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let report = ReadableReport(hasColour: wantsColour && isatty(STDOUT_FILENO) == 1, seed: seed)
        show(report.lines(problems: tests.problems))
        let summary = tests.run { show(report.lines($0)) }
        show(report.lines(summary))
        return summary
    }

    private func nothingToRun(_ message: String) -> ExitCode {
        StandardError.print("perigee: \(message)")
        return ExitCode(2)
    }
}
