/// The result of one test, or of a test file that can't be run.
package struct TestResult: Sendable, Equatable {
    /// One failure of a test.
    package struct Failure: Sendable, Equatable {
        /// The file, relative to the game folder, as in `tests/walk.lua`; empty when none is known.
        package var file: String
        /// The line, from 1; 0 when none is known.
        package var line: Int
        /// The message without the position; it may have several lines.
        package var message: String
        /// The text of that line, without white space at its ends; empty when the line is not known.
        package var source: String
        /// The calls on the stack, innermost first, one in each element; empty when there is nothing but the position.
        package var traceback: [String]
    }

    /// The file, relative to the game folder.
    package var file: String
    /// The line of `test(…)`, from 1; 0 when none is known.
    package var line: Int
    /// The name given to `test`; for a file that can't be run, the name of this check.
    package var name: String
    /// The failures; empty for a test that passed.
    package var failures: [Failure] = []
    /// The lines that the test printed.
    package var printed: [String] = []
    /// The end of the map's log at the failure, oldest first; empty for a test that passed.
    package var log: [String] = []
    /// The time that passed on the map, in seconds.
    package var simulatedSeconds = 0.0
    /// How many ticks of the map were run; ticks in which nothing was due were skipped.
    package var ticks = 0
    /// The real time that the test took, in nanoseconds.
    package var nanoseconds: UInt64 = 0

    /// Whether the test has no failures.
    package var hasPassed: Bool { failures.isEmpty }
}

/// The numbers of tests by their result.
package struct TestSummary: Sendable, Equatable {
    /// Tests that passed.
    package var passed = 0
    /// Tests that failed, including files that can't be run.
    package var failed = 0
    /// Tests that the filter left out.
    package var skipped = 0
    /// The time that passed on all maps, in seconds.
    package var simulatedSeconds = 0.0
    /// The real time that all tests took, in nanoseconds.
    package var nanoseconds: UInt64 = 0

    mutating func count(_ result: TestResult) {
        if result.hasPassed { passed += 1 } else { failed += 1 }
        simulatedSeconds += result.simulatedSeconds
        nanoseconds &+= result.nanoseconds
    }
}
