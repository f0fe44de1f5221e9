/// Formats results for people: a line for each test, with its failures below it.
package struct ReadableReport {
    private let hasColour: Bool
    private let seed: UInt64

    /// Makes a report.
    ///
    /// - Parameters:
    ///   - hasColour: Whether the output is a terminal, which shows escape sequences as colours.
    ///   - seed: The value of ``GameTests/Options/seed``, to repeat the same run.
    package init(hasColour: Bool, seed: UInt64) {
        self.hasColour = hasColour
        self.seed = seed
    }

    /// The lines for the mistakes in the game folder, before the first test.
    package func lines(problems: [String]) -> [String] {
        guard !problems.isEmpty else { return [] }
        return [painted(.red, "✗ the game folder has mistakes:")] + problems.flatMap { Self.indented($0, by: 4) }
    }

    /// The lines for one event.
    package func lines(_ event: GameTests.Event) -> [String] {
        switch event {
        case .file(let path, _): [painted(.bold, path)]
        case .result(let result): lines(result)
        }
    }

    private func lines(_ result: TestResult) -> [String] {
        let figures = "\(Self.rounded(result.simulatedSeconds)) s, \(Self.milliseconds(result.nanoseconds)) ms"
        let mark = result.hasPassed ? painted(.green, "✓") : painted(.red, "✗")
        var lines = ["  \(mark) \(result.name) \(painted(.dim, "(\(figures))"))"]
        lines += result.printed.flatMap { Self.indented($0, by: 6) }
        for failure in result.failures {
            let position = failure.line == 0 ? failure.file : "\(failure.file):\(failure.line)"
            lines += Self.indented(position.isEmpty ? failure.message : "\(position): \(failure.message)", by: 6)
                .map { painted(.red, $0) }
            if !failure.source.isEmpty { lines.append("        \(failure.line) | \(failure.source)") }
            lines += failure.traceback.map { painted(.dim, "        \($0)") }
        }
        if !result.log.isEmpty {
            lines.append(painted(.dim, "      the map's log:"))
            lines += result.log.flatMap { Self.indented($0, by: 8) }.map { painted(.dim, $0) }
        }
        return lines
    }

    /// The last lines: the numbers of tests.
    package func lines(_ summary: TestSummary) -> [String] {
        var parts = ["\(summary.passed) passed"]
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        if summary.skipped > 0 { parts.append("\(summary.skipped) left out by --filter") }
        let time =
            "\(Self.rounded(summary.simulatedSeconds)) simulated seconds in \(Self.seconds(summary.nanoseconds)) s"
        let text = "\(parts.joined(separator: ", ")); \(time); seed \(seed)"
        return ["", painted(summary.failed == 0 ? .green : .red, text)]
    }

    // MARK: Text

    private enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
    }

    private func painted(_ style: Style, _ text: String) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private static func indented(_ text: String, by count: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { String(repeating: " ", count: count) + $0 }
    }

    private static func rounded(_ seconds: Double) -> String { formatted((seconds * 100).rounded() / 100) }
    private static func milliseconds(_ nanoseconds: UInt64) -> String { "\((nanoseconds + 500_000) / 1_000_000)" }
    private static func seconds(_ nanoseconds: UInt64) -> String {
        formatted((Double(nanoseconds) / 1e7).rounded() / 100)
    }
}
