import ArgumentParser
import Bench

/// `perigee bench npcs`: creatures that run a script in every tick.
struct BenchNPCsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "npcs", abstract: "Runs creatures, each by an event that adds itself again in every tick.",
        discussion: """
            Each event walks towards a way point and sets position, side and action, in 12 lines of Lua. One client \
            watches. Reports the server's CPU time for a tick with all that belongs to it: queue, timeout, script, \
            tracking and encoding.
            """)

    @Option(help: "Creatures (1 to 50000); several numbers with commas are a series.") var npcs = NumberSeries(1_000)
    @Option(help: "Ticks a second (1 to 240).") var tickRate = BenchGame.tickRateHz
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 10
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    /// The target for 1,000 creatures, in milliseconds.
    private static let tickMs = 2.0

    func validate() throws {
        try npcs.check("npcs", 1...50_000)
        try checkOption("tick-rate", tickRate, 1...240)
        try checkOption("seconds", seconds, 1...600)
    }

    func run() async throws {
        let about = "creatures, each with an event of 12 lines in every tick, \(tickRate) Hz, one client watches"
        try await BenchWorkplace.run(BenchOutcome(bench: "npcs", about: about), shared) { workplace, outcome in
            for count in npcs.numbers { try await measure(count, workplace, &outcome) }
            try plot.draw(
                outcome.rows,
                as: SeriesPlot(
                    title: "Creatures with an event of 12 lines in every tick, \(tickRate) Hz",
                    across: .init("npcs", "creatures"),
                    panels: [
                        .init("server_cpu_ms_per_tick", "CPU per tick, ms"),
                        .init("server_cpu_us_per_event", "CPU per event, µs"),
                    ]))
        }
    }

    private func measure(_ count: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        let server = try await workplace.serve(ownGame.creatures(count, tickRateHz: tickRate), accounts: 1)
        var options = PlayersBenchmark.Options()
        options.players = 1
        options.sampled = 0
        options.areMoving = false
        options.seconds = seconds
        options.joinSeconds = 60
        let report = try await server.measure(options)
        let ticks = report.seconds * report.tickRateHz
        let perTick = report.server.map { $0.cpuSeconds * 1e3 / ticks }
        var row = BenchOutcome.Row(
            "Perigee",
            [.init("npcs", "NPCs", Double(count), digits: 0)]
                + report.figures("tick_rate_hz", "server_cpu_percent") + [
                    .init("server_cpu_ms_per_tick", "ms CPU/tick", perTick, digits: 2),
                    .init("server_cpu_us_per_event", "µs/event", perTick.map { $0 * 1e3 / Double(count) }, digits: 2),
                ]
                + report.figures(
                    "delivered_mb_per_second", "bytes_per_change", "generator_cpu_percent", "cores_busy_with_others"))
        row.report = report.json
        outcome.rows.append(row)
        outcome.targets.append(
            .init(
                "ms of CPU a tick with \(count) NPCs", most: Self.tickMs * Double(count) / 1_000,
                measured: row.value("server_cpu_ms_per_tick")))
        outcome.addProblems(report, "\(count) NPCs", tickRateHz: tickRate)
        // In each delta the watcher is told of every creature, or the events did not all run.
        let told = report.deltas > 0 ? Double(report.changes) / Double(report.deltas) : 0
        if told < 0.95 * Double(count) {
            outcome.addProblems(["\(count) NPCs: a delta told of \(Int(told)) of them, not all ran in each tick"])
        }
    }
}
