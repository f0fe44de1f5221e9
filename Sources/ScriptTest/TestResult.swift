/// What came of one test, or of a file that could not be read as one.
package struct TestResult: Sendable, Equatable {
    /// One thing that was wrong.
    package struct Failure: Sendable, Equatable {
        /// The file, relative to the game folder, as in `tests/walk.lua`; empty when none is known.
        package var file: String
        /// The line, from 1; 0 when none is known.
        package var line: Int
        /// What was wrong, without the position; may have several lines.
        package var message: String
        /// That line of the file, without the space around it; empty when there is none.
        package var source: String
        /// The calls that led there, innermost first, one a line; empty when they say no more than the position.
        package var traceback: [String]
    }

    /// The file, relative to the game folder.
    package var file: String
    /// The line of `test(…)`, from 1; 0 when none is known.
    package var line: Int
    /// The name given to `test`; for a file that has none of its own, what was tried with it.
    package var name: String
    /// What was wrong; empty for a test that passed.
    package var failures: [Failure] = []
    /// What the test printed.
    package var printed: [String] = []
    /// The end of the map's log at the failure, oldest first; empty for a test that passed.
    package var log: [String] = []
    /// The time that passed on the map, in seconds.
    package var simulatedSeconds = 0.0
    /// The ticks that were run for it; those in which nothing was due were not.
    package var ticks = 0
    /// Time that passed here, in nanoseconds.
    package var nanoseconds: UInt64 = 0

    /// Whether nothing was wrong.
    package var hasPassed: Bool { failures.isEmpty }
}

/// How many tests there were, and what came of them.
package struct TestSummary: Sendable, Equatable {
    /// Tests that passed.
    package var passed = 0
    /// Tests that failed, files that could not be read among them.
    package var failed = 0
    /// Tests that the filter left out.
    package var skipped = 0
    /// The time that passed on all maps, in seconds.
    package var simulatedSeconds = 0.0
    /// Time that passed here, in nanoseconds.
    package var nanoseconds: UInt64 = 0

    mutating func count(_ result: TestResult) {
        if result.hasPassed { passed += 1 } else { failed += 1 }
        simulatedSeconds += result.simulatedSeconds
        nanoseconds &+= result.nanoseconds
    }
}
