import ArgumentParser
import Bench
import Foundation
import JSONValues

/// Where a benchmark runs: a temporary folder, and the cores of server and generator.
struct BenchWorkplace {
    let folder: URL
    let affinity: CoreAffinity
    let arguments: BenchArguments

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
        let ignoreInterrupts = RunningProcesses.removeAllWhenInterrupted()
        defer {
            RunningProcesses.removeAll()
            ignoreInterrupts()
        }
        var outcome = outcome
        let affinity = CoreAffinity(isWanted: !arguments.noPin, generatorThreads: threads)
        outcome.isPinned = affinity.isPinned
        let workplace = BenchWorkplace(
            folder: try RunningProcesses.temporaryFolder(), affinity: affinity, arguments: arguments)
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
    ///   - place: Where a player stands, by its number from 0; `nil` for the game's start area.
    /// - Returns: The server and its folder and accounts.
    /// - Throws: ``BenchError``, or an error of the file system or the database.
    func serve(
        _ game: BenchGame, accounts count: Int, place: (Int) -> BenchPlace? = { _ in nil }
    ) async throws -> BenchServer {
        let home = folder.appendingPathComponent(UUID().uuidString)
        try game.write(to: home.appendingPathComponent("game"))
        return try await serve(home.appendingPathComponent("game"), home: home, accounts: count, place: place)
    }

    /// Starts a server for a game folder.
    ///
    /// - Parameters:
    ///   - game: The game folder.
    ///   - home: Where its data folder is made.
    ///   - count: How many accounts there are.
    ///   - place: Where a player stands.
    /// - Returns: The server and its folder and accounts.
    /// - Throws: ``BenchError``, or an error of the file system or the database.
    func serve(
        _ game: URL, home: URL? = nil, accounts count: Int, place: (Int) -> BenchPlace? = { _ in nil }
    ) async throws -> BenchServer {
        let home = home ?? folder.appendingPathComponent(UUID().uuidString)
        let data = home.appendingPathComponent("data")
        let accounts = try await SeededAccounts.make(count, data: data, place: place)
        let process = try await ServerProcess.serve(game: game, data: data, affinity: affinity)
        return BenchServer(process: process, game: game, data: data, accounts: accounts)
    }

    /// Measures the bare broadcaster under the same load.
    ///
    /// - Parameters:
    ///   - options: The load.
    ///   - floor: What it sends.
    /// - Returns: The report.
    /// - Throws: ``BenchError``, or an error of the file system.
    func measureFloor(
        _ options: PlayersBenchmark.Options, _ floor: FloorServer.Options
    ) async throws -> PlayersBenchmark.Report {
        let process = try await ServerProcess.floor(floor, folder: folder, affinity: affinity)
        defer { process.stop() }
        var options = options
        options.entrance = .open
        options.port = process.port
        options.serverPID = process.pid
        return try await PlayersBenchmark(options, progress: Self.progress).run()
    }

    /// Writes progress to standard error, so that standard output has only the outcome.
    @Sendable static func progress(_ line: String) { StandardError.print(line) }
}

/// A server that a benchmark started.
struct BenchServer {
    var process: ServerProcess
    let game: URL
    let data: URL
    let accounts: [String]

    /// Points a load at this server.
    func load(_ options: PlayersBenchmark.Options) -> PlayersBenchmark.Options {
        var options = options
        options.entrance = .sessions(accounts)
        options.port = process.port
        options.serverPID = process.pid
        return options
    }

    /// Measures this server and ends it.
    func measure(_ options: PlayersBenchmark.Options) async throws -> PlayersBenchmark.Report {
        defer { process.stop() }
        return try await PlayersBenchmark(load(options), progress: BenchWorkplace.progress).run()
    }
}

extension BenchOutcome {
    /// Adds the problems of the last run.
    ///
    /// - Parameters:
    ///   - report: The run.
    ///   - label: What was run.
    ///   - tickRateHz: The rate at which the map should tick; 0 when nothing is sent by which it could be seen.
    mutating func addProblems(_ report: PlayersBenchmark.Report, _ label: String, tickRateHz: Double = 0) {
        var found = report.problems
        if tickRateHz > 0, report.tickRateHz < tickRateHz * 0.95 {
            let reached = String(format: "%.1f", report.tickRateHz)
            let isDisturbed = report.coresBusyWithOthers > BenchOutcome.disturbingCores
            let limit = "the server was the limit" + (isDisturbed ? ", or other processes were" : "")
            found.append("the map ticked at \(reached) Hz instead of \(Int(tickRateHz)): \(limit)")
        }
        addProblems(found.map { "\(label): \($0)" })
    }
}
