import JSONValues

/// Formats results in the Test Anything Protocol, version 13: one line for each test, with a YAML block for each
/// failure.
package struct TAPReport {
    private var count = 0

    /// Makes a report.
    package init() {}

    /// The first lines. The first test is that the game folder has no mistakes.
    package mutating func begin(problems: [String]) -> [String] {
        count += 1
        let head = ["TAP version 13"]
        if problems.isEmpty { return head + ["ok \(count) - the game folder has no mistakes"] }
        return head + ["not ok \(count) - the game folder has no mistakes"]
            + Self.block([("message", problems.joined(separator: "\n"))])
    }

    /// The lines for one event.
    package mutating func lines(_ event: GameTests.Event) -> [String] {
        guard case .result(let result) = event else { return [] }
        count += 1
        // A # would begin a directive such as SKIP.
        let name = "\(result.file): \(result.name)".map { $0 == "#" ? "\\#" : $0 == "\n" ? " " : String($0) }.joined()
        var lines = result.printed.flatMap { $0.split(separator: "\n").map { "# \($0)" } }
        lines.append("\(result.hasPassed ? "ok" : "not ok") \(count) - \(name)")
        for failure in result.failures {
            var fields = [("message", failure.message)]
            if failure.line > 0 { fields.append(("at", "\(failure.file):\(failure.line)")) }
            if !failure.source.isEmpty { fields.append(("source", failure.source)) }
            if !failure.traceback.isEmpty { fields.append(("traceback", failure.traceback.joined(separator: "\n"))) }
            if !result.log.isEmpty, failure == result.failures.last {
                fields.append(("log", result.log.joined(separator: "\n")))
            }
            lines += Self.block(fields)
        }
        return lines
    }

    /// The last line, the plan.
    package func end() -> [String] { ["1..\(count)"] }

    /// A YAML block; the values are JSON strings, which are YAML strings as well.
    private static func block(_ fields: [(name: String, value: String)]) -> [String] {
        ["  ---"] + fields.map { "  \($0.name): \(JSON.string($0.value).text)" } + ["  ..."]
    }
}

/// Formats results as one JSON object.
package struct JSONReport {
    private var tests: [JSON] = []

    /// Makes a report.
    package init() {}

    /// Adds the result in an event.
    package mutating func add(_ event: GameTests.Event) {
        guard case .result(let result) = event else { return }
        func texts(_ lines: [String]) -> JSON { .array(lines.map { .string($0) }) }
        tests.append(
            .object([
                "file": .string(result.file), "line": .number(Double(result.line)), "name": .string(result.name),
                "passed": .bool(result.hasPassed), "simulated_seconds": .number(result.simulatedSeconds),
                "ticks": .number(Double(result.ticks)), "ms": Self.milliseconds(result.nanoseconds),
                "failures": .array(
                    result.failures.map {
                        .object([
                            "file": .string($0.file), "line": .number(Double($0.line)), "message": .string($0.message),
                            "source": .string($0.source), "traceback": texts($0.traceback),
                        ])
                    }),
                "printed": texts(result.printed), "log": texts(result.log),
            ]))
    }

    /// The object with all results so far.
    ///
    /// - Parameters:
    ///   - summary: The numbers of tests.
    ///   - problems: The mistakes in the game folder.
    ///   - seed: The value of ``GameTests/Options/seed``.
    /// - Returns: The object's text.
    package func text(_ summary: TestSummary, problems: [String], seed: UInt64) -> String {
        JSON.object([
            "passed": .number(Double(summary.passed)), "failed": .number(Double(summary.failed)),
            "skipped": .number(Double(summary.skipped)), "seed": .number(Double(seed)),
            "simulated_seconds": .number(summary.simulatedSeconds), "ms": Self.milliseconds(summary.nanoseconds),
            "problems": .array(problems.map { .string($0) }), "tests": .array(tests),
        ]).text
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> JSON {
        .number((Double(nanoseconds) / 1000).rounded() / 1000)
    }
}
