import Testing

@testable import Bench

@Suite("Load test of data channels") struct EchoBenchmarkTests {
    /// A change that must be refused, and the option that must be named.
    struct Wrong: Sendable {
        var name: String
        var change: @Sendable (inout EchoBenchmark.Options) -> Void

        init(_ name: String, change: @escaping @Sendable (inout EchoBenchmark.Options) -> Void) {
            (self.name, self.change) = (name, change)
        }
    }

    @Test("figures are those of the server's CPU time, for each echo and each datagram")
    func figures() {
        var report = EchoBenchmark.Report(EchoBenchmark.Options())
        var tally = EchoTally()
        for _ in 0..<1_000 { tally.roundTrip.record(nanoseconds: 2_000_000) }
        (tally.sent, tally.datagrams) = (1_000, 2_500)
        report.add(tally)
        (report.use.seconds, report.use.serverCPUSeconds) = (2, 0.1)
        let row = report.row("Perigee")
        #expect(report.problems.isEmpty)
        #expect(row.value("round_trips_per_second") == 500)
        #expect(row.value("round_trips_per_core_second") == 10_000)
        #expect(row.value("server_cpu_us_per_round_trip") == 100)
        #expect(row.value("server_cpu_us_per_datagram") == 40)
        #expect(row.value("datagrams_per_round_trip") == 2.5)
        var faster = report
        faster.use.serverCPUSeconds = 0.05
        let ratio = faster.row("Perigee").ratio(to: row)
        #expect(ratio.value("round_trips_per_core_second") == 2 && ratio.value("server_cpu_us_per_datagram") == 0.5)
    }

    @Test("a run in which echoes or clients were lost is no result")
    func losses() {
        var report = EchoBenchmark.Report(EchoBenchmark.Options())
        #expect(report.problems == ["no echo came"])
        (report.roundTrip.count, report.sent, report.lost) = (990, 1_000, 10)
        #expect(report.problems.isEmpty)
        report.lost = 11
        #expect(report.problems == ["11 of 1000 messages had no echo within 1 s"])
        (report.disconnects, report.incident, report.lost) = (2, "gone", 0)
        #expect(report.problems == ["2 connections were lost (gone)"])
    }

    @Test(
        "refuses what is out of range and names the option",
        arguments: [
            Wrong("clients") { $0.clients = 0 }, Wrong("clients") { $0.clients = 1_001 },
            Wrong("in-flight") { $0.inFlight = 65 }, Wrong("bytes") { $0.bytes = 7 },
            Wrong("bytes") { $0.bytes = 1_101 }, Wrong("seconds") { $0.seconds = 0 }, Wrong("port") { $0.port = 0 },
            Wrong("join-seconds") { $0.joinSeconds = 0 },
        ])
    func refusals(wrong: Wrong) {
        var options = EchoBenchmark.Options()
        wrong.change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.description.hasPrefix("--\(wrong.name) is ") == true)
    }
}
