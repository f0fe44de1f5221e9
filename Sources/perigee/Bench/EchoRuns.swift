import Bench
import Foundation

/// The runs of the echo servers: Perigee, and others beside it.
struct EchoRuns {
    /// Another server.
    struct Opponent {
        /// What it is called.
        let name: String
        /// Its program, or what runs its script.
        let program: String
        /// Its script.
        var script: String?
    }

    /// The title of the rows' table.
    static let group = "echo: each message comes back"

    let workplace: BenchWorkplace
    /// The servers that are measured beside Perigee.
    let opponents: [Opponent]

    /// Measures one load with each server.
    ///
    /// - Parameters:
    ///   - options: The load.
    ///   - outcome: Gets the rows, a ratio after each opponent, and the problems.
    /// - Throws: ``BenchError``, or an error of the file system.
    func measure(_ options: EchoBenchmark.Options, _ outcome: inout BenchOutcome) async throws {
        let perigee = try await run(
            "Perigee", options,
            on: try await ServerProcess.conformance(folder: workplace.folder, affinity: workplace.affinity), &outcome)
        for opponent in opponents {
            let server = try await ServerProcess.opponent(
                opponent.name, program: URL(fileURLWithPath: opponent.program),
                script: opponent.script.map { URL(fileURLWithPath: $0) }, folder: workplace.folder,
                affinity: workplace.affinity)
            outcome.rows.append(perigee.ratio(to: try await run(opponent.name, options, on: server, &outcome)))
        }
    }

    private func run(
        _ label: String, _ options: EchoBenchmark.Options, on server: ServerProcess, _ outcome: inout BenchOutcome
    ) async throws -> BenchOutcome.Row {
        defer { server.stop() }
        BenchWorkplace.progress("echo on \(label) with \(options.clients) clients")
        var options = options
        (options.port, options.serverPID) = (server.port, server.pid)
        let report = try await EchoBenchmark(options, progress: BenchWorkplace.progress).run()
        var row = report.row(label)
        row.group = Self.group
        outcome.rows.append(row)
        outcome.addProblems(report.problems.map { "echo on \(label) with \(options.clients) clients: \($0)" })
        if report.isGeneratorFull {
            outcome.remarks.append(
                "the generator was full before \(label) with \(options.clients) clients was: it may answer more a second, "
                    + "and times are those of the generator")
        }
        return row
    }
}
