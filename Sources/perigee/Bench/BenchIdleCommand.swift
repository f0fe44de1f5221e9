import ArgumentParser
import Bench

/// `perigee bench idle`: connections that only stay open.
struct BenchIdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Connects players who do nothing: memory and CPU of each.",
        discussion: """
            Measures twice: on a game without a view distance, where each player's client is told of all others when it \
            joins, and on one with a view distance of 7 tiles. Memory is the growth of the server's resident memory \
            from the first login on.
            """)

    /// The games that are measured.
    enum Views: String, CaseIterable, ExpressibleByArgument {
        case both, with, without

        var distances: [Int] { self == .both ? [0, 7] : self == .with ? [7] : [0] }
    }

    @Option(help: "Players (1 to 20000); several numbers with commas are a series.") var players = NumberSeries(2_000)
    @Option(help: "The game: with a view distance, without, or both in turn.") var view = Views.both
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 10
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 120
    @Flag(help: "Measures also a bare broadcaster, and prints the ratio.") var floor = false
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    private static let spacing = 4

    func validate() throws {
        try players.check("players", 1...20_000)
        try options(players.numbers[0]).checkOnCommandLine()
    }

    func run() async throws {
        let about = "players who only stay connected, \(Self.spacing) tiles apart"
        try await BenchWorkplace.run(BenchOutcome(bench: "idle", about: about), shared) { workplace, outcome in
            for count in players.numbers {
                for distance in view.distances { try await measure(count, distance, workplace, &outcome) }
                if floor {
                    try await workplace.addFloor(
                        FloorServer.Options(), options(count), comparedRows: view.distances.count,
                        leavingOut: Self.leftOut, to: &outcome)
                }
            }
            try plot.draw(
                outcome.rows,
                as: SeriesPlot(
                    title: "Idle players", across: .init("players", "players"),
                    panels: [
                        .init("kib_per_connection", "memory per connection, KiB"),
                        .init("server_cpu_percent", "server CPU, % of a core"),
                    ]))
        }
    }

    /// Nothing moves, so nothing is sent.
    private static let leftOut: Set<String> = [
        "tick_rate_hz", "server_cpu_us_per_change", "p50_ms", "p99_ms", "messages_per_second", "bytes_per_change",
        "delivered_mb_per_second",
    ]

    private func measure(
        _ count: Int, _ distance: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome
    ) async throws {
        let grid = PlayerGrid(count: count, spacing: Self.spacing)
        let game = ownGame.walking(side: grid.mapSide, viewDistance: distance)
        let label = distance > 0 ? "view \(distance)" : "no view"
        let server = try await workplace.serve(game, accounts: count, place: grid.place)
        let report = try await server.measure(options(count))
        let row = report.row(label, leavingOut: Self.leftOut)
        outcome.rows.append(row)
        outcome.addProblems(report, "\(count) players, \(label)")
        outcome.targets.append(
            .init(
                "KiB each of \(count), \(label)", most: distance > 0 ? 8 : 10,
                measured: row.value("kib_per_connection")))
        outcome.targets.append(
            .init("% of a core for \(count), \(label)", most: 2, measured: row.value("server_cpu_percent")))
    }

    private func options(_ count: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: count, seconds: seconds, joinSeconds: joinSeconds)
        options.areMoving = false
        return options
    }
}
