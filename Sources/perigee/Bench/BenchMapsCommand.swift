import ArgumentParser
import Bench

/// `perigee bench maps`: players on two maps beside players on one.
struct BenchMapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maps", abstract: "Compares two maps with players on each with one map.",
        discussion: """
            Measures one map with half of the players, two maps with half of the players each, and one map with all. \
            The players of a map all see each other and move.
            """)

    @Option(help: "Players, of whom each of two maps has half (2 to 20000); several numbers with commas are a series.")
    var players = NumberSeries(600)
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 10
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 120
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        try players.check("players", 2...20_000)
        try options(players.numbers[0]).checkOnCommandLine()
    }

    func run() async throws {
        let about = "players on one map and on two, \(movesPerSecond) moves a second each, \(BenchGame.tickRateHz) Hz"
        try await BenchWorkplace.run(BenchOutcome(bench: "maps", about: about), shared) { workplace, outcome in
            for count in players.numbers {
                let half = try await measure(count / 2, maps: 1, workplace, &outcome)
                let two = try await measure(count / 2 * 2, maps: 2, workplace, &outcome)
                _ = try await measure(count, maps: 1, workplace, &outcome)
                let ratio = half.flatMap { half in two.map { $0 / half } }
                outcome.targets.append(
                    .init(
                        "CPU of a player on two maps with \(count / 2) each over one map with \(count / 2)", most: 1.1,
                        measured: ratio))
            }
        }
    }

    /// Returns the server's CPU time for each player and second.
    private func measure(
        _ count: Int, maps: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome
    ) async throws -> Double? {
        let side = 64
        let game = ownGame.walking(maps: maps, side: side)
        let server = try await workplace.serve(game, accounts: count) { index in
            BenchPlace(mapID: index % maps + 1, x: Double(side / 2), y: Double(index / maps % (side - 2) + 1))
        }
        let report = try await server.measure(options(count))
        let row = report.row(maps == 1 ? "one map" : "\(maps) maps")
        outcome.rows.append(row)
        outcome.addProblems(report, "\(count) players on \(maps) map(s)", tickRateHz: BenchGame.tickRateHz)
        return row.value("server_cpu_us_per_player_second")
    }

    private func options(_ count: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: count, seconds: seconds, joinSeconds: joinSeconds)
        options.movesPerSecond = movesPerSecond
        return options
    }
}
