import Bench
import Foundation

/// The runs of the echo servers: Perigee, and aiortc beside it.
struct EchoRuns {
    /// The title of the rows' table.
    static let group = "echo: each message comes back"

    let workplace: BenchWorkplace
    /// The program that runs the server on aiortc.
    let python: String
    /// Whether that is measured, too.
    let isAgainst: Bool

    /// Measures one load with each server.
    ///
    /// - Parameters:
    ///   - options: The load.
    ///   - outcome: Gets the rows, their ratio, and the problems.
    /// - Throws: ``BenchError``, or an error of the file system.
    func measure(_ options: EchoBenchmark.Options, _ outcome: inout BenchOutcome) async throws {
        let perigee = try await run(
            "Perigee", options,
            on: try await ServerProcess.conformance(folder: workplace.folder, affinity: workplace.affinity), &outcome)
        guard isAgainst else { return }
        let server = try await ServerProcess.script(
            "aiortc", program: URL(fileURLWithPath: python),
            script: URL(fileURLWithPath: "Benchmarks/webrtc/echo_server.py"), folder: workplace.folder,
            affinity: workplace.affinity)
        let aiortc = try await run("aiortc", options, on: server, &outcome)
        outcome.rows.append(perigee.ratio(to: aiortc))
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
