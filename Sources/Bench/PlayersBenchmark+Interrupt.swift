import Dispatch
import Glibc

extension PlayersBenchmark {
    /// Runs the test; SIGINT (Ctrl-C) ends it early with a report of what was measured so far. A second SIGINT while
    /// the report is being made ends the process at once, as usual.
    ///
    /// Until it returns, it changes how the process handles SIGINT; so use it in command lines, not in tests.
    ///
    /// - Returns: The measurements.
    /// - Throws: As ``run()``.
    package func runUntilInterrupted() async throws -> Report {
        let test = Task { try await run() }
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            test.cancel()
            signal(SIGINT, SIG_DFL)
        }
        source.resume()
        defer {
            source.cancel()
            signal(SIGINT, SIG_DFL)
        }
        return try await test.value
    }
}
