import JSONValues
import Testing

@testable import Bench

@Suite("Latency histogram") struct LatencyHistogramTests {
    @Test("gives percentiles in milliseconds, exact to three digits")
    func percentiles() {
        var histogram = LatencyHistogram()
        for milliseconds in 1...1_000 { histogram.record(nanoseconds: Int64(milliseconds) * 1_000_000) }
        let summary = histogram.summary
        #expect(summary.count == 1_000)
        for (value, expected) in [
            (summary.p50, 500.0), (summary.p95, 950), (summary.p99, 990), (summary.max, 1_000), (summary.mean, 500.5),
        ] {
            #expect(abs(value - expected) <= expected * 0.002, "\(value) for \(expected)")
        }
    }

    @Test("histograms can be added; without a record all figures are zero")
    func adding() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        #expect(first.summary == .init())
        first.record(nanoseconds: 1_000_000)
        second.record(nanoseconds: 3_000_000)
        first.add(second)
        #expect(first.summary.count == 2)
        #expect(abs(first.summary.max - 3) < 0.01)
    }

    @Test(
        "counts a value outside its range as the range's end",
        arguments: [(-5, 0.001), (0, 0.001), (Int64.max, 60_000.0)])
    func limits(nanoseconds: Int64, milliseconds: Double) {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: nanoseconds)
        #expect(abs(histogram.summary.max - milliseconds) <= milliseconds * 0.001)
    }
}

@Suite("Report") struct ReportTests {
    static func report() -> PlayersBenchmark.Report {
        var report = PlayersBenchmark.Report()
        report.players = 2
        report.joined = 2
        report.seconds = 10
        report.server = .init(
            pid: 7, cpuSeconds: 2, residentBytesBefore: 1_048_576, residentBytes: 1_048_576 + 40_960)
        var tally = ShardTally()
        tally.deltas = 600
        tally.changes = 4_000
        tally.deltasPerClient = [299, 301]
        tally.tickSpan = 599
        tally.tickSpanSeconds = 9.9833
        report.add(tally)
        return report
    }

    @Test("divides the server's CPU by delivered changes and its memory by connections")
    func division() {
        let report = Self.report()
        #expect(report.cpuMicrosecondsPerChange == 500)
        #expect(report.bytesPerConnection == 20_480)
        #expect(report.deltasPerSecond == (29.9, 30, 30.1))
        #expect(abs(report.tickRateHz - 60) < 0.01)
        #expect(report.problems.isEmpty)
    }

    @Test("is written as text and as JSON")
    func forms() throws {
        let report = Self.report()
        #expect(report.text.contains("20.0 % of a core, 500.000 µs per delivered change"))
        #expect(report.text.contains("20.0 KiB per connection"))
        let json = try #require(try JSON(parsing: report.json.text).object)
        #expect(json["server"]?.object?["cpu_us_per_change"]?.number == 500)
        #expect(json["server"]?.object?["bytes_per_connection"]?.number == 20_480)
        #expect(json["problems"]?.array == [])
    }

    @Test("separates the CPU time of other processes from the test's own")
    func others() {
        var report = Self.report()
        report.cores = 2
        report.machineBusyShare = 0.5
        report.generatorCPUSeconds = 3
        #expect(abs(report.coresBusyWithOthers - 0.5) < 1e-9)
        report.machineBusyShare = 0.1
        #expect(report.coresBusyWithOthers == 0)
    }

    @Test("can be made without a server process and without a measured window")
    func empty() throws {
        let report = PlayersBenchmark.Report()
        #expect(report.text.contains("give --server-pid"))
        #expect(report.json.object?["server"] == .null)
        #expect(report.cpuMicrosecondsPerChange == nil)
    }

    @Test("names every reason against trusting a run")
    func problems() {
        var report = Self.report()
        report.isInterrupted = true
        report.joined = 1
        report.disconnects = 1
        report.refusals = 1
        report.commandsUnanswered = 1
        report.commandsSkipped = 1
        report.resynchronisations = 1
        report.moves.behind = 1
        report.moves.missed = 1
        report.moves.differing = 1
        report.generatorBusyShare = 0.95
        #expect(report.problems.count == 11)
        #expect(report.json.object?["problems"]?.array?.count == 11)
    }
}
