import Foundation
import ScriptCheck
import SimulationTestKit
import Testing

@testable import Simulation

/// A `lua` block that is the code of an event, with the lines that it must print and the errors that it must raise.
struct DocExample: Sendable, CustomTestStringConvertible {
    let page: String
    let line: Int
    let heading: String
    let source: [String]
    let game: DocPage.Game

    var testDescription: String { "\(page):\(line) \(heading)" }

    static let all: [DocExample] = DocPage.allGames.flatMap { game in
        DocPage.blocks(of: game).filter { $0.role == .example }.map {
            DocExample(page: game.page, line: $0.line, heading: $0.heading, source: $0.lines, game: game)
        }
    }

    private static let mark = "-->"

    /// The text after `-->` in a line; `nil` without one.
    private static func told(_ line: String) -> String? {
        line.range(of: mark).map { String(line[$0.upperBound...]).trimmingCharacters(in: .whitespaces) }
    }

    private func told(_ prefix: String) -> [(line: Int, text: String)] {
        source.enumerated().compactMap { index, line in
            guard let text = Self.told(line), text.hasPrefix(prefix) else { return nil }
            return (index + 1, String(text.dropFirst(prefix.count)))
        }
    }

    /// Runs the block without the lines that raise an error, and then, for each such line, the block up to that line.
    func check() throws {
        let failing = told("error: ")
        let printed = source.compactMap(Self.told).filter { !$0.hasPrefix("error: ") && !$0.hasPrefix("logged: ") }
        let whole = source.map { Self.told($0)?.hasPrefix("error: ") == true ? "" : $0 }
        let outcome = try run(whole)
        let prints = outcome.prints
        #expect(prints.count == printed.count, "\(self.page):\(line): printed was \(prints), told is \(printed)")
        for (text, pattern) in zip(prints, printed) {
            #expect(matches(text, pattern), "\(self.page):\(line): printed was '\(text)', told is '\(pattern)'")
        }
        let logged = told("logged: ").map(\.text)
        let errors = outcome.errors.map(\.message)
        #expect(errors.count == logged.count, "\(self.page):\(line): the error log has \(errors)")
        for (text, pattern) in zip(errors, logged) {
            #expect(matches(text, pattern, isPart: true), "\(self.page):\(line): '\(text)', told is '\(pattern)'")
        }
        // `perigee check` must find no error in code that runs without one. Code that catches errors is skipped: its
        // mistakes may be intended.
        if errors.isEmpty, !whole.contains(where: { $0.contains("pcall") || $0.contains("coroutine") }) {
            #expect(outcome.findings == [], "\(self.page):\(line)")
        }
        for (number, pattern) in failing {
            var part = whole
            part[number - 1] = source[number - 1]
            try checkFailure(part, at: number, pattern)
        }
    }

    private func checkFailure(_ part: [String], at number: Int, _ pattern: String) throws {
        guard let entry = try run(part).errors.last else {
            Issue.record("\(page):\(line + number - 1): no error; told is '\(pattern)'")
            return
        }
        #expect(
            matches(entry.message, pattern, isPart: true),
            "\(page):\(line + number - 1): '\(entry.message)', told is '\(pattern)'")
        if entry.script == "events/example/index.lua" {
            #expect(entry.line == number, "\(page):\(line + number - 1): the error names line \(entry.line ?? 0)")
        }
    }

    /// The result of a run.
    private struct Outcome {
        var prints: [String]
        var errors: [MapDiagnostics.ErrorEntry]
        /// The errors that `perigee check` finds in the code.
        var findings: [String]
    }

    /// Makes a fresh game with the page's files from above the block, and runs the code in it once.
    private func run(_ lines: [String]) throws -> Outcome {
        let game = try DocGame(DocPage.folder(of: self.game), showsLimits: true)
        var play = DocPlay(game)
        for block in DocPage.blocks(of: self.game) where block.line < line {
            if case .file(let path) = block.role { try game.write(path, block.text) }
        }
        try game.takeFiles()
        for block in DocPage.blocks(of: self.game) where block.line < line && block.role == .play {
            for step in block.lines where step.contains(" joins") {
                if let problem = try play.play(step) { Issue.record("\(page): '\(step)': \(problem)") }
            }
        }
        game.advance(0.1)
        let former = (prints: game.prints.count, errors: game.errors.count)
        try game.run(lines.joined(separator: "\n"), as: "players_1")
        let findings = try GameCheck(directory: game.directory.path).diagnostics
            .filter { $0.severity == .error && $0.file == "events/example/index.lua" }
        return Outcome(
            prints: Array(game.prints.dropFirst(former.prints)), errors: Array(game.errors.dropFirst(former.errors)),
            findings: findings.map { $0.line() })
    }
}
