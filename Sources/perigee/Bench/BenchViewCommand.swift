import ArgumentParser
import Bench

/// `perigee bench view`: players spread over a large map, each of whom sees a few others.
struct BenchViewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view", abstract: "Spreads many moving players over a map, each with a few others in view.",
        discussion: """
            The players stand in rows and columns. With the defaults each sees itself and 8 others within 7 tiles. \
            Reports server CPU for each player and second, and the time from a client's send to its own change.
            """)

    @Option(help: "Players that connect and move (1 to 20000); several numbers with commas are a series.")
    var players = NumberSeries(1_000)
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 10
    @Option(help: "How far each sees, in tiles (1 to 100).") var viewDistance = 7
    @Option(help: "Tiles between two neighbours (1 to 100).") var spacing = 4
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 120
    @Flag(help: "Measures also a bare broadcaster that sends as much, and prints the ratio.") var floor = false
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        try players.check("players", 1...20_000)
        try checkOption("view-distance", viewDistance, 1...100)
        try checkOption("spacing", spacing, 1...100)
        try options(players.numbers[0]).checkOnCommandLine()
    }

    func run() async throws {
        let seen = PlayerGrid(count: 10_000, spacing: spacing).near(5_050, within: viewDistance).count
        let about =
            "players \(spacing) tiles apart who see \(viewDistance) tiles far (\(seen) in view, with themselves), "
            + "\(movesPerSecond) moves a second each, \(BenchGame.tickRateHz) Hz"
        try await BenchWorkplace.run(BenchOutcome(bench: "view", about: about), shared) { workplace, outcome in
            for count in players.numbers { try await measure(count, workplace, &outcome) }
            addTargets(&outcome)
            try plot.draw(
                outcome.rows,
                as: SeriesPlot(
                    title: "Players with \(seen) in view, \(movesPerSecond) moves a second each",
                    across: .init("players", "players"),
                    panels: [
                        .init("server_cpu_us_per_player_second", "CPU per player and second, µs"),
                        .init("server_cpu_percent", "server CPU, % of a core"), .init("p99_ms", "p99, ms"),
                    ]))
        }
    }

    private func measure(_ count: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        let grid = PlayerGrid(count: count, spacing: spacing)
        let game = ownGame.walking(side: grid.mapSide, viewDistance: viewDistance)
        let server = try await workplace.serve(game, accounts: count, place: grid.place)
        let report = try await server.measure(options(count))
        outcome.rows.append(report.row("Perigee"))
        outcome.addProblems(report, "\(count) players", tickRateHz: BenchGame.tickRateHz)
        guard floor else { return }
        var bare = FloorServer.Options(asMuchAs: report)
        bare.grid = grid
        bare.viewDistance = viewDistance
        try await workplace.addFloor(bare, options(count), to: &outcome)
    }

    private func addTargets(_ outcome: inout BenchOutcome) {
        let rows = outcome.rows.filter { $0.label == "Perigee" }
        for row in rows {
            let count = Int(row.value("players") ?? 0)
            outcome.targets.append(.init("p99 ms with \(count) players", most: 60, measured: row.value("p99_ms")))
        }
        let costs = rows.map { $0.isResult ? $0.value("server_cpu_us_per_player_second") : nil }
        guard rows.count > 1, let least = costs.compactMap({ $0 }).min(), least > 0 else { return }
        let most = costs.contains(nil) ? nil : costs.compactMap { $0 }.max().map { $0 / least }
        outcome.targets.append(
            .init("highest CPU time of a player over the lowest in the series", most: 1.2, measured: most))
    }

    private func options(_ count: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: count, seconds: seconds, joinSeconds: joinSeconds)
        options.movesPerSecond = movesPerSecond
        return options
    }
}
