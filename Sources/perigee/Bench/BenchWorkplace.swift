import ArgumentParser
import Bench
import Foundation
import JSONValues
import PostgresStorage

/// Where a benchmark runs: a temporary folder, and the cores of server and generator.
struct BenchWorkplace {
    let folder: URL
    let affinity: CoreAffinity

    /// Runs a benchmark and prints its outcome, also when it fails; nothing of it is left behind.
    ///
    /// - Parameters:
    ///   - outcome: The outcome, without runs.
    ///   - arguments: The options.
    ///   - threads: Threads of the generator.
    ///   - body: Adds runs, targets and problems.
    /// - Throws: `ExitCode` 1 when the load was not reached.
    static func run(
        _ outcome: BenchOutcome, _ arguments: BenchArguments, threads: Int = 1,
        _ body: (BenchWorkplace, inout BenchOutcome) async throws -> Void
    ) async throws {
        let restoreSignals = RunningProcesses.removeAllWhenInterrupted()
        defer {
            RunningProcesses.removeAll()
            restoreSignals()
        }
        // The servers of a benchmark use the store that its options name.
        unsetenv(StoreOption.variable)
        var outcome = outcome
        let affinity = CoreAffinity(isWanted: !arguments.noPin, generatorThreads: threads)
        outcome.isPinned = affinity.isPinned
        let workplace = BenchWorkplace(folder: try RunningProcesses.temporaryFolder(), affinity: affinity)
        affinity.pinGenerator()
        do {
            try await body(workplace, &outcome)
        } catch let error as BenchError {
            outcome.problems.append("\(error)")
        }
        print(arguments.json ? outcome.json.text : outcome.text)
        if !outcome.problems.isEmpty { throw ExitCode.failure }
    }

    /// Starts a server with its own database.
    ///
    /// - Parameters:
    ///   - game: The game.
    ///   - count: How many accounts there are.
    ///   - store: The URL of a shared store; `nil` for a database in the data folder.
    ///   - place: Where a player stands, by its number from 0; `nil` for the game's start area.
    /// - Returns: The server and its folder and accounts.
    /// - Throws: ``BenchError``, or an error of the file system or the database.
    func serve(
        _ game: BenchGame, accounts count: Int, store: String? = nil, place: (Int) -> BenchPlace? = { _ in nil }
    ) async throws -> BenchServer {
        let written = try newFolder()
        try game.write(to: written)
        return try await serve(written, accounts: count, store: store, place: place)
    }

    /// Starts a server for a game folder, with its own database.
    ///
    /// - Parameters:
    ///   - game: The game folder.
    ///   - count: How many accounts there are.
    ///   - store: The URL of a shared store; `nil` for a database in the data folder.
    ///   - place: Where a player stands.
    /// - Returns: The server and its folder and accounts.
    /// - Throws: ``BenchError``, or an error of the file system or the database.
    func serve(
        _ game: URL, accounts count: Int, store: String? = nil, place: (Int) -> BenchPlace? = { _ in nil }
    ) async throws -> BenchServer {
        let data = try newFolder().appendingPathComponent("data")
        let address = try store.map { try PostgresAddress($0) }
        let sessions = try await SeededAccounts.make(count, data: data, store: address, place: place)
        let process = try await ServerProcess.serve(game: game, data: data, store: store, affinity: affinity)
        return BenchServer(process: process, game: game, data: data, sessions: sessions)
    }

    /// Measures the bare broadcaster under the load of the last rows; adds its row, and their ratios to it.
    ///
    /// - Parameters:
    ///   - floor: What it sends.
    ///   - options: The load.
    ///   - comparedRows: How many rows, the last ones, are divided by that of the broadcaster.
    ///   - leavingOut: The keys of figures that say nothing for this benchmark.
    ///   - outcome: Gets the rows, and the problems of this run.
    /// - Throws: ``BenchError``, or an error of the file system.
    func addFloor(
        _ floor: FloorServer.Options, _ options: PlayersBenchmark.Options, comparedRows: Int = 1,
        leavingOut: Set<String> = [], to outcome: inout BenchOutcome
    ) async throws {
        let process = try await ServerProcess.floor(floor, folder: folder, affinity: affinity)
        defer { process.stop() }
        let load = options.pointed(at: process, .open)
        let floorReport = try await PlayersBenchmark(load, progress: Self.progress).run()
        let row = floorReport.row("floor", leavingOut: leavingOut)
        let ratios = outcome.rows.suffix(comparedRows).map { $0.ratio(to: row) }
        outcome.rows.append(row)
        outcome.addProblems(floorReport, "floor with \(options.players) players")
        outcome.rows += ratios
    }

    /// Makes a folder.
    ///
    /// - Returns: The folder, which is empty.
    /// - Throws: An error of the file system.
    func newFolder() throws -> URL {
        let made = folder.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        return made
    }

    /// Copies a game, so that a benchmark can change it.
    ///
    /// - Parameter game: The game folder.
    /// - Returns: The copy.
    /// - Throws: An error of the file system.
    func copy(_ game: String) throws -> URL {
        let copy = try newFolder().appendingPathComponent("game")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: game).resolvingSymlinksInPath(), to: copy)
        return copy
    }

    /// Writes progress to standard error, so that standard output has only the outcome.
    @Sendable static func progress(_ line: String) { StandardError.print(line) }
}

/// A server that a benchmark started.
struct BenchServer {
    var process: ServerProcess
    let game: URL
    let data: URL
    /// The secrets of the accounts' sessions.
    let sessions: [String]

    /// Points a load at this server.
    func load(_ options: PlayersBenchmark.Options) -> PlayersBenchmark.Options {
        options.pointed(at: process, .sessions(sessions))
    }

    /// Measures this server and ends it.
    ///
    /// - Parameters:
    ///   - options: The load.
    ///   - meanwhile: Runs beside the load in the measured window.
    /// - Returns: The report.
    /// - Throws: ``BenchError``.
    func measure(
        _ options: PlayersBenchmark.Options, meanwhile: @escaping @Sendable () async -> Void = {}
    ) async throws -> PlayersBenchmark.Report {
        defer { process.stop() }
        let benchmark = PlayersBenchmark(load(options), progress: BenchWorkplace.progress, meanwhile: meanwhile)
        return try await benchmark.run()
    }
}

extension PlayersBenchmark.Options {
    /// The same load for a process that the bench started; such processes listen on 127.0.0.1 only.
    fileprivate func pointed(at process: ServerProcess, _ entrance: Entrance) -> Self {
        var options = self
        options.entrance = entrance
        options.host = "127.0.0.1"
        options.port = process.port
        options.serverPID = process.pid
        return options
    }
}

extension BenchOutcome {
    /// Adds the problems of the last run.
    ///
    /// - Parameters:
    ///   - report: The run.
    ///   - label: What was run.
    ///   - tickRateHz: The rate at which the map should tick; 0 when nothing is sent by which it could be seen.
    mutating func addProblems(_ report: PlayersBenchmark.Report, _ label: String, tickRateHz: Int = 0) {
        var found = report.problems
        if tickRateHz > 0, report.tickRateHz < Double(tickRateHz) * 0.95 {
            let reached = String(format: "%.1f", report.tickRateHz)
            let isDisturbed = report.coresBusyWithOthers > BenchOutcome.disturbingCores
            let limit = "the server was the limit" + (isDisturbed ? ", or other processes were" : "")
            found.append("the map ticked at \(reached) Hz instead of \(tickRateHz): \(limit)")
        }
        addProblems(found.map { "\(label): \($0)" })
    }
}
