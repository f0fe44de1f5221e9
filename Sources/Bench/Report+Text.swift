import Foundation

extension PlayersBenchmark.Report {
    /// The report as a table for people.
    package var text: String {
        var lines: [String] = []
        func row(_ name: String, _ value: String) {
            lines.append(name.padding(toLength: 26, withPad: " ", startingAt: 0) + value)
        }
        func spread(_ summary: LatencyHistogram.Summary) -> String {
            guard summary.count > 0 else { return "nothing was measured" }
            return "p50 \(Self.number(summary.p50, 1))  p95 \(Self.number(summary.p95, 1))  "
                + "p99 \(Self.number(summary.p99, 1))  max \(Self.number(summary.max, 1)) ms  (\(summary.count))"
        }
        lines.append(
            "\(joined) of \(players) players, \(Self.number(movesPerSecond, 1)) moves a second each"
                + (stalled > 0 ? ", \(stalled) clients that never read" : "")
                + ", measured \(Self.number(seconds, 1)) s after \(Self.number(joinSeconds, 1)) s of joining")
        row("tick rate", "\(Self.number(tickRateHz, 2)) Hz by the server's clock")
        row(
            "deltas per client",
            "\(Self.number(deltasPerSecond.mean, 2)) /s  (worst client \(Self.number(deltasPerSecond.least, 2)), "
                + "best \(Self.number(deltasPerSecond.most, 2)))")
        row("between two deltas", spread(gap))
        row("send to own change", spread(roundTrip))
        row("  of it waiting its turn", spread(serverWait))
        row("  without that wait", spread(roundTripWithoutWait))
        row(
            "commands",
            "\(commandsSent) sent, \(commandsAcknowledged) acknowledged, \(commandsUnanswered) unanswered, "
                + "\(refusals) refused")
        row(
            "every move seen by all",
            "\(moves.executed) executed, \(moves.seen) seen, \(moves.missed) missed, \(moves.differing) players at "
                + "different places (\(moves.clients) clients parsed)")
        row(
            "",
            moves.behind == 0
                ? "all clients saw the same number of coordinates (\(moves.mostCoordinates))"
                : "\(moves.behind) clients saw fewer coordinates (\(moves.leastCoordinates) to \(moves.mostCoordinates))"
        )
        row(
            "delivered",
            "\(changes) changes in \(deltas) deltas, \(Self.number(perSecond(changes) / 1e6, 3)) M changes/s, "
                + "\(Self.number(perSecond(bytes) / 1e6, 1)) MB/s")
        if parsedShare < 0.999 || parsedShare > 1.001 {
            row("", "parsing finds \(Self.number(parsedShare, 3)) records for each that was counted")
        }
        if ownMoveShare < 0.999 {
            row("", "\(Self.number(ownMoveShare * 100, 1)) % of acknowledgements came with the own new position")
        }
        lines += serverLines(row: { $0.padding(toLength: 26, withPad: " ", startingAt: 0) + $1 })
        row(
            "generator",
            "\(Self.number(generatorBusyShare * 100, 1)) % of its thread(s); commands left late by "
                + "p99 \(Self.number(sendLateness.p99, 1)), max \(Self.number(sendLateness.max, 1)) ms")
        row(
            "machine",
            "\(cores) cores, \(Self.number(machineBusyShare * 100, 1)) % busy, load average "
                + "\(Self.number(loadAverage, 2)); other processes kept \(Self.number(coresBusyWithOthers, 2)) cores busy"
        )
        for (incident, count) in incidents.sorted(by: { $0.value > $1.value }) {
            row("incident", "\(count) × \(incident)")
        }
        for problem in problems { row("problem", problem) }
        return lines.joined(separator: "\n")
    }

    private func serverLines(row: (String, String) -> String) -> [String] {
        guard let server else {
            return [row("server", "process not found: give --server-pid for its CPU and memory")]
        }
        let share = seconds > 0 ? server.cpuSeconds / seconds * 100 : 0
        let perChange = cpuMicrosecondsPerChange.map { Self.number($0, 3) } ?? "-"
        let perDelta = cpuMicrosecondsPerDelta.map { Self.number($0, 2) } ?? "-"
        let perConnection = bytesPerConnection.map { Self.number($0 / 1_024, 1) } ?? "-"
        let proportional = server.proportionalBytes.map { ", PSS \(Self.mebibytes($0))" } ?? ""
        return [
            row(
                "server CPU",
                "\(Self.number(share, 1)) % of a core, \(perChange) µs per delivered change, \(perDelta) µs per delta "
                    + "(pid \(server.pid))"),
            row(
                "server memory",
                "\(perConnection) KiB per connection; \(Self.mebibytes(server.residentBytesBefore)) before, "
                    + "\(Self.mebibytes(server.residentBytes)) with all\(proportional)"),
        ]
    }

    private func perSecond(_ count: Int) -> Double { seconds > 0 ? Double(count) / seconds : 0 }

    private static func mebibytes(_ bytes: Int) -> String { number(Double(bytes) / 1_048_576, 1) + " MiB" }

    private static func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
