package import GameFolder
import LuaSandbox
package import Simulation

/// The tests of a game folder: `tests/*.lua`, run on maps without a network and on a virtual clock.
///
/// Not thread-safe: only one thread may use it at a time. It reads files and blocks the thread.
package struct GameTests {
    /// The options of a run.
    package struct Options {
        /// Only tests whose `FILE: NAME` contains this text run, compared without regard to case; `nil` for all.
        package var filter: String?
        /// The seed of the random generators of each test's map and scripts.
        package var seed: UInt64 = 1
        /// The CPU time limit of one test, including its map.
        package var timeLimit: Duration = .seconds(10)
        /// The time after which no further test begins; the rest counts as skipped.
        package var totalTime: Duration?
        /// The memory limit of one test's VM in bytes; the map's VM has the game's own limit.
        package var memoryLimitBytes = 256 << 20
        /// Measures the time that tests take. Their maps have virtual clocks.
        package var clock: SimulationClock

        /// Makes options with the defaults.
        package init(clock: SimulationClock) { self.clock = clock }

        var timeLimitNanoseconds: UInt64 { Self.nanoseconds(timeLimit) }

        static func nanoseconds(_ duration: Duration) -> UInt64 {
            let (seconds, attoseconds) = duration.components
            return UInt64(max(seconds, 0)) &* 1_000_000_000 &+ UInt64(max(attoseconds, 0) / 1_000_000_000)
        }
    }

    /// What ``GameTests/run(_:)`` reports while tests run.
    package enum Event {
        /// A file begins; `tests` is the number of its tests that will run.
        case file(path: String, tests: Int)
        /// A test has ended.
        case result(TestResult)
    }

    /// The game.
    package let game: GameDefinition
    /// The mistakes in the game folder, by ascending file, and after them the errors of scripts that do not compile.
    package let problems: [String]
    /// The test files, relative to the game folder, ascending.
    package let files: [String]
    private let options: Options

    /// Reads a game folder.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - options: The options of the run.
    /// - Throws: ``GameFolderError`` when the folder can't be read; ``ScriptError`` when the game's memory limit is too
    ///   small for a VM.
    package init(directory: String, options: Options) throws {
        let (game, problems) = try GameFolder.load(directory: directory)
        self.game = game
        self.options = options
        files = TestFile.paths(in: directory)
        // The log of a new map has the errors of scripts that don't compile and of libs that fail.
        let map = try TestMap(
            game: game, mapID: game.startMapID, seed: options.seed, hasEntities: false, sandbox: LuaSandbox(),
            clock: options.clock, deadline: .max)
        self.problems = problems.map(\.description) + map.log.errors.map(\.entry.text)
    }

    /// Runs the tests, file by file, in the order of their declarations.
    ///
    /// - Parameter report: Called when a file begins and when a test has ended.
    /// - Returns: The numbers of tests.
    package func run(_ report: (Event) -> Void) -> TestSummary {
        var summary = TestSummary()
        let end = options.totalTime.map { options.clock.monotonic() &+ Options.nanoseconds($0) } ?? .max
        for path in files { run(path, until: end, &summary, report) }
        return summary
    }

    private func run(_ path: String, until end: UInt64, _ summary: inout TestSummary, _ report: (Event) -> Void) {
        let start = options.clock.monotonic()
        let file: TestFile
        let declarations: [TestVM.Declaration]
        do {
            file = try TestFile(path: path, in: game.directory)
            do {
                declarations = try TestVM(file, game: game, options: options).declarations
            } catch {
                throw FileFailure(failure: failure(error, in: file))
            }
        } catch {
            // A file that can't be run is reported with any filter, because its tests are not known.
            let failure =
                (error as? FileFailure)?.failure
                ?? .init(file: path, line: 0, message: "\(error)", source: "", traceback: [])
            var result = TestResult(file: path, line: failure.line, name: "the file can be run", failures: [failure])
            result.nanoseconds = options.clock.monotonic() &- start
            summary.count(result)
            report(.file(path: path, tests: 1))
            return report(.result(result))
        }
        let chosen = declarations.filter { isChosen("\(path): \($0.name)") }
        summary.skipped += declarations.count - chosen.count
        guard !chosen.isEmpty else { return }
        report(.file(path: path, tests: chosen.count))
        for (index, declaration) in chosen.enumerated() {
            guard options.clock.monotonic() < end else {
                summary.skipped += chosen.count - index
                return
            }
            let result = run(declaration, in: file)
            summary.count(result)
            report(.result(result))
        }
    }

    private func isChosen(_ name: String) -> Bool {
        guard let filter = options.filter else { return true }
        return name.lowercased().contains(filter.lowercased())
    }

    private func run(_ declaration: TestVM.Declaration, in file: TestFile) -> TestResult {
        let start = options.clock.monotonic()
        var result = TestResult(file: file.path, line: declaration.line, name: declaration.name)
        do {
            let vm = try TestVM(file, game: game, options: options)
            do {
                try vm.run(declaration.name)
            } catch {
                result.failures.append(failure(error, in: file))
            }
            result.printed = vm.printed
            if let map = vm.map { add(map, to: &result) }
        } catch {
            result.failures.append(failure(error, in: file))
        }
        result.nanoseconds = options.clock.monotonic() &- start
        return result
    }

    /// Adds to a result: the map's time and ticks, the errors that the test did not expect, and for a failure the log.
    private func add(_ map: TestMap, to result: inout TestResult) {
        result.simulatedSeconds = map.now - TestMap.start
        result.ticks = map.simulation.tickNumber
        for (entry, count) in map.log.errors where !problems.contains(entry.text) {
            let times = count == 1 ? "" : " (\(count) times)"
            let whose = entry.entity.map { " [\($0)]" } ?? ""
            result.failures.append(
                .init(
                    file: "", line: 0, message: "error in the map's log: \(entry.text)\(whose)\(times)", source: "",
                    traceback: entry.traceback))
        }
        guard !result.hasPassed else { return }
        result.log = map.log.entries.filter { $0.level == "log" }.suffix(20).map { entry in
            "\(formatted(entry.time - TestMap.start)) s \(entry.script ?? "-"): \(entry.text)"
        }
    }

    /// Makes a failure from an error, in words for the author of the test.
    private func failure(_ error: any Error, in file: TestFile) -> TestResult.Failure {
        guard let error = error as? ScriptError else {
            return .init(file: file.path, line: 0, message: "\(error)", source: "", traceback: [])
        }
        var traceback = TracebackLines.of(error.traceback)
        var (path, line, message) = (error.file, error.line, error.message)
        // Prefer the position at the beginning of the message: for a failed expectation it is the line in the test.
        let parts = message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 3, let number = Int(parts[1]), parts[0].hasSuffix(".lua") {
            (path, line, message) = (String(parts[0]), number, String(parts[2].drop { $0 == " " }))
        }
        // A traceback of one level has no more information than the position.
        if traceback.count <= 1 { traceback = [] }
        let source = path == file.path ? file.line(line) : ""
        return .init(file: path, line: line, message: message, source: source, traceback: traceback)
    }
}

/// The failure of a test file that does not compile or ends with an error.
private struct FileFailure: Error {
    let failure: TestResult.Failure
}
