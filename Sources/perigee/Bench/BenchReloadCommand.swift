import ArgumentParser
import Bench
import Foundation
import OperatorAPI

/// `perigee bench reload`: hot reloads while many players play.
struct BenchReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Changes a game's files again and again while many players play it.",
        discussion: """
            Copies the game, serves the copy on a free port, connects players who move, and saves changed files twice a \
            second: scripts, libs, components that come and go, maps, and all files at once. Exits with 1 when a \
            connection or a command was lost, a file was not taken over, or a tick took longer than allowed.
            """)

    @Option(help: "Players that connect and move (1 to 20000).") var players = 200
    // The rate is low so that even on a busy machine no command is sent while the player's earlier one still waits in
    // its event group: the new command would replace the earlier one, and the bench would wait for an acknowledgement
    // that never comes.
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 2.0
    @Option(help: "Length of the measured window in seconds (10 to 600).") var seconds = 30
    @Option(help: "The game folder; it is copied, not changed.") var game = "lua"
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "The longest that a tick may take, in milliseconds of CPU time.") var maxTickMs = 50.0
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        try checkOption("seconds", seconds, 10...600)
        try options().checkOnCommandLine()
    }

    func run() async throws {
        let about =
            "files of \(game) saved again and again, \(players) players with \(movesPerSecond) moves a second each"
        try await BenchWorkplace.run(BenchOutcome(bench: "reload", about: about), shared) { workplace, outcome in
            let server = try await workplace.serve(workplace.copy(game), accounts: players)
            let client = try OperatorClient(url: nil, dataDirectory: server.data.path)
            let reloads = ReloadLoad(game: server.game, client: client)
            let report = try await server.measure(options(), meanwhile: { await reloads.run() })
            let changes = await reloads.outcome
            let figures = report.figures(
                "players", "tick_rate_hz", "server_cpu_percent", "p50_ms", "p99_ms", "generator_cpu_percent",
                "cores_busy_with_others")
            var row = BenchOutcome.Row("Perigee", figures + changes.figures)
            row.report = report.json
            outcome.rows.append(row)
            outcome.addProblems(changes.problems(beside: report, players: players, maxTickMs: maxTickMs))
        }
    }

    private func options() -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options()
        options.players = players
        options.movesPerSecond = movesPerSecond
        options.seconds = seconds
        options.commands = commands.split(separator: ",").map(String.init)
        options.sampled = min(10, players)
        return options
    }
}
