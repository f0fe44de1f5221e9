import GameFolder
import Gateway
import JSONValues
import ScriptCheck
import ScriptTest

/// Checks texts before they are saved, and runs the game's tests, each on a thread of its own. Any task may call it.
struct ScriptWork: Sendable {
    /// The most findings of one answer.
    private static let maxFindings = 200
    /// After this time no further test begins.
    private static let testTime = Duration.seconds(60)

    let editing: GameEditing
    private let checks = WorkQueue("checks", maxWaiting: 4)
    private let tests = WorkQueue("runs of the tests", maxWaiting: 1)

    init(_ editing: GameEditing) { self.editing = editing }

    /// Checks the game as it would be with another text in one file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - bytes: Its text.
    /// - Returns: `findings` in this file, `elsewhere` those in other files, `errors` and `warnings` in all of them;
    ///   `checked` is false for files that are no scripts and not `game.yaml`.
    /// - Throws: ``GatewayError`` with status 503 when many checks wait; ``GameFolderError``.
    func check(_ path: EditablePath, _ bytes: [UInt8]) async throws -> JSONObject {
        let file = FileReplacement(path: path.text, bytes: bytes)
        let isScript = path.parts.last?.hasSuffix(".lua") == true
        guard isScript || path.text == "game.yaml" else { return Self.answer(nil, for: path) }
        return try await checks.run { [editing] in
            if path.isOutsideGame {
                return Self.answer(GameCheck.syntaxMistake(in: file).map { [$0] } ?? [], for: path)
            }
            return Self.answer(
                try GameCheck(directory: editing.directory, replacing: file).diagnostics, for: path)
        }
    }

    private static func answer(_ found: [Diagnostic]?, for path: EditablePath) -> JSONObject {
        let diagnostics = found ?? []
        func findings(_ chosen: [Diagnostic]) -> JSON {
            .array(chosen.prefix(maxFindings).map { $0.json() })
        }
        return [
            "checked": .bool(found != nil), "findings": findings(diagnostics.filter { $0.file == path.text }),
            "elsewhere": findings(diagnostics.filter { $0.file != path.text }),
            "errors": .number(Double(diagnostics.count { $0.severity == .error })),
            "warnings": .number(Double(diagnostics.count { $0.severity == .warning })),
        ]
    }

    /// Runs the game's tests as they are in the folder.
    ///
    /// - Parameter filter: Only tests whose `FILE: NAME` contains this text; `nil` for all.
    /// - Returns: The JSON that `perigee test --json` prints.
    /// - Throws: ``GatewayError`` with status 503 while tests run already; an error of the game folder.
    func runTests(filter: String?) async throws -> String {
        try await tests.run { [editing] in
            var options = GameTests.Options(clock: editing.testClock)
            options.filter = filter
            options.totalTime = Self.testTime
            let tests = try GameTests(directory: editing.directory, options: options)
            var report = JSONReport()
            let summary = tests.run { report.add($0) }
            return report.text(summary, problems: tests.problems, seed: options.seed)
        }
    }
}
